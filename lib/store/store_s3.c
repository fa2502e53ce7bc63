#include "lib/store/store_s3.h"

#include "lib/base/clock.h"
#include "lib/cloud/s3.h"
#include "lib/crypto/digest.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store_s3 {
    struct credentials *credentials;
    struct s3 *s3;
    bool is_away; /* the last time that it was asked */
};

struct store_s3 *
store_s3_create(const struct store_s3_settings *settings, char *error, size_t size)
{
    struct store_s3 *store = calloc(1, sizeof *store);
    if (store == NULL) {
        (void)snprintf(error, size, "out of memory");
        return NULL;
    }
    store->credentials = credentials_create(error, size);
    if (store->credentials != NULL) {
        store->s3 = s3_create(&(struct s3_settings){.url = settings->url,
                                                    .region = settings->region,
                                                    .credentials = store->credentials,
                                                    .seconds = settings->seconds,
                                                    .ca_file = settings->ca_file,
                                                    .stop = settings->stop},
                              error, size);
    }
    if (store->s3 == NULL) {
        store_s3_destroy(store);
        return NULL;
    }
    return store;
}

void
store_s3_destroy(struct store_s3 *store)
{
    if (store != NULL) {
        s3_destroy(store->s3);
        credentials_destroy(store->credentials);
        free(store);
    }
}

static enum store_result
ended(struct store_s3 *store, enum s3_result result)
{
    store->is_away = result == S3_UNREACHABLE || result == S3_REFUSED;
    switch (result) {
    case S3_DONE:
        return STORE_DONE;
    case S3_ABSENT:
        return STORE_ABSENT;
    case S3_REFUSED:
        errno = EACCES;
        return STORE_AWAY;
    case S3_UNREACHABLE:
        errno = EHOSTUNREACH;
        return STORE_AWAY;
    case S3_EXISTS:
        errno = EEXIST;
        return STORE_FAILED;
    case S3_DAMAGED:
        errno = EBADMSG;
        return STORE_FAILED;
    case S3_FAILED:
        break;
    }
    errno = EINVAL;
    return STORE_FAILED;
}

static enum store_result
no_name(void)
{
    errno = EINVAL;
    return STORE_FAILED;
}

enum store_result
store_s3_reach(struct store_s3 *store)
{
    return store->is_away ? ended(store, s3_reach(store->s3)) : STORE_DONE;
}

/* The parts of one upload: `prefix` is their directory with a slash. */
struct found {
    const char *upload_id;
    bool strange; /* there is something else, too */
    int64_t sizes[UPLOAD_PARTS_MAX];
};

static bool
find(void *data, const struct s3_entry *entry)
{
    struct found *found = data;
    char upload[UUID_TEXT_SIZE];
    unsigned number = 0;
    if (object_name_read_part(entry->key, upload, &number)) {
        found->sizes[number - 1] = entry->size;
    } else {
        found->strange = true;
    }
    return true;
}

static enum store_result
find_parts(struct store_s3 *store, const char *upload_id, struct found *found)
{
    char name[OBJECT_NAME_SIZE];
    char prefix[OBJECT_NAME_SIZE + 1];
    if (!object_name_parts(upload_id, name)) {
        return no_name();
    }
    (void)snprintf(prefix, sizeof prefix, "%s/", name);
    *found = (struct found){.upload_id = upload_id};
    for (size_t i = 0; i < UPLOAD_PARTS_MAX; i++) {
        found->sizes[i] = -1;
    }
    return ended(store, s3_list(store->s3, prefix, find, found));
}

enum store_result
store_s3_parts(struct store_s3 *store, const char *upload_id, unsigned count, int64_t sizes[UPLOAD_PARTS_MAX])
{
    struct found found;
    enum store_result result = find_parts(store, upload_id, &found);
    for (unsigned i = 0; result == STORE_DONE && i < count && i < UPLOAD_PARTS_MAX; i++) {
        sizes[i] = found.sizes[i];
    }
    return result;
}

bool
store_s3_may_sign(struct store_s3 *store, int64_t now)
{
    struct cloud_keys keys;
    bool good = credentials_keys(store->credentials, now, now + PART_URL_SECONDS * CLOCK_SECOND, &keys);
    sodium_memzero(&keys, sizeof keys);
    return good;
}

bool
store_s3_part_url(struct store_s3 *store, const struct signed_part *part, int64_t now, struct buf *url)
{
    char name[OBJECT_NAME_SIZE];
    struct cloud_keys keys;
    int64_t until = now + PART_URL_SECONDS * CLOCK_SECOND;
    if (part->size < 1 || part->size > PART_SIZE_MAX ||
        !object_name_part(part->upload_id, part->number, name) ||
        !credentials_keys(store->credentials, now, until, &keys)) {
        return false;
    }
    const struct s3_part signs = {.key = name, .size = part->size, .digest = part->digest};
    bool made = s3_presign_put(s3_place_of(store->s3), &keys, &signs, now, PART_URL_SECONDS, url);
    sodium_memzero(&keys, sizeof keys);
    return made;
}

