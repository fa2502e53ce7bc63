/*
 * The one box of lib/crypto: 4 bytes key version (big endian), 24 bytes random nonce, XChaCha20-Poly1305
 * ciphertext and tag; the additional data is the version and a text. Random nonces of 192 bits do not meet in
 * practice.
 */
#ifndef ANAMNESIS_CRYPTO_BOX_H
#define ANAMNESIS_CRYPTO_BOX_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { BOX_KEY_SIZE = 32, BOX_OVERHEAD = 4 + 24 + 16, BOX_AAD_MAX = 512 /* bytes of text */ };

/* The version that a box names; 0 when it is too short to be one. */
uint32_t box_version(struct span box);

/* Writes plain.size + BOX_OVERHEAD bytes. `text` longer than BOX_AAD_MAX is a programming error: aborts. */
void box_seal(const unsigned char key[BOX_KEY_SIZE], uint32_t version, const char *text, struct span plain,
              unsigned char *box);

/* Writes box.size - BOX_OVERHEAD bytes. False, with those zeroed, when the box is not what was sealed. */
bool box_open(const unsigned char key[BOX_KEY_SIZE], const char *text, struct span box, unsigned char *plain);

#endif
