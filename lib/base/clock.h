/* Time: microseconds since 1970-01-01T00:00:00Z, UTC, as PostgreSQL and our JSON have it. */
#ifndef ANAMNESIS_BASE_CLOCK_H
#define ANAMNESIS_BASE_CLOCK_H

#include "lib/base/moment.h"

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000)

enum { CLOCK_TEXT_SIZE = MOMENT_TEXT_SIZE };

/* The wall clock now. */
int64_t clock_now(void);

/* A clock that never goes back, for durations; microseconds. */
int64_t clock_monotonic(void);

/* Processor time that this thread has used, in microseconds from any start: what work costs, whoever else
 * works. */
int64_t clock_processor(void);

/*
 * The same, for costly work that looks at the clock about every millisecond and shares the processors with
 * others. When the thread has worked for more than CLOCK_TURN since its last pause, and for more than one
 * part in CLOCK_PARTS of the time since then, this call sleeps until it is one part. Work that is done within
 * a turn never pauses. It keeps its state in the process: for one thread only.
 */
#define CLOCK_TURN (CLOCK_SECOND / 1000)
enum { CLOCK_PARTS = 4 };
int64_t clock_processor_in_turns(void);

/* RFC 3339 in UTC with milliseconds: 2026-01-31T08:00:00.000Z. Returns `text`; it is empty when the
 * year is not one of 0000 to 9999. */
const char *clock_text(int64_t microseconds, char text[CLOCK_TEXT_SIZE]);

/* Reads an RFC 3339 date-time with any offset, also one without a colon (+0200). False when it is not one, or
 * names no real moment. */
bool clock_parse(const char *text, int64_t *microseconds);

#endif
