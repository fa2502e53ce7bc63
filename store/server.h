/*
 * One process of the store: a poll loop over the listening socket and at most CONNECTION_PLACES connections.
 * Nothing in it waits but the disk. A process that is full accepts nothing more: the other one does, or the
 * kernel's queue keeps it.
 */
#ifndef ANAMNESIS_STORE_SERVER_H
#define ANAMNESIS_STORE_SERVER_H

#include "lib/base/config.h"
#include "store/share.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    SERVER_LEFT = 0,
    SERVER_FAILED = 1,
    SERVER_MISCONFIGURED = 78 /* EX_CONFIG of sysexits.h: starting again does not help */
};

/*
 * Reads the keyring, confines the process, and serves until SIGTERM; then finishes what it has begun.
 * The caller has blocked signals: they come in while it polls. `number` is its own in `share`. Returns an exit status.
 */
int server_run(const struct config *config, int listener, struct share *share, size_t number);

/* Whether objects are in S3 (ANAMNESIS_STORE_URL). */
bool server_is_remote(const struct config *config);

/* Opens `name` below ANAMNESIS_STORE_DIR. -1 with a sentence in `error`. The caller owns it. */
int server_open_directory(const struct config *config, const char *name, char *error, size_t size);

#endif
