/*
 * Passwords: how they are judged, hashed and compared.
 *
 * A password is brought to NFKC (NIST SP 800-63B-4 section 3.1.1.2), then an HMAC of it under the keyring's
 * pepper is hashed with Argon2id (RFC 9106; 19 MiB, two passes: OWASP Password Storage Cheat Sheet). So a
 * stolen database alone cannot be tried: whoever tries needs the keyring too. The stored form is "p<pepper
 * version>$argon2id$v=19$m=19456,t=2,p=1$...". It names its pepper, so a rotation of peppers asks nobody for
 * a new password: the next right sign-in hashes anew.
 *
 * Hashing and verifying cost about 20 ms of processor time and 19 MiB each, which is what makes guessing
 * expensive and is also why only the auth lane does it. Verifying does the same work whether the account
 * exists or not. A password must not be logged, stored, or kept longer than the request; what is copied here
 * is wiped.
 */
#ifndef ANAMNESIS_CRYPTO_PASSWORD_H
#define ANAMNESIS_CRYPTO_PASSWORD_H

#include "lib/crypto/keyring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PASSWORD_HASH_SIZE = 160,
    PASSWORD_MIN_WITH_MFA = 8, /* code points; ASVS 6.2.1, SP 800-63B-4 */
    PASSWORD_MIN_ALONE = 15,
    PASSWORD_MAX = 256 /* code points: at least 64 must be allowed, and hashing needs some bound */
};

/* Why a password is refused: for request_error(). Literals. */
struct password_refusal {
    const char *code; /* not-text, too-short, too-long, common, context */
    const char *detail;
};

/*
 * Hashes for storage; about 20 ms and 19 MiB. False, with `stored` "", when it is no UTF-8, has more than
 * PASSWORD_MAX code points, or memory is short. Does not judge the password: password_check.
 */
bool password_hash(const struct keyring *keyring, const char *password, char stored[PASSWORD_HASH_SIZE]);

/*
 * True when the password is the stored one. With `stored` NULL (no such account, no password yet) it is false
 * after the same work, so that time does not tell accounts apart (ASVS 6.3.8). False too, with a line in the
 * log, when the keyring lacks the pepper.
 */
bool password_verify(const struct keyring *keyring, const char *stored, const char *password);

/* How many times this process has computed Argon2id: for the log, and for tests that compare what sign-ins
 * cost. */
int64_t password_computations(void);

/* True when a stored form was made with an older pepper or other costs: hash again after the next right
 * sign-in. */
bool password_is_old(const struct keyring *keyring, const char *stored);

/*
 * The policy (ASVS 6.2.1 to 6.2.12): `least` code points (PASSWORD_MIN_*), no composition rules, not one of
 * the common passwords (alone, repeated, or with digits and signs around it), not a run like "abcdefgh", and
 * not made of context: `context` is a NULL-terminated list of texts (practice name, e-mail address, person's
 * name); the product's name is always in it. NULL when the password is good.
 */
const struct password_refusal *password_check(const char *password, size_t least, const char *const *context);

#endif
