#include "lib/cloud/s3.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/cloud/s3_call.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGIN_SIZE = S3_HOST_SIZE + 8, RANGE_SIZE = 64, SECONDS_MAX = 3600, PIECE_SIZE = 1024 * 1024 };

struct s3 *
s3_create(const struct s3_settings *settings, char *error, size_t size)
{
    char origin[ORIGIN_SIZE];
    struct s3 *s3 = calloc(1, sizeof *s3);
    if (s3 == NULL || settings->seconds < 1 || settings->seconds > SECONDS_MAX) {
        (void)snprintf(error, size, "a call of S3 takes 1 to %d seconds", SECONDS_MAX);
        free(s3);
        return NULL;
    }
    if (!s3_place_read(settings->url, settings->region, &s3->place, error, size)) {
        free(s3);
        return NULL;
    }
    (void)snprintf(origin, sizeof origin, "%s://%s", s3->place.is_https ? "https" : "http", s3->place.host);
    s3->exchange =
        exchange_create(&(struct exchange_settings){origin, settings->ca_file, settings->stop}, error, size);
    s3->credentials = settings->credentials;
    s3->seconds = settings->seconds;
    s3->stop = settings->stop;
    if (s3->exchange == NULL) {
        free(s3);
        return NULL;
    }
    return s3;
}

void
s3_destroy(struct s3 *s3)
{
    if (s3 != NULL) {
        exchange_destroy(s3->exchange);
        free(s3);
    }
}

const struct s3_place *
s3_place_of(const struct s3 *s3)
{
    return &s3->place;
}

/* Refused here, so that a fault of ours is no request. */
static enum s3_result
no_key(const char *operation)
{
    log_event(LOG_WARN, "s3-failed", LOG_TEXT("operation", operation), LOG_TEXT("reason", "key"));
    return S3_FAILED;
}

/* An object is written when S3 names its version: somebody else's 200 has no ETag, and S3's no text. */
static bool
is_written(struct s3_call *call)
{
    unsigned char digest[DIGEST_SIZE];
    const char *checksum = call->answer[S3_HEADER_CHECKSUM].value;
    return call->answer[S3_HEADER_ETAG].value[0] != '\0' && call->reply.body.size == 0 &&
           (checksum[0] == '\0' || !s3_read_checksum(checksum, digest) ||
            digest_equal(digest, call->data, DIGEST_SIZE));
}

/* The digest of an object of this size, read: of a store that keeps none. */
static enum s3_result
digest_of(struct s3 *s3, const char *key, int64_t size, unsigned char digest[DIGEST_SIZE])
{
    enum s3_result result = S3_DONE;
    crypto_hash_sha256_state state;
    unsigned char *piece = malloc(PIECE_SIZE);
    (void)crypto_hash_sha256_init(&state);
    for (int64_t at = 0; at < size && result == S3_DONE && piece != NULL;) {
        size_t got = 0;
        result = s3_get(s3, key, at, PIECE_SIZE, piece, &got);
        (void)crypto_hash_sha256_update(&state, piece, got);
        at += (int64_t)got;
        if (result == S3_DONE && got == 0) {
            result = S3_DAMAGED; /* it has become shorter */
        }
    }
    (void)crypto_hash_sha256_final(&state, digest);
    bool had_memory = piece != NULL;
    if (had_memory) {
        sodium_memzero(piece, PIECE_SIZE);
    }
    free(piece);
    return had_memory ? result : S3_FAILED;
}

/* Whether the object that is there is these bytes. */
static enum s3_result
compare(struct s3 *s3, const char *key, struct span bytes, const unsigned char digest[DIGEST_SIZE],
        bool *is_same)
{
    struct s3_object object;
    enum s3_result result = s3_head(s3, key, &object);
    *is_same = result == S3_DONE && object.size == (int64_t)bytes.size;
    if (*is_same && !object.has_digest) {
        result = digest_of(s3, key, object.size, object.digest);
    }
    *is_same = *is_same && result == S3_DONE && digest_equal(object.digest, digest, DIGEST_SIZE);
    return result;
}

