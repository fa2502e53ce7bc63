/*
 * Slots are found by a chained hash table and kept in one list by last use; an empty slot is at the list's
 * old end, so taking the oldest is both allocation and eviction. Only the keys are in locked memory: what
 * they belong to is no secret, and locked pages are few.
 */
#include "lib/crypto/key_cache.h"

#include "lib/base/clock.h"
#include "lib/crypto/id_cache.h"
#include "lib/crypto/secure_memory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, NO_SLOT = KEY_CACHE_ENTRIES };

struct slot {
    unsigned char owner[UUID_SIZE];
    unsigned char practice[UUID_SIZE];
    int64_t put; /* when; microseconds */
    size_t next; /* in the bucket's chain */
    size_t newer;
    size_t older;
    bool used;
};

struct key_cache {
    unsigned char (*keys)[DATA_KEY_SIZE]; /* locked; one for each slot */
    struct slot slots[KEY_CACHE_ENTRIES];
    size_t buckets[BUCKETS];
    size_t newest;
    size_t oldest;
    int64_t swept; /* when expired keys were last looked for */
    unsigned char seed[crypto_shorthash_KEYBYTES];
    struct id_cache owners;
    struct id_cache sessions;
};

static void
make_empty(struct key_cache *cache)
{
    sodium_memzero(cache->keys, KEY_CACHE_ENTRIES * sizeof cache->keys[0]);
    memset(cache->slots, 0, sizeof cache->slots);
    for (size_t i = 0; i < BUCKETS; i++) {
        cache->buckets[i] = NO_SLOT;
    }
    for (size_t i = 0; i < KEY_CACHE_ENTRIES; i++) {
        cache->slots[i].next = NO_SLOT;
        cache->slots[i].newer = i == 0 ? NO_SLOT : i - 1;
        cache->slots[i].older = i + 1; /* of the last one: NO_SLOT */
    }
    cache->newest = 0;
    cache->oldest = KEY_CACHE_ENTRIES - 1;
    cache->swept = 0;
}

struct key_cache *
key_cache_create(void)
{
    struct key_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        return NULL;
    }
    cache->keys = secure_alloc(KEY_CACHE_ENTRIES * sizeof cache->keys[0]);
    bool good = id_cache_init(&cache->owners, KEY_CACHE_OWNERS);
    good = id_cache_init(&cache->sessions, KEY_CACHE_SESSIONS) && good;
    if (cache->keys == NULL || !good) {
        key_cache_destroy(cache);
        return NULL;
    }
    randombytes_buf(cache->seed, sizeof cache->seed);
    make_empty(cache);
    return cache;
}

void
key_cache_destroy(struct key_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    sodium_free(cache->keys);
    id_cache_free(&cache->owners);
    id_cache_free(&cache->sessions);
    free(cache);
}

static size_t *
bucket_of(struct key_cache *cache, const unsigned char owner[UUID_SIZE])
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint64_t number = 0;
    (void)crypto_shorthash(hash, owner, UUID_SIZE, cache->seed);
    memcpy(&number, hash, sizeof number);
    return &cache->buckets[number % BUCKETS];
}

static size_t
find(struct key_cache *cache, const unsigned char owner[UUID_SIZE])
{
    size_t at = *bucket_of(cache, owner);
    while (at != NO_SLOT && memcmp(cache->slots[at].owner, owner, UUID_SIZE) != 0) {
        at = cache->slots[at].next;
    }
    return at;
}

static void
list_remove(struct key_cache *cache, size_t at)
{
    struct slot *slot = &cache->slots[at];
    if (slot->newer == NO_SLOT) {
        cache->newest = slot->older;
    } else {
        cache->slots[slot->newer].older = slot->older;
    }
    if (slot->older == NO_SLOT) {
        cache->oldest = slot->newer;
    } else {
        cache->slots[slot->older].newer = slot->newer;
    }
}

static void
list_add_newest(struct key_cache *cache, size_t at)
{
    cache->slots[at].newer = NO_SLOT;
    cache->slots[at].older = cache->newest;
    cache->slots[cache->newest].newer = at;
    cache->newest = at;
}

static void
list_add_oldest(struct key_cache *cache, size_t at)
{
    cache->slots[at].older = NO_SLOT;
    cache->slots[at].newer = cache->oldest;
    cache->slots[cache->oldest].older = at;
    cache->oldest = at;
}

/* Wipes a slot and makes it the next to be taken. */
static void
forget(struct key_cache *cache, size_t at)
{
    struct slot *slot = &cache->slots[at];
    if (!slot->used) {
        return;
    }
    size_t *link = bucket_of(cache, slot->owner);
    while (*link != at) {
        link = &cache->slots[*link].next;
    }
    *link = slot->next;
    sodium_memzero(cache->keys[at], DATA_KEY_SIZE);
    slot->used = false;
    slot->next = NO_SLOT;
    list_remove(cache, at);
    list_add_oldest(cache, at);
}

/* A clock that was set back makes a key old too: five minutes are never more. */
static bool
is_expired(const struct slot *slot, int64_t now)
{
    return now < slot->put || now - slot->put >= KEY_CACHE_SECONDS * CLOCK_SECOND;
}

