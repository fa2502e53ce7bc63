/*
 * anamnesis-fcgi: the workers behind nginx. Started without arguments it is the supervisor, which starts
 * itself again as `anamnesis-fcgi worker LANE SLOT SLOTS` for each worker. Configured by ANAMNESIS_*
 * variables.
 */
#include "fcgi/supervisor.h"
#include "fcgi/worker.h"
#include "lib/base/config.h"
#include "lib/base/log.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARGUMENTS_OF_WORKER = 5, NEW_FILES_MASK = 0077, DECIMAL = 10 };

static int
run_worker(const struct config *config, char **arguments)
{
    char *end = NULL;
    size_t slot = strtoul(arguments[3], &end, DECIMAL);
    size_t slots = *end == '\0' ? strtoul(arguments[4], &end, DECIMAL) : 0;
    if (*end != '\0' || slot >= slots) {
        return WORKER_FAILED;
    }
    return worker_run(config, arguments[2], slot, slots);
}

static int
run_supervisor(const struct config *config)
{
    /* The path of the program, not the open file: SIGHUP starts whatever program is there by then. */
    static char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size < 0) {
        (void)fprintf(stderr, "cannot tell where this program is: %s\n", strerror(errno));
        return WORKER_FAILED;
    }
    return supervisor_run(config, program);
}

int
main(int count, char **arguments)
{
    bool worker = count == ARGUMENTS_OF_WORKER && strcmp(arguments[1], "worker") == 0;
    if (count != 1 && !worker) {
        (void)fprintf(stderr,
                      "usage: anamnesis-fcgi\n\nServes the API by FastCGI on three Unix sockets in "
                      "ANAMNESIS_SOCKET_DIR. Configured by ANAMNESIS_* variables: see\n"
                      "`anamnesis config`. SIGTERM finishes and ends, SIGHUP replaces the workers one by "
                      "one.\n");
        return strcmp(arguments[1], "--help") == 0 ? WORKER_LEFT : WORKER_FAILED;
    }
    (void)umask(NEW_FILES_MASK);
    struct config config;
    int status = WORKER_MISCONFIGURED;
    if (!worker) {
        (void)config_name_unknown(stderr);
    }
    if (config_load(&config, stderr) && log_start_configured("fcgi", &config)) {
        status = worker ? run_worker(&config, arguments) : run_supervisor(&config);
    }
    config_free(&config);
    return status;
}
