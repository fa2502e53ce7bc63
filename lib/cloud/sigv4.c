#include "lib/cloud/sigv4.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The texts that a signature is made of. */
struct work {
    struct buf headers;
    struct buf names;
    struct buf scope; /* with the key's id in front: X-Amz-Credential */
    struct buf query;
};

static const char *
header(const struct sigv4_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            return request->headers[i].value;
        }
    }
    return NULL;
}

static bool
work_begin(struct work *work, const struct sigv4_keys *keys, const struct sigv4_request *request,
           const char time[SIGV4_TIME_SIZE])
{
    buf_init(&work->headers, SIGV4_CANONICAL_MAX);
    buf_init(&work->names, SIGV4_CANONICAL_MAX);
    buf_init(&work->scope, SIGV4_CANONICAL_MAX);
    buf_init(&work->query, SIGV4_CANONICAL_MAX);
    buf_format(&work->scope, "%s/", keys->id);
    sigv4_scope(&work->scope, keys, time);
    return header(request, "host") != NULL &&
           sigv4_headers(request->headers, request->header_count, &work->headers, &work->names);
}

/* The signature as text. False when something failed on the way. */
static bool
work_sign(const struct work *work, const struct sigv4_keys *keys, const struct sigv4_request *request,
          const char time[SIGV4_TIME_SIZE], char signature[DIGEST_TEXT_SIZE])
{
    unsigned char mac[DIGEST_SIZE];
    const struct sigv4_parts parts = {buf_string(&work->query), buf_string(&work->headers),
                                      buf_string(&work->names)};
    bool good = !work->headers.failed && !work->names.failed && !work->scope.failed && !work->query.failed &&
                sigv4_mac(keys, request, &parts, time, mac);
    signature[0] = '\0';
    if (good) {
        (void)digest_hex(mac, signature);
    }
    return good;
}

static void
work_end(struct work *work)
{
    buf_free(&work->headers);
    buf_free(&work->names);
    buf_free(&work->scope);
    buf_free(&work->query);
}

bool
sigv4_sign(const struct sigv4_keys *keys, const struct sigv4_request *request, int64_t at,
           struct buf *authorization)
{
    struct work work;
    char time[SIGV4_TIME_SIZE];
    char signature[DIGEST_TEXT_SIZE];
    const char *date = header(request, "x-amz-date");
    bool good =
        work_begin(&work, keys, request, sigv4_time(at, time)) && date != NULL && strcmp(date, time) == 0;
    if (good) {
        uri_query(&work.query, request->query, request->query_count);
        good = work_sign(&work, keys, request, time, signature);
    }
    if (good) {
        buf_format(authorization, SIGV4_ALGORITHM " Credential=%s, SignedHeaders=%s, Signature=%s",
                   buf_string(&work.scope), buf_string(&work.names), signature);
    }
    work_end(&work);
    return good && !authorization->failed;
}

/*
 * The request's own query, and what the signature adds to it. Returns how many; 0 when they are too many or
 * one has a name that is the signature's.
 */
static size_t
presigned_pairs(const struct sigv4_request *request, const struct uri_pair *added, size_t count,
                struct uri_pair pairs[URI_PAIRS_MAX])
{
    if (request->query_count > URI_PAIRS_MAX - count) {
        return 0;
    }
    memcpy(pairs, added, count * sizeof pairs[0]);
    for (size_t i = 0; i < request->query_count; i++) {
        if (strncasecmp(request->query[i].name, "x-amz-", 6) == 0) {
            return 0;
        }
        pairs[count++] = request->query[i];
    }
    return count;
}

bool
sigv4_presign(const struct sigv4_keys *keys, const struct sigv4_request *request, int64_t at, int64_t seconds,
              struct buf *target)
{
    struct work work;
    char time[SIGV4_TIME_SIZE];
    char expires[24];
    char signature[DIGEST_TEXT_SIZE];
    struct uri_pair pairs[URI_PAIRS_MAX];
    bool good =
        work_begin(&work, keys, request, sigv4_time(at, time)) && seconds > 0 && seconds <= SIGV4_EXPIRES_MAX;
    (void)snprintf(expires, sizeof expires, "%lld", (long long)seconds);
    const struct uri_pair added[] = {{"X-Amz-Algorithm", SIGV4_ALGORITHM},
                                     {"X-Amz-Credential", buf_string(&work.scope)},
                                     {"X-Amz-Date", time},
                                     {"X-Amz-Expires", expires},
                                     {"X-Amz-SignedHeaders", buf_string(&work.names)},
                                     {"X-Amz-Security-Token", keys->token}};
    size_t count = presigned_pairs(request, added, keys->token == NULL ? 5 : 6, pairs);
    uri_query(&work.query, pairs, count);
    good = good && count > 0 && work_sign(&work, keys, request, time, signature);
    if (good) {
        uri_encode(target, request->path, true);
        buf_format(target, "?%s&X-Amz-Signature=%s", buf_string(&work.query), signature);
    }
    work_end(&work);
    return good && !target->failed;
}
