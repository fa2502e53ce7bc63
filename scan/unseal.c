#include "scan/unseal.h"

#include "lib/base/write_all.h"
#include "lib/crypto/object_key.h"
#include "scan/wire.h"

#include <errno.h>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

static const char kind[] = "original";

/* Reads all of it. STORE_DAMAGED when it is not what was declared. */
static enum store_result
copy(struct store_reader *reader, const struct declared *declared, int file)
{
    unsigned char sha256[DIGEST_SIZE];
    crypto_hash_sha256_state digest;
    (void)crypto_hash_sha256_init(&digest);
    for (uint64_t from = 0; from < (uint64_t)declared->size;) {
        struct span plain = {NULL, 0};
        enum store_result result = store_object_get(reader, from, &plain);
        if (result != STORE_DONE || plain.size == 0) {
            return result != STORE_DONE ? result : STORE_DAMAGED;
        }
        if (!write_all(file, plain.data, plain.size)) {
            return STORE_FAILED;
        }
        (void)crypto_hash_sha256_update(&digest, plain.data, plain.size);
        from += plain.size;
    }
    (void)crypto_hash_sha256_final(&digest, sha256);
    if (!digest_equal(sha256, declared->sha256, DIGEST_SIZE)) {
        return STORE_DAMAGED;
    }
    return wire_seal(file) && lseek(file, 0, SEEK_SET) == 0 ? STORE_DONE : STORE_FAILED;
}

static enum store_result
open_into(struct store *store, const struct unseal *from, int file)
{
    unsigned char key[STREAM_KEY_SIZE];
    char text[OBJECT_TEXT_SIZE];
    struct store_reader *reader = NULL;
    errno = EINVAL;
    if (from->salt.size != OBJECT_SALT_SIZE || !object_text(from->upload_id, kind, text) ||
        !object_key(from->files_key, from->upload_id, kind, from->salt.data, key)) {
        return STORE_FAILED;
    }
    enum store_result result =
        store_object_open(store, from->name, key, text, (uint64_t)from->declared->size, &reader);
    sodium_memzero(key, sizeof key);
    if (result == STORE_DONE) {
        result = copy(reader, from->declared, file);
        int why = errno;
        store_object_close(reader);
        errno = why;
    }
    return result;
}

enum store_result
unseal(struct store *store, const struct unseal *from, int *file)
{
    *file = -1;
    int made = memfd_create("upload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (made < 0) {
        return STORE_FAILED;
    }
    enum store_result result = open_into(store, from, made);
    if (result == STORE_DONE) {
        *file = made;
        return STORE_DONE;
    }
    int why = errno;
    (void)close(made);
    errno = why;
    return result;
}
