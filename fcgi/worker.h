/* A worker: one process, one thread, one request at a time. */
#ifndef ANAMNESIS_FCGI_WORKER_H
#define ANAMNESIS_FCGI_WORKER_H

#include "lib/base/config.h"

#include <stddef.h>

/* Descriptors that the supervisor leaves to a worker, beside the standard ones; the last where the lane has a
 * door for devices. */
enum { WORKER_SOCKET = 3, WORKER_SLOTS = 4, WORKER_DEVICES = 5 };

/* Exit statuses. The last one is EX_CONFIG of sysexits.h: trying again will not help. */
enum { WORKER_LEFT = 0, WORKER_FAILED = 1, WORKER_MISCONFIGURED = 78 };

/*
 * Serves requests from WORKER_SOCKET until it is told to leave, by its slot or by SIGTERM. `slot` of `slots`
 * is its place in WORKER_SLOTS. Returns an exit status.
 */
int worker_run(const struct config *config, const char *lane, size_t slot, size_t slots);

#endif