enum s3_result
s3_put(struct s3 *s3, const char *key, struct span bytes, const unsigned char digest[DIGEST_SIZE])
{
    char checksum[S3_CHECKSUM_SIZE];
    char payload[DIGEST_TEXT_SIZE];
    unsigned char copy[DIGEST_SIZE];
    memcpy(copy, digest, sizeof copy);
    struct s3_call call = {
        .operation = "put",
        .method = "PUT",
        .key = key,
        .headers = {{"if-none-match", "*"}, {"x-amz-checksum-sha256", s3_checksum(digest, checksum)}},
        .header_count = 2,
        .body = bytes,
        .payload = digest_hex(digest, payload),
        .good = 200,
        .check = is_written,
        .data = copy};
    if (!s3_is_key(key)) {
        return no_key(call.operation);
    }
    s3_call_begin(&call);
    enum s3_result result = s3_call_run(s3, &call);
    s3_call_end(&call);
    if (result != S3_EXISTS) {
        return result;
    }
    bool is_same = false;
    result = compare(s3, key, bytes, digest, &is_same);
    if (result == S3_DONE) {
        return is_same ? S3_DONE : S3_EXISTS;
    }
    return result == S3_ABSENT ? S3_UNREACHABLE : result; /* it was there, and is gone */
}

/* A part of an object, as it was asked for. */
struct wanted {
    int64_t from;
    size_t size;
};

static bool
read_number(const char **at, int64_t *value)
{
    char *end = NULL;
    if (**at < '0' || **at > '9') {
        return false;
    }
    errno = 0;
    *value = strtoll(*at, &end, 10);
    *at = end;
    return errno == 0;
}

/* "bytes first-last/all": it begins where it was to begin, and ends where it was to, or with the object. */
static bool
is_wanted(const struct s3_call *call, const struct wanted *wanted, bool *is_whole)
{
    const char *at = call->answer[S3_HEADER_RANGE].value;
    int64_t first = 0;
    int64_t last = 0;
    int64_t all = 0;
    if (strncmp(at, "bytes ", 6) != 0) {
        return false;
    }
    at += 6;
    if (!read_number(&at, &first) || *at++ != '-' || !read_number(&at, &last) || *at++ != '/' ||
        !read_number(&at, &all) || *at != '\0') {
        return false;
    }
    *is_whole = first == 0 && last == all - 1;
    int64_t asked = wanted->from + (int64_t)wanted->size - 1;
    return first == wanted->from && last >= first && last == (asked < all ? asked : all - 1) &&
           (size_t)(last - first) + 1 == call->reply.got;
}

static bool
is_range(struct s3_call *call)
{
    bool is_whole = false;
    unsigned char said[DIGEST_SIZE];
    unsigned char found[DIGEST_SIZE];
    if (!is_wanted(call, call->data, &is_whole)) {
        return false;
    }
    if (!is_whole || !s3_read_checksum(call->answer[S3_HEADER_CHECKSUM].value, said)) {
        return true;
    }
    digest_sha256((struct span){call->reply.into, call->reply.got}, found);
    return digest_equal(said, found, DIGEST_SIZE);
}

/* As s3_get, until `end` of clock_monotonic(); 0: for a call's time. */
static enum s3_result
get_until(struct s3 *s3, const char *key, int64_t from, size_t size, unsigned char *into, size_t *got,
          int64_t end)
{
    char range[RANGE_SIZE];
    struct wanted wanted = {from, size};
    struct s3_call call = {.operation = "get",
                           .method = "GET",
                           .key = key,
                           .headers = {{"range", range}, {"x-amz-checksum-mode", "ENABLED"}},
                           .header_count = 2,
                           .good = 206,
                           .end = end,
                           .check = is_range,
                           .data = &wanted,
                           .reply = {.into = into, .room = size}};
    *got = 0;
    if (!s3_is_key(key) || from < 0 || size < 1 || (uint64_t)size > (uint64_t)(INT64_MAX - from)) {
        return no_key(call.operation);
    }
    (void)snprintf(range, sizeof range, "bytes=%lld-%lld", (long long)from,
                   (long long)(from + (int64_t)size - 1));
    s3_call_begin(&call);
    enum s3_result result = s3_call_run(s3, &call);
    s3_call_end(&call);
    if (result == S3_DONE) {
        *got = call.reply.got;
    }
    return result;
}

