/*
 * The two processes of the store: started, replaced when one dies, told to leave. It owns the listening
 * socket, so replacing a process closes no door, and it has no key: each process reads the keyring after it
 * was made.
 */
#ifndef ANAMNESIS_STORE_PROCESSES_H
#define ANAMNESIS_STORE_PROCESSES_H

#include "lib/base/config.h"

/*
 * Runs until SIGTERM or SIGINT, then lets the processes finish for at most 25 seconds. SIGHUP, and a change
 * of the keyring's file, replace both, one after the other, each as soon as the other one serves. Who was
 * replaced finishes beside them what it has begun, for as long as the slowest part may take (some two hours
 * and twenty minutes), and is killed then. Returns an exit status of server.h:
 * SERVER_MISCONFIGURED when the directory of objects is not as it must be or no process could ever start.
 */
int processes_run(const struct config *config);

#endif
