#include "cli/migrate/ledger.h"

#include "cli/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The former history and then the program's files, as one ascending list. */
static int
version_at(int index)
{
    return index < FORMER_COUNT ? former_migrations[index].version : migrations[index - FORMER_COUNT].version;
}

static const char *
digest_at(int index)
{
    return index < FORMER_COUNT ? former_migrations[index].sha256 : migrations[index - FORMER_COUNT].sha256;
}

/* How many of the program's files a database has in effect whose newest row is the former one at `index`. */
static int
in_effect(int index)
{
    int count = 0;
    while (count < MIGRATION_COUNT && migrations[count].version <= former_migrations[index].upto) {
        count++;
    }
    return count;
}

/* What a row says of the next expected one, `*index`, which is then raised by one. */
static enum ledger_state
judge(int version, const char *digest, int *index)
{
    bool adopted = *index > 0 && *index < FORMER_COUNT && former_migrations[*index - 1].upto > 0;
    if (version >= migrations[0].version && (*index == 0 || adopted)) {
        *index = FORMER_COUNT;
    }
    if (*index >= FORMER_COUNT + MIGRATION_COUNT) {
        return LEDGER_NEWER;
    }
    bool between = version > former_migrations[FORMER_COUNT - 1].version && version < migrations[0].version;
    if (version != version_at(*index)) {
        return between || version < version_at(*index) ? LEDGER_STRANGE : LEDGER_LACKS;
    }
    return strcmp(digest, digest_at((*index)++)) == 0 ? LEDGER_AGREES : LEDGER_DIFFERS;
}

/* A ledger or a schema that is not there. */
static bool
is_missing(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state != NULL && (strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0);
}

struct ledger
ledger_read(PGconn *connection)
{
    struct ledger ledger = {.state = LEDGER_AGREES};
    PGresult *result = database_run(connection, &sql_ledger_rows, NULL);
    if (PQresultStatus(result) != PGRES_TUPLES_OK && !is_missing(result)) {
        (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
        ledger.state = LEDGER_UNREADABLE;
    }
    int index = 0;
    for (int row = 0; row < PQntuples(result); row++) {
        ledger.version = (int)strtol(PQgetvalue(result, row, 0), NULL, 10);
        ledger.noted += ledger.version >= migrations[0].version;
        if (ledger.state == LEDGER_AGREES) {
            ledger.state = judge(ledger.version, PQgetvalue(result, row, 1), &index);
            ledger.number = ledger.state == LEDGER_LACKS ? version_at(index) : ledger.version;
        }
    }
    PQclear(result);
    ledger.applied = ledger.noted;
    if (ledger.state == LEDGER_AGREES && ledger.version > 0 && ledger.noted == 0) {
        ledger.applied = in_effect(index - 1);
        ledger.state = ledger.applied > 0 ? LEDGER_AGREES : LEDGER_OLD;
    }
    return ledger;
}

void
ledger_complain(const struct ledger *ledger)
{
    int former = former_migrations[FORMER_COUNT - 1].version;
    if (ledger->state == LEDGER_OLD) {
        (void)fprintf(stderr,
                      "The database is of version %d; this program takes over one of version %d. First run "
                      "`anamnesis migrate` of the program whose --version says \"for databases of version "
                      "%d\", then this one's.\n",
                      ledger->number, former, former);
    } else if (ledger->state == LEDGER_NEWER) {
        (void)fprintf(stderr,
                      "The database has migration %d; this program knows %d. Use the newer program.\n",
                      ledger->number, (int)MIGRATION_NEWEST);
    } else if (ledger->state == LEDGER_STRANGE) {
        (void)fprintf(stderr,
                      "The database has migration %d, which this program does not know. Use the program that "
                      "applied it.\n",
                      ledger->number);
    } else if (ledger->state == LEDGER_LACKS) {
        (void)fprintf(stderr, "The ledger lacks migration %d: the database was changed by hand.\n",
                      ledger->number);
    } else if (ledger->state == LEDGER_DIFFERS) {
        (void)fprintf(stderr, "Migration %d is not the one that was applied: migrations never change.\n",
                      ledger->number);
    }
}

bool
ledger_make(PGconn *connection)
{
    return database_exec(connection, &sql_ledger_schema, NULL) &&
           database_exec(connection, &sql_ledger_table, NULL);
}

bool
ledger_note(PGconn *connection, const struct migration *migration)
{
    return database_exec(connection, &sql_ledger_note,
                         &(struct sql_ledger_note_in){.version = migration->version,
                                                      .name = migration->name,
                                                      .sha256 = migration->sha256});
}
