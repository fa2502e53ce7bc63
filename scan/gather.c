#include "scan/gather.h"

#include "lib/base/write_all.h"
#include "scan/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_SIZE = 1024, BLOCK = 256 * 1024 };

/* What is being put together. */
struct gathering {
    int file;
    int64_t room; /* bytes that are still to come */
    crypto_hash_sha256_state digest;
    unsigned char block[BLOCK];
};

/* Adds one part. False with errno: EFBIG when the file would become longer than was declared. */
static bool
add(struct gathering *gathering, int part)
{
    for (;;) {
        ssize_t got = read(part, gathering->block, BLOCK);
        if (got == 0) {
            return true;
        }
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        gathering->room -= got;
        if (gathering->room < 0) {
            errno = EFBIG;
            return false;
        }
        (void)crypto_hash_sha256_update(&gathering->digest, gathering->block, (unsigned long long)got);
        if (!write_all(gathering->file, gathering->block, (size_t)got)) {
            return false;
        }
    }
}

static bool
add_parts(struct gathering *gathering, const char *directory, const char *upload_id, int64_t parts)
{
    char path[PATH_SIZE];
    for (int64_t number = 1; number <= parts; number++) {
        int length =
            snprintf(path, sizeof path, "%s/incoming/%s/%lld", directory, upload_id, (long long)number);
        if (length < 0 || (size_t)length >= sizeof path) {
            errno = ENAMETOOLONG;
            return false;
        }
        int part = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (part < 0) {
            return false;
        }
        bool added = add(gathering, part);
        int why = errno;
        (void)close(part);
        if (!added) {
            errno = why;
            return false;
        }
    }
    return true;
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

bool
gather(const char *directory, const char *upload_id, int64_t parts, const struct declared *declared,
       enum media_verdict *verdict, int *file)
{
    struct gathering gathering = {.room = declared->size};
    *file = -1;
    gathering.file = memfd_create("upload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (gathering.file < 0) {
        return false;
    }
    (void)crypto_hash_sha256_init(&gathering.digest);
    bool read_all = add_parts(&gathering, directory, upload_id, parts);
    int why = errno;
    if (!read_all && why == EFBIG) {
        gathering.room = -1; /* longer than it may be: no more of it is read */
        read_all = true;
    }
    *verdict = judge(&gathering, declared);
    sodium_memzero(gathering.block, sizeof gathering.block);
    if (read_all && *verdict == MEDIA_FINE && wire_seal(gathering.file) &&
        lseek(gathering.file, 0, SEEK_SET) == 0) {
        *file = gathering.file;
        return true;
    }
    (void)close(gathering.file);
    errno = why;
    return read_all && *verdict != MEDIA_FINE;
}
