/* Sealing the audit log, every few seconds (lib/audit/seal.h says what a seal is). */
#ifndef ANAMNESIS_JOBS_SEAL_H
#define ANAMNESIS_JOBS_SEAL_H

#include "lib/base/arena.h"
#include "lib/crypto/keyring.h"
#include "lib/db/tx.h"

enum seal_step {
    SEAL_MORE, /* a seal was made, and there is more to seal */
    SEAL_DONE, /* nothing more, or another program is at it */
    SEAL_DOWN, /* the database cannot be reached */
    SEAL_WRONG /* the past is not what it was: nothing is sealed on top of it */
};

struct sealer {
    struct db *db;
    struct arena *arena;        /* the caller resets it between steps */
    struct keyring *keyring;    /* not owned */
    const char *checkpoint_dir; /* NULL: seals are in the database only */
};

/*
 * Seals the rows whose transactions are over, at most about a thousand, and notes every seal that is not yet
 * noted in the checkpoint directory. Several programs may do so at once: one seals, each notes. A newest seal
 * whose signature is not by our audit key, or that is not the one which was noted, is reported and never
 * built upon: signing on top of it would make it good.
 */
enum seal_step seal_some(struct sealer *sealer);

/* Makes the log's partitions of the coming months. */
void seal_make_ready(struct sealer *sealer);

#endif
