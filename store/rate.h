/*
 * How slowly a body may come, and a file be read: at least RATE_BYTES in each RATE_WINDOW, on average 1 kB/s. A phone
 * on a bad network is welcome; whoever holds a place for nothing is not. nginx has no minimum rate of its own. Pure.
 *
 * What is sent goes by buffers (the socket's, nginx's, its client's), which take much at once and then nothing for long:
 * of a file, bytes over the least count for later windows as well, up to what these buffers hold.
 */
#ifndef ANAMNESIS_STORE_RATE_H
#define ANAMNESIS_STORE_RATE_H

#include "lib/base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATE_WINDOW (30 * CLOCK_SECOND)
enum {
    RATE_BYTES = 30000,
    /* A Unix socket holds some 200 KB and takes more when three quarters of them are gone; nginx frees 64 KiB at once. */
    RATE_SPARE = 256 * 1024
};

struct rate {
    int64_t until; /* end of the present window, clock_monotonic() */
    size_t bytes;  /* that came in it, or were spared before */
    size_t spare;  /* how many may be spared at most */
};

/* Begins the first window. `spare`: 0 for what comes, RATE_SPARE for what is sent. */
void rate_begin(struct rate *rate, int64_t now, size_t spare);

/* Notes bytes that have come. */
void rate_add(struct rate *rate, size_t bytes);

/*
 * True when a window has ended and too little came in it. Otherwise the next one begins when it is time. To
 * be asked at `until`, or later.
 */
bool rate_is_slow(struct rate *rate, int64_t now);

#endif
