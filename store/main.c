/*
 * anamnesis-store: the bytes of photos and documents, behind nginx. It takes the parts that a signed URL
 * allows, and gives the files that a ticket opens, over one Unix socket. It has no database and knows nobody;
 * of the keyring it has the `files` key alone. Configured by ANAMNESIS_* variables.
 */
#include "lib/base/config.h"
#include "lib/base/log.h"
#include "lib/base/process.h"
#include "store/processes.h"
#include "store/server.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int
main(int count, char **arguments)
{
    if (count != 1) {
        (void)fprintf(stderr,
                      "usage: anamnesis-store\n\nTakes the parts of uploads and gives files, on the Unix "
                      "socket store.sock in ANAMNESIS_STORE_SOCKET_DIR.\nConfigured by ANAMNESIS_* "
                      "variables: see `anamnesis config`. SIGTERM finishes and ends, SIGHUP replaces "
                      "its\nprocesses one by one.\n");
        return count == 2 && strcmp(arguments[1], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    /* Who may read what it makes is said where it is made, and by the directories' group. */
    (void)umask(0);
    if (sodium_init() < 0 || !process_hide()) {
        (void)fprintf(stderr, "cannot start: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    struct config config;
    int status = SERVER_MISCONFIGURED;
    (void)config_name_unknown(stderr);
    if (config_load(&config, stderr) && log_start_configured("store", &config)) {
        status = processes_run(&config);
    }
    config_free(&config);
    return status;
}
