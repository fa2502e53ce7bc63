#include "lib/store/store_disk.h"

#include "lib/store/object_remove.h"
#include "lib/store/parts_there.h"
#include "lib/store/sealed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The directory, for names below it. */
static int
open_top(const char *directory)
{
    return open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Closes it, without a change of errno. */
static void
close_quietly(int file)
{
    int before = errno;
    (void)close(file);
    errno = before;
}

enum store_result
store_disk_parts(const char *directory, const char *upload_id, unsigned count,
                 int64_t sizes[UPLOAD_PARTS_MAX])
{
    int top = open_top(directory);
    if (top < 0) {
        return STORE_FAILED;
    }
    enum store_result result = parts_there(top, upload_id, count, sizes);
    close_quietly(top);
    return result;
}

/* All that is in the file, which may be as long as a part. */
static enum store_result
read_whole(int file, unsigned char *bytes, size_t *size)
{
    unsigned char more;
    for (;;) {
        size_t room = PART_SIZE_MAX - *size;
        ssize_t got = room > 0 ? read(file, bytes + *size, room) : read(file, &more, 1);
        if (got == 0) {
            return STORE_DONE;
        }
        if (got < 0 && errno != EINTR) {
            return STORE_FAILED;
        }
        if (got > 0 && room == 0) {
            return STORE_DAMAGED;
        }
        *size += got > 0 ? (size_t)got : 0;
    }
}

enum store_result
store_disk_part_read(const char *directory, const char *upload_id, unsigned number, unsigned char *bytes,
                     size_t *size)
{
    char name[OBJECT_NAME_SIZE];
    if (!object_name_part(upload_id, number, name)) {
        errno = EINVAL;
        return STORE_FAILED;
    }
    int top = open_top(directory);
    if (top < 0) {
        return STORE_FAILED;
    }
    int part = openat(top, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    close_quietly(top);
    if (part < 0) {
        return errno == ENOENT ? STORE_ABSENT : STORE_FAILED;
    }
    enum store_result result = read_whole(part, bytes, size);
    close_quietly(part);
    return result;
}

/* Writes through a writer, which is large. */
static enum store_result
write_object(struct sealed_writer *writer, int top, const unsigned char key[STREAM_KEY_SIZE],
             const char *text, struct span plain, char name[OBJECT_NAME_SIZE])
{
    enum store_result result = sealed_writer_begin(writer, top, key, text, plain.size);
    if (result != STORE_DONE) {
        return result;
    }
    for (size_t i = 0; i < OBJECT_NAME_SIZE; i++) {
        name[i] = writer->name[i];
    }
    result = sealed_writer_add(writer, plain);
    if (result != STORE_DONE) {
        int why = errno;
        sealed_writer_drop(writer);
        errno = why;
        return result;
    }
    return sealed_writer_end(writer);
}

enum store_result
store_disk_write(const char *directory, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                 struct span plain, char name[OBJECT_NAME_SIZE])
{
    int top = open_top(directory);
    if (top < 0) {
        return STORE_FAILED;
    }
    struct sealed_writer *writer = malloc(sizeof *writer);
    enum store_result result =
        writer == NULL ? STORE_FAILED : write_object(writer, top, key, text, plain, name);
    int why = errno;
    free(writer);
    (void)close(top);
    errno = why;
    return result;
}

enum store_result
store_disk_open(const char *directory, const char *name, const unsigned char key[STREAM_KEY_SIZE],
                const char *text, uint64_t plain_size, struct sealed_reader *reader)
{
    int top = open_top(directory);
    if (top < 0) {
        return STORE_FAILED;
    }
    enum store_result result = sealed_reader_open(reader, top, name, key, text, plain_size);
    close_quietly(top);
    return result;
}

enum store_result
store_disk_remove(const char *directory, const char *name)
{
    int top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0) {
        return STORE_FAILED;
    }
    bool removed = object_remove(top, name);
    close_quietly(top);
    return removed ? STORE_DONE : STORE_FAILED;
}

enum store_result
store_disk_room(const char *directory, uint64_t bytes, uint64_t objects)
{
    struct statvfs disk;
    int top = open_top(directory);
    int sealed = top < 0 ? -1 : openat(top, "sealed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool there = sealed >= 0 && fstatvfs(sealed, &disk) == 0;
    if (sealed >= 0) {
        close_quietly(sealed);
    }
    if (top >= 0) {
        close_quietly(top);
    }
    if (!there) {
        return STORE_FAILED;
    }
    bool full = disk.f_bavail < bytes / disk.f_frsize || (disk.f_files > 0 && disk.f_favail < objects);
    errno = full ? ENOSPC : 0;
    return full ? STORE_FULL : STORE_DONE;
}
