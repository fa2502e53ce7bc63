/*
 * The current texts of functions and policies (sql/functions/, sql/policies/). A file of sql/schema/ is
 * applied once and never changes; a text is edited in place, and applied again whenever the database has
 * another one.
 *
 * The order is found: a text that names something that is not there yet waits for the others. Functions that
 * have no file any more are dropped, and so are policies and grants; so are a function's former arguments and
 * a table's former policies and grants. A function whose file says that it is made once is left alone when it
 * is there.
 */
#ifndef ANAMNESIS_CLI_MIGRATE_TEXTS_H
#define ANAMNESIS_CLI_MIGRATE_TEXTS_H

#include <libpq-fe.h>
#include <stdbool.h>

enum texts_state {
    TEXTS_CURRENT, /* the database has this program's texts */
    TEXTS_BEHIND,  /* others, which this program may replace */
    TEXTS_AHEAD,   /* it had this program's texts, and has newer ones */
    TEXTS_UNKNOWN  /* the question could not be asked; why is on stderr */
};

enum texts_state texts_state(PGconn *connection);

/*
 * Makes the functions that are not there at all, as far as they can be made yet: a file of sql/schema/ names
 * one. Returns how many were made, or -1 after saying on stderr why not.
 */
int texts_make_missing(PGconn *connection);

/*
 * Applies what differs, or with `all` every text: a file of sql/schema/ may have dropped what others need.
 * Returns how many were applied, or -1 after saying on stderr why not.
 *
 * For both the caller holds the migrations' lock, has a transaction open in which check_function_bodies is
 * off, and rolls it back after -1.
 */
int texts_apply(PGconn *connection, bool all);

#endif