enum s3_result
s3_get(struct s3 *s3, const char *key, int64_t from, size_t size, unsigned char *into, size_t *got)
{
    return get_until(s3, key, from, size, into, got, 0);
}

static bool
is_described(struct s3_call *call)
{
    return call->answer[S3_HEADER_ETAG].value[0] != '\0' && call->reply.length >= 0;
}

static enum s3_result
head_once(struct s3 *s3, const char *key, struct s3_object *object, long *status, int64_t end)
{
    struct s3_call call = {.operation = "head",
                           .method = "HEAD",
                           .key = key,
                           .headers = {{"x-amz-checksum-mode", "ENABLED"}},
                           .header_count = 1,
                           .good = 200,
                           .end = end,
                           .check = is_described};
    s3_call_begin(&call);
    enum s3_result result = s3_call_run(s3, &call);
    s3_call_end(&call);
    *status = call.reply.status;
    if (result == S3_DONE) {
        object->size = call.reply.length;
        object->has_digest = s3_read_checksum(call.answer[S3_HEADER_CHECKSUM].value, object->digest);
    }
    return result;
}

/*
 * An answer to HEAD has no text: that the key is absent and that the bucket is, or that keys are over and that
 * a right is missing, look alike. Where it matters a GET of one byte tells; when that is good, the answer was not
 * S3's, or the object has just come.
 */
enum s3_result
s3_head(struct s3 *s3, const char *key, struct s3_object *object)
{
    long status = 0;
    unsigned char byte;
    size_t got = 0;
    memset(object, 0, sizeof *object);
    if (!s3_is_key(key)) {
        return no_key("head");
    }
    int64_t end = clock_monotonic() + s3->seconds * CLOCK_SECOND;
    unsigned rounds = 0;
    do {
        enum s3_result result = head_once(s3, key, object, &status, end);
        if ((result == S3_ABSENT && s3->bucket_seen) || status < 300 || status >= 500) {
            return result;
        }
        result = get_until(s3, key, 0, 1, &byte, &got, end);
        if (result != S3_DONE) {
            return result;
        }
    } while (s3_call_wait(s3, ++rounds, end));
    return S3_UNREACHABLE;
}

static bool
is_empty(struct s3_call *call)
{
    return call->reply.body.size == 0;
}

enum s3_result
s3_delete(struct s3 *s3, const char *key)
{
    struct s3_call call = {
        .operation = "delete", .method = "DELETE", .key = key, .good = 204, .check = is_empty};
    if (!s3_is_key(key)) {
        return no_key(call.operation);
    }
    s3_call_begin(&call);
    enum s3_result result = s3_call_run(s3, &call);
    s3_call_end(&call);
    return result == S3_ABSENT ? S3_DONE : result;
}

static struct span
body_of(const struct s3_call *call)
{
    return (struct span){(const unsigned char *)buf_string(&call->reply.body), call->reply.body.size};
}

/* A list while its pages come. */
struct listing {
    const char *prefix;
    struct s3_page page;     /* that came last */
    bool is_good;            /* so far, and */
    bool is_empty;           /* without a key */
    char seen[S3_NAME_SIZE]; /* the last key of the pages before, */
    char last[S3_NAME_SIZE]; /* and of this one */
};

/* S3 lists what begins with the prefix, each once, in the order of bytes: what does not rise would never end. */
static bool
look_at_key(void *data, const struct s3_entry *entry)
{
    struct listing *listing = data;
    size_t size = strlen(entry->key);
    listing->is_empty = false;
    listing->is_good = size < sizeof listing->last &&
                       strncmp(entry->key, listing->prefix, strlen(listing->prefix)) == 0 &&
                       strcmp(entry->key, listing->last) > 0;
    if (listing->is_good) {
        memcpy(listing->last, entry->key, size + 1);
    }
    return listing->is_good;
}