void
key_cache_sweep(struct key_cache *cache, int64_t now)
{
    if (now >= cache->swept && now - cache->swept < CLOCK_SECOND) {
        return; /* once a second is often enough, and costs nothing */
    }
    cache->swept = now;
    for (size_t i = 0; i < KEY_CACHE_ENTRIES; i++) {
        if (cache->slots[i].used && is_expired(&cache->slots[i], now)) {
            forget(cache, i);
        }
    }
}

bool
key_cache_get(struct key_cache *cache, const char *owner_id, int64_t now, unsigned char key[DATA_KEY_SIZE])
{
    unsigned char owner[UUID_SIZE];
    key_cache_sweep(cache, now);
    if (!uuid_parse(owner_id, owner)) {
        return false;
    }
    size_t at = find(cache, owner);
    if (at == NO_SLOT) {
        return false;
    }
    if (is_expired(&cache->slots[at], now)) {
        forget(cache, at);
        return false;
    }
    list_remove(cache, at);
    list_add_newest(cache, at);
    memcpy(key, cache->keys[at], DATA_KEY_SIZE);
    return true;
}

void
key_cache_put(struct key_cache *cache, const char *practice_id, const char *owner_id,
              const unsigned char key[DATA_KEY_SIZE], int64_t now)
{
    unsigned char owner[UUID_SIZE];
    unsigned char practice[UUID_SIZE];
    key_cache_sweep(cache, now);
    if (!uuid_parse(owner_id, owner) || !uuid_parse(practice_id, practice)) {
        return;
    }
    size_t at = find(cache, owner);
    forget(cache, at == NO_SLOT ? cache->oldest : at);
    at = cache->oldest;
    struct slot *slot = &cache->slots[at];
    size_t *bucket = bucket_of(cache, owner);
    memcpy(slot->owner, owner, UUID_SIZE);
    memcpy(slot->practice, practice, UUID_SIZE);
    memcpy(cache->keys[at], key, DATA_KEY_SIZE);
    slot->put = now;
    slot->used = true;
    slot->next = *bucket;
    *bucket = at;
    list_remove(cache, at);
    list_add_newest(cache, at);
}

void
key_cache_drop(struct key_cache *cache, const char *owner_id)
{
    unsigned char owner[UUID_SIZE];
    if (!uuid_parse(owner_id, owner)) {
        return;
    }
    size_t at = find(cache, owner);
    if (at != NO_SLOT) {
        forget(cache, at);
    }
}

size_t
key_cache_list(struct key_cache *cache, const char *practice_id, int64_t now, size_t max,
               char owner_ids[][UUID_TEXT_SIZE], unsigned char keys[][DATA_KEY_SIZE])
{
    unsigned char practice[UUID_SIZE];
    size_t count = 0;
    key_cache_sweep(cache, now);
    if (!uuid_parse(practice_id, practice)) {
        return 0;
    }
    for (size_t at = cache->newest; at != NO_SLOT && count < max && cache->slots[at].used;
         at = cache->slots[at].older) {
        const struct slot *slot = &cache->slots[at];
        if (!is_expired(slot, now) && memcmp(slot->practice, practice, UUID_SIZE) == 0) {
            (void)uuid_text(slot->owner, owner_ids[count]);
            memcpy(keys[count], cache->keys[at], DATA_KEY_SIZE);
            count++;
        }
    }
    return count;
}

void
key_cache_clear(struct key_cache *cache)
{
    make_empty(cache);
    id_cache_clear(&cache->owners);
    id_cache_clear(&cache->sessions);
}

void
object_owner_put(struct key_cache *cache, const char *object_id, const char *owner_id)
{
    struct id_pair id_pair = {.written = 0};
    if (uuid_parse(object_id, id_pair.key) && uuid_parse(owner_id, id_pair.first)) {
        id_cache_put(&cache->owners, &id_pair);
    }
}

bool
object_owner_get(const struct key_cache *cache, const char *object_id, char owner_id[UUID_TEXT_SIZE])
{
    unsigned char key[DIGEST_SIZE] = {0};
    if (!uuid_parse(object_id, key)) {
        return false;
    }
    const struct id_pair *id_pair = id_cache_find(&cache->owners, key);
    if (id_pair == NULL) {
        return false;
    }
    (void)uuid_text(id_pair->first, owner_id);
    return true;
}

void
session_owner_put(struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE],
                  const struct session_owner *session)
{
    struct id_pair id_pair = {.written = 0};
    memcpy(id_pair.key, token_hash, DIGEST_SIZE);
    if (uuid_parse(session->account_id, id_pair.first) && uuid_parse(session->practice_id, id_pair.second)) {
        id_cache_put(&cache->sessions, &id_pair);
    }
}

bool
session_owner_get(const struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE],
                  struct session_owner *session)
{
    const struct id_pair *id_pair = id_cache_find(&cache->sessions, token_hash);
    if (id_pair == NULL) {
        return false;
    }
    (void)uuid_text(id_pair->first, session->account_id);
    (void)uuid_text(id_pair->second, session->practice_id);
    return true;
}

void
session_owner_drop(struct key_cache *cache, const unsigned char token_hash[DIGEST_SIZE])
{
    id_cache_drop(&cache->sessions, token_hash);
}
