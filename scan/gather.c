#include "scan/gather.h"

#include "lib/base/write_all.h"
#include "scan/wire.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What is being put together. */
struct gathering {
    int file;
    int64_t room; /* bytes that are still to come */
    crypto_hash_sha256_state digest;
    unsigned char *part; /* PART_SIZE_MAX bytes */
};

/* Adds what one part has. STORE_DAMAGED when the file would become longer than was declared. */
static enum store_result
add(struct gathering *gathering, size_t size)
{
    gathering->room -= (int64_t)size;
    if (gathering->room < 0) {
        return STORE_DAMAGED;
    }
    (void)crypto_hash_sha256_update(&gathering->digest, gathering->part, size);
    return write_all(gathering->file, gathering->part, size) ? STORE_DONE : STORE_FAILED;
}

static enum store_result
add_parts(struct gathering *gathering, struct store *store, const char *upload_id, int64_t parts)
{
    enum store_result result = STORE_DONE;
    for (int64_t number = 1; result == STORE_DONE && number <= parts; number++) {
        size_t size = 0;
        result = store_part_read(store, upload_id, (unsigned)number, gathering->part, &size);
        if (result == STORE_DONE) {
            result = add(gathering, size);
        }
    }
    return result;
}

/* What the bytes turned out to be. */
static enum media_verdict
judge(struct gathering *gathering, const struct declared *declared)
{
    unsigned char sha256[DIGEST_SIZE];
    (void)crypto_hash_sha256_final(&gathering->digest, sha256);
    if (gathering->room != 0) {
        return MEDIA_WRONG_SIZE;
    }
    return digest_equal(sha256, declared->sha256, DIGEST_SIZE) ? MEDIA_FINE : MEDIA_WRONG_DIGEST;
}

enum store_result
gather(struct store *store, const char *upload_id, int64_t parts, const struct declared *declared,
       enum media_verdict *verdict, int *file)
{
    struct gathering gathering = {.room = declared->size, .part = malloc(PART_SIZE_MAX)};
    *file = -1;
    gathering.file = memfd_create("upload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    (void)crypto_hash_sha256_init(&gathering.digest);
    enum store_result result = gathering.file < 0 || gathering.part == NULL
                                   ? STORE_FAILED
                                   : add_parts(&gathering, store, upload_id, parts);
    int why = errno;
    if (result == STORE_DAMAGED) {
        gathering.room = -1; /* longer than it may be: no more of it is read */
        result = STORE_DONE;
    }
    if (gathering.part != NULL) {
        sodium_memzero(gathering.part, PART_SIZE_MAX);
        free(gathering.part);
    }
    if (result == STORE_DONE) {
        *verdict = judge(&gathering, declared);
        if (*verdict == MEDIA_FINE) {
            bool whole = wire_seal(gathering.file) && lseek(gathering.file, 0, SEEK_SET) == 0;
            why = errno;
            result = whole ? STORE_DONE : STORE_FAILED;
            *file = whole ? gathering.file : -1;
        }
    }
    if (*file < 0 && gathering.file >= 0) {
        (void)close(gathering.file);
    }
    errno = why;
    return result;
}
