/*
 * The four processes of anamnesis-scan, and the sockets between them. The engine, the picture program and the document program stand beside this program's file; they
 * get a socket as standard input, the log as standard error, and of the environment what they need by name. The conductor is a fork of this process. All end with
 * it, however it ends.
 */
#ifndef ANAMNESIS_SCAN_CREW_H
#define ANAMNESIS_SCAN_CREW_H

#include "lib/base/config.h"
#include "scan/work.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct crew {
    pid_t engine; /* 0: it does not run, as where another party judges */
    pid_t picture;
    pid_t document;
    pid_t conductor;
    enum work_end end; /* the conductor's; WORK_FAILED until it has ended */
};

/* Starts all of them. False with errno; crew_end ends what was started. */
bool crew_start(struct crew *crew, const struct config *config, const char *program);

/* Whether one of them has ended. Does not wait. */
bool crew_ended(struct crew *crew);

/* The conductor reads its keyring again. */
void crew_reload(const struct crew *crew);

/* Ends them: the conductor first, which finishes the file in hand, then the others; by force after a while.
 * How the conductor ended: WORK_ANEW, WORK_MISCONFIGURED, or WORK_FAILED for all else. */
enum work_end crew_end(struct crew *crew);

#endif
