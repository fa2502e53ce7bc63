#include "lib/crypto/totp.h"

#include "lib/base/buf.h"
#include "lib/base/hex.h"
#include "lib/crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHA1_SIZE = 20, CODE_DIGITS = 6, CODE_MODULUS = 1000000, SKEW_STEPS = 1 };

void
totp_new_secret(unsigned char secret[TOTP_SECRET_SIZE])
{
    randombytes_buf(secret, TOTP_SECRET_SIZE);
}

/* Dynamic truncation, RFC 4226 section 5.3. */
static uint32_t
truncate_mac(const unsigned char mac[SHA1_SIZE])
{
    unsigned at = mac[SHA1_SIZE - 1] & 0xfu;
    return ((uint32_t)mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 |
           mac[at + 3];
}

const char *
totp_code(struct span secret, int64_t step, char code[TOTP_CODE_SIZE])
{
    unsigned char counter[8];
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    for (int i = 0; i < 8; i++) {
        counter[i] = ((uint64_t)step >> (56 - 8 * i)) & 0xff;
    }
    if (secret.size > INT16_MAX ||
        HMAC(EVP_sha1(), secret.data, (int)secret.size, counter, sizeof counter, mac, &size) == NULL ||
        size != SHA1_SIZE) {
        abort(); /* no SHA-1 in this OpenSSL: never a code that is always the same */
    }
    (void)snprintf(code, TOTP_CODE_SIZE, "%06u", truncate_mac(mac) % CODE_MODULUS);
    sodium_memzero(mac, sizeof mac);
    return code;
}

/* The six digits of `text`, which may have one blank in the middle, as apps show it. */
static bool
read_code(const char *text, char code[TOTP_CODE_SIZE])
{
    const char *second = text == NULL ? NULL : text + strspn(text, "0123456789");
    size_t first = text == NULL ? 0 : (size_t)(second - text);
    bool halves = first == CODE_DIGITS / 2 && *second == ' ';
    if (halves) {
        second++;
    }
    if (text == NULL || (!halves && first != CODE_DIGITS) ||
        strspn(second, "0123456789") != CODE_DIGITS - first || second[CODE_DIGITS - first] != '\0') {
        return false;
    }
    memcpy(code, text, first);
    memcpy(code + first, second, CODE_DIGITS - first + 1);
    return true;
}

int64_t
totp_verify(struct span secret, const char *text, int64_t seconds, int64_t last_step)
{
    char code[TOTP_CODE_SIZE];
    if (!read_code(text, code)) {
        return -1;
    }
    int64_t present = seconds / TOTP_STEP_SECONDS;
    int64_t found = -1;
    for (int64_t step = present - SKEW_STEPS; step <= present + SKEW_STEPS; step++) {
        char right[TOTP_CODE_SIZE];
        bool same = digest_equal(totp_code(secret, step, right), code, CODE_DIGITS);
        if (same && step > last_step && step >= 0) {
            found = step;
        }
        sodium_memzero(right, sizeof right);
    }
    sodium_memzero(code, sizeof code);
    return found;
}

char *
totp_base32(struct arena *arena, struct span secret)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t count = (secret.size * 8 + 4) / 5;
    char *text = arena_alloc(arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        unsigned value = 0;
        for (size_t bit = 5 * i; bit < 5 * i + 5; bit++) {
            unsigned byte = bit / 8 < secret.size ? secret.data[bit / 8] : 0;
            value = value << 1 | (byte >> (7 - bit % 8) & 1u);
        }
        text[i] = signs[value];
    }
    return text;
}

/* Everything but the unreserved characters of RFC 3986, so no name can add a parameter. */
static const char *
percent_encode(struct arena *arena, const char *text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *encoded = arena_alloc(arena, 3 * strlen(text) + 1);
    char *to = encoded;
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (strchr(unreserved, *at) != NULL) {
            *to++ = *at;
        } else {
            *to++ = '%';
            *to++ = HEX_CAPITAL[byte >> 4];
            *to++ = HEX_CAPITAL[byte & 0xf];
        }
    }
    return encoded;
}

char *
totp_uri(struct arena *arena, struct span secret, const char *issuer, const char *account)
{
    const char *name = percent_encode(arena, issuer);
    return arena_format(arena, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
                        name, percent_encode(arena, account), totp_base32(arena, secret), name, CODE_DIGITS,
                        TOTP_STEP_SECONDS);
}
