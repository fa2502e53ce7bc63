#include "lib/cloud/s3_place.h"

#include "lib/base/clock.h"
#include "lib/base/utf8.h"
#include "lib/cloud/sigv4.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HTTPS "https://"
#define HTTP  "http://"

enum { HEADERS = 4, LENGTH_SIZE = 24 };

/* A name or an address with a port, or without: small letters, so that libcurl sends what is signed. */
static bool
is_host(const char *host)
{
    static const char marks[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
    return host[0] != '\0' && host[strspn(host, marks)] == '\0';
}

static bool
is_this_machine(const char *host)
{
    static const char *const names[] = {"127.0.0.1", "[::1]", "localhost"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i]);
        if (strncmp(host, names[i], size) == 0 && (host[size] == '\0' || host[size] == ':')) {
            return true;
        }
    }
    return false;
}

/* The header Host has no port that is the scheme's own. */
static void
drop_port(struct s3_place *place)
{
    const char *own = place->is_https ? ":443" : ":80";
    size_t size = strlen(place->host);
    size_t tail = strlen(own);
    if (size > tail && strcmp(place->host + size - tail, own) == 0 && place->host[size - tail - 1] != ':') {
        place->host[size - tail] = '\0';
    }
}

static bool
read_parts(const char *url, struct s3_place *place)
{
    place->is_https = strncmp(url, HTTPS, sizeof HTTPS - 1) == 0;
    if (!place->is_https && strncmp(url, HTTP, sizeof HTTP - 1) != 0) {
        return false;
    }
    const char *host = url + (place->is_https ? sizeof HTTPS : sizeof HTTP) - 1;
    size_t size = strcspn(host, "/");
    const char *bucket = host + size;
    size_t length = strcspn(bucket + (*bucket == '/'), "/");
    const char *rest = bucket + (*bucket == '/') + length;
    if (size >= sizeof place->host || length + 1 >= sizeof place->bucket ||
        (rest[0] != '\0' && strcmp(rest, "/") != 0)) {
        return false;
    }
    memcpy(place->host, host, size);
    place->host[size] = '\0';
    if (length > 0) {
        memcpy(place->bucket, bucket, length + 1);
    }
    place->bucket[length > 0 ? length + 1 : 0] = '\0';
    return is_host(place->host) &&
           strspn(place->bucket, "/abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(place->bucket);
}

bool
s3_place_read(const char *url, const char *region, struct s3_place *place, char *error, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    memset(place, 0, sizeof *place);
    if (url == NULL || !read_parts(url, place)) {
        (void)snprintf(
            error, size,
            "the URL of a bucket is https://bucket.s3.region.amazonaws.com or https://host/bucket, in "
            "small letters");
        return false;
    }
    if (!place->is_https && !is_this_machine(place->host)) {
        (void)snprintf(error, size,
                       "the URL of a bucket must begin with https://, but on this machine itself");
        return false;
    }
    if (region == NULL || region[0] == '\0' || strlen(region) >= sizeof place->region ||
        region[strspn(region, letters)] != '\0') {
        (void)snprintf(error, size, "the region of a bucket is a name such as eu-central-1");
        return false;
    }
    (void)snprintf(place->region, sizeof place->region, "%s", region);
    drop_port(place);
    return true;
}

bool
s3_is_key(const char *key)
{
    size_t size = strlen(key);
    return size > 0 && size <= S3_KEY_MAX && utf8_valid(key, size);
}

const char *
s3_checksum(const unsigned char digest[DIGEST_SIZE], char text[S3_CHECKSUM_SIZE])
{
    return sodium_bin2base64(text, S3_CHECKSUM_SIZE, digest, DIGEST_SIZE, sodium_base64_VARIANT_ORIGINAL);
}

bool
s3_read_checksum(const char *text, unsigned char digest[DIGEST_SIZE])
{
    size_t size = 0;
    const char *end = NULL;
    return strlen(text) == S3_CHECKSUM_SIZE - 1 &&
           sodium_base642bin(digest, DIGEST_SIZE, text, S3_CHECKSUM_SIZE - 1, NULL, &size, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           size == DIGEST_SIZE && *end == '\0';
}

bool
s3_presign_put(const struct s3_place *place, const struct cloud_keys *keys, const struct s3_part *part,
               int64_t at, int64_t seconds, struct buf *url)
{
    char path[S3_BUCKET_SIZE + S3_KEY_MAX + 2];
    char length[LENGTH_SIZE];
    char checksum[S3_CHECKSUM_SIZE];
    if (!s3_is_key(part->key) || part->size < 0 || seconds < 1 || seconds > SIGV4_EXPIRES_MAX ||
        keys->until < at + seconds * CLOCK_SECOND) {
        return false;
    }
    (void)snprintf(path, sizeof path, "%s/%s", place->bucket, part->key);
    (void)snprintf(length, sizeof length, "%lld", (long long)part->size);
    const struct uri_pair headers[HEADERS] = {
        {"content-length", length},
        {"host", place->host},
        {"if-none-match", "*"},
        {"x-amz-checksum-sha256", s3_checksum(part->digest, checksum)},
    };
    const struct sigv4_keys signer = {.id = keys->id,
                                      .secret = keys->secret,
                                      .token = keys->token[0] == '\0' ? NULL : keys->token,
                                      .region = place->region,
                                      .service = "s3"};
    const struct sigv4_request request = {.method = "PUT",
                                          .path = path,
                                          .headers = headers,
                                          .header_count = HEADERS,
                                          .payload = SIGV4_UNSIGNED};
    buf_format(url, "%s%s", place->is_https ? HTTPS : HTTP, place->host);
    return sigv4_presign(&signer, &request, at, seconds, url) && !url->failed;
}
