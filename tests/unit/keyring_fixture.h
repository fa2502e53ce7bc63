/* Keyrings for the tests of lib/crypto: keys that are one repeated byte, so that every test can name them. */
#ifndef ANAMNESIS_TESTS_UNIT_KEYRING_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_KEYRING_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/span.h"
#include "lib/crypto/keyring.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define OWNER_ONE "0190aaaa-0000-7000-8000-000000000001"
#define OWNER_TWO "0190aaaa-0000-7000-8000-000000000002"
#define PRACTICE  "0190bbbb-0000-7000-8000-000000000001"

/* {"version": V, "key": "..."} of a key of 32 bytes `fill`. */
static inline const char *
fixture_entry(char text[128], unsigned version, unsigned char fill)
{
    unsigned char key[KEYRING_KEY_SIZE];
    char encoded[64];
    memset(key, fill, sizeof key);
    (void)sodium_bin2base64(encoded, sizeof encoded, key, sizeof key,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    (void)snprintf(text, 128, "{\"version\": %u, \"key\": \"%s\"}", version, encoded);
    return text;
}

/* All six kinds with versions 1 to `versions`; fills are 16 * (kind + 1) + version. */
static inline struct keyring *
fixture_keyring(unsigned versions)
{
    static const char *const names[] = {"kek", "index", "pepper", "seal", "audit", "files"};
    char json[8192];
    char entry[128];
    char error[256] = "";
    size_t size = 0;
    for (unsigned kind = 0; kind < 6; kind++) {
        size += (size_t)snprintf(json + size, sizeof json - size, "%s\"%s\": [", kind == 0 ? "{" : ", ",
                                 names[kind]);
        for (unsigned version = 1; version <= versions; version++) {
            unsigned char fill = (unsigned char)(16 * (kind + 1) + version);
            size += (size_t)snprintf(json + size, sizeof json - size, "%s%s", version == 1 ? "" : ", ",
                                     fixture_entry(entry, version, fill));
        }
        size += (size_t)snprintf(json + size, sizeof json - size, "]");
    }
    (void)snprintf(json + size, sizeof json - size, "}");
    struct keyring *keyring = keyring_read(json, error, sizeof error);
    assert_string_equal(error, "");
    assert_non_null(keyring);
    return keyring;
}

static inline struct span
fixture_span(const char *text)
{
    return (struct span){(const unsigned char *)text, strlen(text)};
}

#endif
