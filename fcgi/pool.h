/*
 * The workers of all lanes: started, watched, told to leave, replaced. Used by the supervisor only.
 *
 * A worker is starting until its slot says that it is ready; then it serves until it leaves by itself (after
 * so many requests), is told to leave, dies, or is killed because one request took too long. A replacement
 * runs beside the worker that it replaces and must be ready before the old one is told to leave, one at a
 * time over all lanes: so a bad program or configuration costs one worker and not the service. A lane whose
 * workers keep ending at once is paused, longer each time. Nothing here blocks: each function does what can
 * be done now, and is called again.
 */
#ifndef ANAMNESIS_FCGI_POOL_H
#define ANAMNESIS_FCGI_POOL_H

#include "fcgi/lane.h"
#include "fcgi/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct worker {
    pid_t pid; /* 0: no worker */
    struct lane *lane;
    uint64_t generation;    /* of the program and its configuration: raised by SIGHUP */
    int64_t started;        /* clock_monotonic() */
    int64_t leave_by;       /* clock_monotonic() when it is ended by force; 0: it was not told to leave */
    uint64_t seen;          /* requests it had served when it was last looked at */
    bool killed;            /* the supervisor killed it, over a time limit */
    struct log_held *lines; /* lines of the log that it has not written yet */
};

struct pool {
    const char *program; /* path; looked up again at each start, so that SIGHUP brings in a new binary */
    struct lane *lanes;
    struct worker *workers;
    struct slot *slots; /* of the same index as workers */
    size_t size;
    int descriptor; /* of the slots */
    uint64_t generation;
    bool ever_ready;    /* a worker was ready once, so the configuration can work */
    bool misconfigured; /* a worker said so before any was ready */
};

/* Room for twice the wanted workers: a replacement runs beside the one that it replaces. False with errno. */
bool pool_init(struct pool *pool, const char *program, struct lane lanes[LANE_COUNT]);
void pool_free(struct pool *pool);

/* Finds workers that have ended, logs why they ended, writes their lines that wait, and frees their places. */
void pool_reap(struct pool *pool);

/* Starts the workers that lanes lack. A lane whose workers keep ending quickly is left for growing pauses. */
void pool_fill(struct pool *pool);

/* Replaces one worker of an older generation, when no other replacement is under way: a new one is started,
 * and the old one is told to leave when the new one is ready. */
void pool_roll(struct pool *pool);

/* Looks at each worker: kills it when it is over a time limit, and wakes it when it is idle and was told to
 * leave, or has lines of the log to write. */
void pool_watch(struct pool *pool);

/*
 * Tells all workers to leave once nobody waits at their doors; after `patience` microseconds they are killed.
 */
void pool_empty(struct pool *pool, int64_t patience);

/*
 * How many workers exist; and whether something is under way, so that the supervisor should look again soon.
 */
size_t pool_count(const struct pool *pool);
bool pool_is_busy(const struct pool *pool);

#endif
