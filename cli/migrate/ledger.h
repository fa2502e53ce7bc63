/*
 * Which files of sql/schema/ a database has: its ledger, anamnesis.migration, beside what this program knows.
 *
 * A file is applied once and never changes; each has its row with number, name and SHA-256. A database from
 * before the schema was written anew (sql/schema/former.tsv) has the rows of that history as well, and keeps
 * them. While it has none of the present files, it is told by the last of them which files it has in effect:
 * they are noted, not run.
 */
#ifndef ANAMNESIS_CLI_MIGRATE_LEDGER_H
#define ANAMNESIS_CLI_MIGRATE_LEDGER_H

#include "build/gen/migrations.h"

#include <libpq-fe.h>
#include <stdbool.h>

enum ledger_state {
    LEDGER_AGREES,
    LEDGER_OLD,       /* `number` is its newest: of a history that first needs programs of before */
    LEDGER_NEWER,     /* it has `number`, which is beyond this program */
    LEDGER_STRANGE,   /* it has `number`, which this program never knew */
    LEDGER_LACKS,     /* `number`, though later ones are there */
    LEDGER_DIFFERS,   /* `number` was applied with another text */
    LEDGER_UNREADABLE /* why is on stderr */
};

struct ledger {
    enum ledger_state state;
    int number;  /* what the state is about */
    int version; /* the newest number that is noted; 0: none */
    int noted;   /* how many of the program's files are noted */
    int applied; /* how many of them the database has: the first ones, not fewer than are noted */
};

/* Reads and judges it. A ledger that is not there yet is an empty one. */
struct ledger ledger_read(PGconn *connection);

/* Says on stderr in what it does not agree with this program, and what to do. */
void ledger_complain(const struct ledger *ledger);

/* Makes the ledger if it is not there; false after saying on stderr why not. */
bool ledger_make(PGconn *connection);

/* Notes that the database has a file; false after saying on stderr why not. */
bool ledger_note(PGconn *connection, const struct migration *migration);

#endif
