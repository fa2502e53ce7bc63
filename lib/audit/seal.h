/*
 * Seals: each says which rows are in the log up to a position, is chained to the one before, and is signed.
 * What is signed (Ed25519, RFC 8032), and where numbers are 8 bytes, big endian:
 *
 *     "anamnesis audit seal 1\n", number, horizon, rows, total, sealed_at, key_version, root, previous
 *
 *     root       the Merkle root (lib/crypto/merkle.h) of the leaves of its rows, in their order
 *     previous   the digest of the seal before: SHA-256 of a byte 2, what was signed, and the signature;
 *                zeros at first
 *
 * Rows belong to the first seal whose horizon is above their position. A seal proves only what was written
 * before it: whoever can write to the database may change rows that are not sealed yet, and cut off the
 * newest seals, which is why seals are noted outside of the database as well (checkpoints). The key is in the
 * background program's keyring alone. Neither a seal nor a row is ever changed; how a row is encoded (row.h)
 * must not change either, or no old log proves.
 */
#ifndef ANAMNESIS_AUDIT_SEAL_H
#define ANAMNESIS_AUDIT_SEAL_H

#include "lib/audit/row.h"
#include "lib/crypto/keyring.h"

enum { AUDIT_SIGNATURE_SIZE = 64, AUDIT_PUBLIC_KEY_SIZE = 32 };

struct audit_seal {
    int64_t number; /* from 1, without a gap */
    int64_t horizon;
    int64_t rows;
    int64_t total;     /* rows of this seal and all before */
    int64_t sealed_at; /* microseconds since 1970 */
    int64_t key_version;
    unsigned char root[DIGEST_SIZE];
    unsigned char previous[DIGEST_SIZE];
    unsigned char signature[AUDIT_SIGNATURE_SIZE];
};

/* What signatures are checked with. */
struct audit_keys {
    size_t count;
    struct {
        int64_t version;
        unsigned char key[AUDIT_PUBLIC_KEY_SIZE];
    } of[KEYRING_VERSIONS_MAX];
};

/* The public keys of the keyring's `audit` seeds. */
void audit_keys_of(const struct keyring *keyring, struct audit_keys *keys);

/* Signs with the keyring's current `audit` key: fills in key_version and signature. */
void audit_seal_sign(const struct keyring *keyring, struct audit_seal *seal);

/* True when the signature is by the named version among the keys. */
bool audit_seal_check(const struct audit_keys *keys, const struct audit_seal *seal);

/* What the next seal calls `previous`. */
void audit_seal_digest(const struct audit_seal *seal, unsigned char digest[DIGEST_SIZE]);

/*
 * The same signature over any other text; `purpose` keeps the uses of the key apart. Purpose and text
 * together have at most 16 KiB: audit_check refuses what is longer, whatever its signature. The keyring must
 * have an audit key.
 */
void audit_sign(const struct keyring *keyring, const char *purpose, struct span text, int64_t *key_version,
                unsigned char signature[AUDIT_SIGNATURE_SIZE]);
bool audit_check(const struct audit_keys *keys, const char *purpose, struct span text, int64_t key_version,
                 const unsigned char signature[AUDIT_SIGNATURE_SIZE]);

#endif
