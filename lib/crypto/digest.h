/* SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104), and comparison in constant time. None of them fails. */
#ifndef ANAMNESIS_CRYPTO_DIGEST_H
#define ANAMNESIS_CRYPTO_DIGEST_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_SIZE = 32, DIGEST_TEXT_SIZE = 65 };

/* SHA-256 of a run of bytes. */
void digest_sha256(struct span data, unsigned char digest[DIGEST_SIZE]);

/* HMAC-SHA-256; a key of any length. */
void digest_hmac(struct span key, struct span data, unsigned char mac[DIGEST_SIZE]);

/*
 * HMAC-SHA-256 over two texts, the first with its length in front, so that ("a", "bc") and ("ab", "c")
 * differ: for keys and names derived for one purpose.
 */
void digest_derive(const unsigned char key[DIGEST_SIZE], const char *purpose, const char *text,
                   unsigned char mac[DIGEST_SIZE]);

/* True when both runs have the same `size` bytes; the time depends on `size` alone. */
bool digest_equal(const void *left, const void *right, size_t size);

/* Lower-case hexadecimal. Returns `text`. */
const char *digest_hex(const unsigned char digest[DIGEST_SIZE], char text[DIGEST_TEXT_SIZE]);

#endif
