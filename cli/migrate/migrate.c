/*
 * `anamnesis migrate`: brings a database to what this program has. First the files of sql/schema/ that it
 * lacks are applied, in the order of their numbers; then the functions and policies (sql/functions/,
 * sql/policies/) whose text differs.
 *
 * All of it is one transaction: afterwards the database is as it was or as this program has it, and no other
 * program sees anything in between. Two commands at once wait for each other by an advisory lock. A database
 * that has something this program does not know (a newer file, another text of an old one) is refused and
 * left alone, so an older program never puts its functions over those of a newer one. Files and texts are
 * compiled into the program (tools/gen_migrations.py).
 *
 * Afterwards, outside of that transaction and only with the keyring at hand, check values are noted and old
 * indexes are made anew. A migration must not take long: it holds the locks of what it changes until COMMIT.
 */
#include "cli/command.h"

#include "build/gen/migrations.h"
#include "cli/database.h"
#include "cli/keys/key_move.h"
#include "cli/keys/key_store.h"
#include "cli/migrate/ledger.h"
#include "cli/migrate/texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_SIZE = 512, ARENA_SIZE = 1024 * 1024 };

/* Whether this program knows the state that the database is in; otherwise it says why not and what to do. */
static bool
may_change(PGconn *connection, const struct ledger *ledger)
{
    if (ledger->state != LEDGER_AGREES) {
        ledger_complain(ledger);
        return false;
    }
    enum texts_state state = texts_state(connection);
    if (state == TEXTS_AHEAD) {
        (void)fprintf(stderr, "The database has newer functions than this program. Use the newer program.\n");
    }
    return state == TEXTS_BEHIND || state == TEXTS_CURRENT;
}

/*
 * Applies a file, and notes it. A default or a trigger may name a function that is not there yet: then those
 * are made that can be, and the file is tried again.
 */
static bool
apply(PGconn *connection, const struct migration *migration)
{
    struct arena *arena = arena_create(ARENA_SIZE, NULL, NULL);
    const char *why = "";
    bool good = false;
    for (bool again = arena != NULL; again;) {
        const char *sqlstate = database_attempt(connection, arena, migration->text, &why);
        good = sqlstate[0] == '\0';
        again = !good && database_is_missing(sqlstate) && texts_make_missing(connection) > 0;
    }
    if (!good) {
        (void)fprintf(stderr, "%sMigration %04d_%s failed; nothing of it was kept.\n", why,
                      migration->version, migration->name);
    }
    arena_destroy(arena);
    return good && ledger_note(connection, migration);
}

/* Returns how many texts were applied, or -1 after saying on stderr why not. */
static int
bring_up(PGconn *connection, const struct ledger *ledger)
{
    /* Functions are made before the tables that they name. */
    bool good = command_do(connection, "SET LOCAL check_function_bodies = off");
    for (int i = ledger->noted; good && i < MIGRATION_COUNT; i++) {
        good =
            i < ledger->applied ? ledger_note(connection, &migrations[i]) : apply(connection, &migrations[i]);
    }
    int texts = good ? texts_apply(connection, ledger->applied < MIGRATION_COUNT) : -1;
    /* Next months' partitions of the audit log, and where its order goes on in a restored database. */
    return texts >= 0 && database_exec(connection, &sql_make_ready, NULL) ? texts : -1;
}

static int
migrate(PGconn *connection, bool json)
{
    if (!database_exec(connection, &sql_lock_migrations, NULL) ||
        !command_do(connection, "SET client_min_messages = warning") || !ledger_make(connection)) {
        return EXIT_FAULT;
    }
    struct ledger ledger = ledger_read(connection);
    if (!may_change(connection, &ledger) || !command_do(connection, "BEGIN")) {
        return EXIT_FAULT;
    }
    int texts = bring_up(connection, &ledger);
    if (!command_do(connection, texts < 0 ? "ROLLBACK" : "COMMIT") || texts < 0) {
        (void)fprintf(stderr, "Tables, functions and policies stay as they were.\n");
        return EXIT_FAULT;
    }
    for (int i = ledger.applied; i < MIGRATION_COUNT && !json; i++) {
        (void)printf("%04d_%s\n", migrations[i].version, migrations[i].name);
    }
    (void)printf(
        json ? "{\"version\":%d,\"applied\":%d,\"texts\":%d}\n"
             : "The database has version %d; %d migrations and %d functions or policies applied now.\n",
        (int)MIGRATION_NEWEST, MIGRATION_COUNT - ledger.applied, texts);
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

static int
check(PGconn *connection, bool json)
{
    struct ledger ledger = ledger_read(connection);
    if (ledger.state != LEDGER_AGREES) {
        ledger_complain(&ledger);
        return EXIT_FAULT;
    }
    bool current = texts_state(connection) == TEXTS_CURRENT;
    (void)printf(json ? "{\"version\":%d,\"newest\":%d,\"texts_current\":%s}\n"
                      : "The database has version %d of %d; its functions and policies are this "
                        "program's: %s.\n",
                 ledger.version, (int)MIGRATION_NEWEST,
                 current ? (json ? "true" : "yes") : (json ? "false" : "no"));
    return ledger.noted >= MIGRATION_COUNT && current ? EXIT_DONE : EXIT_FAULT;
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
        status = check(connection, json);
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
