/*
 * A request as AWS Signature Version 4 sees it, its canonical form, and the code over that. For lib/cloud
 * itself; who signs uses sigv4.h, who verifies sigv4_verify.h.
 */
#ifndef ANAMNESIS_CLOUD_SIGV4_REQUEST_H
#define ANAMNESIS_CLOUD_SIGV4_REQUEST_H

#include "lib/base/buf.h"
#include "lib/cloud/uri.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
#define SIGV4_UNSIGNED  "UNSIGNED-PAYLOAD"

enum {
    SIGV4_TIME_SIZE = 17, /* 20260131T080000Z */
    SIGV4_DAY_SIZE = 8,
    SIGV4_HEADERS_MAX = 32,
    SIGV4_CANONICAL_MAX = 32 * 1024,
    SIGV4_SECRET_MAX = 128,
    SIGV4_EXPIRES_MAX = 7 * 24 * 60 * 60 /* seconds, as S3 has it */
};

/*
 * Whose signature. `secret` has at most SIGV4_SECRET_MAX bytes; `token` is of temporary keys (STS), or NULL.
 * Borrowed.
 */
struct sigv4_keys {
    const char *id;
    const char *secret;
    const char *token;
    const char *region;
    const char *service; /* "s3" */
};

/*
 * What is signed. Header names in any case, each once; every one that is here is signed. `path` and the
 * query's pairs are plain: they are encoded here, once, as S3 wants it (other services want a path encoded
 * twice). `payload` is the body's SHA-256 as small hexadecimal digits, or SIGV4_UNSIGNED. Borrowed.
 */
struct sigv4_request {
    const char *method;
    const char *path;
    const struct uri_pair *query;
    size_t query_count;
    const struct uri_pair *headers;
    size_t header_count;
    const char *payload;
};

/* Microseconds since 1970 as 20260131T080000Z, and back. False when it is anything else, or no moment. */
const char *sigv4_time(int64_t microseconds, char text[SIGV4_TIME_SIZE]);
bool sigv4_read_time(const char *text, int64_t *microseconds);

/*
 * Appends the canonical headers ("name:value\n" each, sorted, values trimmed and with single blanks) and
 * their names joined by ";". False when a name is none or there twice, a value has control characters, or
 * there are more than SIGV4_HEADERS_MAX.
 */
bool sigv4_headers(const struct uri_pair *headers, size_t count, struct buf *canonical, struct buf *names);

/* day/region/service/aws4_request. */
void sigv4_scope(struct buf *out, const struct sigv4_keys *keys, const char time[SIGV4_TIME_SIZE]);

/*
 * The signature of method, path, payload and these parts. False when the request is none: a method that is
 * not of capital letters, a path without a slash at its start, too much of anything, no memory.
 */
struct sigv4_parts {
    const char *query;   /* canonical */
    const char *headers; /* canonical */
    const char *names;   /* of the signed headers */
};
bool sigv4_mac(const struct sigv4_keys *keys, const struct sigv4_request *request,
               const struct sigv4_parts *parts, const char time[SIGV4_TIME_SIZE],
               unsigned char mac[DIGEST_SIZE]);

#endif
