/*
 * A small table from a key of at most 32 bytes to two ids, which may forget: four places for each bucket, the
 * oldest gives way. Nothing in it is secret, and nothing in it is believed without the database. For
 * lib/crypto only.
 */
#ifndef ANAMNESIS_CRYPTO_HINT_H
#define ANAMNESIS_CRYPTO_HINT_H

#include "lib/base/uuid.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HINT_WAYS = 4, HINT_SEED_SIZE = 16 };

struct hint {
    unsigned char key[DIGEST_SIZE]; /* shorter keys are followed by zeros */
    unsigned char first[UUID_SIZE];
    unsigned char second[UUID_SIZE];
    uint32_t written; /* which put made it; 0: empty */
};

struct hint_table {
    struct hint *hints; /* owned */
    size_t count;       /* a multiple of HINT_WAYS */
    uint32_t puts;
    unsigned char seed[HINT_SEED_SIZE]; /* so that no one can aim at a bucket */
};

/* `count` places. False when there is no memory. */
bool hint_table_init(struct hint_table *table, size_t count);
void hint_table_free(struct hint_table *table);

/* Forgets everything. */
void hint_table_clear(struct hint_table *table);

void hint_put(struct hint_table *table, const struct hint *hint);

/* Borrowed until the next put; NULL when there is none. */
const struct hint *hint_find(const struct hint_table *table, const unsigned char key[DIGEST_SIZE]);
void hint_drop(struct hint_table *table, const unsigned char key[DIGEST_SIZE]);

#endif
