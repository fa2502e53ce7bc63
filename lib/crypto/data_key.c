#include "lib/crypto/data_key.h"

#include "lib/base/uuid.h"
#include "lib/crypto/aead.h"

#include <sodium.h>

_Static_assert(WRAPPED_KEY_SIZE == DATA_KEY_SIZE + AEAD_OVERHEAD, "a wrapped key is one sealed value");

/* One spelling of the id, so that a key opens whichever case the id came in. */
static bool
canonical(const char *owner_id, char text[UUID_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    if (!uuid_parse(owner_id, bytes)) {
        return false;
    }
    (void)uuid_text(bytes, text);
    return true;
}

static void
wrap(const struct keyring *keyring, const char *owner, const unsigned char key[DATA_KEY_SIZE],
     unsigned char wrapped[WRAPPED_KEY_SIZE])
{
    uint32_t version = keyring_current(keyring, KEYRING_KEK);
    aead_seal(keyring_key(keyring, KEYRING_KEK, version), version, owner, (struct span){key, DATA_KEY_SIZE},
              wrapped);
}

bool
data_key_new(const struct keyring *keyring, const char *owner_id, unsigned char key[DATA_KEY_SIZE],
             unsigned char wrapped[WRAPPED_KEY_SIZE])
{
    char owner[UUID_TEXT_SIZE];
    if (!canonical(owner_id, owner)) {
        sodium_memzero(key, DATA_KEY_SIZE);
        sodium_memzero(wrapped, WRAPPED_KEY_SIZE);
        return false;
    }
    randombytes_buf(key, DATA_KEY_SIZE);
    wrap(keyring, owner, key, wrapped);
    return true;
}

bool
data_key_unwrap(const struct keyring *keyring, const char *owner_id, struct span wrapped,
                unsigned char key[DATA_KEY_SIZE])
{
    char owner[UUID_TEXT_SIZE];
    sodium_memzero(key, DATA_KEY_SIZE);
    if (!canonical(owner_id, owner) || wrapped.size != WRAPPED_KEY_SIZE) {
        return false;
    }
    const unsigned char *kek = keyring_key(keyring, KEYRING_KEK, aead_version(wrapped));
    return kek != NULL && aead_open(kek, owner, wrapped, key);
}

bool
data_key_rewrap(const struct keyring *keyring, const char *owner_id, struct span wrapped,
                unsigned char renewed[WRAPPED_KEY_SIZE])
{
    char owner[UUID_TEXT_SIZE];
    unsigned char key[DATA_KEY_SIZE];
    bool good = canonical(owner_id, owner) && data_key_unwrap(keyring, owner, wrapped, key);
    if (good) {
        wrap(keyring, owner, key, renewed);
    } else {
        sodium_memzero(renewed, WRAPPED_KEY_SIZE);
    }
    sodium_memzero(key, sizeof key);
    return good;
}

uint32_t
data_key_version(struct span wrapped)
{
    return wrapped.size == WRAPPED_KEY_SIZE ? aead_version(wrapped) : 0;
}
