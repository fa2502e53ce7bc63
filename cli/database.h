/* What the commands that write to the database share. */
#ifndef ANAMNESIS_CLI_DATABASE_H
#define ANAMNESIS_CLI_DATABASE_H

#include "build/gen/cli_sql.h"
#include "lib/base/arena.h"
#include "lib/base/uuid.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* The operator in columns that name who made a row: no member of staff has it (RFC 9562 section 5.9). */
#define DATABASE_OPERATOR "00000000-0000-0000-0000-000000000000"

/*
 * Runs a statement of sql/cli/ with its parameters (struct sql_NAME_in, NULL when it has none) and gives what
 * the server says, which may be an error; NULL when a parameter cannot be sent. Rows are text; those of a
 * statement with a column of bytea are bytes. The caller clears.
 */
PGresult *database_run(PGconn *connection, const struct statement *statement, const void *in);

/*
 * As database_run; NULL after saying on stderr why it failed, without anything of a parameter. The caller
 * clears.
 */
PGresult *database_query(PGconn *connection, const struct statement *statement, const void *in);

/* As database_query; the arena owns the result. */
PGresult *database_ask(PGconn *connection, struct arena *arena, const struct statement *statement,
                       const void *in);

/* As database_query, for a statement whose result is not looked at. True when it was done. */
bool database_exec(PGconn *connection, const struct statement *statement, const void *in);

/* The one number that a statement counts; -1 after saying on stderr why it failed. */
int64_t database_count(PGconn *connection, const struct statement *statement, const void *in);

/* True when a statement gives rows; false as well when it fails, after saying so. */
bool database_any(PGconn *connection, const struct statement *statement, const void *in);

/*
 * Runs statements in a savepoint of the transaction that is open. "" when they were done; else their
 * SQLSTATE, with nothing of them kept and the server's words in `why`, which is the arena's.
 */
const char *database_attempt(PGconn *connection, struct arena *arena, const char *sql, const char **why);

/* Whether the SQLSTATE says that something was named which is not there: schema, table, column, type or
 * function. */
bool database_is_missing(const char *sqlstate);

/* The practice of an identifier or a name. False after saying on stderr that there is none, or are several.
 */
bool database_practice(PGconn *connection, struct arena *arena, const char *named, char id[UUID_TEXT_SIZE]);

/* Writes the audit row of what the operator does, in the same transaction; NULL where there is no practice,
 * object or detail. */
bool database_note(PGconn *connection, const char *practice_id, const char *operation, const char *object_id,
                   const char *detail);

#endif
