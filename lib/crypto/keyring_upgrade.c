#include "lib/crypto/keyring.h"

#include "lib/crypto/keyring_parse.h"
#include "lib/crypto/secure_memory.h"

#include <sodium.h>
#include <string.h>

/* Room for one more member of one version. */
enum { ADDED_MAX = 256 };

/* What keyrings of before may lack. */
static const enum keyring_kind later[] = {KEYRING_AUDIT, KEYRING_FILES};
enum { LATER = sizeof later / sizeof later[0], TEXT_ROOM = KEYRING_TEXT_MAX + LATER * ADDED_MAX };

/* Puts a member of one new key before the text's closing brace; false when it has no such brace. */
static bool
add(char *text, enum keyring_kind kind)
{
    unsigned char key[KEYRING_KEY_SIZE];
    char encoded[sodium_base64_ENCODED_LEN(KEYRING_KEY_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    char member[ADDED_MAX];
    char *end = strrchr(text, '}');
    if (end == NULL || strlen(text) + ADDED_MAX > TEXT_ROOM) {
        return false;
    }
    randombytes_buf(key, sizeof key);
    (void)sodium_bin2base64(encoded, sizeof encoded, key, sizeof key,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    int size = snprintf(member, sizeof member, ",\n \"%s\": [{\"version\": 1, \"key\": \"%s\"}]",
                        keyring_kind_name(kind), encoded);
    memmove(end + size, end, strlen(end) + 1);
    memcpy(end, member, (size_t)size);
    sodium_memzero(key, sizeof key);
    sodium_memzero(encoded, sizeof encoded);
    sodium_memzero(member, sizeof member);
    return true;
}

/* Which of those kinds the text lacks, of those that `user` has; false with a sentence when it is no keyring
 * but for them. */
static bool
lacking(const char *json, enum keyring_user user, unsigned *kinds, char *error, size_t size)
{
    unsigned may = 0;
    for (size_t i = 0; i < LATER; i++) {
        may |= 1U << later[i];
    }
    struct keyring *found = secure_alloc(sizeof *found);
    if (found == NULL) {
        (void)snprintf(error, size, "no memory for the keyring");
        return false;
    }
    bool good = keyring_parse(found, json, keyring_kinds_of(KEYRING_OPERATOR) & ~may, error, size);
    *kinds = 0;
    for (size_t i = 0; i < LATER; i++) {
        *kinds |= found->count[later[i]] == 0 ? 1U << later[i] : 0;
    }
    *kinds &= keyring_kinds_of(user);
    sodium_free(found);
    return good;
}

bool
keyring_upgrade(const char *json, enum keyring_user user, FILE *out, unsigned *added, char *error,
                size_t size)
{
    unsigned left = 0;
    if (!lacking(json, user, added, error, size)) {
        return false;
    }
    if (*added == 0) {
        (void)snprintf(error, size, "the keyring needs no upgrade");
        return false;
    }
    char *text = secure_alloc(TEXT_ROOM);
    if (text == NULL) {
        (void)snprintf(error, size, "no memory for the keyring");
        return false;
    }
    (void)snprintf(text, TEXT_ROOM, "%s", json); /* it was parsed, so it is shorter */
    bool good = true;
    for (size_t i = 0; i < LATER; i++) {
        good = good && ((*added & 1U << later[i]) == 0 || add(text, later[i]));
    }
    /* What was made is read by the reader of all keyrings: it may have become too long. */
    good = good && lacking(text, user, &left, error, size);
    if (good && (left != 0 || fputs(text, out) < 0 || fflush(out) != 0)) {
        (void)snprintf(error, size, "the keyring cannot be written");
        good = false;
    }
    sodium_free(text);
    return good;
}
