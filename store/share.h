/*
 * What the two processes of the store know of each other, in memory that they share: who serves, and how many
 * connections each has. A process that has clearly more than the other leaves the next ones to it, so that both
 * are full before anybody is told to wait; unless the other one has not been seen for SHARE_SILENCE. Every member is atomic by itself, and nothing depends on two of them
 * agreeing.
 */
#ifndef ANAMNESIS_STORE_SHARE_H
#define ANAMNESIS_STORE_SHARE_H

#include "lib/base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHARE_PROCESSES = 2, SHARE_SLACK = 8 };
/* Longer than a process that has nothing to do waits (server.c). */
#define SHARE_SILENCE (6 * CLOCK_SECOND)

struct share {
    _Atomic bool ready[SHARE_PROCESSES]; /* it serves */
    _Atomic size_t count[SHARE_PROCESSES];
    _Atomic int64_t seen[SHARE_PROCESSES]; /* clock_monotonic() */
};

/* Zeroed, shared with the processes that are forked later, for good. NULL with errno. */
struct share *share_create(void);

/* The process with this number is not there, or not any more. */
void share_clear(struct share *share, size_t number);

/* Notes what a process has now. */
void share_note(struct share *share, size_t number, size_t count, int64_t now);

/* Whether one with so many connections should take another one, or leave it to the other process. */
bool share_is_mine(const struct share *share, size_t number, size_t count, int64_t now);

#endif
