#include "lib/crypto/sealed.h"

#include "lib/crypto/box.h"
#include "lib/crypto/digest.h"

#include <sodium.h>

_Static_assert(SEALED_OVERHEAD - BOX_OVERHEAD == 0, "a sealed value is a box");
_Static_assert(DIGEST_SIZE - BOX_KEY_SIZE == 0, "a derived key is a box's key");

void
keyring_seal(const struct keyring *keyring, const char *purpose, const char *aad, struct span plain,
             struct arena *arena, struct span *sealed)
{
    unsigned char key[BOX_KEY_SIZE];
    uint32_t version = keyring_current(keyring, KEYRING_SEAL);
    unsigned char *box = arena_alloc(arena, plain.size + SEALED_OVERHEAD);
    digest_derive(keyring_key(keyring, KEYRING_SEAL, version), "seal", purpose, key);
    box_seal(key, version, aad, plain, box);
    sodium_memzero(key, sizeof key);
    *sealed = (struct span){box, plain.size + SEALED_OVERHEAD};
}

bool
keyring_open(const struct keyring *keyring, const char *purpose, const char *aad, struct span sealed,
             struct arena *arena, struct span *plain)
{
    unsigned char key[BOX_KEY_SIZE];
    *plain = (struct span){NULL, 0};
    const unsigned char *master = keyring_key(keyring, KEYRING_SEAL, box_version(sealed));
    if (master == NULL) {
        return false;
    }
    unsigned char *text = arena_alloc(arena, sealed.size - SEALED_OVERHEAD + 1);
    digest_derive(master, "seal", purpose, key);
    bool good = box_open(key, aad, sealed, text);
    sodium_memzero(key, sizeof key);
    if (good) {
        *plain = (struct span){text, sealed.size - SEALED_OVERHEAD};
    }
    return good;
}
