#include "cli/database.h"

#include <stdio.h>
#include <string.h>

enum { HASH_SIZE = 32 };

static void
clear(void *result)
{
    PQclear(result);
}

/* The result when it is one, owned by the arena; what the server says otherwise is printed. */
static PGresult *
taken(struct arena *arena, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        return arena_own(arena, result, clear);
    }
    const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    (void)fprintf(stderr, "The database refuses: %s\n", why == NULL ? "the connection was lost" : why);
    PQclear(result);
    return NULL;
}

PGresult *
database_rows(PGconn *connection, struct arena *arena, const char *sql, int count, const char *const *values)
{
    return taken(arena, PQexecParams(connection, sql, count, NULL, values, NULL, NULL, 0));
}

PGresult *
database_rows_with_hash(PGconn *connection, struct arena *arena, const char *sql, int count,
                        const char *const *values, const unsigned char hash[32])
{
    const char *all[DATABASE_PARAMETERS_MAX] = {NULL};
    int lengths[DATABASE_PARAMETERS_MAX] = {0};
    int formats[DATABASE_PARAMETERS_MAX] = {0};
    if (count >= DATABASE_PARAMETERS_MAX) {
        return NULL;
    }
    memcpy(all, values, (size_t)count * sizeof *values);
    all[count] = (const char *)hash;
    lengths[count] = HASH_SIZE;
    formats[count] = 1;
    return taken(arena, PQexecParams(connection, sql, count + 1, NULL, all, lengths, formats, 0));
}

bool
database_practice(PGconn *connection, struct arena *arena, const char *named, char id[UUID_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    const char *values[] = {named};
    const char *sql = uuid_parse(named, bytes)
                          ? "SELECT id FROM anamnesis.practice WHERE id = $1::uuid"
                          : "SELECT id FROM anamnesis.practice WHERE name = $1 ORDER BY id";
    PGresult *rows = database_rows(connection, arena, sql, 1, values);
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
database_note(PGconn *connection, struct arena *arena, const char *practice_id, const char *operation,
              const char *object_id)
{
    char request[UUID_TEXT_SIZE];
    const char *values[] = {practice_id, uuid_new(request), operation, object_id};
    return database_rows(
               connection, arena,
               "INSERT INTO audit.event (practice_id, realm, client_address, request_id, operation, "
               "object_id, outcome) VALUES ($1, 'system', 'local', $2, $3, $4, 'ok')",
               4, values) != NULL;
}
