/*
 * Values that the process seals and the database only keeps: TOTP secrets, outbox messages, stored replies.
 * XChaCha20-Poly1305 under a key derived from the keyring's seal key for one purpose: 4 bytes key version
 * (big endian), 24 bytes nonce, ciphertext, 16 bytes tag. The additional data is the version and `aad`, so a
 * value that is moved to another row or purpose does not open.
 */
#ifndef ANAMNESIS_CRYPTO_SEALED_H
#define ANAMNESIS_CRYPTO_SEALED_H

#include "lib/base/arena.h"
#include "lib/base/span.h"
#include "lib/crypto/keyring.h"

#include <stdbool.h>

enum { SEALED_OVERHEAD = 4 + 24 + 16 };

/*
 * Seals `plain` for `purpose` (a literal such as "totp") and `aad` (what the value belongs to: an id).
 * `sealed` is plain.size + SEALED_OVERHEAD bytes of arena memory. Does not fail.
 */
void keyring_seal(const struct keyring *keyring, const char *purpose, const char *aad, struct span plain,
                  struct arena *arena, struct span *sealed);

/*
 * Opens it with the same purpose and aad; `plain` is arena memory, and a NUL follows its last byte. False,
 * with `plain` empty, when anything was changed or the keyring lacks the version.
 */
bool keyring_open(const struct keyring *keyring, const char *purpose, const char *aad, struct span sealed,
                  struct arena *arena, struct span *plain);

#endif
