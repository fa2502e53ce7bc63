/*
 * Where objects of S3 are: the URL of a bucket, taken apart once, and what is signed for somebody else to send
 * there. Pure: no I/O, no clock.
 */
#ifndef ANAMNESIS_CLOUD_S3_PLACE_H
#define ANAMNESIS_CLOUD_S3_PLACE_H

#include "lib/base/buf.h"
#include "lib/cloud/keys.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    S3_KEY_MAX = 1024,    /* bytes, as S3 has it */
    S3_HOST_SIZE = 262,   /* a name of 255 bytes, ":" and a port */
    S3_BUCKET_SIZE = 258, /* "/" in front */
    S3_REGION_SIZE = 64,
    S3_CHECKSUM_SIZE = 45 /* with its NUL */
};

struct s3_place {
    bool is_https;
    char host[S3_HOST_SIZE]; /* as the header Host has it: with the port when it is not the scheme's own */
    char bucket[S3_BUCKET_SIZE]; /* "/bucket", or empty when the host's name has it */
    char region[S3_REGION_SIZE];
};

/*
 * Reads https://bucket.s3.region.amazonaws.com or https://host:port/bucket. http:// is for the machine itself
 * alone (127.0.0.1, [::1], localhost). False, with a sentence in `error`, for anything else: user names,
 * queries, a path of more than the bucket, and no region.
 */
bool s3_place_read(const char *url, const char *region, struct s3_place *place, char *error, size_t size);

/* Whether S3 takes it as a key that a URL can name: 1 to S3_KEY_MAX bytes of UTF-8. */
bool s3_is_key(const char *key);

/* The value of x-amz-checksum-sha256: base64. Returns `text`. */
const char *s3_checksum(const unsigned char digest[DIGEST_SIZE], char text[S3_CHECKSUM_SIZE]);

/* Reads such a value. False when it is none, as that of an object which was put together of parts. */
bool s3_read_checksum(const char *text, unsigned char digest[DIGEST_SIZE]);

/* What somebody else may put. */
struct s3_part {
    const char *key;
    int64_t size;                /* bytes */
    const unsigned char *digest; /* DIGEST_SIZE bytes */
};

/*
 * Appends a URL to which exactly these bytes can be PUT, from `at` (microseconds since 1970) for `seconds`,
 * and only when the key is not there: content-length, host, if-none-match and x-amz-checksum-sha256 are
 * signed. The client must send Content-Length, `If-None-Match: *` and x-amz-checksum-sha256 (s3_checksum), and
 * no other x-amz-*. False, with what was appended to be thrown away, when it is no key, `seconds` is not 1 to
 * SIGV4_EXPIRES_MAX, or the keys end before the URL would: renew them (credentials_keys).
 */
bool s3_presign_put(const struct s3_place *place, const struct cloud_keys *keys, const struct s3_part *part,
                    int64_t at, int64_t seconds, struct buf *url);

#endif
