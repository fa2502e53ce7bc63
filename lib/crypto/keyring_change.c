#include "lib/crypto/keyring_change.h"

#include "lib/base/write_all.h"
#include "lib/crypto/keyring_parse.h"
#include "lib/crypto/secure_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_TEXT_SIZE sodium_base64_ENCODED_LEN(KEYRING_KEY_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING)

/* A copy that can be written to until seal() has been called. */
static struct keyring *
copy(const struct keyring *keyring)
{
    struct keyring *made = secure_alloc(sizeof *made);
    if (made != NULL) {
        *made = *keyring;
    }
    return made;
}

static struct keyring *
seal(struct keyring *made)
{
    if (sodium_mprotect_readonly(made) != 0) {
        sodium_free(made);
        return NULL;
    }
    return made;
}

struct keyring *
keyring_with_new(const struct keyring *keyring, enum keyring_kind kind)
{
    size_t count = keyring->count[kind];
    const struct keyring_entry *newest = keyring->entries[kind];
    if (count == KEYRING_VERSIONS_MAX || newest->standby || newest->version == INT32_MAX) {
        return NULL;
    }
    struct keyring *made = copy(keyring);
    if (made == NULL) {
        return NULL;
    }
    memmove(made->entries[kind] + 1, made->entries[kind], count * sizeof *newest);
    struct keyring_entry *fresh = made->entries[kind];
    fresh->version = newest->version + 1;
    fresh->standby = true;
    randombytes_buf(fresh->key, sizeof fresh->key);
    made->count[kind]++;
    return seal(made);
}

struct keyring *
keyring_with_promoted(const struct keyring *keyring, enum keyring_kind kind)
{
    struct keyring *made = keyring_standby(keyring, kind) == 0 ? NULL : copy(keyring);
    if (made == NULL) {
        return NULL;
    }
    made->entries[kind][0].standby = false;
    return seal(made);
}

struct keyring *
keyring_without(const struct keyring *keyring, enum keyring_kind kind, uint32_t version)
{
    size_t at = 0;
    size_t count = keyring->count[kind];
    while (at < count && keyring->entries[kind][at].version != version) {
        at++;
    }
    struct keyring *made = at == count || version == keyring_current(keyring, kind) ? NULL : copy(keyring);
    if (made == NULL) {
        return NULL;
    }
    struct keyring_entry *entries = made->entries[kind];
    memmove(entries + at, entries + at + 1, (count - at - 1) * sizeof *entries);
    made->count[kind]--;
    sodium_memzero(entries + made->count[kind], sizeof *entries);
    return seal(made);
}

struct text {
    char *data; /* locked, KEYRING_TEXT_MAX bytes */
    size_t size;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int size = vsnprintf(text->data + text->size, KEYRING_TEXT_MAX - text->size, format, list);
    va_end(list);
    /* All kinds with all their versions have about half of the room. */
    if (size > 0 && text->size + (size_t)size < KEYRING_TEXT_MAX) {
        text->size += (size_t)size;
    }
}

/* NULL data when there is no memory; sodium_free. */
static struct text
as_text(const struct keyring *keyring, unsigned kinds)
{
    struct text text = {.data = secure_alloc(KEYRING_TEXT_MAX), .size = 0};
    char key[KEY_TEXT_SIZE];
    for (int kind = 0; text.data != NULL && kind < KEYRING_KINDS; kind++) {
        if ((kinds & 1U << kind) == 0 || keyring->count[kind] == 0) {
            continue;
        }
        add(&text, "%s\"%s\": [", text.size == 0 ? "{" : ",\n ", keyring_kind_name((enum keyring_kind)kind));
        for (size_t i = 0; i < keyring->count[kind]; i++) {
            const struct keyring_entry *entry = &keyring->entries[kind][i];
            (void)sodium_bin2base64(key, sizeof key, entry->key, KEYRING_KEY_SIZE,
                                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
            add(&text, "%s{\"version\": %" PRIu32 ", \"key\": \"%s\"%s}", i == 0 ? "" : ",\n  ",
                entry->version, key, entry->standby ? ", \"standby\": true" : "");
        }
        add(&text, "]");
    }
    if (text.data != NULL) {
        add(&text, "}\n");
    }
    sodium_memzero(key, sizeof key);
    return text;
}

bool
keyring_print(const struct keyring *keyring, unsigned kinds, FILE *out)
{
    struct text text = as_text(keyring, kinds);
    bool good = text.data != NULL && fwrite(text.data, 1, text.size, out) == text.size;
    sodium_free(text.data);
    return fflush(out) == 0 && good;
}

/* A rename is on disk when its directory is. */
static bool
flush_directory(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    (void)snprintf(directory, sizeof directory, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
                   slash == NULL ? "." : path);
    int opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = opened >= 0 && fsync(opened) == 0;
    if (opened >= 0) {
        (void)close(opened);
    }
    return good;
}

/* With the old file's owner, and read by nobody else at any moment. */
static bool
write_beside(const char *path, const char *fresh, struct text text)
{
    struct stat old;
    (void)unlink(fresh); /* of a command that was ended in the middle */
    int file =
        stat(path, &old) == 0 ? open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400) : -1;
    if (file < 0) {
        return false;
    }
    /* Always: in a directory with the set-group-ID bit a new file's group is the directory's. */
    bool good = fchown(file, old.st_uid, old.st_gid) == 0 && fchmod(file, old.st_mode & 0777) == 0 &&
                write_all(file, text.data, text.size) && fsync(file) == 0;
    int reason = errno;
    (void)close(file);
    errno = reason;
    return good;
}

bool
keyring_replace(const struct keyring *keyring, unsigned kinds, const char *path, char *error, size_t size)
{
    char real[PATH_MAX];
    char fresh[PATH_MAX + 8];
    struct text text = as_text(keyring, kinds);
    fresh[0] = '\0';
    bool good = text.data != NULL && realpath(path, real) != NULL;
    if (good) {
        (void)snprintf(fresh, sizeof fresh, "%s.new", real);
        good = write_beside(real, fresh, text) && rename(fresh, real) == 0 && flush_directory(real);
    }
    if (!good) {
        (void)snprintf(error, size, "%s: the keyring could not be written: %s", path, strerror(errno));
        if (fresh[0] != '\0') {
            (void)unlink(fresh);
        }
    }
    sodium_free(text.data);
    return good;
}
