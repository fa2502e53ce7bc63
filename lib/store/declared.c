#include "lib/store/declared.h"

#include <sodium.h>
#include <string.h>

enum { SIZE_BYTES = 8, FIXED = DIGEST_SIZE + SIZE_BYTES };

size_t
declared_seal(const unsigned char files_key[FILES_KEY_SIZE], const char *upload_id,
              const struct declared *declared, unsigned char sealed[DECLARED_SEALED_MAX])
{
    unsigned char plain[FIXED + DECLARED_TYPE_SIZE];
    size_t length = strnlen(declared->type, DECLARED_TYPE_SIZE - 1);
    memcpy(plain, declared->sha256, DIGEST_SIZE);
    for (size_t i = 0; i < SIZE_BYTES; i++) {
        plain[DIGEST_SIZE + i] = (unsigned char)((uint64_t)declared->size >> (8 * (SIZE_BYTES - 1 - i)));
    }
    memcpy(plain + FIXED, declared->type, length);
    bool done = files_declared_seal(files_key, upload_id, (struct span){plain, FIXED + length}, sealed);
    sodium_memzero(plain, sizeof plain);
    return done ? FIXED + length + FILES_OVERHEAD : 0;
}

bool
declared_open(const unsigned char files_key[FILES_KEY_SIZE], const char *upload_id, struct span sealed,
              struct declared *declared)
{
    unsigned char plain[FIXED + DECLARED_TYPE_SIZE];
    memset(declared, 0, sizeof *declared);
    if (sealed.size < FIXED + FILES_OVERHEAD || sealed.size >= sizeof plain + FILES_OVERHEAD ||
        !files_declared_open(files_key, upload_id, sealed, plain)) {
        return false;
    }
    uint64_t size = 0;
    for (size_t i = 0; i < SIZE_BYTES; i++) {
        size = size << 8 | plain[DIGEST_SIZE + i];
    }
    memcpy(declared->sha256, plain, DIGEST_SIZE);
    declared->size = (int64_t)size;
    memcpy(declared->type, plain + FIXED, sealed.size - FILES_OVERHEAD - FIXED);
    sodium_memzero(plain, sizeof plain);
    return true;
}
