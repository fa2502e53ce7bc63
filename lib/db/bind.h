/*
 * Between C structures and PostgreSQL's binary wire formats, by the tables of lib/db/statement.h. One
 * interpreter serves all statements, so a new one needs no code here. Everything that comes from the server
 * is judged against the declared shape (columns, types, sizes, NULL only where it may be) before it is read;
 * a mismatch is an error of ours and never read as something else. Costs: one pass over parameters and cells;
 * texts and byte strings of results are not copied.
 */
#ifndef ANAMNESIS_DB_BIND_H
#define ANAMNESIS_DB_BIND_H

#include "lib/base/arena.h"
#include "lib/db/statement.h"

#include <libpq-fe.h>
#include <stdbool.h>

struct bound {
    Oid types[STATEMENT_PARAMS_MAX];
    const char *values[STATEMENT_PARAMS_MAX];
    int lengths[STATEMENT_PARAMS_MAX];
    int formats[STATEMENT_PARAMS_MAX];
};

/*
 * Fills `bound` from the input structure (NULL when there are no parameters). Values borrow from `in` or live
 * in the arena. False when one is too big for its type, is a text that is NULL where it may not be, or is in
 * an array of UUIDs and none.
 */
bool bind_params(const struct statement *statement, const void *in, struct arena *arena, struct bound *bound);

/*
 * The rows of a binary result, as an array of row structures in the arena. Texts and byte strings are
 * borrowed from `result`, which the arena must own. False when the result does not have the declared shape.
 */
bool bind_rows(const struct statement *statement, const PGresult *result, struct arena *arena, void **rows);

#endif
