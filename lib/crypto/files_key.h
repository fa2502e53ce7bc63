/*
 * Keys for patients' photos and documents: who makes, opens and looks at them has no data key, and no key of
 * the keyring but `files`.
 *
 * A patient's *files key* is derived from their data key (data_key.h), so the erasure that destroys the one
 * destroys the other. Every sealed object, and what the patient's client declared of a file, is under a key
 * that is derived from it; so neither needs a rotation. Workers derive it when they have the data key. The
 * scanner, which has none, gets it sealed under the keyring's `files` key (anamnesis.data_key.files_key): the
 * form of aead.h, and the additional data is the version and the patient's id in its one spelling, so a copy
 * that is moved to another patient's row does not open. `anamnesis keys rotate --kind files` makes that copy
 * anew, from the data key.
 *
 * Of each version of `files` one key is derived for each purpose, by HKDF-Expand with SHA-256 (RFC 5869):
 * a part's URL is signed by one, a ticket for a download is sealed by another, the scanner's copy by a third.
 * URLs and tickets live for minutes and are never moved: while they live, the version must not be retired.
 *
 * A keyring may lack the kind (it was made before there was one: `anamnesis keys upgrade`). Programs start all
 * the same; everything here then returns false, and who wanted a file transferred answers 503. Costs: some
 * microseconds each. Files keys must not be stored but sealed, never be logged, and are wiped after use by
 * whoever called these functions.
 */
#ifndef ANAMNESIS_CRYPTO_FILES_KEY_H
#define ANAMNESIS_CRYPTO_FILES_KEY_H

#include "lib/base/span.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/keyring.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    FILES_KEY_SIZE = 32,
    FILES_OVERHEAD = 4 + 24 + 16, /* what sealing adds */
    FILES_KEY_SEALED_SIZE = FILES_KEY_SIZE + FILES_OVERHEAD
};

/* What a version of `files` is for; the names of files_key.c go into the derivation. */
enum files_purpose {
    FILES_URLS,   /* signs the URLs that parts are sent to */
    FILES_TICKET, /* seals what a download needs, for the program that gives the bytes */
    FILES_SCAN,   /* seals files keys for the scanner */
    FILES_PURPOSES
};

/* The files key of the patient whose opened data key this is. */
void files_key_of(const unsigned char data_key[DATA_KEY_SIZE], unsigned char key[FILES_KEY_SIZE]);

/*
 * The scanner's copy, under the current version of `files`. False, with `sealed` zeroed, when the keyring
 * lacks the kind or the id is no UUID.
 */
bool files_key_seal(const struct keyring *keyring, const char *patient_id,
                    const unsigned char key[FILES_KEY_SIZE], unsigned char sealed[FILES_KEY_SEALED_SIZE]);

/*
 * Opens the scanner's copy. False, with `key` zeroed, when it was changed, is another patient's, or the
 * keyring lacks its version.
 */
bool files_key_open(const struct keyring *keyring, const char *patient_id, struct span sealed,
                    unsigned char key[FILES_KEY_SIZE]);

/*
 * The key of one version for one purpose. Who signs takes the version keyring_current tells and names it in
 * what was signed; who verifies takes the version that is named. False, with `key` zeroed, when the keyring
 * has no such version: a program that reads its keyring from a file then looks there again (at most once a
 * second), because a rotation puts a version there before anybody uses it.
 */
bool files_subkey(const struct keyring *keyring, enum files_purpose purpose, uint32_t version,
                  unsigned char key[FILES_KEY_SIZE]);

/*
 * Seals a ticket for `aad` (what it is for: an id, at most 512 bytes, never a client's text) under the current
 * version: plain.size + FILES_OVERHEAD bytes. False, with nothing written, when the keyring lacks the kind.
 */
bool files_ticket_seal(const struct keyring *keyring, const char *aad, struct span plain,
                       unsigned char *sealed);

/*
 * Opens it: sealed.size - FILES_OVERHEAD bytes; whoever calls looks at sealed.size before. False, with nothing
 * told, when it is too short, was changed, was made for something else, or the keyring lacks its version
 * (files_sealed_version).
 */
bool files_ticket_open(const struct keyring *keyring, const char *aad, struct span sealed,
                       unsigned char *plain);

/* The version of `files` that a ticket or the scanner's copy names, unproven until it opens; 0 when it is too
 * short to have one. */
uint32_t files_sealed_version(struct span sealed);

/*
 * What a client declared of a file (its digest would prove after an erasure which known file it was), sealed
 * under the patient's files key and bound to the upload's id: plain.size + FILES_OVERHEAD bytes. The version
 * in front is that of this form, 1, and no version of the keyring. False, with nothing written, when the id is
 * no UUID.
 */
bool files_declared_seal(const unsigned char key[FILES_KEY_SIZE], const char *upload_id, struct span plain,
                         unsigned char *sealed);

/* Opens it: sealed.size - FILES_OVERHEAD bytes. False, with nothing told, when it was changed, is another
 * upload's or another patient's, or is too short. */
bool files_declared_open(const unsigned char key[FILES_KEY_SIZE], const char *upload_id, struct span sealed,
                         unsigned char *plain);

#endif
