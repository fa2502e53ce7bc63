#include "lib/audit/seal.h"

#include <sodium.h>
#include <string.h>

_Static_assert(AUDIT_SIGNATURE_SIZE == crypto_sign_BYTES, "Ed25519");
_Static_assert(AUDIT_PUBLIC_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(KEYRING_KEY_SIZE == crypto_sign_SEEDBYTES, "the keyring has Ed25519 seeds");

#define SEAL_PURPOSE "anamnesis audit seal 1\n"

enum { SEAL_SIZE = 6 * 8 + 2 * DIGEST_SIZE, TEXT_MAX = 16 * 1024 };

static void
encode(const struct audit_seal *seal, unsigned char bytes[SEAL_SIZE])
{
    const int64_t numbers[] = {seal->number, seal->horizon,   seal->rows,
                               seal->total,  seal->sealed_at, seal->key_version};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        audit_put64(bytes + 8 * i, numbers[i]);
    }
    memcpy(bytes + sizeof numbers, seal->root, DIGEST_SIZE);
    memcpy(bytes + sizeof numbers + DIGEST_SIZE, seal->previous, DIGEST_SIZE);
}

/* Purpose and text as one run; 0 when they are too long for one. */
static size_t
joined(const char *purpose, struct span text, unsigned char message[TEXT_MAX])
{
    size_t head = strlen(purpose);
    if (text.size > TEXT_MAX - head) {
        return 0;
    }
    memcpy(message, purpose, head);
    if (text.size != 0) {
        memcpy(message + head, text.data, text.size);
    }
    return head + text.size;
}

static void
open_seed(const unsigned char *seed, unsigned char public_key[AUDIT_PUBLIC_KEY_SIZE],
          unsigned char secret[crypto_sign_SECRETKEYBYTES])
{
    (void)crypto_sign_seed_keypair(public_key, secret, seed);
}

void
audit_keys_of(const struct keyring *keyring, struct audit_keys *keys)
{
    uint32_t versions[KEYRING_VERSIONS_MAX];
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    keys->count = keyring_versions(keyring, KEYRING_AUDIT, versions);
    for (size_t i = 0; i < keys->count; i++) {
        keys->of[i].version = versions[i];
        open_seed(keyring_key(keyring, KEYRING_AUDIT, versions[i]), keys->of[i].key, secret);
    }
    sodium_memzero(secret, sizeof secret);
}

void
audit_sign(const struct keyring *keyring, const char *purpose, struct span text, int64_t *key_version,
           unsigned char signature[AUDIT_SIGNATURE_SIZE])
{
    unsigned char message[TEXT_MAX];
    unsigned char public_key[AUDIT_PUBLIC_KEY_SIZE];
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    uint32_t version = keyring_current(keyring, KEYRING_AUDIT);
    size_t size = joined(purpose, text, message);
    open_seed(keyring_key(keyring, KEYRING_AUDIT, version), public_key, secret);
    (void)crypto_sign_detached(signature, NULL, message, size, secret);
    sodium_memzero(secret, sizeof secret);
    *key_version = version;
}

bool
audit_check(const struct audit_keys *keys, const char *purpose, struct span text, int64_t key_version,
            const unsigned char signature[AUDIT_SIGNATURE_SIZE])
{
    unsigned char message[TEXT_MAX];
    size_t size = joined(purpose, text, message);
    for (size_t i = 0; size != 0 && i < keys->count; i++) {
        if (keys->of[i].version == key_version) {
            return crypto_sign_verify_detached(signature, message, size, keys->of[i].key) == 0;
        }
    }
    return false;
}

void
audit_seal_sign(const struct keyring *keyring, struct audit_seal *seal)
{
    unsigned char bytes[SEAL_SIZE];
    seal->key_version = keyring_current(keyring, KEYRING_AUDIT);
    encode(seal, bytes);
    audit_sign(keyring, SEAL_PURPOSE, (struct span){bytes, sizeof bytes}, &seal->key_version,
               seal->signature);
}

bool
audit_seal_check(const struct audit_keys *keys, const struct audit_seal *seal)
{
    unsigned char bytes[SEAL_SIZE];
    encode(seal, bytes);
    return audit_check(keys, SEAL_PURPOSE, (struct span){bytes, sizeof bytes}, seal->key_version,
                       seal->signature);
}

void
audit_seal_digest(const struct audit_seal *seal, unsigned char digest[DIGEST_SIZE])
{
    static const unsigned char prefix = 2;
    unsigned char bytes[SEAL_SIZE];
    encode(seal, bytes);
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &prefix, 1);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)SEAL_PURPOSE, sizeof SEAL_PURPOSE - 1);
    (void)crypto_hash_sha256_update(&state, bytes, sizeof bytes);
    (void)crypto_hash_sha256_update(&state, seal->signature, sizeof seal->signature);
    (void)crypto_hash_sha256_final(&state, digest);
}
