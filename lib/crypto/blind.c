#include "lib/crypto/blind.h"

#include "lib/base/email.h"
#include "lib/crypto/text.h"

#include <sodium.h>
#include <string.h>

enum { VERSION_SIZE = 4 };

void
blind_index(const struct keyring *keyring, const char *context, const char *normalised,
            unsigned char index[BLIND_INDEX_SIZE])
{
    (void)blind_index_version(keyring, keyring_current(keyring, KEYRING_INDEX), context, normalised, index);
}

bool
blind_index_version(const struct keyring *keyring, uint32_t version, const char *context,
                    const char *normalised, unsigned char index[BLIND_INDEX_SIZE])
{
    const unsigned char *key = keyring_key(keyring, KEYRING_INDEX, version);
    if (key == NULL) {
        sodium_memzero(index, BLIND_INDEX_SIZE);
        return false;
    }
    unsigned char digest[DIGEST_SIZE];
    digest_derive(key, context, normalised, digest);
    for (size_t i = 0; i < VERSION_SIZE; i++) {
        index[i] = (unsigned char)(version >> (8 * (VERSION_SIZE - 1 - i)));
    }
    memcpy(index + VERSION_SIZE, digest, BLIND_INDEX_SIZE - VERSION_SIZE);
    return true;
}

/* The index of every version that the keyring has, the current one first. */
static size_t
of_all_versions(const struct keyring *keyring, const char *context, const char *normalised,
                unsigned char indexes[][BLIND_INDEX_SIZE])
{
    uint32_t versions[KEYRING_VERSIONS_MAX];
    size_t count = keyring_versions(keyring, KEYRING_INDEX, versions);
    uint32_t current = keyring_current(keyring, KEYRING_INDEX);
    size_t used = 0;
    blind_index(keyring, context, normalised, indexes[used++]);
    for (size_t i = 0; i < count; i++) {
        if (versions[i] != current) {
            (void)blind_index_version(keyring, versions[i], context, normalised, indexes[used++]);
        }
    }
    return used;
}

size_t
blind_indexes(const struct keyring *keyring, const char *context, const char *normalised,
              unsigned char indexes[BLIND_INDEXES_MAX][BLIND_INDEX_SIZE])
{
    size_t used = of_all_versions(keyring, context, normalised, indexes);
    char shown[EMAIL_SHOWN_SIZE];
    /* The commands once took such an address as it was typed, with U-labels; its row is found by that as
     * well. */
    if (strcmp(context, BLIND_STAFF_EMAIL) == 0 && strcmp(email_show(normalised, shown), normalised) != 0) {
        used += of_all_versions(keyring, context, shown, indexes + used);
    }
    return used;
}

char *
email_normalise(struct arena *arena, const char *email)
{
    char kept[EMAIL_SIZE];
    if (email == NULL || !email_read(email, strnlen(email, TEXT_MAX + 1), kept)) {
        return NULL;
    }
    char *at = strrchr(kept, '@');
    *at = '\0';
    const char *local = text_lower(arena, kept, TEXT_NFC);
    return local == NULL ? NULL : arena_format(arena, "%s@%s", local, at + 1);
}

char *
record_number_normalise(struct arena *arena, const char *number)
{
    if (number == NULL || strnlen(number, RECORD_NUMBER_BYTES_MAX + 1) > RECORD_NUMBER_BYTES_MAX) {
        return NULL;
    }
    char *lower = text_lower(arena, number, TEXT_NFKC);
    if (lower == NULL) {
        return NULL;
    }
    char *normalised = text_strip(arena, lower, true);
    return normalised[0] == '\0' || !text_is_visible(normalised) ? NULL : normalised;
}
