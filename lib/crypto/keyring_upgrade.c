#include "lib/crypto/keyring.h"

#include "lib/crypto/keyring_parse.h"
#include "lib/crypto/secure_memory.h"

#include <sodium.h>
#include <string.h>

/* Room for one more member of one version. */
enum { ADDED_MAX = 256 };

/* The text with a new `audit` member before its closing brace; false when it has no such brace. */
static bool
add_audit(const char *json, char *text, size_t room)
{
    unsigned char key[KEYRING_KEY_SIZE];
    char encoded[sodium_base64_ENCODED_LEN(KEYRING_KEY_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    const char *end = strrchr(json, '}');
    if (end == NULL || strlen(json) + ADDED_MAX > room) {
        return false;
    }
    randombytes_buf(key, sizeof key);
    (void)sodium_bin2base64(encoded, sizeof encoded, key, sizeof key,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    (void)snprintf(text, room, "%.*s,\n \"%s\": [{\"version\": 1, \"key\": \"%s\"}]%s", (int)(end - json),
                   json, keyring_kind_name(KEYRING_AUDIT), encoded, end);
    sodium_memzero(key, sizeof key);
    sodium_memzero(encoded, sizeof encoded);
    return true;
}

bool
keyring_upgrade(const char *json, FILE *out, char *error, size_t size)
{
    struct keyring *whole = keyring_read(json, error, size);
    if (whole != NULL) {
        keyring_free(whole);
        (void)snprintf(error, size, "the keyring needs no upgrade");
        return false;
    }
    char *text = secure_alloc(KEYRING_TEXT_MAX + ADDED_MAX);
    if (text == NULL) {
        (void)snprintf(error, size, "no memory for the keyring");
        return false;
    }
    /* Whether the audit key is all that was missing is for the reader to say. */
    if (add_audit(json, text, KEYRING_TEXT_MAX + ADDED_MAX)) {
        whole = keyring_read(text, error, size);
    }
    bool good = whole != NULL && fputs(text, out) >= 0 && fflush(out) == 0;
    if (whole != NULL && !good) {
        (void)snprintf(error, size, "the keyring cannot be written");
    }
    keyring_free(whole);
    sodium_free(text);
    return good;
}
