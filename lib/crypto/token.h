/*
 * Tokens: secrets that whoever holds them may use (sessions, invitations, links, challenges, devices).
 *
 * A token is 43 characters of base64url: one byte that says which pepper (its version, modulo 256), and 248
 * random bits. The database has its hash alone: that byte, and 31 bytes of an HMAC under that pepper and for
 * that one use. So whoever writes to the database without the keyring makes no token that works, whoever
 * reads it gets none, and the hash of an invitation is not the hash of a session. A token names its pepper,
 * so those from before a rotation are found at once.
 *
 * Recovery codes are typed by people, so they are shorter (80 bits), and do not name their pepper: a code is
 * looked for under every pepper. A token must never be logged, be in a URL's path or query (the fragment
 * reaches no server), or be shown twice. One is in a query, since a browser follows it as a link: TOKEN_DOWNLOAD,
 * which opens nothing without the session that it was made for. Costs: one HMAC.
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

/* What a token is for; the names of token.c go into the hashes. */
enum token_use {
    TOKEN_SESSION,
    TOKEN_SIGN_IN, /* between the steps of a sign-in */
    TOKEN_RESET,
    TOKEN_INVITATION,
    TOKEN_STAFF_INVITATION,
    TOKEN_ADDRESS_CONFIRM, /* to an address that somebody may have from now on */
    TOKEN_ADDRESS_OBJECT,  /* to the one that they had */
    TOKEN_RECOVERY_ANSWER, /* to the stored address, when the link of a recovery was shown to somebody */
    TOKEN_PASSKEY,         /* the challenge that an authenticator signs */
    TOKEN_DEVICE,          /* from which somebody has signed in */
    TOKEN_DOWNLOAD,        /* one download of a file, by the session that asked for it, within a minute */
    TOKEN_USES
};

/* A new token and its hash, under the current pepper. The caller wipes `text` after handing it over. */
void token_new(const struct keyring *keyring, enum token_use use, char text[TOKEN_TEXT_SIZE],
               unsigned char hash[TOKEN_HASH_SIZE]);

/*
 * The hash of a presented token under the pepper that it names; under the current one, which finds nothing,
 * when the keyring has no such pepper. False, with `hash` zeroed, when the text (NULL too) has not the form
 * of a token.
 */
bool token_hash(const struct keyring *keyring, enum token_use use, const char *text,
                unsigned char hash[TOKEN_HASH_SIZE]);

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
