/*
 * Data keys: each patient and each member of staff has a random key of 32 bytes of their own, under which
 * pgcrypto seals what the database holds of them.
 *
 * The database keeps a data key only wrapped by a key-encryption key (KEK) of the keyring, in the form of
 * aead.h: 4 bytes KEK version, 24 bytes nonce, 48 bytes XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha). The
 * additional data is the version and the owner's id in its one spelling, so a wrapped key that is moved to
 * another owner's row does not open. Destroying a wrapped key destroys everything that it sealed: that is how
 * a patient is erased. Rotating the KEK wraps the same data key anew and touches nothing that it sealed.
 *
 * A data key must never be written to a log, a file or a table, and is wiped after use: by whoever called
 * these functions, or with the arena. Costs: a few microseconds each, so a key that is needed again within
 * minutes is in key_cache.h.
 *
 * What is opened is what the database's phi.seal() and phi.open() take: the key that encrypts and the key that
 * authenticates, each derived by HKDF-Expand with SHA-256 (RFC 5869) under a name of its own, and behind
 * them the random key itself, by which values of the first format are opened. Deriving here, once for each
 * time that a key is opened, spares the database two HMACs for each value.
 */
#ifndef ANAMNESIS_CRYPTO_DATA_KEY_H
#define ANAMNESIS_CRYPTO_DATA_KEY_H

#include "lib/base/span.h"
#include "lib/crypto/keyring.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    DATA_KEY_RANDOM = 32,
    DATA_KEY_SIZE = 3 * 32, /* opened: encrypts, authenticates, random */
    WRAPPED_KEY_SIZE = 4 + 24 + DATA_KEY_RANDOM + 16
};

/*
 * A new random key for `owner_id` (a UUID in either case), and its wrapped form under the current KEK. The
 * caller wipes `key`. False, with both zeroed, only when the id is no UUID.
 */
bool data_key_new(const struct keyring *keyring, const char *owner_id, unsigned char key[DATA_KEY_SIZE],
                  unsigned char wrapped[WRAPPED_KEY_SIZE]);

/*
 * Opens a wrapped key; the caller wipes `key`. False, with `key` zeroed, when it was changed, is another
 * owner's, or its KEK is not in the keyring.
 */
bool data_key_unwrap(const struct keyring *keyring, const char *owner_id, struct span wrapped,
                     unsigned char key[DATA_KEY_SIZE]);

/* The same key wrapped by the current KEK (rotation). False, with `renewed` zeroed, when `wrapped` does not
 * open. */
bool data_key_rewrap(const struct keyring *keyring, const char *owner_id, struct span wrapped,
                     unsigned char renewed[WRAPPED_KEY_SIZE]);

/* The KEK version that a wrapped key names, without opening it; 0 when it has not the form of one. */
uint32_t data_key_version(struct span wrapped);

#endif
