/*
 * The keyring and the database that it belongs to, for the operator's commands.
 *
 * Every command that needs keys begins with key_store_open, which refuses a keyring that is not this
 * database's. The keyring may be one file or up to three (the background program's own, and that of the
 * programs for files); a change is made to all, and each file is replaced in one step. A version is noted in the database (its check value) before any
 * program uses it. Nothing prints a key but key_store_put, when the keyring is not in a file.
 */
#ifndef ANAMNESIS_CLI_KEYS_KEY_STORE_H
#define ANAMNESIS_CLI_KEYS_KEY_STORE_H

#include "lib/base/arena.h"
#include "lib/base/config.h"
#include "lib/crypto/keyring.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct key_store {
    const struct config *config;
    const char *path;      /* the keyring's file; NULL when it comes from the environment */
    const char *jobs_path; /* that of the background program's own; NULL when it has none, or not by a file */
    const char *files_path; /* that of the programs for files, likewise */
    bool divided;           /* the background program has one of its own */
    bool files_apart;       /* the programs for files have one of their own */
    struct keyring *keyring;
    PGconn *connection; /* as the owner */
};

enum key_settling {
    KEYS_COMPARE, /* with what the database knows */
    KEYS_SETTLE /* and the keys of each kind of which it knows none yet are noted, if they open what is there
                 */
};

/*
 * Loads the keyring, connects, and compares the two. EXIT_DONE; EXIT_MISCONFIGURED when the keyring is
 * missing, faulty or not this database's; EXIT_FAULT when the database cannot be reached. All but the first
 * after saying what to do on stderr; key_store_close in any case.
 */
int key_store_open(struct key_store *store, const struct config *config, enum key_settling settling);
void key_store_close(struct key_store *store);

/* Loads the keyring of now in place of the one that is there. False, after saying why, when there is no good one. */
bool key_store_load(struct key_store *store);

/* As key_store_open does it, for a keyring and a connection of the caller's. */
int key_store_settle(PGconn *connection, const struct keyring *keyring, enum key_settling settling);

/* Notes the check value of one version, or compares it when it is known. `in_use`: every program uses it for
 * what is new. False after saying why. */
bool key_store_register(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind,
                        uint32_t version, bool in_use);

/* True when a version is noted as in use by every program. */
bool key_store_in_use(PGconn *connection, enum keyring_kind kind, uint32_t version);

/* The same for every version of a kind but the one on standby. */
bool key_store_register_kind(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind);

/* The blind indexes of a normalised value under every index key, as a literal of bytea[]: while keys are
 * rotated there are several, and who stores one claims all (auth.claim_index). In the arena. */
const char *key_store_indexes(const struct keyring *keyring, struct arena *arena, const char *context,
                              const char *normalised);

/*
 * Whether versions of this kind can be changed: false, after saying so, when only a keyring that was not
 * given has it, or none has it (`files`, in one of before).
 */
bool key_store_has(const struct key_store *store, enum keyring_kind kind);

/*
 * Puts a changed keyring in place: in the file, or in all, one after the other and the workers' last (a
 * command that was ended in between is run again, and finds them joined). Without a file it is printed on
 * stdout, for whoever keeps it, and `*printed` is set. False after saying why.
 */
bool key_store_put(const struct key_store *store, const struct keyring *changed, bool *printed);

/*
 * Puts the joined keyring in place where it is in several files: a command before may have changed one of
 * them, and been ended before the others. Nothing is printed. False after saying why.
 */
bool key_store_agree(const struct key_store *store);

/* The kind of this name; KEYRING_KINDS when there is none. */
enum keyring_kind key_kind_of(const char *name);

#endif
