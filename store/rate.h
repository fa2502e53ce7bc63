/*
 * How slowly a body may come: at least RATE_BYTES in each RATE_WINDOW, on average 1 kB/s. A phone on a bad
 * network is welcome; whoever holds a place for nothing is not. nginx has no minimum rate of its own. Pure.
 */
#ifndef ANAMNESIS_STORE_RATE_H
#define ANAMNESIS_STORE_RATE_H

#include "lib/base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATE_WINDOW (30 * CLOCK_SECOND)
enum { RATE_BYTES = 30000 };

struct rate {
    int64_t until; /* end of the present window, clock_monotonic() */
    size_t bytes;  /* that came in it */
};

/* Begins the first window. */
void rate_begin(struct rate *rate, int64_t now);

/* Notes bytes that have come. */
void rate_add(struct rate *rate, size_t bytes);

/*
 * True when a window has ended and too little came in it. Otherwise the next one begins when it is time. To
 * be asked at `until`, or later.
 */
bool rate_is_slow(struct rate *rate, int64_t now);

#endif
