#include "lib/crypto/data_key.h"

#include "lib/base/uuid.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/digest.h"

#include <sodium.h>

_Static_assert(WRAPPED_KEY_SIZE == DATA_KEY_RANDOM + AEAD_OVERHEAD, "a wrapped key is one sealed value");
_Static_assert(DATA_KEY_SIZE == 2 * DIGEST_SIZE + DATA_KEY_RANDOM, "two derived keys, then the random one");

/* HKDF-Expand to one block: what is derived from is random and as long as the digest, so nothing is extracted. */
#define ENCRYPTS      "phi.seal:2\x01"
#define AUTHENTICATES "phi.check:2\x01"

/* Derives what stands before the random key at the end of `key`. */
static void
derive(unsigned char key[DATA_KEY_SIZE])
{
    struct span random = {key + 2 * DIGEST_SIZE, DATA_KEY_RANDOM};
    digest_hmac(random, (struct span){(const unsigned char *)ENCRYPTS, sizeof ENCRYPTS - 1}, key);
    digest_hmac(random, (struct span){(const unsigned char *)AUTHENTICATES, sizeof AUTHENTICATES - 1},
                key + DIGEST_SIZE);
}

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
    aead_seal(keyring_key(keyring, KEYRING_KEK, version), version, owner,
              (struct span){key + 2 * DIGEST_SIZE, DATA_KEY_RANDOM}, wrapped);
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
    randombytes_buf(key + 2 * DIGEST_SIZE, DATA_KEY_RANDOM);
    derive(key);
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
    if (kek == NULL || !aead_open(kek, owner, wrapped, key + 2 * DIGEST_SIZE)) {
        return false;
    }
    derive(key);
    return true;
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
