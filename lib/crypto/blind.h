/*
 * Blind indexes: a keyed digest of a normalised value, so that the database can find an e-mail address or a
 * record number by equality without knowing it. Equal values of one context have equal indexes under one key,
 * and nothing else shows: neither order, nor length, nor what is similar.
 *
 * An index is 4 bytes version of the index key (big endian), then 28 bytes of HMAC-SHA-256 over context and
 * value: each says by which key it was made. The value must have been normalised by the function of its kind
 * before, or two spellings are two values. Values of which there are few (a sex, a date of birth) must not be
 * indexed: who has the key could try them all. The keyring must have an index key. Costs: one HMAC for each
 * version that the keyring has.
 */
#ifndef ANAMNESIS_CRYPTO_BLIND_H
#define ANAMNESIS_CRYPTO_BLIND_H

#include "lib/base/arena.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/keyring.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    BLIND_INDEX_SIZE = DIGEST_SIZE,
    BLIND_INDEXES_MAX = 2 * KEYRING_VERSIONS_MAX,
    RECORD_NUMBER_BYTES_MAX = 512
};

/* Contexts: one for each column that is searched. */
#define BLIND_STAFF_EMAIL           "staff.email"
#define BLIND_PATIENT_EMAIL         "patient.email"
#define BLIND_PATIENT_RECORD_NUMBER "patient.record_number"
#define BLIND_PASSKEY_CREDENTIAL    "passkey.credential"

/* The index of a normalised value under the current index key. */
void blind_index(const struct keyring *keyring, const char *context, const char *normalised,
                 unsigned char index[BLIND_INDEX_SIZE]);

/*
 * The indexes under every version that the keyring has, the one that new values get first: what to look for
 * while a rotation is under way. Returns how many; 1 between rotations, twice as many for an address of staff
 * with an internationalised domain.
 */
size_t blind_indexes(const struct keyring *keyring, const char *context, const char *normalised,
                     unsigned char indexes[BLIND_INDEXES_MAX][BLIND_INDEX_SIZE]);

/* The same under one version (rotation). False, with `index` zeroed, when the keyring has no such version. */
bool blind_index_version(const struct keyring *keyring, uint32_t version, const char *context,
                         const char *normalised, unsigned char index[BLIND_INDEX_SIZE]);

/*
 * An e-mail address for comparison: as it is kept (lib/base/email.h), with the local part in lower case, so
 * that every spelling of an address is the same. In arena memory. NULL when it is no address. Messages go to
 * the address as stored, never to one that a client sent for comparison.
 */
char *email_normalise(struct arena *arena, const char *email);

/*
 * A record number for comparison: NFKC, lower case, without white space; signs count. In arena memory. NULL
 * when it is not UTF-8, longer than RECORD_NUMBER_BYTES_MAX, has other control characters, or nothing is
 * left.
 */
char *record_number_normalise(struct arena *arena, const char *number);

#endif
