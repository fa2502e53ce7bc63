#include "store/put.h"

#include "lib/base/log.h"
#include "lib/base/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DIRECTORY_MODE = 0771, /* with the setgid bit, which the kernel adds below a directory that has it */
    FILE_MODE = 0640,
    NAME_SIZE = 16,
    PATH_SIZE = 64
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
    enum problem problem = taken ? PROBLEM_PART_THERE : PROBLEM_NONE;
    if (!taken) {
        put->file = openat(put->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, FILE_MODE);
        int reason = put->file < 0 ? errno : posix_fallocate(put->file, 0, part->size);
        problem = reason == 0 ? PROBLEM_NONE : failed("room", reason);
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

static int
link_as(int file, int directory, const char *name)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW);
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
    if (fdatasync(put->file) != 0) {
        return failed("fdatasync", errno);
    }
    if (link_as(put->file, put->directory, name_of(&put->part, name)) != 0) {
        return errno == EEXIST ? PROBLEM_PART_THERE : failed("link", errno);
    }
    /* Also of the directory above: another process may have made this one, and not be so far yet. */
    if (fsync(put->directory) != 0 || fsync(put->incoming) != 0) {
        return failed("fsync", errno);
    }
    return PROBLEM_NONE;
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
    int file = openat(incoming, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, FILE_MODE);
    if (file < 0) {
        (void)snprintf(error, size, "cannot write to %s (%s): %s", path, strerror(errno),
                       errno == EOPNOTSUPP || errno == EISDIR
                           ? "its file system has no O_TMPFILE; choose another one"
                           : "it must belong to this account and the group of the objects");
        return false;
    }
    /* "." is there already: this is asked for, and never done. */
    bool linked = link_as(file, incoming, ".") != 0 && errno == EEXIST;
    int reason = errno;
    (void)close(file);
    if (!linked) {
        (void)snprintf(error, size, "cannot link files in %s (%s); is /proc there?", path, strerror(reason));
    }
    return linked;
}
