#include "lib/store/sealed_file.h"

#include "lib/base/write_all.h"
#include "lib/store/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALED "sealed"

enum {
    DIRECTORY_MODE =
        0770, /* whoever removes objects is of the group, which the kernel hands down by the bit above */
    DIGITS_AT = sizeof SEALED, /* in a name: behind "sealed/" */
    FILE_AT = DIGITS_AT + 3
};

static enum store_result
failed(int reason)
{
    errno = reason;
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG ? STORE_FULL : STORE_FAILED;
}

static void
close_one(int *descriptor)
{
    if (*descriptor >= 0) {
        (void)close(*descriptor);
    }
    *descriptor = -1;
}

/* All bytes at the end of the file. */
static enum store_result
append(int file, const unsigned char *bytes, size_t size)
{
    return write_all(file, bytes, size) ? STORE_DONE : failed(errno);
}

/*
 * The directory of the name, made when it is not there, whatever the account's umask. The setgid bit is not asked for: a system that
 * refuses it to programs hands it down all the same.
 */
static int
open_directory(int sealed, const char *name)
{
    char digits[3];
    (void)snprintf(digits, sizeof digits, "%.2s", name + DIGITS_AT);
    mode_t before = umask(0);
    bool made = mkdirat(sealed, digits, DIRECTORY_MODE) == 0;
    int why = errno;
    (void)umask(before);
    if (!made && why != EEXIST) {
        errno = why;
        return -1;
    }
    return openat(sealed, digits, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static enum store_result
open_unnamed(struct sealed_writer *writer, int root, uint64_t plain_size)
{
    writer->sealed = openat(root, SEALED, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (writer->sealed < 0) {
        return failed(errno);
    }
    writer->directory = open_directory(writer->sealed, writer->name);
    if (writer->directory < 0) {
        return failed(errno);
    }
    writer->file = unnamed_open(writer->directory, (int64_t)stream_sealed_size(plain_size));
    return writer->file >= 0 ? STORE_DONE : failed(errno);
}

enum store_result
sealed_writer_begin(struct sealed_writer *writer, int root, const unsigned char key[STREAM_KEY_SIZE],
                    const char *text, uint64_t plain_size)
{
    unsigned char header[STREAM_HEADER_SIZE];
    writer->sealed = -1;
    writer->directory = -1;
    writer->file = -1;
    writer->left = plain_size;
    (void)object_name_new(writer->name);
    enum store_result result =
        plain_size > STREAM_PLAIN_MAX ? failed(EFBIG) : open_unnamed(writer, root, plain_size);
    stream_seal_begin(&writer->seal, key, text, header);
    if (result == STORE_DONE) {
        result = append(writer->file, header, sizeof header);
    }
    if (result != STORE_DONE) {
        int reason = errno;
        sealed_writer_drop(writer);
        errno = reason;
    }
    return result;
}

enum store_result
sealed_writer_add(struct sealed_writer *writer, struct span plain)
{
    uint64_t left = writer->left;
    writer->left = UINT64_MAX; /* so that it cannot end when something fails here */
    if (plain.size > left) {
        return failed(EINVAL);
    }
    left -= plain.size;
    for (;;) {
        size_t size = stream_seal_feed(&writer->seal, &plain, writer->chunk);
        enum store_result result = append(writer->file, writer->chunk, size);
        if (result != STORE_DONE) {
            return result;
        }
        if (size == 0) {
            writer->left = left;
            return STORE_DONE;
        }
    }
}

/* A name that may be gone after a power cut is taken away: nobody will be told of this object. */
static enum store_result
give_name(const struct sealed_writer *writer)
{
    const char *name = writer->name + FILE_AT;
    enum unnamed_end end = unnamed_keep(writer->file, writer->directory, writer->sealed, name);
    int reason = errno;
    if (end == UNNAMED_UNSURE) {
        (void)unlinkat(writer->directory, name, 0);
    }
    return end == UNNAMED_KEPT ? STORE_DONE : failed(reason);
}

enum store_result
sealed_writer_end(struct sealed_writer *writer)
{
    enum store_result result = writer->left == 0 ? STORE_DONE : failed(EINVAL);
    if (result == STORE_DONE) {
        size_t size = stream_seal_end(&writer->seal, writer->chunk);
        result = append(writer->file, writer->chunk, size);
    }
    if (result == STORE_DONE) {
        result = give_name(writer);
    }
    int reason = errno;
    sealed_writer_drop(writer);
    errno = reason;
    return result;
}

void
sealed_writer_drop(struct sealed_writer *writer)
{
    close_one(&writer->file);
    close_one(&writer->directory);
    close_one(&writer->sealed);
    sodium_memzero(&writer->seal, sizeof writer->seal);
}

/* `size` bytes at a place of the file; false when there are not so many. */
static bool
read_at(int file, uint64_t offset, unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = pread(file, bytes, size, (off_t)offset);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        if (got > 0) {
            bytes += got;
            offset += (uint64_t)got;
            size -= (size_t)got;
        }
    }
    return true;
}

static enum store_result
read_header(struct sealed_reader *reader, const unsigned char key[STREAM_KEY_SIZE], const char *text,
            uint64_t plain_size)
{
    unsigned char header[STREAM_HEADER_SIZE];
    struct stat found;
    if (fstat(reader->file, &found) != 0) {
        return failed(errno);
    }
    if (!S_ISREG(found.st_mode) || plain_size > STREAM_PLAIN_MAX ||
        (uint64_t)found.st_size != stream_sealed_size(plain_size)) {
        return STORE_DAMAGED;
    }
    errno = 0;
    if (!read_at(reader->file, 0, header, sizeof header)) {
        return errno != 0 ? failed(errno) : STORE_DAMAGED;
    }
    return stream_open_begin(&reader->open, key, text, header, plain_size) ? STORE_DONE : STORE_DAMAGED;
}

enum store_result
sealed_reader_open(struct sealed_reader *reader, int root, const char *name,
                   const unsigned char key[STREAM_KEY_SIZE], const char *text, uint64_t plain_size)
{
    memset(reader, 0, sizeof *reader);
    reader->file = -1;
    if (!object_name_is_sealed(name)) {
        return failed(EINVAL);
    }
    reader->file = openat(root, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (reader->file < 0) {
        return errno == ENOENT ? STORE_ABSENT : failed(errno);
    }
    enum store_result result = read_header(reader, key, text, plain_size);
    if (result != STORE_DONE) {
        int reason = errno;
        sealed_reader_close(reader);
        errno = reason;
    }
    return result;
}

/* The chunk is opened where its sealed bytes stand. */
static enum store_result
load_chunk(struct sealed_reader *reader, uint32_t index)
{
    size_t size = stream_chunk_plain(&reader->open, index) + STREAM_TAG_SIZE;
    struct stat found;
    reader->has_chunk = false;
    if (fstat(reader->file, &found) != 0) {
        return failed(errno);
    }
    if (found.st_nlink == 0) { /* removed, perhaps with its patient */
        return STORE_ABSENT;
    }
    errno = 0;
    if (!read_at(reader->file, stream_chunk_offset(index), reader->chunk, size)) {
        return errno != 0 ? failed(errno) : STORE_DAMAGED;
    }
    if (!stream_open_chunk(&reader->open, index, (struct span){reader->chunk, size}, reader->chunk)) {
        return STORE_DAMAGED;
    }
    reader->has_chunk = true;
    reader->index = index;
    return STORE_DONE;
}

enum store_result
sealed_reader_get(struct sealed_reader *reader, uint64_t from, struct span *plain)
{
    *plain = (struct span){NULL, 0};
    /* Of an empty object, too, the one chunk is looked at: nothing else says that it is whole. */
    uint32_t index = from < reader->open.plain_size ? (uint32_t)(from / STREAM_CHUNK) : reader->open.last;
    enum store_result result = STORE_DONE;
    if (!reader->has_chunk || reader->index != index) {
        result = load_chunk(reader, index);
    }
    if (result == STORE_DONE && from < reader->open.plain_size) {
        size_t at = (size_t)(from - (uint64_t)index * STREAM_CHUNK);
        *plain = (struct span){reader->chunk + at, stream_chunk_plain(&reader->open, index) - at};
    }
    return result;
}

void
sealed_reader_close(struct sealed_reader *reader)
{
    close_one(&reader->file);
    stream_open_end(&reader->open);
    sodium_memzero(reader->chunk, sizeof reader->chunk);
    reader->has_chunk = false;
}
