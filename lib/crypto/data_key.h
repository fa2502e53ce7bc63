/*
 * Data keys: every patient and staff member has a random 32-byte key of their own. The database holds it only
 * wrapped by a KEK: 4 bytes KEK version (big endian), 24 bytes nonce, 48 bytes XChaCha20-Poly1305
 * (draft-irtf-cfrg-xchacha), whose additional data is the KEK version and the owner's id, so a wrapped key
 * that is moved to another owner does not open. Destroying the wrapped key destroys what it sealed.
 */
#ifndef ANAMNESIS_CRYPTO_DATA_KEY_H
#define ANAMNESIS_CRYPTO_DATA_KEY_H

#include "lib/base/span.h"
#include "lib/crypto/keyring.h"

#include <stdbool.h>
#include <stdint.h>

enum { DATA_KEY_SIZE = 32, WRAPPED_KEY_SIZE = 4 + 24 + DATA_KEY_SIZE + 16 };

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
