#include "cli/keys/key_store.h"

#include "cli/command.h"
#include "cli/database.h"
#include "lib/base/uuid.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/key_check.h"
#include "lib/crypto/keyring_change.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_SIZE = 512 };

enum keyring_kind
key_kind_of(const char *name)
{
    int kind = 0;
    while (kind < KEYRING_KINDS && strcmp(name, keyring_kind_name((enum keyring_kind)kind)) != 0) {
        kind++;
    }
    return (enum keyring_kind)kind;
}

/* EXIT_DONE when the keyring has every key that the database knows. `saying`: what is wrong is told. */
static int
compare(PGconn *connection, const struct keyring *keyring, bool saying)
{
    PGresult *result = database_run(connection, &sql_key_checks, NULL);
    int status = EXIT_DONE;
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
        status = EXIT_FAULT;
    }
    for (int i = 0; status == EXIT_DONE && i < PQntuples(result); i++) {
        const char *kind = PQgetvalue(result, i, 0);
        const char *version = PQgetvalue(result, i, 1);
        struct span value = {(const unsigned char *)PQgetvalue(result, i, 2),
                             (size_t)PQgetlength(result, i, 2)};
        enum key_check_result match = key_check(keyring, kind, strtol(version, NULL, 10), value);
        if (match != KEY_MATCHES) {
            status = EXIT_MISCONFIGURED;
        }
        if (match != KEY_MATCHES && saying) {
            (void)fprintf(stderr, "Version %s of `%s`: %s.\n", version, kind, key_check_advice(match));
        }
    }
    PQclear(result);
    return status;
}

bool
key_store_register(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind,
                   uint32_t version, bool in_use)
{
    unsigned char value[KEY_CHECK_SIZE];
    unsigned char door[KEY_CHECK_SIZE];
    unsigned char digest[DIGEST_SIZE];
    if (!key_check_value(keyring, kind, version, value)) {
        return false;
    }
    bool opens = key_check_door(keyring, kind, version, door);
    digest_sha256((struct span){door, opens ? sizeof door : 0}, digest);
    sodium_memzero(door, sizeof door);
    PGresult *result = database_run(
        connection, &sql_key_register,
        &(struct sql_key_register_in){.kind = keyring_kind_name(kind),
                                      .version = version,
                                      .value = {value, sizeof value},
                                      .in_use = in_use,
                                      .door = {opens ? digest : NULL, opens ? sizeof digest : 0}});
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!good) {
        (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
    } else if (PQntuples(result) != 1) {
        (void)fprintf(stderr,
                      "Version %" PRIu32 " of `%s`: the database knows another key under this number.\n",
                      version, keyring_kind_name(kind));
        good = false;
    }
    PQclear(result);
    return good;
}

bool
key_store_in_use(PGconn *connection, enum keyring_kind kind, uint32_t version)
{
    return database_any(connection, &sql_key_in_use,
                        &(struct sql_key_in_use_in){.kind = keyring_kind_name(kind), .version = version});
}

static bool
opens_what_is_there(PGconn *connection, const struct keyring *keyring)
{
    unsigned char key[DATA_KEY_SIZE];
    PGresult *result = database_run(connection, &sql_key_samples, NULL);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    for (int i = 0; good && i < PQntuples(result); i++) {
        struct span wrapped = {(const unsigned char *)PQgetvalue(result, i, 1),
                               (size_t)PQgetlength(result, i, 1)};
        good = data_key_unwrap(keyring, PQgetvalue(result, i, 0), wrapped, key);
        explicit_bzero(key, sizeof key);
    }
    PQclear(result);
    return good;
}

static bool
knows(PGconn *connection, enum keyring_kind kind)
{
    return database_any(connection, &sql_key_known,
                        &(struct sql_key_known_in){.kind = keyring_kind_name(kind)});
}

bool
key_store_register_kind(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind)
{
    uint32_t versions[KEYRING_VERSIONS_MAX];
    size_t count = keyring_versions(keyring, kind, versions);
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        good = versions[i] == keyring_standby(keyring, kind) ||
               key_store_register(connection, keyring, kind, versions[i], true);
    }
    return good;
}

/* Notes the keys of each kind of which the database knows none (or no door of one that has), if they open
 * what is there. */
static int
note_kinds(PGconn *connection, const struct keyring *keyring)
{
    int status = EXIT_DONE;
    for (int i = 0; status == EXIT_DONE && i < KEYRING_KINDS; i++) {
        enum keyring_kind kind = (enum keyring_kind)i;
        if (knows(connection, kind)) {
            continue;
        }
        if (kind == KEYRING_KEK && !opens_what_is_there(connection, keyring)) {
            (void)fprintf(stderr, "The keyring does not open what is in the database: %s.\n",
                          key_check_advice(KEY_WRONG));
            status = EXIT_MISCONFIGURED;
        } else if (!key_store_register_kind(connection, keyring, kind)) {
            status = EXIT_FAULT;
        }
    }
    return status;
}

