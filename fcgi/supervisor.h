/*
 * The supervisor of anamnesis-fcgi: it owns the lanes' listening sockets and keeps their pools of workers
 * whole.
 *
 * It starts each worker as a new process of the same program (fork and exec), so workers share nothing with
 * it but the sockets and the slots (slots.h). It reads no request, no key and no row: it has no connection to
 * the database. Four times a second it looks for workers that have ended, are over a time limit, or are of an
 * older generation; a hundred times while something is under way. Signals are taken by sigtimedwait, so there
 * are no handlers and none is missed.
 *
 * The sockets are the supervisor's, so replacing workers closes no door: connections wait in the kernel's
 * queue. A worker that dies takes its own request with it and nothing else. What must not be done here:
 * anything that may block, since the time limits of requests are kept by this one thread.
 */
#ifndef ANAMNESIS_FCGI_SUPERVISOR_H
#define ANAMNESIS_FCGI_SUPERVISOR_H

#include "lib/base/config.h"

/*
 * Runs until SIGTERM or SIGINT, then lets the workers finish for at most 25 seconds. SIGHUP, and a change of
 * the keyring's file, replace the workers one by one, by the program that the path `program` names at that
 * time. Returns an exit status of worker.h: WORKER_MISCONFIGURED when no worker could ever start, because of
 * the configuration.
 */
int supervisor_run(const struct config *config, const char *program);

#endif
