#include "lib/crypto/digest.h"

#include <sodium.h>
#include <string.h>

_Static_assert(DIGEST_SIZE == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(DIGEST_SIZE == crypto_auth_hmacsha256_BYTES, "HMAC-SHA-256");

void
digest_sha256(struct span data, unsigned char digest[DIGEST_SIZE])
{
    (void)crypto_hash_sha256(digest, data.data, data.size);
}

void
digest_hmac(struct span key, struct span data, unsigned char mac[DIGEST_SIZE])
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key.data, key.size);
    (void)crypto_auth_hmacsha256_update(&state, data.data, data.size);
    (void)crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
}

void
digest_derive(const unsigned char key[DIGEST_SIZE], const char *purpose, const char *text,
              unsigned char mac[DIGEST_SIZE])
{
    size_t size = strlen(purpose);
    const unsigned char length[4] = {(size >> 24) & 0xff, (size >> 16) & 0xff, (size >> 8) & 0xff,
                                     size & 0xff};
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key, DIGEST_SIZE);
    (void)crypto_auth_hmacsha256_update(&state, length, sizeof length);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose, size);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    (void)crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
}

bool
digest_equal(const void *left, const void *right, size_t size)
{
    return sodium_memcmp(left, right, size) == 0;
}

const char *
digest_hex(const unsigned char digest[DIGEST_SIZE], char text[DIGEST_TEXT_SIZE])
{
    return sodium_bin2hex(text, DIGEST_TEXT_SIZE, digest, DIGEST_SIZE);
}
