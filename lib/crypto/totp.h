/*
 * Time-based one-time passwords (RFC 6238, RFC 4226): HMAC-SHA-1, six digits, 30 seconds, one step of skew
 * either way. Authenticator applications know no other settings reliably. A step is accepted once: the caller
 * keeps the last accepted step, and the database moves it forward atomically.
 */
#ifndef ANAMNESIS_CRYPTO_TOTP_H
#define ANAMNESIS_CRYPTO_TOTP_H

#include "lib/base/arena.h"
#include "lib/base/span.h"

#include <stdint.h>

enum {
    TOTP_SECRET_SIZE = 20, /* RFC 4226 section 4, R6: the length of the HMAC's output */
    TOTP_CODE_SIZE = 7,    /* six digits and NUL */
    TOTP_STEP_SECONDS = 30
};

/* A new secret from the system's random source. The caller wipes it. */
void totp_new_secret(unsigned char secret[TOTP_SECRET_SIZE]);

/* The code of one step (seconds since 1970 / 30). Returns `code`. */
const char *totp_code(struct span secret, int64_t step, char code[TOTP_CODE_SIZE]);

/*
 * The step that `code` (six digits, perhaps with a blank in the middle) belongs to, when it is the present
 * one or a neighbour and later than `last_step`; -1 when not. Takes the same time for every code of six
 * digits. `seconds` since 1970.
 */
int64_t totp_verify(struct span secret, const char *code, int64_t seconds, int64_t last_step);

/* RFC 4648 base32 in upper case without padding, in arena memory. */
char *totp_base32(struct arena *arena, struct span secret);

/*
 * otpauth://totp/ISSUER:ACCOUNT?secret=...&issuer=ISSUER&algorithm=SHA1&digits=6&period=30, each part
 * percent-encoded (RFC 3986 section 2.3), in arena memory. A colon in the issuer becomes %3A, so the label
 * stays one issuer and one account (Key URI format).
 */
char *totp_uri(struct arena *arena, struct span secret, const char *issuer, const char *account);

#endif
