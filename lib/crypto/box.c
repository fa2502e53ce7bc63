#include "lib/crypto/box.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERSION_SIZE = 4,
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES
};
_Static_assert(BOX_OVERHEAD == VERSION_SIZE + NONCE_SIZE + TAG_SIZE, "the box's form");
_Static_assert(BOX_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the box's key");

struct aad {
    unsigned char bytes[VERSION_SIZE + BOX_AAD_MAX];
    size_t size;
};

static void
aad_make(struct aad *aad, const unsigned char version[VERSION_SIZE], const char *text)
{
    size_t size = strlen(text);
    if (size > BOX_AAD_MAX) {
        abort(); /* what a value belongs to is an id or a digest of ours, never a client's text */
    }
    memcpy(aad->bytes, version, VERSION_SIZE);
    memcpy(aad->bytes + VERSION_SIZE, text, size);
    aad->size = VERSION_SIZE + size;
}

uint32_t
box_version(struct span box)
{
    if (box.size < BOX_OVERHEAD) {
        return 0;
    }
    return (uint32_t)box.data[0] << 24 | (uint32_t)box.data[1] << 16 | (uint32_t)box.data[2] << 8 |
           box.data[3];
}

void
box_seal(const unsigned char key[BOX_KEY_SIZE], uint32_t version, const char *text, struct span plain,
         unsigned char *box)
{
    struct aad aad;
    for (int i = 0; i < VERSION_SIZE; i++) {
        box[i] = (version >> (24 - 8 * i)) & 0xff;
    }
    unsigned char *nonce = box + VERSION_SIZE;
    randombytes_buf(nonce, NONCE_SIZE);
    aad_make(&aad, box, text);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, NULL, plain.data, plain.size,
                                                     aad.bytes, aad.size, NULL, nonce, key);
}

bool
box_open(const unsigned char key[BOX_KEY_SIZE], const char *text, struct span box, unsigned char *plain)
{
    struct aad aad;
    if (box.size < BOX_OVERHEAD) {
        return false;
    }
    const unsigned char *nonce = box.data + VERSION_SIZE;
    aad_make(&aad, box.data, text);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + NONCE_SIZE,
                                                   box.size - VERSION_SIZE - NONCE_SIZE, aad.bytes, aad.size,
                                                   nonce, key) != 0) {
        sodium_memzero(plain, box.size - BOX_OVERHEAD);
        return false;
    }
    return true;
}
