/*
 * What the supervisor and its workers share: one slot a worker, in anonymous shared memory. A worker notes
 * when a request began and ended there, which costs no system call; the supervisor's watchdog reads it.
 */
#ifndef ANAMNESIS_FCGI_SLOTS_H
#define ANAMNESIS_FCGI_SLOTS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SLOT_ALIGNMENT = 64 }; /* a cache line each: workers do not slow each other */

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
};

/* Makes `count` zeroed slots. Returns the descriptor (close-on-exec), or -1 with errno. */
int slots_create(size_t count);

/* Maps them. Returns NULL with errno when that fails. They stay mapped until the process ends. */
struct slot *slots_map(int descriptor, size_t count);

#endif
