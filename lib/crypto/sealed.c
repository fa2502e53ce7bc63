#include "lib/crypto/sealed.h"

#include "lib/crypto/aead.h"
#include "lib/crypto/digest.h"

#include <sodium.h>

_Static_assert(SEALED_OVERHEAD - AEAD_OVERHEAD == 0, "the same form");
_Static_assert(DIGEST_SIZE - AEAD_KEY_SIZE == 0, "a derived key seals");

void
keyring_seal(const struct keyring *keyring, const char *purpose, const char *aad, struct span plain,
             struct arena *arena, struct span *sealed)
{
    unsigned char key[AEAD_KEY_SIZE];
    uint32_t version = keyring_current(keyring, KEYRING_SEAL);
    unsigned char *bytes = arena_alloc(arena, plain.size + SEALED_OVERHEAD);
    digest_derive(keyring_key(keyring, KEYRING_SEAL, version), "seal", purpose, key);
    aead_seal(key, version, aad, plain, bytes);
    sodium_memzero(key, sizeof key);
    *sealed = (struct span){bytes, plain.size + SEALED_OVERHEAD};
}

bool
keyring_open(const struct keyring *keyring, const char *purpose, const char *aad, struct span sealed,
             struct arena *arena, struct span *plain)
{
    unsigned char key[AEAD_KEY_SIZE];
    *plain = (struct span){NULL, 0};
    const unsigned char *master = keyring_key(keyring, KEYRING_SEAL, aead_version(sealed));
    if (master == NULL) {
        return false;
    }
    unsigned char *text = arena_alloc(arena, sealed.size - SEALED_OVERHEAD + 1);
    digest_derive(master, "seal", purpose, key);
    bool good = aead_open(key, aad, sealed, text);
    sodium_memzero(key, sizeof key);
    if (good) {
        *plain = (struct span){text, sealed.size - SEALED_OVERHEAD};
    }
    return good;
}