enum store_result
store_s3_part_read(struct store_s3 *store, const char *upload_id, unsigned number, unsigned char *bytes,
                   size_t *size)
{
    char name[OBJECT_NAME_SIZE];
    if (!object_name_part(upload_id, number, name)) {
        return no_name();
    }
    /* Of a longer one the file's digest would be another. */
    return ended(store, s3_get(store->s3, name, 0, PART_SIZE_MAX, bytes, size));
}

_Static_assert((int)STORE_TAG_SIZE == (int)S3_TAG_SIZE, "a tag fits");

enum store_result
store_s3_part_tag(struct store_s3 *store, const char *upload_id, unsigned number, const char *tag,
                  char *value)
{
    char name[OBJECT_NAME_SIZE];
    if (!object_name_part(upload_id, number, name)) {
        return no_name();
    }
    return ended(store, s3_get_tag(store->s3, name, tag, value));
}

/* All of a sealed object in memory, which the caller frees. */
static struct span
seal(const unsigned char key[STREAM_KEY_SIZE], const char *text, struct span plain, unsigned char **bytes)
{
    size_t size = 0;
    struct stream_seal *stream = malloc(sizeof *stream);
    *bytes = malloc((size_t)stream_sealed_size(plain.size));
    if (stream != NULL && *bytes != NULL) {
        stream_seal_begin(stream, key, text, *bytes);
        size = STREAM_HEADER_SIZE;
        for (size_t got = stream_seal_feed(stream, &plain, *bytes + size); got > 0;
             got = stream_seal_feed(stream, &plain, *bytes + size)) {
            size += got;
        }
        size += stream_seal_end(stream, *bytes + size);
        sodium_memzero(stream, sizeof *stream);
    }
    free(stream);
    return (struct span){*bytes, size};
}

enum store_result
store_s3_write(struct store_s3 *store, const unsigned char key[STREAM_KEY_SIZE], const char *text,
               struct span plain, char name[OBJECT_NAME_SIZE])
{
    unsigned char digest[DIGEST_SIZE];
    unsigned char *bytes = NULL;
    if (plain.size > UPLOAD_SIZE_MAX) {
        errno = EFBIG;
        return STORE_FULL;
    }
    (void)object_name_new(name);
    struct span sealed = seal(key, text, plain, &bytes);
    enum store_result result = STORE_FAILED;
    errno = ENOMEM;
    if (sealed.size > 0) {
        digest_sha256(sealed, digest);
        result = ended(store, s3_put(store->s3, name, sealed, digest));
    }
    int why = errno;
    free(bytes);
    errno = why;
    return result;
}

enum store_result
store_s3_bytes(struct store_s3 *store, const char *name, uint64_t from, unsigned char *bytes, size_t size)
{
    size_t got = 0;
    if (!object_name_is_sealed(name)) {
        return no_name();
    }
    enum store_result result = ended(store, s3_get(store->s3, name, (int64_t)from, size, bytes, &got));
    return result == STORE_DONE && got != size ? STORE_DAMAGED : result;
}

/* What is no part of ours is left, and the directory with it. */
static enum store_result
remove_parts(struct store_s3 *store, const char *upload_id)
{
    struct found found;
    enum store_result result = find_parts(store, upload_id, &found);
    for (unsigned number = 1; result == STORE_DONE && number <= UPLOAD_PARTS_MAX; number++) {
        char name[OBJECT_NAME_SIZE];
        if (found.sizes[number - 1] >= 0 && object_name_part(upload_id, number, name)) {
            result = ended(store, s3_delete(store->s3, name));
        }
    }
    if (result == STORE_DONE && found.strange) {
        errno = ENOTEMPTY;
        return STORE_FAILED;
    }
    return result;
}

enum store_result
store_s3_remove(struct store_s3 *store, const char *name)
{
    static const char incoming[] = "incoming/";
    const char *id = name + sizeof incoming - 1;
    char whole[OBJECT_NAME_SIZE];
    if (object_name_is_sealed(name)) {
        enum store_result result = ended(store, s3_delete(store->s3, name));
        return result == STORE_ABSENT ? STORE_DONE : result;
    }
    if (strncmp(name, incoming, sizeof incoming - 1) != 0 || !object_name_parts(id, whole) ||
        strcmp(name, whole) != 0) {
        return no_name();
    }
    return remove_parts(store, id);
}

struct listing {
    store_entry_fn *each;
    void *context;
};

static bool
tell(void *data, const struct s3_entry *entry)
{
    struct listing *listing = data;
    return listing->each(listing->context, &(struct store_entry){.name = entry->key,
                                                                 .what = STORE_FILE,
                                                                 .size = entry->size,
                                                                 .changed = entry->modified / CLOCK_SECOND});
}

enum store_result
store_s3_list(struct store_s3 *store, const char *prefix, store_entry_fn *each, void *context)
{
    struct listing listing = {each, context};
    return ended(store, s3_list(store->s3, prefix, tell, &listing));
}

enum store_result
store_s3_look(struct store_s3 *store, const char *name, struct store_entry *entry)
{
    struct s3_object object;
    enum store_result result = ended(store, s3_head(store->s3, name, &object));
    if (result == STORE_DONE) {
        *entry = (struct store_entry){.name = name, .what = STORE_FILE, .size = object.size};
    }
    return result;
}
