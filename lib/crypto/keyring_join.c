#include "lib/crypto/keyring_parse.h"

#include "lib/crypto/secure_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

/* Where a version is in the list, or where it belongs. */
static size_t
insertion_index(const struct keyring *keyring, enum keyring_kind kind, uint32_t version)
{
    size_t at = 0;
    while (at < keyring->count[kind] && keyring->entries[kind][at].version > version) {
        at++;
    }
    return at;
}

/* Adds one entry, or compares it with the one of the same version. */
static bool
take(struct keyring *made, enum keyring_kind kind, const struct keyring_entry *entry, char *error,
     size_t size)
{
    struct keyring_entry *entries = made->entries[kind];
    size_t at = insertion_index(made, kind, entry->version);
    if (at < made->count[kind] && entries[at].version == entry->version) {
        entries[at].standby = entries[at].standby && entry->standby;
        if (sodium_memcmp(entries[at].key, entry->key, KEYRING_KEY_SIZE) != 0) {
            (void)snprintf(error, size,
                           "version %" PRIu32
                           " of `%s` is another key in one keyring than in the other; put those of one "
                           "deployment in place",
                           entry->version, keyring_kind_name(kind));
            return false;
        }
        return true;
    }
    if (made->count[kind] == KEYRING_VERSIONS_MAX) {
        (void)snprintf(error, size, "`%s` has more than %d versions in both keyrings together",
                       keyring_kind_name(kind), KEYRING_VERSIONS_MAX);
        return false;
    }
    memmove(entries + at + 1, entries + at, (made->count[kind] - at) * sizeof *entries);
    entries[at] = *entry;
    made->count[kind]++;
    return true;
}

struct keyring *
keyring_join(const struct keyring *one, const struct keyring *other, char *error, size_t size)
{
    struct keyring *made = secure_alloc(sizeof *made);
    if (made == NULL) {
        (void)snprintf(error, size, "no memory for the keyring");
        return NULL;
    }
    *made = *one;
    bool good = true;
    for (int kind = 0; kind < KEYRING_KINDS; kind++) {
        for (size_t i = 0; good && i < other->count[kind]; i++) {
            good = take(made, (enum keyring_kind)kind, &other->entries[kind][i], error, size);
        }
    }
    if (good && sodium_mprotect_readonly(made) != 0) {
        (void)snprintf(error, size, "the keyring's memory cannot be protected: %s", strerror(errno));
        good = false;
    }
    if (!good) {
        sodium_free(made);
        return NULL;
    }
    return made;
}
