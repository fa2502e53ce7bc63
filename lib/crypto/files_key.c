#include "lib/crypto/files_key.h"

#include "lib/base/uuid.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/digest.h"

#include <sodium.h>
#include <string.h>

_Static_assert(FILES_KEY_SIZE - AEAD_KEY_SIZE == 0 && FILES_KEY_SIZE - DIGEST_SIZE == 0,
               "a derived key seals");
_Static_assert(FILES_OVERHEAD - AEAD_OVERHEAD == 0, "the same form");
_Static_assert(FILES_KEY_SIZE - KEYRING_KEY_SIZE == 0, "one size of keys");

/* HKDF-Expand to one block, of keys that are random and as long as the digest: the name, then the byte 1. */
#define OF_PATIENT  "files:1\x01"
#define OF_DECLARED "files.declared:1\x01"

static const char *const purposes[FILES_PURPOSES] = {
    [FILES_URLS] = "files.urls:1\x01",
    [FILES_TICKET] = "files.ticket:1\x01",
    [FILES_SCAN] = "files.scan:1\x01",
};

enum { DECLARED_FORM = 1 };

static void
expand(const unsigned char key[FILES_KEY_SIZE], const char *name, unsigned char made[FILES_KEY_SIZE])
{
    digest_hmac((struct span){key, FILES_KEY_SIZE}, (struct span){(const unsigned char *)name, strlen(name)},
                made);
}

/* One spelling of the id, so that a value opens whichever case the id came in. */
static bool
canonical(const char *id, char text[UUID_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    if (!uuid_parse(id, bytes)) {
        return false;
    }
    (void)uuid_text(bytes, text);
    return true;
}

void
files_key_of(const unsigned char data_key[DATA_KEY_SIZE], unsigned char key[FILES_KEY_SIZE])
{
    expand(data_key + DATA_KEY_SIZE - DATA_KEY_RANDOM, OF_PATIENT, key);
}

bool
files_subkey(const struct keyring *keyring, enum files_purpose purpose, uint32_t version,
             unsigned char key[FILES_KEY_SIZE])
{
    const unsigned char *master = keyring_key(keyring, KEYRING_FILES, version);
    if (master == NULL) {
        sodium_memzero(key, FILES_KEY_SIZE);
        return false;
    }
    expand(master, purposes[purpose], key);
    return true;
}

uint32_t
files_sealed_version(struct span sealed)
{
    return aead_version(sealed);
}

/* Under the current version; false when there is none. */
static bool
seal(const struct keyring *keyring, enum files_purpose purpose, const char *aad, struct span plain,
     unsigned char *sealed)
{
    unsigned char key[FILES_KEY_SIZE];
    uint32_t version = keyring_current(keyring, KEYRING_FILES);
    bool good = files_subkey(keyring, purpose, version, key);
    if (good) {
        aead_seal(key, version, aad, plain, sealed);
    }
    sodium_memzero(key, sizeof key);
    return good;
}

static bool
unseal(const struct keyring *keyring, enum files_purpose purpose, const char *aad, struct span sealed,
       unsigned char *plain)
{
    unsigned char key[FILES_KEY_SIZE];
    bool good =
        files_subkey(keyring, purpose, aead_version(sealed), key) && aead_open(key, aad, sealed, plain);
    sodium_memzero(key, sizeof key);
    return good;
}

bool
files_key_seal(const struct keyring *keyring, const char *patient_id, const unsigned char key[FILES_KEY_SIZE],
               unsigned char sealed[FILES_KEY_SEALED_SIZE])
{
    char patient[UUID_TEXT_SIZE];
    bool good = canonical(patient_id, patient) &&
                seal(keyring, FILES_SCAN, patient, (struct span){key, FILES_KEY_SIZE}, sealed);
    if (!good) {
        sodium_memzero(sealed, FILES_KEY_SEALED_SIZE);
    }
    return good;
}

bool
files_key_open(const struct keyring *keyring, const char *patient_id, struct span sealed,
               unsigned char key[FILES_KEY_SIZE])
{
    char patient[UUID_TEXT_SIZE];
    sodium_memzero(key, FILES_KEY_SIZE);
    return sealed.size == FILES_KEY_SEALED_SIZE && canonical(patient_id, patient) &&
           unseal(keyring, FILES_SCAN, patient, sealed, key);
}

bool
files_ticket_seal(const struct keyring *keyring, const char *aad, struct span plain, unsigned char *sealed)
{
    return seal(keyring, FILES_TICKET, aad, plain, sealed);
}

bool
files_ticket_open(const struct keyring *keyring, const char *aad, struct span sealed, unsigned char *plain)
{
    return unseal(keyring, FILES_TICKET, aad, sealed, plain);
}

bool
files_declared_seal(const unsigned char key[FILES_KEY_SIZE], const char *upload_id, struct span plain,
                    unsigned char *sealed)
{
    char upload[UUID_TEXT_SIZE];
    unsigned char derived[FILES_KEY_SIZE];
    if (!canonical(upload_id, upload)) {
        return false;
    }
    expand(key, OF_DECLARED, derived);
    aead_seal(derived, DECLARED_FORM, upload, plain, sealed);
    sodium_memzero(derived, sizeof derived);
    return true;
}

bool
files_declared_open(const unsigned char key[FILES_KEY_SIZE], const char *upload_id, struct span sealed,
                    unsigned char *plain)
{
    char upload[UUID_TEXT_SIZE];
    unsigned char derived[FILES_KEY_SIZE];
    if (!canonical(upload_id, upload) || aead_version(sealed) != DECLARED_FORM) {
        return false;
    }
    expand(key, OF_DECLARED, derived);
    bool good = aead_open(derived, upload, sealed, plain);
    sodium_memzero(derived, sizeof derived);
    return good;
}
