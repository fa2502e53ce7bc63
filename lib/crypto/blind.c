#include "lib/crypto/blind.h"

#include "lib/crypto/text.h"

#include <sodium.h>
#include <string.h>

enum { LOCAL_PART_MAX = 64, VERSION_SIZE = 4 };

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

size_t
blind_indexes(const struct keyring *keyring, const char *context, const char *normalised,
              unsigned char indexes[KEYRING_VERSIONS_MAX][BLIND_INDEX_SIZE])
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

/* What the contract calls an address is narrower than RFC 5322: no quoted local parts, no comments, no
 * literals. */
static bool
is_address(const char *email)
{
    const char *at = strchr(email, '@');
    if (at == NULL || at == email || at - email > LOCAL_PART_MAX || strchr(at + 1, '@') != NULL) {
        return false;
    }
    const char *domain = at + 1;
    size_t size = strlen(domain);
    return size > 0 && domain[0] != '.' && domain[size - 1] != '.' && strstr(domain, "..") == NULL &&
           strpbrk(email, "<>()[],;:\\\"") == NULL;
}

char *
email_normalise(struct arena *arena, const char *email)
{
    if (email == NULL) {
        return NULL;
    }
    char *lower = text_lower(arena, email, TEXT_NFC);
    if (lower == NULL) {
        return NULL;
    }
    char *address = text_strip(arena, lower, false);
    bool white_inside = strcmp(text_strip(arena, address, true), address) != 0;
    if (white_inside || strlen(address) > EMAIL_BYTES_MAX || !text_is_visible(address) ||
        !is_address(address)) {
        return NULL;
    }
    return address;
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
