/* The supervisor: owns the lanes' sockets and keeps their pools of workers whole. */
#ifndef ANAMNESIS_FCGI_SUPERVISOR_H
#define ANAMNESIS_FCGI_SUPERVISOR_H

#include "lib/base/config.h"

/*
 * Runs until SIGTERM or SIGINT, then lets the workers finish. SIGHUP replaces the workers one by one, by the
 * program that `program` names at that time. Returns an exit status.
 */
int supervisor_run(const struct config *config, const char *program);

#endif
