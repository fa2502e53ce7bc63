#include "lib/crypto/token.h"

#include <sodium.h>
#include <string.h>

enum { TOKEN_BYTES = 32, VERSION_MASK = 0xff, RECOVERY_BYTES = 10, RECOVERY_SIGNS = 16, RECOVERY_GROUP = 4 };
_Static_assert(TOKEN_TEXT_SIZE ==
                   sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
               "a token's text");
_Static_assert(RECOVERY_CODE_TEXT_SIZE == RECOVERY_SIGNS + RECOVERY_SIGNS / RECOVERY_GROUP, "a code's text");

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";

static const char *const uses[TOKEN_USES] = {[TOKEN_SESSION] = "token: session",
                                             [TOKEN_SIGN_IN] = "token: sign-in",
                                             [TOKEN_RESET] = "token: reset",
                                             [TOKEN_INVITATION] = "token: invitation",
                                             [TOKEN_STAFF_INVITATION] = "token: staff invitation",
                                             [TOKEN_ADDRESS_CONFIRM] = "token: address confirm",
                                             [TOKEN_ADDRESS_OBJECT] = "token: address object",
                                             [TOKEN_RECOVERY_ANSWER] = "token: recovery answer",
                                             [TOKEN_PASSKEY] = "token: passkey",
                                             [TOKEN_DEVICE] = "token: device",
                                             [TOKEN_DOWNLOAD] = "token: download"};

/* The newest pepper whose version ends in `byte`, or the current one. */
static uint32_t
pepper_named(const struct keyring *keyring, unsigned char byte)
{
    uint32_t versions[KEYRING_VERSIONS_MAX];
    size_t count = keyring_versions(keyring, KEYRING_PEPPER, versions);
    for (size_t i = 0; i < count; i++) {
        if ((versions[i] & VERSION_MASK) == byte) {
            return versions[i];
        }
    }
    return keyring_current(keyring, KEYRING_PEPPER);
}

/* The version's byte is in the hash too: keys status and keys retire count by it. */
static void
hash_under(const struct keyring *keyring, uint32_t version, enum token_use use, const char *text,
           unsigned char hash[TOKEN_HASH_SIZE])
{
    digest_derive(keyring_key(keyring, KEYRING_PEPPER, version), uses[use], text, hash);
    hash[0] = (unsigned char)(version & VERSION_MASK);
}

void
token_new(const struct keyring *keyring, enum token_use use, char text[TOKEN_TEXT_SIZE],
          unsigned char hash[TOKEN_HASH_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    uint32_t version = keyring_current(keyring, KEYRING_PEPPER);
    randombytes_buf(bytes, sizeof bytes);
    bytes[0] = (unsigned char)(version & VERSION_MASK);
    (void)sodium_bin2base64(text, TOKEN_TEXT_SIZE, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    hash_under(keyring, version, use, text, hash);
}

bool
token_hash(const struct keyring *keyring, enum token_use use, const char *text,
           unsigned char hash[TOKEN_HASH_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    size_t size = 0;
    memset(hash, 0, TOKEN_HASH_SIZE);
    /* libsodium 1.0.18 decodes some bytes above 0x7f as if they were signs of the alphabet. */
    if (text == NULL || strnlen(text, TOKEN_TEXT_SIZE) != TOKEN_TEXT_SIZE - 1 ||
        strspn(text, base64url) != TOKEN_TEXT_SIZE - 1) {
        return false;
    }
    /* Decoding refuses unused bits that are set: one token has one text. */
    const char *end = NULL;
    int decoded = sodium_base642bin(bytes, sizeof bytes, text, TOKEN_TEXT_SIZE - 1, NULL, &size, &end,
                                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    bool good = decoded == 0 && size == TOKEN_BYTES && *end == '\0';
    if (good) {
        hash_under(keyring, pepper_named(keyring, bytes[0]), use, text, hash);
    }
    sodium_memzero(bytes, sizeof bytes);
    return good;
}

/* Five bits at a time, in groups: what people copy from paper. */
static void
code_text(const unsigned char bytes[RECOVERY_BYTES], char text[RECOVERY_CODE_TEXT_SIZE])
{
    size_t at = 0;
    for (size_t sign = 0; sign < RECOVERY_SIGNS; sign++) {
        unsigned value = 0;
        for (size_t bit = 5 * sign; bit < 5 * sign + 5; bit++) {
            unsigned byte = bytes[bit / 8];
            value = value << 1 | (byte >> (7 - bit % 8) & 1u);
        }
        if (sign > 0 && sign % RECOVERY_GROUP == 0) {
            text[at++] = '-';
        }
        text[at++] = crockford[value];
    }
    text[at] = '\0';
}

/* The sixteen signs of a code as typed, in the one spelling; false when it is none. */
static bool
code_signs(const char *code, char signs[RECOVERY_SIGNS + 1])
{
    size_t count = 0;
    for (const char *at = code; *at != '\0'; at++) {
        char sign = *at;
        if (sign == '-' || sign == ' ') {
            continue;
        }
        if (sign >= 'A' && sign <= 'Z') {
            sign = (char)(sign - 'A' + 'a');
        }
        if (sign == 'o') {
            sign = '0';
        } else if (sign == 'i' || sign == 'l') {
            sign = '1';
        }
        if (count == RECOVERY_SIGNS || strchr(crockford, sign) == NULL) {
            return false;
        }
        signs[count++] = sign;
    }
    signs[count] = '\0';
    return count == RECOVERY_SIGNS;
}

void
recovery_codes_new(const struct keyring *keyring, char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT_SIZE],
                   unsigned char hashes[RECOVERY_CODES][TOKEN_HASH_SIZE])
{
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        unsigned char bytes[RECOVERY_BYTES];
        randombytes_buf(bytes, sizeof bytes);
        code_text(bytes, codes[i]);
        sodium_memzero(bytes, sizeof bytes);
        (void)recovery_code_hash(keyring, codes[i], hashes[i]);
    }
}

bool
recovery_code_hash(const struct keyring *keyring, const char *code, unsigned char hash[TOKEN_HASH_SIZE])
{
    char signs[RECOVERY_SIGNS + 1];
    bool good = code != NULL && code_signs(code, signs);
    memset(hash, 0, TOKEN_HASH_SIZE);
    if (good) {
        uint32_t version = keyring_current(keyring, KEYRING_PEPPER);
        digest_derive(keyring_key(keyring, KEYRING_PEPPER, version), "recovery code", signs, hash);
    }
    sodium_memzero(signs, sizeof signs);
    return good;
}

size_t
recovery_code_hashes(const struct keyring *keyring, const char *code,
                     unsigned char hashes[KEYRING_VERSIONS_MAX][TOKEN_HASH_SIZE])
{
    char signs[RECOVERY_SIGNS + 1];
    uint32_t versions[KEYRING_VERSIONS_MAX];
    size_t count = 0;
    if (code != NULL && code_signs(code, signs)) {
        count = keyring_versions(keyring, KEYRING_PEPPER, versions);
    }
    for (size_t i = 0; i < count; i++) {
        digest_derive(keyring_key(keyring, KEYRING_PEPPER, versions[i]), "recovery code", signs, hashes[i]);
    }
    sodium_memzero(signs, sizeof signs);
    return count;
}
