#include "lib/form/definition/form_cache.h"

#include "lib/form/definition/compiled.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256, ID_SIZE = 37, ALWAYS_KEPT = 2 };

struct entry {
    char id[ID_SIZE];
    int64_t version;
    struct form *form;
    struct entry *newer; /* by use */
    struct entry *older;
    struct entry *chain; /* next in the bucket */
};

struct form_cache {
    struct entry *buckets[BUCKETS];
    struct entry *newest;
    struct entry *oldest;
    size_t count;
    size_t bytes;
    size_t max;
};

static struct entry **
bucket_of(struct form_cache *cache, const char *id, int64_t version)
{
    uint32_t hash = form_hash(id, strlen(id)) + (uint32_t)version * 2654435761U;
    return &cache->buckets[hash % BUCKETS];
}

static struct entry *
find(struct form_cache *cache, const char *id, int64_t version)
{
    struct entry *entry = *bucket_of(cache, id, version);
    while (entry != NULL && (entry->version != version || strcmp(entry->id, id) != 0)) {
        entry = entry->chain;
    }
    return entry;
}

static void
unlink_entry(struct form_cache *cache, struct entry *entry)
{
    if (entry->newer != NULL) {
        entry->newer->older = entry->older;
    } else {
        cache->newest = entry->older;
    }
    if (entry->older != NULL) {
        entry->older->newer = entry->newer;
    } else {
        cache->oldest = entry->newer;
    }
}

static void
make_newest(struct form_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    if (cache->newest != NULL) {
        cache->newest->newer = entry;
    } else {
        cache->oldest = entry;
    }
    cache->newest = entry;
}

static void
drop(struct form_cache *cache, struct entry *entry)
{
    struct entry **at = bucket_of(cache, entry->id, entry->version);
    while (*at != entry) {
        at = &(*at)->chain;
    }
    *at = entry->chain;
    unlink_entry(cache, entry);
    cache->bytes -= form_bytes(entry->form);
    cache->count--;
    form_free(entry->form);
    free(entry);
}

struct form_cache *
form_cache_create(size_t max)
{
    struct form_cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL) {
        cache->max = max;
    }
    return cache;
}

void
form_cache_destroy(struct form_cache *cache)
{
    while (cache != NULL && cache->oldest != NULL) {
        drop(cache, cache->oldest);
    }
    free(cache);
}

const struct form *
form_cache_get(struct form_cache *cache, const char *id, int64_t version)
{
    struct entry *entry = find(cache, id, version);
    if (entry == NULL) {
        return NULL;
    }
    unlink_entry(cache, entry);
    make_newest(cache, entry);
    return entry->form;
}

const struct form *
form_cache_put(struct form_cache *cache, const char *id, int64_t version, struct form *form)
{
    const struct form *present = form_cache_get(cache, id, version);
    size_t size = strlen(id);
    struct entry *entry = NULL;
    if (present != NULL || form == NULL || size >= ID_SIZE) {
        form_free(form);
        return present;
    }
    entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        form_free(form);
        return NULL;
    }
    memcpy(entry->id, id, size);
    entry->version = version;
    entry->form = form;
    struct entry **bucket = bucket_of(cache, id, version);
    entry->chain = *bucket;
    *bucket = entry;
    make_newest(cache, entry);
    cache->count++;
    cache->bytes += form_bytes(form);
    while (cache->bytes > cache->max && cache->count > ALWAYS_KEPT) {
        drop(cache, cache->oldest);
    }
    return form;
}

size_t
form_cache_bytes(const struct form_cache *cache)
{
    return cache->bytes;
}
