/*
 * Values that the process seals and the database only keeps: TOTP secrets, outbox messages, stored replies.
 *
 * Each is sealed under a key that is derived from the keyring's seal key for one purpose, in the form of
 * aead.h: 4 bytes key version, 24 bytes nonce, ciphertext, 16 bytes tag. The additional data is the version
 * and `aad`, the id of what the value belongs to. So the database can neither read a value nor move it: in
 * another row, or for another purpose, it does not open. A value keeps the version it was sealed with until
 * somebody seals it anew (`anamnesis keys rotate` does so for all but what is kept for days at most, messages
 * and stored replies); retiring a version that values still name makes them unreadable for ever.
 *
 * Columns that SQL itself must open are not sealed here but by pgcrypto under a data key (data_key.h). Costs:
 * one HMAC and one pass over the bytes. `aad` must not be longer than 512 bytes, and must not be a client's
 * text.
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
 * `sealed` is plain.size + SEALED_OVERHEAD bytes of arena memory. The keyring must have a seal key (every
 * program that seals demands one when it reads its keyring); then this does not fail.
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
