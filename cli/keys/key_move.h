/*
 * Moving what needs an older version of a key to the current one, while programs run: data keys are wrapped
 * anew, values that are searched for are indexed anew, values that the process seals are sealed anew. It
 * works in short transactions, so it may be ended at any moment and run again; rows that need nothing are not
 * touched. Passwords and tokens cannot be moved, since only their owners have them: their old versions stay
 * until nothing needs them.
 */
#ifndef ANAMNESIS_CLI_KEYS_KEY_MOVE_H
#define ANAMNESIS_CLI_KEYS_KEY_MOVE_H

#include "cli/keys/key_store.h"

enum { KEY_BATCH_DEFAULT = 500, KEY_BATCH_MAX = 10000 };

struct key_moved {
    int64_t moved;  /* in this pass */
    int64_t failed; /* rows that could not be: each was named on stderr */
    int64_t left; /* rows that need another version than the current one, or have values of the first format;
                       failed ones too */
};

/* Whether what needs a key of this kind can be moved. */
bool key_can_move(enum keyring_kind kind);

/*
 * How many rows need another version than the current one. Values of the first format are not among them: one
 * that does not open must not be in the way of the next rotation. -1 after saying why not.
 */
int64_t key_move_left(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind);

/*
 * One pass over everything of a kind, in transactions of at most `batch` rows; rows that others hold locked
 * are left for the next pass. Progress goes to stderr. False when the database failed, after saying why; what
 * was moved stays moved, and another pass goes on from there.
 */
bool key_move(struct key_store *store, enum keyring_kind kind, int batch, struct key_moved *moved);

#endif