static bool
is_page(struct s3_call *call)
{
    struct listing *listing = call->data;
    listing->is_good = true;
    listing->is_empty = true;
    memcpy(listing->last, listing->seen, sizeof listing->last);
    return s3_xml_list(body_of(call), &listing->page, look_at_key, listing) && listing->is_good;
}

enum { LIST_PAIRS = 5, LIST_FEW = 4, LIST_EMPTY_MAX = 100 /* pages without a key, one after the other */ };

/* One page, which the query's token names; it is empty for the first. */
static enum s3_result
list_page(struct s3 *s3, const struct uri_pair query[LIST_PAIRS], struct listing *listing, s3_each *each,
          void *data)
{
    struct s3_call call = {.operation = "list",
                           .method = "GET",
                           .query = query,
                           .query_count = query[LIST_FEW].value[0] == '\0' ? LIST_FEW : LIST_PAIRS,
                           .good = 200,
                           .check = is_page,
                           .data = listing};
    s3_call_begin(&call);
    enum s3_result result = s3_call_run(s3, &call);
    if (result == S3_DONE && each != NULL) {
        (void)s3_xml_list(body_of(&call), &listing->page, each, data);
    }
    s3_call_end(&call);
    return result;
}

static enum s3_result
list(struct s3 *s3, const char *prefix, const char *most, s3_each *each, void *data)
{
    char token[S3_TOKEN_SIZE] = "";
    struct listing listing = {.prefix = prefix};
    int empty = 0;
    const struct uri_pair query[LIST_PAIRS] = {{"list-type", "2"},
                                               {"encoding-type", "url"},
                                               {"max-keys", most},
                                               {"prefix", prefix},
                                               {"continuation-token", token}};
    for (;;) {
        enum s3_result result = list_page(s3, query, &listing, each, data);
        if (result != S3_DONE || each == NULL || listing.page.is_last || listing.page.stopped) {
            return result;
        }
        empty = listing.is_empty ? empty + 1 : 0;
        if (strcmp(listing.page.next, token) == 0 || empty > LIST_EMPTY_MAX) { /* it would never end */
            log_event(LOG_WARN, "s3-failed", LOG_TEXT("operation", "list"), LOG_TEXT("reason", "no-end"));
            return S3_DAMAGED;
        }
        memcpy(token, listing.page.next, sizeof token);
        memcpy(listing.seen, listing.last, sizeof listing.seen);
    }
}

enum s3_result
s3_list(struct s3 *s3, const char *prefix, s3_each *each, void *data)
{
    if (strlen(prefix) > S3_KEY_MAX) {
        return no_key("list");
    }
    return list(s3, prefix, "1000", each, data);
}

enum s3_result
s3_reach(struct s3 *s3)
{
    return list(s3, "", "1", NULL, NULL);
}

/* A tag that is asked for. */
struct tag {
    const char *name;
    char *value;
};

static bool
is_tagging(struct s3_call *call)
{
    const struct tag *tag = call->data;
    return s3_xml_tag(body_of(call), tag->name, tag->value);
}

enum s3_result
s3_get_tag(struct s3 *s3, const char *key, const char *name, char value[S3_TAG_SIZE])
{
    static const struct uri_pair query[] = {{"tagging", ""}};
    struct tag tag = {name, value};
    struct s3_call call = {.operation = "get-tag",
                           .method = "GET",
                           .key = key,
                           .query = query,
                           .query_count = 1,
                           .good = 200,
                           .check = is_tagging,
                           .data = &tag};
    value[0] = '\0';
    if (!s3_is_key(key)) {
        return no_key(call.operation);
    }
    s3_call_begin(&call);
    enum s3_result result = s3_call_run(s3, &call);
    s3_call_end(&call);
    return result;
}
