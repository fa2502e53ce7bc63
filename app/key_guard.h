/*
 * Guards a process against the wrong keyring: before the first transaction of each connection the database's
 * check values (auth.key_check) are compared with the keyring. When they do not agree, or the database has
 * none, nothing is served: every transaction fails with PROBLEM_UNAVAILABLE, and the log says what to do, at
 * most every ten seconds. The keyring may have been changed, or put right, since it was read, so it is read
 * once more before that is said.
 *
 * The guard owns the process's keyring from its start: it replaces it. So no pointer into a keyring may be
 * kept from one request to the next, nor over a call of keys.h or of a transaction.
 */
#ifndef ANAMNESIS_APP_KEY_GUARD_H
#define ANAMNESIS_APP_KEY_GUARD_H

#include "lib/base/config.h"
#include "lib/crypto/keyring.h"
#include "lib/db/tx.h"

#include <stdbool.h>
#include <stdint.h>

struct key_guard {
    const struct config *config;
    enum keyring_user user;
    struct keyring **keyring; /* the process's; replaced when it was read anew */
    struct db *db;
    bool misfit;       /* the last comparison failed */
    int64_t read_at;   /* monotonic; when something was last missing in it */
    int64_t logged_at; /* monotonic; each request would say the same */
};

/*
 * Takes over the connection's greeting and its name (application_name tells the server which keys the process
 * has). All pointers are borrowed and must outlive the guard. `user` says which program this is.
 */
void key_guard_start(struct key_guard *guard, const struct config *config, enum keyring_user user,
                     struct keyring **keyring, struct db *db);

/*
 * Reads the keyring again and puts it in place of the process's. Pointers into the old one end. False when it
 * cannot be read; the old one stays.
 */
bool key_guard_reload(struct key_guard *guard);

/*
 * The same because a key was missing in it: at most once a second; false when it was read less than a second
 * ago.
 */
bool key_guard_look_again(struct key_guard *guard);

#endif
