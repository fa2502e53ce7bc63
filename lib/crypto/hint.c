#include "lib/crypto/hint.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(HINT_SEED_SIZE == crypto_shorthash_KEYBYTES, "SipHash");

bool
hint_table_init(struct hint_table *table, size_t count)
{
    table->hints = calloc(count, sizeof *table->hints);
    table->count = count;
    table->puts = 0;
    randombytes_buf(table->seed, sizeof table->seed);
    return table->hints != NULL;
}

void
hint_table_free(struct hint_table *table)
{
    free(table->hints);
    table->hints = NULL;
}

void
hint_table_clear(struct hint_table *table)
{
    memset(table->hints, 0, table->count * sizeof *table->hints);
    table->puts = 0;
}

/* The four places where a key may be. */
static struct hint *
bucket_of(const struct hint_table *table, const unsigned char key[DIGEST_SIZE])
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint64_t number = 0;
    (void)crypto_shorthash(hash, key, DIGEST_SIZE, table->seed);
    memcpy(&number, hash, sizeof number);
    return table->hints + (size_t)(number % (table->count / HINT_WAYS)) * HINT_WAYS;
}

/* Which of them; HINT_WAYS when in none. */
static size_t
way_of(const struct hint *bucket, const unsigned char key[DIGEST_SIZE])
{
    size_t way = 0;
    while (way < HINT_WAYS &&
           (bucket[way].written == 0 || !digest_equal(bucket[way].key, key, DIGEST_SIZE))) {
        way++;
    }
    return way;
}

void
hint_put(struct hint_table *table, const struct hint *hint)
{
    if (table->puts == UINT32_MAX) {
        hint_table_clear(table); /* ages would no longer compare */
    }
    struct hint *bucket = bucket_of(table, hint->key);
    size_t way = way_of(bucket, hint->key);
    if (way == HINT_WAYS) {
        way = 0;
        for (size_t i = 1; i < HINT_WAYS; i++) {
            way = bucket[i].written < bucket[way].written ? i : way;
        }
    }
    bucket[way] = *hint;
    bucket[way].written = ++table->puts;
}

const struct hint *
hint_find(const struct hint_table *table, const unsigned char key[DIGEST_SIZE])
{
    const struct hint *bucket = bucket_of(table, key);
    size_t way = way_of(bucket, key);
    return way == HINT_WAYS ? NULL : &bucket[way];
}

void
hint_drop(struct hint_table *table, const unsigned char key[DIGEST_SIZE])
{
    struct hint *bucket = bucket_of(table, key);
    size_t way = way_of(bucket, key);
    if (way < HINT_WAYS) {
        memset(&bucket[way], 0, sizeof bucket[way]);
    }
}
