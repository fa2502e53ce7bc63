/*
 * One call of S3: a request, signed anew for each of its tries, and what its answer means. For lib/cloud/s3.
 */
#ifndef ANAMNESIS_CLOUD_S3_CALL_H
#define ANAMNESIS_CLOUD_S3_CALL_H

#include "lib/cloud/credentials.h"
#include "lib/cloud/exchange.h"
#include "lib/cloud/s3_place.h"
#include "lib/cloud/s3_result.h"
#include "lib/cloud/s3_xml.h"

#include <signal.h>

#define S3_NOTHING_DIGEST "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum { S3_CALL_HEADERS = 4 };

/* The headers of an answer that are looked at. */
enum {
    S3_HEADER_REQUEST,  /* x-amz-request-id */
    S3_HEADER_REGION,   /* x-amz-bucket-region */
    S3_HEADER_ETAG,     /* every object has one */
    S3_HEADER_CHECKSUM, /* x-amz-checksum-sha256 */
    S3_HEADER_RANGE,    /* content-range */
    S3_HEADERS
};

struct s3 {
    struct s3_place place;
    struct exchange *exchange;
    struct credentials *credentials;
    int64_t seconds;
    const volatile sig_atomic_t *stop;
    bool bucket_seen; /* an answer has shown that it is there */
};

struct s3_call;
/* Whether an answer of the status that was hoped for is one that S3 gives. */
typedef bool s3_check(struct s3_call *call);

struct s3_call {
    const char *operation; /* for the log */
    const char *method;
    const char *key; /* NULL: the bucket */
    const struct uri_pair *query;
    size_t query_count;
    struct uri_pair headers[S3_CALL_HEADERS];
    size_t header_count;
    struct span body;
    const char *payload; /* the body's digest in hexadecimal; NULL when there is no body */
    long good;           /* status */
    int64_t end;         /* of its tries together, clock_monotonic(); 0: in s3->seconds */
    s3_check *check;
    void *data; /* for `check` */
    /* the answer */
    struct exchange_header answer[S3_HEADERS];
    struct exchange_reply reply;
    struct s3_error error;
};

/* Names the headers that are looked at, and begins the reply's buffer. */
void s3_call_begin(struct s3_call *call);

/* Runs it, with tries, and writes the log. */
enum s3_result s3_call_run(struct s3 *s3, struct s3_call *call);

/*
 * The pause after so many tries: from nothing to a time that doubles (full jitter). False, without or after it, when
 * there is no time for another one until `end` (clock_monotonic()), or when it is to stop.
 */
bool s3_call_wait(const struct s3 *s3, unsigned tries, int64_t end);

void s3_call_end(struct s3_call *call);

#endif
