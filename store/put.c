#include "store/put.h"

#include "lib/base/log.h"
#include "lib/base/write_all.h"
#include "lib/store/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DIRECTORY_MODE = 0771, /* with the setgid bit, which the kernel adds below a directory that has it */
    NAME_SIZE = 16
};

static enum problem
failed(const char *what, int reason)
{
    bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    log_event(LOG_ERROR, full ? "store-full" : "store-failed", LOG_TEXT("step", what),
              LOG_INT("errno", reason));
    return full ? PROBLEM_STORE_FULL : PROBLEM_UNAVAILABLE;
}

static const char *
name_of(const struct signed_part *part, char name[NAME_SIZE])
{
    (void)snprintf(name, NAME_SIZE, "%u", part->number);
    return name;
}

/* The upload's directory, made when it is not there. */
static int
open_directory(int incoming, const char *upload)
{
    if (mkdirat(incoming, upload, DIRECTORY_MODE) != 0 && errno != EEXIST) {
        return -1;
    }
    return openat(incoming, upload, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The name is there already: said when it will be there after a power cut, too. Who put it may have failed to see to that. */
static enum problem
there_already(const struct put *put)
{
    return unnamed_sync(put->directory, put->incoming) ? PROBLEM_PART_THERE : failed("fsync", errno);
}

enum problem
put_begin(struct put *put, int incoming, const struct signed_part *part)
{
    char name[NAME_SIZE];
    struct stat there;
    *put = (struct put){.incoming = incoming, .directory = -1, .file = -1, .part = *part, .left = part->size};
    put->directory = open_directory(incoming, part->upload_id);
    if (put->directory < 0) {
        return failed("directory", errno);
    }
    /* Told at once what linkat would say after the last byte. */
    bool taken = fstatat(put->directory, name_of(part, name), &there, AT_SYMLINK_NOFOLLOW) == 0;
    enum problem problem = taken ? there_already(put) : PROBLEM_NONE;
    if (!taken) {
        put->file = unnamed_open(put->directory, part->size);
        problem = put->file >= 0 ? PROBLEM_NONE : failed("room", errno);
    }
    if (problem != PROBLEM_NONE) {
        put_drop(put);
        return problem;
    }
    (void)crypto_hash_sha256_init(&put->hash);
    return PROBLEM_NONE;
}

enum problem
put_write(struct put *put, const unsigned char *bytes, size_t size)
{
    (void)crypto_hash_sha256_update(&put->hash, bytes, size);
    put->left -= (int64_t)size;
    return write_all(put->file, bytes, size) ? PROBLEM_NONE : failed("write", errno);
}

enum problem
put_end(struct put *put)
{
    char name[NAME_SIZE];
    unsigned char digest[DIGEST_SIZE];
    (void)crypto_hash_sha256_final(&put->hash, digest);
    if (put->left != 0 || !digest_equal(digest, put->part.digest, sizeof digest)) {
        return PROBLEM_WRONG_DIGEST;
    }
    switch (unnamed_keep(put->file, put->directory, put->incoming, name_of(&put->part, name))) {
    case UNNAMED_KEPT:
        return PROBLEM_NONE;
    case UNNAMED_TAKEN:
        return there_already(put);
    case UNNAMED_FAILED:
        return failed("link", errno);
    case UNNAMED_UNSURE: /* it is whole, and stays: nothing is removed here, and the next one to send it looks again */
        break;
    }
    return failed("fsync", errno);
}

void
put_drop(struct put *put)
{
    if (put->file >= 0) {
        (void)close(put->file);
    }
    if (put->directory >= 0) {
        (void)close(put->directory);
    }
    put->file = -1;
    put->directory = -1;
}

bool
put_can(int incoming, const char *path, char *error, size_t size)
{
    int file = unnamed_open(incoming, 0);
    if (file < 0) {
        (void)snprintf(error, size, "cannot write to %s (%s): %s", path, strerror(errno),
                       errno == EOPNOTSUPP || errno == EISDIR
                           ? "its file system has no O_TMPFILE; choose another one"
                           : "it must belong to this account and the group of the objects");
        return false;
    }
    bool linked = unnamed_can_link(file, incoming);
    int reason = errno;
    (void)close(file);
    if (!linked) {
        (void)snprintf(error, size, "cannot link files in %s (%s); is /proc there?", path, strerror(reason));
    }
    return linked;
}
