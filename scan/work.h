/* The conductor's process: from its start, with two sockets, to its end. */
#ifndef ANAMNESIS_SCAN_WORK_H
#define ANAMNESIS_SCAN_WORK_H

#include "lib/base/config.h"
#include "scan/signatures.h"

/* How it ended, as its exit status. */
enum work_end {
    WORK_DONE = 0,
    WORK_FAILED = 1,
    WORK_ANEW = 75,         /* EX_TEMPFAIL of sysexits.h: there are other signatures */
    WORK_MISCONFIGURED = 78 /* EX_CONFIG: starting again does not help */
};

/* Works until SIGTERM, until the signatures change, or until a program is not to be trusted any more. `signatures`
 * are those that the engine loads. */
enum work_end work_run(const struct config *config, int engine, int picture, int document,
                       struct signatures *signatures);

#endif
