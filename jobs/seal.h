/* Seals the audit log, every few seconds. lib/audit/seal.h says what a seal is, and docs/security.md what it
 * proves. */
#ifndef ANAMNESIS_JOBS_SEAL_H
#define ANAMNESIS_JOBS_SEAL_H

#include "lib/base/arena.h"
#include "lib/crypto/keyring.h"
#include "lib/db/tx.h"

enum seal_step {
    SEAL_MORE, /* a seal was made, and there is more to seal */
    SEAL_DONE, /* there is nothing more to seal, or another process is sealing */
    SEAL_DOWN, /* the database cannot be reached */
    SEAL_WRONG /* the newest seal is not what it was, or cannot be noted: nothing is sealed; logged */
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

/* Makes the log's partitions of the coming months. When that fails, a line in the log says so, and rows go
 * into the default partition. */
void seal_make_ready(struct sealer *sealer);

#endif
