/*
 * A cache of fixed size from a key of at most 32 bytes to two ids. It is 4-way set associative: a key may be
 * in one of four entries, and a fifth key of the same set takes the entry that was written longest ago.
 *
 * An entry may be lost at any time, so the caller must be able to ask the database instead; an entry may also
 * be out of date, so nothing it says may be believed without the database. Nothing in it is secret (a
 * session's key is the hash of its token), so it is neither wiped nor locked. The set is chosen by SipHash
 * under a random seed, so that nobody can choose ids that push each other out.
 *
 * A call costs one hash and at most four comparisons; nothing is allocated after id_cache_init. Not for
 * several threads. For lib/crypto only.
 */
#ifndef ANAMNESIS_CRYPTO_ID_CACHE_H
#define ANAMNESIS_CRYPTO_ID_CACHE_H

#include "lib/base/uuid.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ID_CACHE_WAYS = 4, ID_CACHE_SEED_SIZE = 16 };

struct id_pair {
    unsigned char key[DIGEST_SIZE]; /* keys that are shorter are padded with zeros */
    unsigned char first[UUID_SIZE];
    unsigned char second[UUID_SIZE];
    uint32_t written; /* the number of the put that wrote it, set by id_cache_put; 0: the entry is empty */
};

struct id_cache {
    struct id_pair *pairs; /* owned */
    size_t count;          /* a multiple of HINT_WAYS */
    uint32_t puts;
    unsigned char seed[ID_CACHE_SEED_SIZE]; /* so that no one can aim at a bucket */
};

/*
 * Room for `count` pairs, a multiple of ID_CACHE_WAYS. False when there is no memory; free is then harmless.
 */
bool id_cache_init(struct id_cache *cache, size_t count);
void id_cache_free(struct id_cache *cache);

/* Forgets everything. */
void id_cache_clear(struct id_cache *cache);

/* Stores a copy, in place of what the key had. */
void id_cache_put(struct id_cache *cache, const struct id_pair *id_pair);

/* What a key has, borrowed until the next call that changes the cache; NULL when it has nothing. */
const struct id_pair *id_cache_find(const struct id_cache *cache, const unsigned char key[DIGEST_SIZE]);

/* Forgets one key. */
void id_cache_drop(struct id_cache *cache, const unsigned char key[DIGEST_SIZE]);

#endif
