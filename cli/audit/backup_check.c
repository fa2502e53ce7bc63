/*
 * `anamnesis backup check`: restores a dump into an empty database and judges what came out: whether every
 * migration is applied, whether the keyring is the right one and opens each data key, whether the audit log
 * is proven. Only restoring shows that a dump can be restored.
 */
#include "build/gen/migrations.h"
#include "cli/command.h"
#include "cli/database.h"
#include "cli/keys/key_store.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/files_key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ERROR_SIZE = 512, COULD_NOT_CHECK = 2 };

struct check {
    const char *url;
    PGconn *connection;
    struct keyring *keyring;
    bool failed;
};

/* Prints what is wrong, and remembers that something was. */
static void
complain(struct check *check, const char *what)
{
    check->failed = true;
    (void)printf("wrong    %s\n", what);
}

/* Puts the parts of a connection URL into the variables that pg_restore reads. Its arguments are no place for
 * a password: every user of the machine sees them. */
static bool
pass_connection(const char *url)
{
    static const struct {
        const char *keyword;
        const char *variable;
    } passed[] = {{"host", "PGHOST"},       {"hostaddr", "PGHOSTADDR"},      {"port", "PGPORT"},
                  {"user", "PGUSER"},       {"password", "PGPASSWORD"},      {"dbname", "PGDATABASE"},
                  {"sslmode", "PGSSLMODE"}, {"sslrootcert", "PGSSLROOTCERT"}};
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool good = options != NULL;
    for (PQconninfoOption *at = options; good && at->keyword != NULL; at++) {
        for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
            if (at->val != NULL && strcmp(at->keyword, passed[i].keyword) == 0) {
                good = setenv(passed[i].variable, at->val, 1) == 0;
            }
        }
    }
    PQconninfoFree(options);
    return good;
}

static bool
restore(const struct check *check, const char *given)
{
    char *dump = strdup(given);
    char *arguments[] = {"pg_restore", "--exit-on-error", "--dbname=", dump, NULL};
    int status = 0;
    pid_t child = dump == NULL ? -1 : fork();
    if (child == 0) {
        if (pass_connection(check->url)) {
            (void)execvp(arguments[0], arguments);
            (void)fprintf(stderr, "pg_restore: %s (it is in PostgreSQL's client package)\n", strerror(errno));
        }
        _exit(EXIT_FAILURE);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    free(dump);
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "%s was not restored: it must be made by `pg_dump --format=custom`, whole\n",
                      given);
        return false;
    }
    return true;
}

static void
check_migrations(struct check *check)
{
    int64_t newest = database_count(check->connection, &sql_newest_migration, NULL);
    if (newest <= 0) {
        complain(check, "no migration is noted in it");
    } else if (newest > MIGRATION_NEWEST) {
        complain(check, "the dump is of a newer program: take that one to restore it");
    } else if (newest < MIGRATION_NEWEST) {
        (void)printf("ok       version %" PRId64 " of %d: after a restore, run `anamnesis migrate`\n", newest,
                     (int)MIGRATION_NEWEST);
    } else {
        (void)printf("ok       every migration, up to %" PRId64 "\n", newest);
    }
}

static struct span
value_of(const PGresult *rows, int row, int column)
{
    return (struct span){(const unsigned char *)PQgetvalue(rows, row, column),
                         (size_t)PQgetlength(rows, row, column)};
}

/* Whether the scanner's copy of a files key is the one that the opened data key gives; that there is none is
 * no fault. */
static bool
is_files_key(const struct check *check, const PGresult *rows, int row,
             const unsigned char data_key[DATA_KEY_SIZE])
{
    unsigned char made[FILES_KEY_SIZE];
    unsigned char opened[FILES_KEY_SIZE];
    files_key_of(data_key, made);
    bool good = PQgetisnull(rows, row, 2) != 0 ||
                (files_key_open(check->keyring, PQgetvalue(rows, row, 0), value_of(rows, row, 2), opened) &&
                 digest_equal(made, opened, sizeof made));
    explicit_bzero(made, sizeof made);
    explicit_bzero(opened, sizeof opened);
    return good;
}

static void
check_keys(struct check *check)
{
    unsigned char key[DATA_KEY_SIZE];
    int64_t closed = 0;
    int64_t unlike = 0;
    if (key_store_settle(check->connection, check->keyring, KEYS_COMPARE) != EXIT_DONE) {
        complain(check, "the keyring is not the one that this dump needs");
    } else if (database_count(check->connection, &sql_key_check_count, NULL) <= 0) {
        complain(check, "no check value of a key is noted in it");
    }
    PGresult *rows = database_run(check->connection, &sql_wrapped_keys, NULL);
    bool read = PQresultStatus(rows) == PGRES_TUPLES_OK;
    for (int i = 0; read && i < PQntuples(rows); i++) {
        bool opens = data_key_unwrap(check->keyring, PQgetvalue(rows, i, 0), value_of(rows, i, 1), key);
        closed += opens ? 0 : 1;
        unlike += opens && !is_files_key(check, rows, i, key) ? 1 : 0;
    }
    explicit_bzero(key, sizeof key);
    if (!read || closed > 0) {
        complain(check, "data keys do not open with this keyring: what they sealed would be lost");
    } else {
        (void)printf("ok       %d data keys open with this keyring\n", PQntuples(rows));
    }
    PQclear(rows);
    if (unlike > 0) {
        complain(check, "copies of files keys do not open, or are others' than the data keys': run, after a "
                        "restore, `anamnesis keys rotate --kind files`");
    }
    if (database_count(check->connection, &sql_patients_without_key, NULL) != 0) {
        complain(check,
                 "patients are there without their key, or erased ones with it: the dump is not whole");
    }
}

static void
check_log(struct check *check, const struct config *config)
{
    struct config there = *config; /* shares its strings, so only the original is freed */
    there.text[CONFIG_AUDITOR_DATABASE_URL] = there.text[CONFIG_SCRATCH_DATABASE_URL];
    (void)fflush(stdout);
    if (command_audit_verify(&there, &(struct args_audit_verify){.json = false}) != EXIT_DONE) {
        complain(check, "the audit log is not proven");
    }
}

static bool
open_all(struct check *check, const struct config *config)
{
    char error[ERROR_SIZE] = "";
    check->url = config_text(config, CONFIG_SCRATCH_DATABASE_URL);
    check->keyring = keyring_load(config, error, sizeof error);
    if (check->url == NULL || check->keyring == NULL) {
        (void)fprintf(stderr, "%s\n",
                      check->url == NULL
                          ? "ANAMNESIS_SCRATCH_DATABASE_URL is not set: an empty database, made for this and "
                            "dropped afterwards (createdb), as an administrator"
                          : error);
        return false;
    }
    check->connection = PQconnectdb(check->url);
    if (PQstatus(check->connection) != CONNECTION_OK) {
        (void)fprintf(stderr, "The database cannot be reached: %s", PQerrorMessage(check->connection));
        return false;
    }
    if (database_count(check->connection, &sql_schemas_there, NULL) != 0) {
        (void)fprintf(stderr, "The database is not empty: nothing is restored over what is there.\n");
        return false;
    }
    return true;
}

int
command_backup_check(const struct config *config, const struct args_backup_check *given)
{
    struct check check = {.failed = false};
    bool checked = open_all(&check, config) && restore(&check, given->dump);
    if (checked) {
        check_migrations(&check);
        check_keys(&check);
        check_log(&check, config);
    }
    PQfinish(check.connection);
    keyring_free(check.keyring);
    return !checked ? COULD_NOT_CHECK : check.failed ? EXIT_FAULT : EXIT_DONE;
}
