#include "lib/cloud/sigv4_verify.h"

#include "lib/base/clock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a signature adds to a query. */
static const char *const PARTS[] = {"X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",
                                    "X-Amz-Expires",       "X-Amz-Signature",  "X-Amz-SignedHeaders",
                                    "X-Amz-Security-Token"};

/* Whether each of these is there once at most, and spelt so. */
static bool
are_single(const struct sigv4_claim *claim)
{
    for (size_t at = 0; at < sizeof PARTS / sizeof PARTS[0]; at++) {
        size_t there = 0;
        for (size_t i = 0; i < claim->count; i++) {
            if (strcasecmp(claim->pairs[i].name, PARTS[at]) == 0) {
                there += strcmp(claim->pairs[i].name, PARTS[at]) == 0 ? 1 : 2;
            }
        }
        if (there > 1) {
            return false;
        }
    }
    return true;
}

static const char *
part(const struct sigv4_claim *claim, const char *name)
{
    for (size_t i = 0; i < claim->count; i++) {
        if (strcmp(claim->pairs[i].name, name) == 0) {
            return claim->pairs[i].value;
        }
    }
    return NULL;
}

/* Takes the signature out of the pairs: it is the one parameter that is not signed. */
static bool
take_signature(struct sigv4_claim *claim)
{
    const char *text = part(claim, "X-Amz-Signature");
    size_t size = 0;
    if (text == NULL || strlen(text) != DIGEST_TEXT_SIZE - 1 ||
        strspn(text, "0123456789abcdef") != DIGEST_TEXT_SIZE - 1 ||
        sodium_hex2bin(claim->signature, DIGEST_SIZE, text, DIGEST_TEXT_SIZE - 1, NULL, &size, NULL) != 0) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < claim->count; i++) {
        if (claim->pairs[i].value != text) {
            claim->pairs[kept++] = claim->pairs[i];
        }
    }
    claim->count = kept;
    return true;
}

/* id/day/region/service/aws4_request; an id may have slashes. */
static bool
read_credential(struct sigv4_claim *claim)
{
    const char *text = part(claim, "X-Amz-Credential");
    const char **const parts[] = {&claim->service, &claim->region, &claim->day};
    if (text == NULL || strlen(text) >= sizeof claim->credential) {
        return false;
    }
    memcpy(claim->credential, text, strlen(text) + 1);
    char *slash = strrchr(claim->credential, '/');
    if (slash == NULL || strcmp(slash + 1, "aws4_request") != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        *slash = '\0';
        slash = strrchr(claim->credential, '/');
        if (slash == NULL || slash[1] == '\0') {
            return false;
        }
        *parts[i] = slash + 1;
    }
    *slash = '\0';
    claim->id = claim->credential;
    return *claim->id != '\0';
}

/* X-Amz-Date, of the credential's day, and X-Amz-Expires in its shortest form. */
static bool
read_times(struct sigv4_claim *claim)
{
    const char *time = part(claim, "X-Amz-Date");
    const char *expires = part(claim, "X-Amz-Expires");
    if (time == NULL || !sigv4_read_time(time, &claim->at) || strlen(claim->day) != SIGV4_DAY_SIZE ||
        strncmp(claim->day, time, SIGV4_DAY_SIZE) != 0 || expires == NULL) {
        return false;
    }
    memcpy(claim->time, time, SIGV4_TIME_SIZE);
    size_t digits = strspn(expires, "0123456789");
    if (digits == 0 || digits > 6 || expires[digits] != '\0' || expires[0] == '0') {
        return false;
    }
    claim->seconds = strtol(expires, NULL, 10);
    return claim->seconds <= SIGV4_EXPIRES_MAX;
}

bool
sigv4_read_claim(const char *query, struct sigv4_claim *claim)
{
    memset(claim, 0, sizeof *claim);
    if (!uri_read_query(query, claim->text, claim->pairs, &claim->count) || !are_single(claim) ||
        !take_signature(claim)) {
        return false;
    }
    const char *algorithm = part(claim, "X-Amz-Algorithm");
    claim->names = part(claim, "X-Amz-SignedHeaders");
    claim->token = part(claim, "X-Amz-Security-Token");
    return algorithm != NULL && strcmp(algorithm, SIGV4_ALGORITHM) == 0 && claim->names != NULL &&
           read_credential(claim) && read_times(claim);
}

/* Whether the names, which are joined by ";", have this one. */
static bool
has_name(const char *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = names; *at != '\0'; at += *at == ';' ? 1 : 0) {
        size_t one = strcspn(at, ";");
        if (one == size && strncasecmp(at, name, size) == 0) {
            return true;
        }
        at += one;
    }
    return false;
}

/* Picks the signed headers of the request. False when they are too many. */
static bool
pick_headers(const struct sigv4_claim *claim, const struct sigv4_request *request,
             struct uri_pair picked[SIGV4_HEADERS_MAX], size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (has_name(claim->names, request->headers[i].name)) {
            if (*count == SIGV4_HEADERS_MAX) {
                return false;
            }
            picked[(*count)++] = request->headers[i];
        }
    }
    return true;
}

static bool
is_same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static bool
is_signed(const struct sigv4_claim *claim, const struct sigv4_keys *keys, const struct sigv4_request *request)
{
    struct uri_pair picked[SIGV4_HEADERS_MAX];
    size_t count = 0;
    struct buf headers;
    struct buf names;
    struct buf query;
    unsigned char mac[DIGEST_SIZE] = {0};
    buf_init(&headers, SIGV4_CANONICAL_MAX);
    buf_init(&names, SIGV4_CANONICAL_MAX);
    buf_init(&query, SIGV4_CANONICAL_MAX);
    uri_query(&query, claim->pairs, claim->count);
    /* Its names made again are those of the claim when each is there once, in order and in small letters. */
    bool good = pick_headers(claim, request, picked, &count) &&
                sigv4_headers(picked, count, &headers, &names) && !headers.failed && !names.failed &&
                !query.failed && is_same(buf_string(&names), claim->names);
    const struct sigv4_parts parts = {buf_string(&query), buf_string(&headers), buf_string(&names)};
    good = good && sigv4_mac(keys, request, &parts, claim->time, mac) &&
           digest_equal(mac, claim->signature, DIGEST_SIZE);
    sodium_memzero(mac, sizeof mac);
    buf_free(&headers);
    buf_free(&names);
    buf_free(&query);
    return good;
}

enum sigv4_verdict
sigv4_verify(const struct sigv4_claim *claim, const struct sigv4_keys *keys,
             const struct sigv4_request *request, int64_t now)
{
    if (!is_same(claim->id, keys->id) || !is_same(claim->region, keys->region) ||
        !is_same(claim->service, keys->service) || !is_same(claim->token, keys->token) ||
        !has_name(claim->names, "host") || !is_signed(claim, keys, request)) {
        return SIGV4_WRONG;
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (strncasecmp(request->headers[i].name, "x-amz-", 6) == 0 &&
            !has_name(claim->names, request->headers[i].name)) {
            return SIGV4_NOT_SIGNED;
        }
    }
    if (claim->at > now + SIGV4_SKEW) {
        return SIGV4_EARLY;
    }
    return now < claim->at + claim->seconds * CLOCK_SECOND ? SIGV4_GOOD : SIGV4_EXPIRED;
}
