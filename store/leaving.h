/*
 * Processes that were told to leave: they take nothing more, finish what they have begun, and have a limit for it. So a slow client holds up
 * neither a change of keys nor, for ever, a process that knows old ones.
 */
#ifndef ANAMNESIS_STORE_LEAVING_H
#define ANAMNESIS_STORE_LEAVING_H

#include "lib/store/object_name.h"
#include "store/rate.h"
#include "store/share.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How long a part takes that comes as slowly as one may: no upload is cut because keys have changed. */
#define LEAVING_PATIENCE (RATE_WINDOW * (PART_SIZE_MAX / RATE_BYTES + 1))
/* So many at once: those of four changes within that time. */
enum { LEAVING_MOST = 4 * SHARE_PROCESSES };

struct leaving {
    struct {
        pid_t pid;       /* 0: none */
        int64_t kill_at; /* clock_monotonic() */
    } all[LEAVING_MOST];
};

/*
 * Tells the process to leave (SIGTERM), and keeps it. False when it is not told yet: too many are leaving, and the one
 * that has been at it for longest is killed now; ask again when it was reaped.
 */
bool leaving_add(struct leaving *leaving, pid_t pid, int64_t now);

/* Kills those whose time is over. To be called now and then. */
void leaving_check(const struct leaving *leaving, int64_t now);

/* The process has ended. True when it was one of these. */
bool leaving_ended(struct leaving *leaving, pid_t pid);

/* Sends the signal to all of them. */
void leaving_tell(const struct leaving *leaving, int signal);

size_t leaving_count(const struct leaving *leaving);

#endif
