#include "lib/crypto/password.h"

#include "lib/base/log.h"
#include "lib/base/span.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/password_words.h"
#include "lib/crypto/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* OWASP Password Storage Cheat Sheet, Argon2id: m=19456 (19 MiB), t=2, p=1. */
#define PASSWORD_PASSES 2ULL
#define PASSWORD_MEMORY (19456UL * 1024)

/*
 * A hash of the same costs that no password has, since its tag was drawn at random: it is verified when no
 * account is there.
 */
static const char dummy[] =
    "$argon2id$v=19$m=19456,t=2,p=1$U1b5TjYOL9G6lbNYHK1kLg$GudFQJrMvGEVvZgyogDCId9TMy+30uyxvl3VVZ0XviM";

static int64_t computations;

int64_t
password_computations(void)
{
    return computations;
}

/* NFKC, then the pepper: 32 bytes for Argon2id. False when the password cannot be one. */
static bool
peppered(const unsigned char *pepper, const char *password, unsigned char input[DIGEST_SIZE])
{
    char normal[TEXT_MAX + 1];
    size_t count = 0;
    bool good = text_nfkc(password, normal, &count) && count <= PASSWORD_MAX;
    digest_derive(pepper, "password", good ? normal : "", input);
    sodium_memzero(normal, sizeof normal);
    return good;
}

bool
password_hash(const struct keyring *keyring, const char *password, char stored[PASSWORD_HASH_SIZE])
{
    unsigned char input[DIGEST_SIZE];
    char hash[crypto_pwhash_STRBYTES] = "";
    uint32_t version = keyring_current(keyring, KEYRING_PEPPER);
    memset(stored, 0, PASSWORD_HASH_SIZE);
    computations++;
    bool good = peppered(keyring_key(keyring, KEYRING_PEPPER, version), password, input) &&
                crypto_pwhash_str_alg(hash, (const char *)input, sizeof input, PASSWORD_PASSES,
                                      PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
    sodium_memzero(input, sizeof input);
    if (good) {
        (void)snprintf(stored, PASSWORD_HASH_SIZE, "p%" PRIu32 "%s", version, hash);
    }
    return good;
}

/* Splits "p<version>$argon2id$..."; NULL when it has another form. */
static const char *
split(const char *stored, uint32_t *version)
{
    char *end = NULL;
    *version = 0;
    if (stored == NULL || stored[0] != 'p' || stored[1] < '1' || stored[1] > '9') {
        return NULL;
    }
    unsigned long number = strtoul(stored + 1, &end, 10);
    size_t size = strnlen(end, crypto_pwhash_STRBYTES);
    if (number > UINT32_MAX || *end != '$' || size >= crypto_pwhash_STRBYTES) {
        return NULL;
    }
    *version = (uint32_t)number;
    return end;
}

bool
password_verify(const struct keyring *keyring, const char *stored, const char *password)
{
    uint32_t version = 0;
    const char *hash = split(stored, &version);
    const unsigned char *pepper = hash == NULL ? NULL : keyring_key(keyring, KEYRING_PEPPER, version);
    if (stored != NULL && pepper == NULL) {
        log_event(LOG_ERROR, "password-not-checked", LOG_INT("pepper_version", version),
                  LOG_TEXT("advice", "the keyring lacks the pepper that a stored password was hashed with"));
    }
    bool real = pepper != NULL;
    if (!real) {
        hash = dummy;
        pepper = keyring_key(keyring, KEYRING_PEPPER, keyring_current(keyring, KEYRING_PEPPER));
    }
    char text[crypto_pwhash_STRBYTES] = "";
    unsigned char input[DIGEST_SIZE];
    (void)snprintf(text, sizeof text, "%s", hash);
    bool possible = peppered(pepper, password, input);
    computations++;
    bool same = crypto_pwhash_str_verify(text, (const char *)input, sizeof input) == 0;
    sodium_memzero(input, sizeof input);
    return real && possible && same;
}

bool
password_is_old(const struct keyring *keyring, const char *stored)
{
    uint32_t version = 0;
    char text[crypto_pwhash_STRBYTES] = "";
    const char *hash = split(stored, &version);
    if (hash == NULL || version != keyring_current(keyring, KEYRING_PEPPER)) {
        return true;
    }
    (void)snprintf(text, sizeof text, "%s", hash);
    return crypto_pwhash_str_needs_rehash(text, PASSWORD_PASSES, PASSWORD_MEMORY) != 0;
}

const struct password_refusal *
password_check(const char *password, size_t least, const char *const *context)
{
    static const struct password_refusal not_text = {"not-text", "must be text in UTF-8"};
    static const struct password_refusal too_short_with_mfa = {"too-short",
                                                               "must have at least 8 characters"};
    static const struct password_refusal too_short = {"too-short", "must have at least 15 characters"};
    static const struct password_refusal too_long = {"too-long", "must have at most 256 characters"};
    static const struct password_refusal common = {
        "common", "is one of the passwords that are tried first; several unrelated words make a good one"};
    static const struct password_refusal personal = {
        "context", "is made of names that belong to the account or the practice; choose something unrelated"};
    static const struct password_refusal *const words[] = {[PASSWORD_WORDS_FINE] = NULL,
                                                           [PASSWORD_WORDS_COMMON] = &common,
                                                           [PASSWORD_WORDS_CONTEXT] = &personal};
    char normal[TEXT_MAX + 1];
    size_t count = 0;
    const struct password_refusal *refusal = NULL;
    if (!text_nfkc(password, normal, &count)) {
        refusal = strnlen(password, TEXT_MAX + 1) > TEXT_MAX ? &too_long : &not_text;
    } else if (count < least) {
        refusal = least <= PASSWORD_MIN_WITH_MFA ? &too_short_with_mfa : &too_short;
    } else if (count > PASSWORD_MAX) {
        refusal = &too_long;
    } else {
        refusal = words[password_words_judge(normal, context)];
    }
    sodium_memzero(normal, sizeof normal);
    return refusal;
}
