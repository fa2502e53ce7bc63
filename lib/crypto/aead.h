/*
 * Authenticated encryption with a key version in front: the one form in which lib/crypto seals anything. A
 * sealed value is
 *
 *   4 bytes    key version, big endian
 *   24 bytes   random nonce
 *   n bytes    XChaCha20 ciphertext, as long as the plain text
 *   16 bytes   Poly1305 tag (draft-irtf-cfrg-xchacha-03)
 *
 * and the additional data is the version and a text that says what the value belongs to. A value that was
 * changed, cut, sealed under another key, or moved to another owner does not open, and no byte of it is told.
 * Random nonces of 192 bits do not repeat in practice, so nothing counts messages. The text is not part of
 * the sealed value: whoever opens it must know the same text.
 *
 * What must not be done: use one key for two purposes (callers derive one for each), or seal in place. For
 * lib/crypto only; others use sealed.h (values) and data_key.h (data keys).
 */
#ifndef ANAMNESIS_CRYPTO_AEAD_H
#define ANAMNESIS_CRYPTO_AEAD_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { AEAD_KEY_SIZE = 32, AEAD_OVERHEAD = 4 + 24 + 16, AEAD_TEXT_MAX = 512 /* bytes of text */ };

/* The key version that a sealed value names, unproven until it opens; 0 when it is too short to have one. */
uint32_t aead_version(struct span sealed);

/*
 * Writes plain.size + AEAD_OVERHEAD bytes. A `text` of more than AEAD_TEXT_MAX bytes is a programming error,
 * which aborts the process.
 */
void aead_seal(const unsigned char key[AEAD_KEY_SIZE], uint32_t version, const char *text, struct span plain,
               unsigned char *sealed);

/*
 * Writes sealed.size - AEAD_OVERHEAD bytes. False, with those zeroed, when this is not what was sealed under
 * this key and text; false, with nothing written, when it is too short.
 */
bool aead_open(const unsigned char key[AEAD_KEY_SIZE], const char *text, struct span sealed,
               unsigned char *plain);

#endif
