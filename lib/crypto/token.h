/*
 * Tokens (sessions, invitations, MFA challenges): 256 random bits as 43 characters of base64url. Only their
 * SHA-256 is stored, which suffices for values that cannot be guessed. Recovery codes are typed by people, so
 * they are shorter (80 bits) and hashed with the keyring's pepper.
 */
#ifndef ANAMNESIS_CRYPTO_TOKEN_H
#define ANAMNESIS_CRYPTO_TOKEN_H

#include "lib/crypto/digest.h"
#include "lib/crypto/keyring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TOKEN_TEXT_SIZE = 44, /* 43 characters and NUL */
    TOKEN_HASH_SIZE = DIGEST_SIZE,
    RECOVERY_CODES = 10,
    RECOVERY_CODE_TEXT_SIZE = 20 /* xxxx-xxxx-xxxx-xxxx and NUL */
};

/* A new token and its hash. The caller wipes `text` after handing it over. */
void token_new(char text[TOKEN_TEXT_SIZE], unsigned char hash[TOKEN_HASH_SIZE]);

/* The hash of a presented token. False, with `hash` zeroed, when the text (NULL too) has not the form of a
 * token. */
bool token_hash(const char *text, unsigned char hash[TOKEN_HASH_SIZE]);

/*
 * Ten new recovery codes in Crockford's base32 (no i, l, o, u), and the hashes to store. The caller wipes
 * `codes` after showing them.
 */
void recovery_codes_new(const struct keyring *keyring, char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT_SIZE],
                        unsigned char hashes[RECOVERY_CODES][TOKEN_HASH_SIZE]);

/*
 * The hash of a presented code under the current pepper. Case, blanks and hyphens do not matter; o is read as
 * 0, i and l as 1. False, with `hash` zeroed, when it has not the form of a code.
 */
bool recovery_code_hash(const struct keyring *keyring, const char *code, unsigned char hash[TOKEN_HASH_SIZE]);

/*
 * The hashes under every pepper there is, newest first: codes outlive a rotation. Returns how many; 0 when it
 * has not the form of a code.
 */
size_t recovery_code_hashes(const struct keyring *keyring, const char *code,
                            unsigned char hashes[KEYRING_VERSIONS_MAX][TOKEN_HASH_SIZE]);

#endif
