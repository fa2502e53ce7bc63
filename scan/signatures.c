#include "scan/signatures.h"

#include "lib/base/clock.h"
#include "lib/base/span.h"
#include "lib/crypto/digest.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_EVERY  (60 * CLOCK_SECOND)
#define QUICK_EVERY CLOCK_SECOND
#define QUIET       (10 * CLOCK_SECOND)

/* FNV-1a, 64 bits: who may write to this directory need not be kept from making two alike. */
static uint64_t
mix(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

/* What is in the directory, in any order. 0 when it cannot be read: as if nothing had changed. */
static uint64_t
look(struct signatures *signatures)
{
    uint64_t all = 0;
    DIR *directory = signatures->directory == NULL ? NULL : opendir(signatures->directory);
    if (directory == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        struct stat file;
        if (entry->d_name[0] != '.' && fstatat(dirfd(directory), entry->d_name, &file, 0) == 0 &&
            S_ISREG(file.st_mode)) {
            uint64_t one = mix(UINT64_C(14695981039346656037), entry->d_name, strlen(entry->d_name));
            one = mix(one, &file.st_size, sizeof file.st_size);
            one = mix(one, &file.st_mtim.tv_sec, sizeof file.st_mtim.tv_sec);
            one = mix(one, &file.st_mtim.tv_nsec, sizeof file.st_mtim.tv_nsec);
            int64_t at = (int64_t)file.st_mtim.tv_sec * CLOCK_SECOND;
            signatures->newest = at > signatures->newest ? at : signatures->newest;
            all += one;
        }
    }
    (void)closedir(directory);
    return all == 0 ? 1 : all;
}

void
signatures_start(struct signatures *signatures, const char *directory)
{
    *signatures = (struct signatures){.directory = directory};
    signatures->loaded = look(signatures);
    signatures->seen = signatures->loaded;
    signatures->look_at = clock_monotonic() + LOOK_EVERY;
}

bool
signatures_changed(struct signatures *signatures)
{
    int64_t now = clock_monotonic();
    if (now < signatures->look_at) {
        return false;
    }
    uint64_t found = look(signatures);
    if (found != 0 && found != signatures->seen) {
        signatures->seen = found;
        signatures->seen_since = now;
    }
    bool other = signatures->seen != signatures->loaded;
    signatures->look_at = now + (other ? QUICK_EVERY : LOOK_EVERY);
    return other && now - signatures->seen_since >= QUIET;
}

void
signatures_name(const char *text, char *name, size_t size)
{
    size_t length = strlen(text);
    if (length < size) {
        memcpy(name, text, length + 1);
        return;
    }
    unsigned char digest[DIGEST_SIZE];
    char hex[DIGEST_TEXT_SIZE];
    digest_sha256((struct span){(const unsigned char *)text, length}, digest);
    (void)snprintf(name, size, "%.*s... %s", (int)(size - DIGEST_TEXT_SIZE - 5), text,
                   digest_hex(digest, hex));
}

bool
signatures_are_for_development(const char *text)
{
    static const char name[] = "development.ndb:";
    return strncmp(text, name, sizeof name - 1) == 0 && strchr(text, ',') == NULL;
}
