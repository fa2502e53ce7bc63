#include "lib/crypto/key_check.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

bool
key_check_value(const struct keyring *keyring, enum keyring_kind kind, uint32_t version,
                unsigned char value[KEY_CHECK_SIZE])
{
    char text[32];
    const unsigned char *key = keyring_key(keyring, kind, version);
    if (key == NULL) {
        sodium_memzero(value, KEY_CHECK_SIZE);
        return false;
    }
    (void)snprintf(text, sizeof text, "%s:%u", keyring_kind_name(kind), (unsigned)version);
    digest_derive(key, "key-check", text, value);
    return true;
}

bool
key_check_door(const struct keyring *keyring, enum keyring_kind kind, uint32_t version,
               unsigned char door[KEY_CHECK_SIZE])
{
    bool has = kind == KEYRING_PEPPER || kind == KEYRING_AUDIT;
    const unsigned char *key = has ? keyring_key(keyring, kind, version) : NULL;
    if (key == NULL) {
        sodium_memzero(door, KEY_CHECK_SIZE);
        return false;
    }
    digest_derive(key, "key-door", "", door);
    return true;
}

enum key_check_result
key_check(const struct keyring *keyring, const char *kind, int64_t version, struct span value)
{
    unsigned char ours[KEY_CHECK_SIZE];
    for (int i = 0; i < KEYRING_KINDS; i++) {
        if (strcmp(kind, keyring_kind_name((enum keyring_kind)i)) != 0) {
            continue;
        }
        if (keyring_current(keyring, (enum keyring_kind)i) == 0) {
            return KEY_MATCHES;
        }
        if (version < 1 || version > INT32_MAX ||
            !key_check_value(keyring, (enum keyring_kind)i, (uint32_t)version, ours)) {
            return KEY_MISSING;
        }
        bool same = value.size == KEY_CHECK_SIZE && digest_equal(ours, value.data, KEY_CHECK_SIZE);
        sodium_memzero(ours, sizeof ours);
        return same ? KEY_MATCHES : KEY_WRONG;
    }
    return KEY_MISSING;
}

const char *
key_check_advice(enum key_check_result match)
{
    switch (match) {
    case KEY_WRONG:
        return "the keyring is not the one that this database was written with: put the right one back; a "
               "new "
               "key opens nothing";
    case KEY_MISSING:
        return "the keyring lacks a version that this database was written with: put the whole keyring back";
    case KEY_MATCHES:
        break;
    }
    return "the keyring is the right one";
}
