/*
 * Check values: what the database keeps of each key of the keyring (auth.key_check), so that a program learns
 * that it has the wrong keyring before it uses it, and not from data that does not open.
 *
 * A check value is HMAC-SHA-256 of the kind and the version under the key: it shows nothing of the key, and
 * no other key has it. A door is derived from the key too; a program shows it to the database to prove that
 * it has the key, and the database holds only its SHA-256. Neither may be logged. Nothing here reads the
 * database: callers bring its rows.
 */
#ifndef ANAMNESIS_CRYPTO_KEY_CHECK_H
#define ANAMNESIS_CRYPTO_KEY_CHECK_H

#include "lib/base/span.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/keyring.h"

enum { KEY_CHECK_SIZE = DIGEST_SIZE };

enum key_check_result {
    KEY_MATCHES,
    KEY_WRONG,  /* the keyring has another key under this version */
    KEY_MISSING /* the keyring has no such version, or there is no such kind */
};

/* The check value of one version. False, with `value` zeroed, when the keyring has no such version. */
bool key_check_value(const struct keyring *keyring, enum keyring_kind kind, uint32_t version,
                     unsigned char value[KEY_CHECK_SIZE]);

/*
 * Whether the keyring has the key of which the database holds this check value. A keyring without any key of
 * a known kind matches: a program that needs the kind was refused when its keyring was read.
 */
enum key_check_result key_check(const struct keyring *keyring, const char *kind, int64_t version,
                                struct span value);

/*
 * What a program shows the database to prove that it has a key, derived from this version: workers the
 * pepper's before a sign-in begins (auth.anonymous), the background program the audit key's with each seal
 * (audit.seal_add). The database has its SHA-256 (auth.key_check.door), so that whoever reads there cannot
 * show it. False, with `door` zeroed, when the keyring has no such version, or the kind has no door.
 */
bool key_check_door(const struct keyring *keyring, enum keyring_kind kind, uint32_t version,
                    unsigned char door[KEY_CHECK_SIZE]);

/* What is wrong and what to do, for people; a literal. */
const char *key_check_advice(enum key_check_result match);

#endif
