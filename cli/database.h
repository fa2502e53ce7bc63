/* What the commands that write to the database share. */
#ifndef ANAMNESIS_CLI_DATABASE_H
#define ANAMNESIS_CLI_DATABASE_H

#include "lib/base/arena.h"
#include "lib/base/uuid.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* The operator in columns that name who made a row: no member of staff has it (RFC 9562 section 5.9). */
#define DATABASE_OPERATOR "00000000-0000-0000-0000-000000000000"

enum { DATABASE_PARAMETERS_MAX = 16 };

/*
 * Runs one statement with text parameters (NULL: null) and returns its rows as text; the arena owns the
 * result. NULL after saying on stderr why not; nothing of a parameter is printed.
 */
PGresult *database_rows(PGconn *connection, struct arena *arena, const char *sql, int count,
                        const char *const *values);

/* The same for a statement whose last parameter is the 32 bytes of a hash, before which `count` texts stand.
 */
PGresult *database_rows_with_hash(PGconn *connection, struct arena *arena, const char *sql, int count,
                                  const char *const *values, const unsigned char hash[32]);

/* The practice of an identifier or a name. False after saying on stderr that there is none, or are several.
 */
bool database_practice(PGconn *connection, struct arena *arena, const char *named, char id[UUID_TEXT_SIZE]);

/* Writes the audit row of what the operator does to an object, in the same transaction. */
bool database_note(PGconn *connection, struct arena *arena, const char *practice_id, const char *operation,
                   const char *object_id);

#endif
