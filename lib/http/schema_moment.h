/*
 * The limits of dates and times: JSON Schema has none, so the contract's own x-minimum and x-maximum stand
 * beside `format: date` and `format: date-time`. A limit is a date or a moment, or so many years and days
 * from now (`P20Y`, `P1D`, `-P1Y`): then a date is measured from today in UTC. The limit itself is allowed.
 * `format` is FORMAT_DATE or FORMAT_DATE_TIME in all of these.
 */
#ifndef ANAMNESIS_HTTP_SCHEMA_MOMENT_H
#define ANAMNESIS_HTTP_SCHEMA_MOMENT_H

#include "lib/base/clock.h"
#include "lib/http/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The limit in microseconds since 1970 (clock.h), at this `now`. A date is the moment at which it begins in
 * UTC. Years keep month and day; where that year has no 29 February, it is the 1st of March.
 */
int64_t moment_of_limit(const struct schema_moment *limit, enum schema_format format, int64_t now);

/*
 * The moment that a date or date-time names; false, with `*moment` as it was, when it names none. The text
 * needs no NUL. Times are compared as moments,
 * whatever their offset; a leap second is the first one of the next day.
 */
bool moment_of_text(enum schema_format format, const char *text, size_t size, int64_t *moment);

/* The limit as people read it: a date, or a date-time in UTC, NUL-terminated in `text`, which is returned. */
const char *moment_text(enum schema_format format, int64_t moment, char text[CLOCK_TEXT_SIZE]);

#endif