int
key_store_settle(PGconn *connection, const struct keyring *keyring, enum key_settling settling)
{
    int status = compare(connection, keyring, true);
    return status == EXIT_DONE && settling == KEYS_SETTLE ? note_kinds(connection, keyring) : status;
}

bool
key_store_load(struct key_store *store)
{
    char error[ERROR_SIZE] = "";
    keyring_free(store->keyring);
    store->keyring = keyring_load(store->config, error, sizeof error);
    if (store->keyring == NULL) {
        (void)fprintf(stderr, "%s\n", error);
    }
    return store->keyring != NULL;
}

int
key_store_open(struct key_store *store, const struct config *config, enum key_settling settling)
{
    *store =
        (struct key_store){.config = config,
                           .path = config_file(config, CONFIG_KEYRING),
                           .jobs_path = config_file(config, CONFIG_JOBS_KEYRING),
                           .files_path = config_file(config, CONFIG_FILES_KEYRING),
                           .divided = keyring_variable(config, KEYRING_JOBS) == CONFIG_JOBS_KEYRING,
                           .files_apart = keyring_variable(config, KEYRING_STORE) == CONFIG_FILES_KEYRING};
    if (!key_store_load(store)) {
        return EXIT_MISCONFIGURED;
    }
    store->connection = command_connect(config);
    if (store->connection == NULL) {
        return EXIT_FAULT;
    }
    /* A rotation may have changed both after one was read: then the keyring of now has the key. */
    int status = compare(store->connection, store->keyring, false);
    if (status == EXIT_MISCONFIGURED) {
        status =
            key_store_load(store) ? compare(store->connection, store->keyring, true) : EXIT_MISCONFIGURED;
    }
    return status == EXIT_DONE && settling == KEYS_SETTLE ? note_kinds(store->connection, store->keyring)
                                                          : status;
}

void
key_store_close(struct key_store *store)
{
    PQfinish(store->connection);
    keyring_free(store->keyring);
    *store = (struct key_store){.config = NULL};
}

bool
key_store_has(const struct key_store *store, enum keyring_kind kind)
{
    bool shared = (keyring_kinds_of(KEYRING_JOBS) & 1U << kind) != 0;
    if (shared && !store->divided && keyring_current(store->keyring, KEYRING_AUDIT) == 0) {
        (void)fprintf(stderr,
                      "The background program has a keyring of its own, with `%s` in it: set "
                      "ANAMNESIS_JOBS_KEYRING_FILE to it, too.\n",
                      keyring_kind_name(kind));
        return false;
    }
    if (keyring_current(store->keyring, kind) == 0) {
        (void)fprintf(stderr, "The keyring has no `%s` key: `anamnesis keys upgrade FILE` adds one.\n",
                      keyring_kind_name(kind));
        return false;
    }
    return true;
}

/* One of them, or the only one. */
static bool
put_one(const struct keyring *changed, unsigned kinds, const char *path, const char *name, bool *printed)
{
    char error[ERROR_SIZE] = "";
    if (path == NULL) {
        *printed = true;
        (void)fprintf(stderr, "Put the keyring that follows in place of %s of every program that has it.\n",
                      name);
        return keyring_print(changed, kinds, stdout);
    }
    if (!keyring_replace(changed, kinds, path, error, sizeof error)) {
        (void)fprintf(stderr, "%s\n", error);
        return false;
    }
    return true;
}

bool
key_store_put(const struct key_store *store, const struct keyring *changed, bool *printed)
{
    enum keyring_user rest = store->divided ? KEYRING_WORKERS : KEYRING_OPERATOR;
    *printed = false;
    if (store->files_apart && !put_one(changed, keyring_kinds_of(KEYRING_STORE), store->files_path,
                                       config_name(CONFIG_FILES_KEYRING), printed)) {
        return false;
    }
    if (store->divided && !put_one(changed, keyring_kinds_of(KEYRING_JOBS), store->jobs_path,
                                   config_name(CONFIG_JOBS_KEYRING), printed)) {
        return false;
    }
    return put_one(changed, keyring_kinds_of(rest), store->path, config_name(CONFIG_KEYRING), printed);
}

bool
key_store_agree(const struct key_store *store)
{
    bool printed = false;
    bool in_files = store->path != NULL && (!store->divided || store->jobs_path != NULL) &&
                    (!store->files_apart || store->files_path != NULL);
    bool several = store->divided || store->files_apart;
    return !in_files || !several || key_store_put(store, store->keyring, &printed);
}

const char *
key_store_indexes(const struct keyring *keyring, struct arena *arena, const char *context,
                  const char *normalised)
{
    unsigned char found[BLIND_INDEXES_MAX][BLIND_INDEX_SIZE];
    char hex[2 * BLIND_INDEX_SIZE + 1];
    const char *list = "{";
    size_t count = blind_indexes(keyring, context, normalised, found);
    for (size_t i = 0; i < count; i++) {
        (void)sodium_bin2hex(hex, sizeof hex, found[i], BLIND_INDEX_SIZE);
        list = arena_format(arena, "%s%s\"\\\\x%s\"", list, i == 0 ? "" : ",", hex);
    }
    return arena_format(arena, "%s}", list);
}
