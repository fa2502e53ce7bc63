#include "lib/crypto/aead.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERSION_SIZE = 4,
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES
};
_Static_assert(AEAD_OVERHEAD == VERSION_SIZE + NONCE_SIZE + TAG_SIZE, "the sealed form");
_Static_assert(AEAD_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key's size");

struct aad {
    unsigned char bytes[VERSION_SIZE + AEAD_TEXT_MAX];
    size_t size;
};

static void
aad_make(struct aad *aad, const unsigned char version[VERSION_SIZE], const char *text)
{
    size_t size = strlen(text);
    if (size > AEAD_TEXT_MAX) {
        abort(); /* what a value belongs to is an id or a digest of ours, never a client's text */
    }
    memcpy(aad->bytes, version, VERSION_SIZE);
    memcpy(aad->bytes + VERSION_SIZE, text, size);
    aad->size = VERSION_SIZE + size;
}

uint32_t
aead_version(struct span sealed)
{
    if (sealed.size < AEAD_OVERHEAD) {
        return 0;
    }
    return (uint32_t)sealed.data[0] << 24 | (uint32_t)sealed.data[1] << 16 | (uint32_t)sealed.data[2] << 8 |
           sealed.data[3];
}

void
aead_seal(const unsigned char key[AEAD_KEY_SIZE], uint32_t version, const char *text, struct span plain,
          unsigned char *sealed)
{
    struct aad aad;
    for (int i = 0; i < VERSION_SIZE; i++) {
        sealed[i] = (version >> (24 - 8 * i)) & 0xff;
    }
    unsigned char *nonce = sealed + VERSION_SIZE;
    randombytes_buf(nonce, NONCE_SIZE);
    aad_make(&aad, sealed, text);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, NULL, plain.data, plain.size,
                                                     aad.bytes, aad.size, NULL, nonce, key);
}

bool
aead_open(const unsigned char key[AEAD_KEY_SIZE], const char *text, struct span sealed, unsigned char *plain)
{
    struct aad aad;
    if (sealed.size < AEAD_OVERHEAD) {
        return false;
    }
    const unsigned char *nonce = sealed.data + VERSION_SIZE;
    aad_make(&aad, sealed.data, text);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + NONCE_SIZE,
                                                   sealed.size - VERSION_SIZE - NONCE_SIZE, aad.bytes,
                                                   aad.size, nonce, key) != 0) {
        sodium_memzero(plain, sealed.size - AEAD_OVERHEAD);
        return false;
    }
    return true;
}
