/*
 * The keyring: versioned 32-byte keys that never reach the database. One JSON object,
 *
 *     {"kek":    [{"version": 1, "key": "<43 characters of base64url>"},         wraps data keys
 *                 {"version": 2, "key": "...", "standby": true}],
 *      "index":  [...],                                                         blind indexes
 *      "pepper": [...],                                                         passwords, recovery codes
 *      "seal":   [...],                                                         values that the process seals
 *      "audit":  [...],                                                         seeds that sign the audit log
 *      "files":  [...]}                                                         photos and documents on their way
 *
 * It may be in three: workers are given all but `audit`, the background program `seal` and `audit` alone, so
 * that whoever takes over a worker cannot sign the log, and the programs that store and scan files `files`
 * alone, so that whoever takes over one of them opens nothing else. The operator's command joins them again,
 * and changes all.
 *
 * `files` may be missing in a keyring that was made before there was one. Every program but those that store
 * and scan files starts without it as before; what needs it answers that it is unavailable (files_key.h).
 *
 * New values are made with the highest version that is not on standby. The other versions open what was made
 * before, or what is made by programs that use a newer keyring already. A version begins on standby, so that
 * every program knows it before the first one uses it (rotation, docs/operations.md).
 *
 * A keyring is never changed after it was read: a change makes another one (keyring_change.h). It stands in
 * secure memory (secure_memory.h) that is read-only by page protection, so a stray write ends the process. A
 * key that is needed and missing is an error, never a reason to make a new one: a new key opens nothing. Keys
 * must not be copied out of it but for the time of one operation, and never be logged. Reading one costs a
 * few system calls; the rest is look-ups.
 */
#ifndef ANAMNESIS_CRYPTO_KEYRING_H
#define ANAMNESIS_CRYPTO_KEYRING_H

#include "lib/base/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { KEYRING_KEY_SIZE = 32, KEYRING_VERSIONS_MAX = 16, KEYRING_TEXT_MAX = 16 * 1024 };
enum keyring_kind {
    KEYRING_KEK,
    KEYRING_INDEX,
    KEYRING_PEPPER,
    KEYRING_SEAL,
    KEYRING_AUDIT,
    KEYRING_FILES,
    KEYRING_KINDS
};

/*
 * Whose a keyring is, and which kinds each has: a set of 1 << kind. Each needs all of them, but that operator
 * and workers may be without `files`. KEYRING_STORE and KEYRING_SCAN are the programs that take and give the
 * bytes of files, and that look at them.
 */
enum keyring_user { KEYRING_OPERATOR, KEYRING_WORKERS, KEYRING_JOBS, KEYRING_STORE, KEYRING_SCAN };
unsigned keyring_kinds_of(enum keyring_user user);

struct keyring;

/*
 * Loads the keyring that ANAMNESIS_KEYRING_FILE (a regular file of mode 0400 or 0440, read anew, so a rotated
 * key counts) or ANAMNESIS_KEYRING (the JSON itself) gives, joined with ANAMNESIS_JOBS_KEYRING and
 * ANAMNESIS_FILES_KEYRING when they are given. For the operator's command, which has all: `audit` may be
 * missing, when that of the background program is not given, and `files`, when it was made before there was
 * one. The caller owns the result: keyring_free. NULL on any fault, with one sentence in `error` that says
 * what to do and holds no key.
 */
struct keyring *keyring_load(const struct config *config, char *error, size_t size);

/*
 * The same for a program: workers from ANAMNESIS_KEYRING, the background program from ANAMNESIS_JOBS_KEYRING,
 * the programs for files from ANAMNESIS_FILES_KEYRING; each of them from ANAMNESIS_KEYRING without it. What
 * the program does not need is not kept, also when the file has it.
 */
struct keyring *keyring_load_for(const struct config *config, enum keyring_user user, char *error,
                                 size_t size);

/* The variable that keyring_load_for reads. */
enum config_key keyring_variable(const struct config *config, enum keyring_user user);

/*
 * Both keyrings as one: of what both have, each version must be the same key in both; it is on standby when
 * it is in both. NULL with a sentence in `error` otherwise. The caller owns the result.
 */
struct keyring *keyring_join(const struct keyring *one, const struct keyring *other, char *error,
                             size_t size);

/*
 * As keyring_load, from the text of the JSON, at most KEYRING_TEXT_MAX bytes; all kinds but `files` must be
 * there.
 * Refused: members that are unknown, missing or given twice, empty lists, more than KEYRING_VERSIONS_MAX
 * versions, versions outside 1 to 2^31-1 or given twice, keys that are not 32 bytes, are all zero or are used
 * twice.
 */
struct keyring *keyring_read(const char *json, char *error, size_t size);

/* Wipes and frees. NULL is ignored. */
void keyring_free(struct keyring *keyring);

/* Writes a new keyring, version 1 of each kind, from the system's random source. False when `out` fails. */
bool keyring_create(FILE *out);

/*
 * The keyring of `json`, which was made before there was an `audit` or a `files` key, with new ones added, to
 * `out`. `user` says whose it is: KEYRING_OPERATOR when it is all there is, KEYRING_WORKERS when the
 * background program has `audit` in one of its own, so that none is added here. `*added` are the kinds that
 * were (1 << kind). False with a sentence in `error` when it needs nothing, is no keyring otherwise, or `out`
 * fails.
 */
bool keyring_upgrade(const char *json, enum keyring_user user, FILE *out, unsigned *added, char *error,
                     size_t size);

/* The version that new values are made with; 0 when there is none of this kind. */
uint32_t keyring_current(const struct keyring *keyring, enum keyring_kind kind);

/* The newest version that is not used yet; 0 when there is none. */
uint32_t keyring_standby(const struct keyring *keyring, enum keyring_kind kind);

/* The kind's name in the JSON. */
const char *keyring_kind_name(enum keyring_kind kind);

/* The versions there are, newest first; returns how many. */
size_t keyring_versions(const struct keyring *keyring, enum keyring_kind kind,
                        uint32_t versions[KEYRING_VERSIONS_MAX]);

/* KEYRING_KEY_SIZE bytes, borrowed, read-only by page protection; NULL when the keyring has no such version.
 */
const unsigned char *keyring_key(const struct keyring *keyring, enum keyring_kind kind, uint32_t version);

/*
 * A short name of which versions of these kinds a keyring has and which of them it uses; the same for
 * keyrings that differ in keys alone. What a program tells the database, so that a rotation sees which
 * programs have which keyring.
 */
enum { KEYRING_LABEL_SIZE = 40 };
#define KEYRING_LABEL_START "anamnesis keyring "
void keyring_label(const struct keyring *keyring, unsigned kinds, char label[KEYRING_LABEL_SIZE]);

#endif
