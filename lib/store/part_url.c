#include "lib/store/part_url.h"

#include "lib/cloud/sigv4.h"
#include "lib/cloud/sigv4_verify.h"
#include "lib/crypto/files_key.h"
#include "lib/store/object_name.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BELOW        "/files/"
#define SIGNED_NAMES "content-length;host;if-none-match;x-amz-checksum-sha256"
#define ID_START     "local-"

enum { HOST_SIZE = 262, HEADERS = 4, LENGTH_SIZE = 24, PATH_SIZE = 64, ID_SIZE = 24, PAIRS = 5 };

/* The request as it is signed, with the texts that it needs. */
struct put_texts {
    char host[HOST_SIZE];
    char length[LENGTH_SIZE];
    char path[PATH_SIZE];
    struct uri_pair headers[HEADERS];
    struct sigv4_request request;
};

/* The secret of a version, and its id. */
struct local_keys {
    char id[ID_SIZE];
    char secret[DIGEST_TEXT_SIZE];
    struct sigv4_keys keys;
};

const char *
part_checksum(const unsigned char digest[DIGEST_SIZE], char text[PART_CHECKSUM_SIZE])
{
    return sodium_bin2base64(text, PART_CHECKSUM_SIZE, digest, DIGEST_SIZE, sodium_base64_VARIANT_ORIGINAL);
}

/* The bytes of the URL up to where its path begins; 0 when it has no host. */
static size_t
origin_size(const char *base_url, const char **host)
{
    const char *at = strstr(base_url, "://");
    *host = at == NULL ? base_url : at + 3;
    size_t size = strcspn(*host, "/?#");
    return at == NULL || size == 0 || size >= HOST_SIZE ? 0 : (size_t)(*host - base_url) + size;
}

static bool
keys_of(const struct keyring *keyring, uint32_t version, struct local_keys *local)
{
    unsigned char key[FILES_KEY_SIZE];
    bool good = files_subkey(keyring, FILES_URLS, version, key);
    (void)snprintf(local->id, sizeof local->id, ID_START "%u", (unsigned)version);
    (void)sodium_bin2hex(local->secret, sizeof local->secret, key, sizeof key);
    sodium_memzero(key, sizeof key);
    local->keys =
        (struct sigv4_keys){.id = local->id, .secret = local->secret, .region = "local", .service = "s3"};
    return good;
}

/* False when the base URL has no host. */
static bool
put_make(struct put_texts *put, const char *base_url, const char *name, int64_t size, const char *none_match,
         const char *checksum)
{
    const char *host = NULL;
    size_t origin = origin_size(base_url, &host);
    (void)snprintf(put->host, sizeof put->host, "%.*s", (int)(base_url + origin - host), host);
    (void)snprintf(put->length, sizeof put->length, "%lld", (long long)size);
    (void)snprintf(put->path, sizeof put->path, BELOW "%s", name);
    put->headers[0] = (struct uri_pair){"content-length", put->length};
    put->headers[1] = (struct uri_pair){"host", put->host};
    put->headers[2] = (struct uri_pair){"if-none-match", none_match};
    put->headers[3] = (struct uri_pair){"x-amz-checksum-sha256", checksum};
    put->request = (struct sigv4_request){.method = "PUT",
                                          .path = put->path,
                                          .headers = put->headers,
                                          .header_count = HEADERS,
                                          .payload = SIGV4_UNSIGNED};
    return origin > 0;
}

bool
part_url_make(const struct keyring *keyring, const char *base_url, const struct signed_part *part,
              int64_t now, struct buf *url)
{
    struct put_texts put;
    struct local_keys local;
    const char *host = NULL;
    char name[OBJECT_NAME_SIZE];
    char checksum[PART_CHECKSUM_SIZE];
    bool good = part->size >= 1 && part->size <= PART_SIZE_MAX &&
                object_name_part(part->upload_id, part->number, name) &&
                put_make(&put, base_url, name, part->size, "*", part_checksum(part->digest, checksum)) &&
                keys_of(keyring, keyring_current(keyring, KEYRING_FILES), &local);
    if (good) {
        buf_add(url, base_url, origin_size(base_url, &host));
        good = sigv4_presign(&local.keys, &put.request, now, PART_URL_SECONDS, url);
        sodium_memzero(&local, sizeof local);
    }
    return good;
}

/* The version that an id names; 0 when it is none of ours. */
static uint32_t
version_of(const char *id)
{
    char again[ID_SIZE];
    if (strncmp(id, ID_START, sizeof ID_START - 1) != 0 || strlen(id) >= ID_SIZE) {
        return 0;
    }
    unsigned long version = strtoul(id + sizeof ID_START - 1, NULL, 10);
    (void)snprintf(again, sizeof again, ID_START "%lu", version);
    return version <= INT32_MAX && strcmp(again, id) == 0 ? (uint32_t)version : 0;
}

/* What the request says of itself; not proven yet. */
static bool
read_part(const struct part_request *request, struct signed_part *part)
{
    size_t size = 0;
    const char *end = NULL;
    if (request->query == NULL || strncmp(request->path, BELOW, sizeof BELOW - 1) != 0 ||
        request->none_match == NULL || strcmp(request->none_match, "*") != 0 || request->checksum == NULL ||
        request->size < 1 || request->size > PART_SIZE_MAX ||
        !object_name_read_part(request->path + sizeof BELOW - 1, part->upload_id, &part->number)) {
        return false;
    }
    part->size = request->size;
    size_t length = strlen(request->checksum);
    return length == PART_CHECKSUM_SIZE - 1 &&
           sodium_base642bin(part->digest, sizeof part->digest, request->checksum, length, NULL, &size, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           size == sizeof part->digest && *end == '\0';
}

/* Nothing but what part_url_make signs, and for no longer. */
static bool
is_ours(const struct sigv4_claim *claim)
{
    return claim->count == PAIRS && claim->seconds <= PART_URL_SECONDS &&
           strcmp(claim->names, SIGNED_NAMES) == 0;
}

static enum part_verdict
judge(const struct keyring *keyring, const char *base_url, const struct part_request *request, int64_t now,
      const struct sigv4_claim *claim)
{
    struct put_texts put;
    struct local_keys local;
    uint32_t version = version_of(claim->id);
    if (version == 0 || !put_make(&put, base_url, request->path + sizeof BELOW - 1, request->size,
                                  request->none_match, request->checksum)) {
        return PART_REFUSED;
    }
    if (!keys_of(keyring, version, &local)) {
        return PART_KEY_UNKNOWN;
    }
    enum sigv4_verdict verdict = sigv4_verify(claim, &local.keys, &put.request, now);
    sodium_memzero(&local, sizeof local);
    if (verdict == SIGV4_EARLY || verdict == SIGV4_EXPIRED) {
        return PART_LATE;
    }
    return verdict == SIGV4_GOOD ? PART_ALLOWED : PART_REFUSED;
}

enum part_verdict
part_url_verify(const struct keyring *keyring, const char *base_url, const struct part_request *request,
                int64_t now, struct signed_part *part)
{
    struct sigv4_claim claim;
    struct signed_part said = {.number = 0};
    memset(part, 0, sizeof *part);
    if (!read_part(request, &said) || !sigv4_read_claim(request->query, &claim) || !is_ours(&claim)) {
        return PART_REFUSED;
    }
    enum part_verdict verdict = judge(keyring, base_url, request, now, &claim);
    if (verdict == PART_ALLOWED) {
        *part = said;
    }
    return verdict;
}
