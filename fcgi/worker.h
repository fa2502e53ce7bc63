/*
 * A worker: one process, one thread, one request at a time.
 *
 * It confines itself before it reads a byte from outside: no core dump, no debugger, no new privileges,
 * bounded memory and descriptors, an end with its supervisor, and the sandbox (lib/base/sandbox.h). Then it
 * takes connections from its lane's doors, notes each in its slot from the first moment (so that the watchdog
 * also ends a worker to which half a request was sent), and serves it. A worker of the auth lane runs at a
 * lower priority, because hashing passwords takes all the processor there is. It keeps nothing of one request
 * for the next but caches (app/app.h).
 */
#ifndef ANAMNESIS_FCGI_WORKER_H
#define ANAMNESIS_FCGI_WORKER_H

#include "lib/base/config.h"

#include <signal.h>
#include <stddef.h>

/*
 * Descriptors that the supervisor leaves to a worker beside the standard ones. WORKER_DEVICES is there only
 * in a lane that has a door for devices, WORKER_LINES not with a supervisor of before.
 */
enum { WORKER_SOCKET = 3, WORKER_SLOTS = 4, WORKER_DEVICES = 5, WORKER_LINES = 6 };

/* Makes an idle worker write the lines of the log that wait (fcgi/doors.h). */
enum { WORKER_WRITE_LINES = SIGUSR1 };

/* Exit statuses. The last one is EX_CONFIG of sysexits.h: trying again will not help. */
enum { WORKER_LEFT = 0, WORKER_FAILED = 1, WORKER_MISCONFIGURED = 78 };

/*
 * Serves requests until it is told to leave, by its slot or by SIGTERM, or has served
 * ANAMNESIS_WORKER_REQUESTS of them. `slot` is its index among the `slots` of WORKER_SLOTS. Returns an exit
 * status.
 */
int worker_run(const struct config *config, const char *lane, size_t slot, size_t slots);

#endif
