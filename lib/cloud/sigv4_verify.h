/*
 * Whether a request is one that a URL of sigv4_presign allows: the signature is made again and compared in
 * constant time. First the query is read, which says whose key it claims to be of; then the caller, who knows
 * that key, has it judged. Nothing of a claim may be believed before it is SIGV4_GOOD. Pure: the caller gives
 * the time.
 */
#ifndef ANAMNESIS_CLOUD_SIGV4_VERIFY_H
#define ANAMNESIS_CLOUD_SIGV4_VERIFY_H

#include "lib/cloud/sigv4_request.h"

enum { SIGV4_CREDENTIAL_SIZE = 256 };

/* Clocks differ: how far in the future a signature's time may be. */
#define SIGV4_SKEW (INT64_C(300) * 1000000)

/* What a presigned query says. Its pointers point into itself: it is not to be copied. */
struct sigv4_claim {
    const char *id;
    const char *day;
    const char *region;
    const char *service;
    const char *token; /* or NULL */
    const char *names; /* signed headers */
    char time[SIGV4_TIME_SIZE];
    int64_t at;      /* microseconds since 1970 */
    int64_t seconds; /* 1 to SIGV4_EXPIRES_MAX */
    unsigned char signature[DIGEST_SIZE];
    struct uri_pair pairs[URI_PAIRS_MAX]; /* all but the signature, decoded */
    size_t count;
    char credential[SIGV4_CREDENTIAL_SIZE];
    char text[URI_QUERY_MAX + 1];
};

/*
 * Reads a raw query, without "?". False when it is not one that sigv4_presign makes of any keys: a part is
 * missing, there twice or has not its form, or the query cannot be read (uri_read_query). Costs a few
 * microseconds.
 */
bool sigv4_read_claim(const char *query, struct sigv4_claim *claim);

enum sigv4_verdict {
    SIGV4_GOOD,
    SIGV4_WRONG,   /* another request, other keys, or changed: never say more about it */
    SIGV4_EARLY,   /* signed by these keys, more than SIGV4_SKEW in the future */
    SIGV4_EXPIRED, /* signed by these keys, and its time is over */
    SIGV4_NOT_SIGNED /* signed by these keys, but the request has an x-amz-* header that is not: S3 refuses it, too */
};

/*
 * `request` is what was received: method, plain path, all headers (each name once), payload (SIGV4_UNSIGNED,
 * or what x-amz-content-sha256 says). Its query is not looked at: that of the claim is signed, whole. Which
 * headers must be signed beside `host` the caller sees in claim->names. Times are microseconds since 1970.
 */
enum sigv4_verdict sigv4_verify(const struct sigv4_claim *claim, const struct sigv4_keys *keys,
                                const struct sigv4_request *request, int64_t now);

#endif
