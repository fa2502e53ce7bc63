#include "lib/crypto/id_cache.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ID_CACHE_SEED_SIZE == crypto_shorthash_KEYBYTES, "SipHash");

bool
id_cache_init(struct id_cache *cache, size_t count)
{
    cache->pairs = calloc(count, sizeof *cache->pairs);
    cache->count = count;
    cache->puts = 0;
    randombytes_buf(cache->seed, sizeof cache->seed);
    return cache->pairs != NULL;
}

void
id_cache_free(struct id_cache *cache)
{
    free(cache->pairs);
    cache->pairs = NULL;
}

void
id_cache_clear(struct id_cache *cache)
{
    memset(cache->pairs, 0, cache->count * sizeof *cache->pairs);
    cache->puts = 0;
}

/* The four entries in which a key may be. */
static struct id_pair *
bucket_of(const struct id_cache *cache, const unsigned char key[DIGEST_SIZE])
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint64_t number = 0;
    (void)crypto_shorthash(hash, key, DIGEST_SIZE, cache->seed);
    memcpy(&number, hash, sizeof number);
    return cache->pairs + (size_t)(number % (cache->count / ID_CACHE_WAYS)) * ID_CACHE_WAYS;
}

/* The index of the key's entry among them; ID_CACHE_WAYS when it is in none. */
static size_t
pair_index(const struct id_pair *bucket, const unsigned char key[DIGEST_SIZE])
{
    size_t at = 0;
    while (at < ID_CACHE_WAYS &&
           (bucket[at].written == 0 || !digest_equal(bucket[at].key, key, DIGEST_SIZE))) {
        at++;
    }
    return at;
}

void
id_cache_put(struct id_cache *cache, const struct id_pair *id_pair)
{
    if (cache->puts == UINT32_MAX) {
        id_cache_clear(cache); /* ages would no longer compare */
    }
    struct id_pair *bucket = bucket_of(cache, id_pair->key);
    size_t at = pair_index(bucket, id_pair->key);
    if (at == ID_CACHE_WAYS) {
        at = 0;
        for (size_t i = 1; i < ID_CACHE_WAYS; i++) {
            at = bucket[i].written < bucket[at].written ? i : at;
        }
    }
    bucket[at] = *id_pair;
    bucket[at].written = ++cache->puts;
}

const struct id_pair *
id_cache_find(const struct id_cache *cache, const unsigned char key[DIGEST_SIZE])
{
    const struct id_pair *bucket = bucket_of(cache, key);
    size_t at = pair_index(bucket, key);
    return at == ID_CACHE_WAYS ? NULL : &bucket[at];
}

void
id_cache_drop(struct id_cache *cache, const unsigned char key[DIGEST_SIZE])
{
    struct id_pair *bucket = bucket_of(cache, key);
    size_t at = pair_index(bucket, key);
    if (at < ID_CACHE_WAYS) {
        memset(&bucket[at], 0, sizeof bucket[at]);
    }
}
