#include "cli/command.h"

#include "build/gen/migrations.h"
#include "cli/key_move.h"
#include "cli/key_store.h"
#include "cli/texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_SIZE = 512 };

/* Any number will do, as long as nobody else uses it: "anamnesi" in ASCII. */
static const char lock_sql[] = "SELECT pg_catalog.pg_advisory_lock(7020383421447828339)";

static const char ledger_sql[] = "CREATE SCHEMA IF NOT EXISTS anamnesis;"
                                 "CREATE TABLE IF NOT EXISTS anamnesis.migration ("
                                 " version integer PRIMARY KEY,"
                                 " name text NOT NULL,"
                                 " sha256 text NOT NULL,"
                                 " applied_at timestamptz NOT NULL DEFAULT now())";

/* A ledger that is not there yet is an empty one. */
static const char applied_sql[] = "SELECT version, name, sha256 FROM anamnesis.migration ORDER BY version";

/* How many of ours are applied, or -1 when the ledger and this program do not agree. */
static int
applied(PGconn *connection)
{
    PGresult *result = PQexec(connection, applied_sql);
    int count = PQntuples(result);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        bool empty = state != NULL && (strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0);
        if (!empty) {
            (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
        }
        PQclear(result);
        return empty ? 0 : -1;
    }
    for (int i = 0; i < count; i++) {
        int version = (int)strtol(PQgetvalue(result, i, 0), NULL, 10);
        if (i >= MIGRATION_COUNT || version < migrations[i].version) {
            (void)fprintf(stderr,
                          "The database has migration %d; this program knows %d. Use the newer program.\n",
                          version, (int)MIGRATION_NEWEST);
            count = -1;
        } else if (version != migrations[i].version) {
            (void)fprintf(stderr, "The ledger lacks migration %d: the database was changed by hand.\n",
                          migrations[i].version);
            count = -1;
        } else if (strcmp(PQgetvalue(result, i, 2), migrations[i].sha256) != 0) {
            (void)fprintf(stderr,
                          "Migration %d (%s) is not the one that was applied: migrations never change.\n",
                          version, PQgetvalue(result, i, 1));
            count = -1;
        }
    }
    PQclear(result);
    return count;
}

static bool
note(PGconn *connection, const struct migration *migration)
{
    char version[16];
    (void)snprintf(version, sizeof version, "%d", migration->version);
    const char *const values[] = {version, migration->name, migration->sha256};
    PGresult *result = PQexecParams(
        connection, "INSERT INTO anamnesis.migration (version, name, sha256) VALUES ($1, $2, $3)", 3, NULL,
        values, NULL, NULL, 0);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!good) {
        (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
    }
    PQclear(result);
    return good;
}

static bool
apply(PGconn *connection, const struct migration *migration)
{
    bool good = command_do(connection, "BEGIN") && command_do(connection, migration->text) &&
                note(connection, migration) && command_do(connection, "COMMIT");
    if (!good) {
        (void)fprintf(stderr, "Migration %04d_%s failed; nothing of it was kept.\n", migration->version,
                      migration->name);
        (void)command_do(connection, "ROLLBACK");
    }
    return good;
}

/* A program never puts its own functions over those of a newer one. */
static bool
texts_may_change(PGconn *connection)
{
    enum texts_state state = texts_state(connection);
    if (state == TEXTS_AHEAD) {
        (void)fprintf(stderr, "The database has newer functions than this program. Use the newer program.\n");
    }
    return state == TEXTS_BEHIND || state == TEXTS_CURRENT;
}

static int
migrate(PGconn *connection, bool json)
{
    if (!command_do(connection, lock_sql) || !command_do(connection, "SET client_min_messages = warning") ||
        !command_do(connection, ledger_sql)) {
        return EXIT_FAULT;
    }
    int before = applied(connection);
    if (before < 0 || !texts_may_change(connection)) {
        return EXIT_FAULT;
    }
    for (int i = before; i < MIGRATION_COUNT; i++) {
        if (!apply(connection, &migrations[i])) {
            return EXIT_FAULT;
        }
        if (!json) {
            (void)printf("%04d_%s\n", migrations[i].version, migrations[i].name);
        }
    }
    int missing = MIGRATION_COUNT - before;
    int texts = texts_apply(connection, missing > 0);
    if (texts < 0) {
        (void)fprintf(stderr, "Functions and policies stay as they were.\n");
        return EXIT_FAULT;
    }
    /* Next months' partitions of the audit log, and where its order goes on in a restored database. */
    if (!command_do(connection, "SELECT audit.make_ready()")) {
        return EXIT_FAULT;
    }
    (void)printf(
        json ? "{\"version\":%d,\"applied\":%d,\"texts\":%d}\n"
             : "The database has version %d; %d migrations and %d functions or policies applied now.\n",
        (int)MIGRATION_NEWEST, missing, texts);
    return EXIT_DONE;
}

/*
 * With the keyring at hand, its check values are noted when the database has none; and indexes of the form
 * that programs of before made, which no version is told from, are made anew.
 */
static int
settle_keys(PGconn *connection, const struct config *config)
{
    char error[ERROR_SIZE] = "";
    struct key_moved moved;
    struct key_store store = {
        .config = config, .keyring = keyring_load(config, error, sizeof error), .connection = connection};
    if (store.keyring == NULL) {
        (void)fprintf(stderr, "%s\n", error);
        return EXIT_MISCONFIGURED;
    }
    int status = key_store_settle(connection, store.keyring, KEYS_SETTLE);
    if (status == EXIT_DONE && key_move_left(connection, store.keyring, KEYRING_INDEX) > 0 &&
        !key_move(&store, KEYRING_INDEX, KEY_BATCH_DEFAULT, &moved)) {
        status = EXIT_FAULT;
    }
    keyring_free(store.keyring);
    return status;
}

int
command_migrate(const struct config *config, const struct args_migrate *given)
{
    bool json = given->json;
    PGconn *connection = command_connect(config);
    if (connection == NULL) {
        return EXIT_FAULT;
    }
    int status = EXIT_FAULT;
    if (given->check) {
        int have = applied(connection);
        if (have >= 0) {
            int version = have == 0 ? 0 : migrations[have - 1].version;
            bool current = texts_state(connection) == TEXTS_CURRENT;
            (void)printf(json ? "{\"version\":%d,\"newest\":%d,\"texts_current\":%s}\n"
                              : "The database has version %d of %d; its functions and policies are this "
                                "program's: %s.\n",
                         version, (int)MIGRATION_NEWEST,
                         current ? (json ? "true" : "yes") : (json ? "false" : "no"));
            status = have >= MIGRATION_COUNT && current ? EXIT_DONE : EXIT_FAULT;
        }
    } else {
        status = migrate(connection, json);
        if (status == EXIT_DONE &&
            (config_file(config, CONFIG_KEYRING) != NULL || config_text(config, CONFIG_KEYRING) != NULL)) {
            status = settle_keys(connection, config);
        }
    }
    PQfinish(connection);
    return status;
}
