/*
 * What a client declared of a file before it sent it: size, SHA-256 and type. The database keeps it sealed under the
 * patient's files key (files_key.h), bound to the upload: whoever takes the upload opens it, and so does whoever
 * looks at the file, but nobody once the patient is erased. Within the seal: 32 bytes of digest, 8 of size (big
 * endian), and the type.
 */
#ifndef ANAMNESIS_STORE_DECLARED_H
#define ANAMNESIS_STORE_DECLARED_H

#include "lib/base/span.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/files_key.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    DECLARED_TYPE_SIZE = 128,
    DECLARED_SEALED_MAX = DIGEST_SIZE + 8 + DECLARED_TYPE_SIZE + FILES_OVERHEAD
};

struct declared {
    unsigned char sha256[DIGEST_SIZE];
    int64_t size;                  /* bytes */
    char type[DECLARED_TYPE_SIZE]; /* as the allow-list has it */
};

/* Writes at most DECLARED_SEALED_MAX bytes and returns how many; 0 when the id is no UUID. */
size_t declared_seal(const unsigned char files_key[FILES_KEY_SIZE], const char *upload_id,
                     const struct declared *declared, unsigned char sealed[DECLARED_SEALED_MAX]);

/* False, with nothing told, when it was changed, is another upload's or another patient's, or is not of this form. */
bool declared_open(const unsigned char files_key[FILES_KEY_SIZE], const char *upload_id, struct span sealed,
                   struct declared *declared);

#endif
