/*
 * What the supervisor and its workers share: one slot for each worker, in anonymous shared memory. A worker
 * notes in its slot when a request began and ended and whose it is, which costs no system call; the
 * supervisor's watchdog and the other workers (share.h) read it. Every member is atomic by itself, and
 * nothing may depend on two of them agreeing.
 *
 * Lines of the log that wait (lib/base/log.h) are shared too, but by the supervisor and one worker alone: no
 * worker reads or changes what another one has to say.
 */
#ifndef ANAMNESIS_FCGI_SLOTS_H
#define ANAMNESIS_FCGI_SLOTS_H

#include "lib/base/log.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SLOT_ALIGNMENT = 64, /* a cache line each: workers do not slow each other */
    /* Sessions that are remembered, over all lanes; a power of two. 96 KiB. */
    SLOTS_SESSIONS = 4096
};

enum leave {
    LEAVE_NOT,
    LEAVE_NOW,       /* after the present request: others serve what waits on the socket */
    LEAVE_WHEN_EMPTY /* when nothing waits on the socket either: the whole program ends */
};

struct slot {
    alignas(SLOT_ALIGNMENT) _Atomic int64_t busy_since; /* clock_monotonic(), or 0: waiting for a request */
    _Atomic uint64_t served;                            /* requests */
    _Atomic bool ready;                                 /* the worker waits for, or serves, requests */
    _Atomic int leave;                                  /* enum leave, set by the supervisor */
    _Atomic int lane;                                   /* its number, set by the supervisor */
    _Atomic uint64_t practice;                          /* whose the request is; 0: not known, or none */
    _Atomic uint64_t patient;                           /* 0: no patient's */
};

/*
 * Whose a session was when it was last proven. Each member is made of tags: 64 random bits that stand for an
 * id.
 */
struct known_session {
    _Atomic uint64_t practice; /* 0: the entry is free */
    _Atomic uint64_t patient;  /* 0: a member of staff's */
    _Atomic uint64_t check;    /* session ^ practice ^ patient */
};

struct slots {
    struct slot *slots; /* NULL: not mapped */
    size_t count;
    struct known_session *sessions; /* SLOTS_SESSIONS */
};

/* Makes `count` zeroed slots, and room for the sessions. Returns the descriptor (close-on-exec), or -1 with
 * errno. */
int slots_create(size_t count);

/*
 * Maps them; .slots is NULL, with errno, when that fails: ESTALE when a supervisor of another version made
 * them. They stay mapped until the process ends.
 */
struct slots slots_map(int descriptor, size_t count);

/*
 * Makes room for one worker's lines, and maps it. The descriptor is for the worker. NULL with errno.
 */
struct log_held *lines_create(int *descriptor);

/* The worker's side: NULL when the descriptor is no such room. */
struct log_held *lines_map(int descriptor);

/* The supervisor's side, at the worker's end: writes what it has left. NULL is ignored. */
void lines_end(struct log_held *lines);

/* Resets a slot to what it was when it was made, but for the lane. */
void slot_clear(struct slot *slot, int lane);

#endif
