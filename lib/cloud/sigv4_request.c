#include "lib/cloud/sigv4_request.h"

#include "lib/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TERMINATOR "aws4_request"

const char *
sigv4_time(int64_t microseconds, char text[SIGV4_TIME_SIZE])
{
    struct moment at = moment_at(microseconds, 0);
    char wide[64];
    (void)snprintf(wide, sizeof wide, "%04d%02u%02uT%02u%02u%02uZ", at.year, (unsigned)at.month,
                   (unsigned)at.day, (unsigned)at.hour, (unsigned)at.minute, (unsigned)at.second);
    wide[SIGV4_TIME_SIZE - 1] = '\0'; /* years of five digits are cut, and then no moment */
    memcpy(text, wide, SIGV4_TIME_SIZE);
    return text;
}

bool
sigv4_read_time(const char *text, int64_t *microseconds)
{
    char full[32];
    if (strlen(text) != SIGV4_TIME_SIZE - 1 || text[8] != 'T' || text[15] != 'Z') {
        return false;
    }
    (void)snprintf(full, sizeof full, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4, text + 6, text + 9,
                   text + 11, text + 13);
    return clock_parse(full, microseconds);
}

static bool
is_name(const char *name)
{
    static const char marks[] = "!#$%&'*+-.^_`|~"; /* RFC 9110 section 5.6.2 */
    for (const char *at = name; *at != '\0'; at++) {
        bool letter = ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') || (*at >= '0' && *at <= '9');
        if (!letter && strchr(marks, *at) == NULL) {
            return false;
        }
    }
    return *name != '\0';
}

static bool
is_value(const char *value)
{
    for (; *value != '\0'; value++) {
        unsigned char byte = (unsigned char)*value;
        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

static void
add_lower(struct buf *out, const char *name)
{
    for (; *name != '\0'; name++) {
        buf_byte(out, *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name);
    }
}

static void
add_value(struct buf *out, const char *value)
{
    size_t start = out->size;
    while (*value != '\0') {
        value += strspn(value, " \t");
        size_t word = strcspn(value, " \t");
        if (word > 0 && out->size > start) {
            buf_byte(out, ' ');
        }
        buf_add(out, value, word);
        value += word;
    }
}

static int
compare_names(const void *left, const void *right)
{
    const struct uri_pair *const *one = left;
    const struct uri_pair *const *other = right;
    return strcasecmp((*one)->name, (*other)->name);
}

bool
sigv4_headers(const struct uri_pair *headers, size_t count, struct buf *canonical, struct buf *names)
{
    const struct uri_pair *sorted[SIGV4_HEADERS_MAX];
    if (count > SIGV4_HEADERS_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_name(headers[i].name) || !is_value(headers[i].value)) {
            return false;
        }
        sorted[i] = &headers[i];
    }
    qsort(sorted, count, sizeof sorted[0], compare_names);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcasecmp(sorted[i - 1]->name, sorted[i]->name) == 0) {
            return false;
        }
        buf_text(names, i == 0 ? "" : ";");
        add_lower(names, sorted[i]->name);
        add_lower(canonical, sorted[i]->name);
        buf_byte(canonical, ':');
        add_value(canonical, sorted[i]->value);
        buf_byte(canonical, '\n');
    }
    return true;
}

void
sigv4_scope(struct buf *out, const struct sigv4_keys *keys, const char time[SIGV4_TIME_SIZE])
{
    buf_add(out, time, SIGV4_DAY_SIZE);
    buf_format(out, "/%s/%s/" TERMINATOR, keys->region, keys->service);
}

static struct span
span_of(const struct buf *buf)
{
    return (struct span){(const unsigned char *)buf_string(buf), buf->size};
}

/* The digest of the canonical request. */
static bool
digest_request(const struct sigv4_request *request, const struct sigv4_parts *parts,
               char text[DIGEST_TEXT_SIZE])
{
    struct buf canonical;
    unsigned char digest[DIGEST_SIZE];
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (request->method[0] == '\0' || request->method[strspn(request->method, capitals)] != '\0' ||
        request->path[0] != '/' || !is_value(request->payload)) {
        return false;
    }
    buf_init(&canonical, SIGV4_CANONICAL_MAX);
    buf_text(&canonical, request->method);
    buf_byte(&canonical, '\n');
    uri_encode(&canonical, request->path, true);
    buf_byte(&canonical, '\n');
    const char *const rest[] = {parts->query, "\n", parts->headers,  "\n",
                                parts->names, "\n", request->payload};
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
        buf_text(&canonical, rest[i]);
    }
    bool good = !canonical.failed;
    digest_sha256(span_of(&canonical), digest);
    (void)digest_hex(digest, text);
    buf_free(&canonical);
    return good;
}

static void
step(unsigned char key[DIGEST_SIZE], const char *text, size_t size)
{
    digest_hmac((struct span){key, DIGEST_SIZE}, (struct span){(const unsigned char *)text, size}, key);
}

/* The key of a day, a region and a service. */
static bool
signing_key(const struct sigv4_keys *keys, const char time[SIGV4_TIME_SIZE], unsigned char key[DIGEST_SIZE])
{
    char secret[4 + SIGV4_SECRET_MAX + 1] = "AWS4";
    size_t size = strlen(keys->secret);
    if (size == 0 || size > SIGV4_SECRET_MAX) {
        return false;
    }
    memcpy(secret + 4, keys->secret, size);
    digest_hmac((struct span){(const unsigned char *)secret, 4 + size},
                (struct span){(const unsigned char *)time, SIGV4_DAY_SIZE}, key);
    sodium_memzero(secret, sizeof secret);
    step(key, keys->region, strlen(keys->region));
    step(key, keys->service, strlen(keys->service));
    step(key, TERMINATOR, sizeof TERMINATOR - 1);
    return true;
}

bool
sigv4_mac(const struct sigv4_keys *keys, const struct sigv4_request *request, const struct sigv4_parts *parts,
          const char time[SIGV4_TIME_SIZE], unsigned char mac[DIGEST_SIZE])
{
    char digest[DIGEST_TEXT_SIZE];
    unsigned char key[DIGEST_SIZE];
    struct buf text;
    memset(mac, 0, DIGEST_SIZE);
    if (!digest_request(request, parts, digest) || !signing_key(keys, time, key)) {
        return false;
    }
    buf_init(&text, SIGV4_CANONICAL_MAX);
    buf_format(&text, SIGV4_ALGORITHM "\n%s\n", time);
    sigv4_scope(&text, keys, time);
    buf_format(&text, "\n%s", digest);
    bool good = !text.failed;
    if (good) {
        digest_hmac((struct span){key, sizeof key}, span_of(&text), mac);
    }
    sodium_memzero(key, sizeof key);
    buf_free(&text);
    return good;
}
