#include "scan/engine_signatures.h"

#include "lib/base/clock.h"

#include <clamav.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 * 1024, LIST_MAX = 64 * 1024, VERSION_MAX = 32, VERSION_BYTES = 8 };

static bool
ends_with(const char *name, const char *end)
{
    size_t size = strlen(name);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

static bool
is_signed(const char *name)
{
    return ends_with(name, ".cvd") || ends_with(name, ".cld") || ends_with(name, ".cud");
}

static int
is_wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type != DT_DIR && !ends_with(entry->d_name, ".dat");
}

/* The first digits of its digest. */
static bool
version_of_file(const char *path, char version[VERSION_MAX])
{
    static unsigned char block[BLOCK];
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    size_t got;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    (void)crypto_hash_sha256_init(&state);
    do {
        got = fread(block, 1, sizeof block, file);
        (void)crypto_hash_sha256_update(&state, block, got);
    } while (got > 0);
    bool good = ferror(file) == 0;
    (void)fclose(file);
    (void)crypto_hash_sha256_final(&state, digest);
    (void)sodium_bin2hex(version, VERSION_MAX, digest, VERSION_BYTES);
    return good;
}

static bool
version_of(const char *path, char version[VERSION_MAX], int64_t *at)
{
    if (!is_signed(path)) {
        return version_of_file(path, version);
    }
    struct cl_cvd *head = cl_cvdhead(path);
    if (head == NULL) {
        errno = EBADMSG;
        return false;
    }
    int64_t made = (int64_t)head->stime * CLOCK_SECOND;
    *at = made > *at ? made : *at;
    (void)snprintf(version, VERSION_MAX, "%u", head->version);
    cl_cvdfree(head);
    return true;
}

/* Adds "name:version" to the list, which is as long as `used`. */
static bool
add(char list[LIST_MAX], size_t *used, const char *directory, const char *name, int64_t *at)
{
    char path[PATH_MAX];
    char version[VERSION_MAX];
    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path ||
        !version_of(path, version, at)) {
        return false;
    }
    int shown = is_signed(name) ? (int)(strrchr(name, '.') - name) : (int)strlen(name);
    int size =
        snprintf(list + *used, LIST_MAX - *used, "%s%.*s:%s", *used > 0 ? "," : "", shown, name, version);
    *used += (size_t)size;
    errno = E2BIG;
    return *used < LIST_MAX;
}

bool
engine_signatures_read(const char *directory, struct engine_signatures *signatures)
{
    static char list[LIST_MAX];
    struct dirent **entries;
    size_t used = 0;
    int count = scandir(directory, &entries, is_wanted, alphasort);
    if (count < 0) {
        return false;
    }
    bool good = true;
    *signatures = (struct engine_signatures){.at = 0};
    for (int i = 0; i < count; i++) {
        good = good && add(list, &used, directory, entries[i]->d_name, &signatures->at);
        free(entries[i]);
    }
    free(entries);
    if (!good || count == 0) {
        errno = count == 0 ? ENOENT : errno;
        return false;
    }
    if (used < sizeof signatures->names) {
        memcpy(signatures->names, list, used + 1);
        return true;
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];
    (void)crypto_hash_sha256(digest, (const unsigned char *)list, used);
    (void)sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    (void)snprintf(signatures->names, sizeof signatures->names, "sha256:%s", hex);
    return true;
}
