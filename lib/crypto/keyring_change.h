/*
 * Changing a keyring: a new version on standby, into use, and out of it. Nothing is changed in place: each
 * step makes another keyring, and writing it replaces the file in one step. For the operator's command.
 */
#ifndef ANAMNESIS_CRYPTO_KEYRING_CHANGE_H
#define ANAMNESIS_CRYPTO_KEYRING_CHANGE_H

#include "lib/crypto/keyring.h"

/*
 * The same keyring with a further, random version of a kind, on standby. NULL when the kind has
 * KEYRING_VERSIONS_MAX versions, has one on standby already, or memory is short. The caller owns the result.
 */
struct keyring *keyring_with_new(const struct keyring *keyring, enum keyring_kind kind);

/* The same keyring with the version on standby in use. NULL when there is none, or memory is short. */
struct keyring *keyring_with_promoted(const struct keyring *keyring, enum keyring_kind kind);

/* The same keyring without a version. NULL when it is not there, is the current one, or memory is short. */
struct keyring *keyring_without(const struct keyring *keyring, enum keyring_kind kind, uint32_t version);

/* These kinds of the keyring (1 << kind) as JSON, for a secret store. False when `out` fails. */
bool keyring_print(const struct keyring *keyring, unsigned kinds, FILE *out);

/*
 * Replaces the file at `path` by these kinds of the keyring: written beside it with the old file's mode and
 * owner, flushed to disk, then renamed; whoever reads the path finds the old one or the new one, whole.
 * False, with a sentence in `error`, when that fails; the old file is then as it was. A symbolic link is
 * followed, so that the link stays one.
 */
bool keyring_replace(const struct keyring *keyring, unsigned kinds, const char *path, char *error,
                     size_t size);

#endif
