#include "cli/database.h"

#include "cli/command.h"
#include "lib/db/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BOUND_MAX = 64 * 1024
}; /* numbers alone are copied: texts and bytes are borrowed from the parameters */

static void
clear(void *result)
{
    PQclear(result);
}

/* False after saying what the server said, and clearing it. The primary message alone: the rest could quote a
 * parameter. */
static bool
is_good(PGconn *connection, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        return true;
    }
    const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    (void)fprintf(stderr, "The database refuses: %s\n", why == NULL ? PQerrorMessage(connection) : why);
    PQclear(result);
    return false;
}

static bool
has_bytes(const struct statement *statement)
{
    for (size_t i = 0; i < statement->column_count; i++) {
        if (statement->columns[i].type == DB_BYTEA) {
            return true;
        }
    }
    return false;
}

PGresult *
database_run(PGconn *connection, const struct statement *statement, const void *in)
{
    struct bound bound;
    PGresult *result = NULL;
    struct arena *arena = arena_create(BOUND_MAX, NULL, NULL);
    if (arena != NULL && bind_params(statement, in, arena, &bound)) {
        result = PQexecParams(connection, statement->text, (int)statement->param_count, bound.types,
                              bound.values, bound.lengths, bound.formats, has_bytes(statement) ? 1 : 0);
    }
    arena_destroy(arena);
    return result;
}

PGresult *
database_query(PGconn *connection, const struct statement *statement, const void *in)
{
    PGresult *result = database_run(connection, statement, in);
    return is_good(connection, result) ? result : NULL;
}

PGresult *
database_ask(PGconn *connection, struct arena *arena, const struct statement *statement, const void *in)
{
    PGresult *result = database_query(connection, statement, in);
    return result == NULL ? NULL : arena_own(arena, result, clear);
}

bool
database_exec(PGconn *connection, const struct statement *statement, const void *in)
{
    PGresult *result = database_query(connection, statement, in);
    PQclear(result);
    return result != NULL;
}

int64_t
database_count(PGconn *connection, const struct statement *statement, const void *in)
{
    PGresult *result = database_query(connection, statement, in);
    int64_t count = result == NULL ? -1 : strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return count;
}

bool
database_any(PGconn *connection, const struct statement *statement, const void *in)
{
    PGresult *result = database_query(connection, statement, in);
    bool any = PQntuples(result) > 0;
    PQclear(result);
    return any;
}

const char *
database_attempt(PGconn *connection, struct arena *arena, const char *sql, const char **why)
{
    if (!command_do(connection, "SAVEPOINT attempt")) {
        return "XX000";
    }
    PGresult *result = PQexec(connection, sql);
    const char *sqlstate = "";
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
        const char *given = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        sqlstate = arena_format(arena, "%s", given == NULL ? "08006" : given);
        *why = arena_format(arena, "%s", PQresultErrorMessage(result));
    }
    PQclear(result);
    bool undone = sqlstate[0] == '\0' || command_do(connection, "ROLLBACK TO SAVEPOINT attempt");
    return undone && command_do(connection, "RELEASE SAVEPOINT attempt") ? sqlstate : "XX000";
}

bool
database_is_missing(const char *sqlstate)
{
    static const char *const missing[] = {"3F000", "42P01", "42703", "42704", "42883"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        if (strcmp(sqlstate, missing[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool
database_practice(PGconn *connection, struct arena *arena, const char *named, char id[UUID_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    PGresult *rows = uuid_parse(named, bytes) ? database_ask(connection, arena, &sql_practice_by_id,
                                                             &(struct sql_practice_by_id_in){named})
                                              : database_ask(connection, arena, &sql_practice_by_name,
                                                             &(struct sql_practice_by_name_in){named});
    if (rows == NULL) {
        return false;
    }
    if (PQntuples(rows) == 1) {
        (void)snprintf(id, UUID_TEXT_SIZE, "%s", PQgetvalue(rows, 0, 0));
        return true;
    }
    if (PQntuples(rows) == 0) {
        (void)fprintf(stderr, "There is no practice of that name or identifier.\n");
        return false;
    }
    (void)fprintf(stderr, "Several practices have that name. Give an identifier:\n");
    for (int i = 0; i < PQntuples(rows); i++) {
        (void)fprintf(stderr, "  %s\n", PQgetvalue(rows, i, 0));
    }
    return false;
}

bool
database_note(PGconn *connection, const char *practice_id, const char *operation, const char *object_id,
              const char *detail)
{
    char request[UUID_TEXT_SIZE];
    return database_exec(connection, &sql_note_deed,
                         &(struct sql_note_deed_in){.practice_id = practice_id,
                                                    .request_id = uuid_new(request),
                                                    .operation = operation,
                                                    .object_id = object_id,
                                                    .detail = detail});
}
