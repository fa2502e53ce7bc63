#include "lib/http/request.h"

#include "lib/base/log.h"
#include "lib/base/utf8.h"

#include <string.h>

const char *
realm_name(enum realm realm)
{
    return realm == REALM_STAFF ? "staff" : "patient";
}

enum http_method
http_method_of(const char *name)
{
    static const struct {
        const char *name;
        enum http_method method;
    } methods[] = {{"GET", HTTP_GET},        {"HEAD", HTTP_HEAD},   {"POST", HTTP_POST},
                   {"PUT", HTTP_PUT},        {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE},
                   {"OPTIONS", HTTP_OPTIONS}};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return methods[i].method;
        }
    }
    return HTTP_OTHER;
}

void
request_take_header(struct request *rq, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value);
    if (rq->header_count == REQUEST_HEADERS_MAX || size > REQUEST_HEADER_BYTES_MAX - rq->header_bytes) {
        rq->unreadable = PROBLEM_HEADERS_TOO_LARGE;
        return;
    }
    rq->headers[rq->header_count++] = (struct header){name, value};
    rq->header_bytes += size;
}

const char *
request_header(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < rq->header_count; i++) {
        if (strcmp(rq->headers[i].name, name) == 0) {
            return rq->headers[i].value;
        }
    }
    return NULL;
}

const char *
request_header_text(const struct request *rq, const char *name)
{
    static const char replacement[] = "\xef\xbf\xbd";
    const unsigned char *at = (const unsigned char *)request_header(rq, name);
    if (at == NULL) {
        return NULL;
    }
    const unsigned char *end = at + strlen((const char *)at);
    char *text = arena_alloc(rq->arena, (size_t)(end - at) * (sizeof replacement - 1) + 1);
    size_t used = 0;
    while (at < end) {
        bool control = *at < 0x20 || *at == 0x7f;
        size_t size = control ? 0 : *at < 0x80 ? 1 : utf8_size(at, end);
        if (size == 0) {
            memcpy(text + used, replacement, sizeof replacement - 1);
            used += sizeof replacement - 1;
            at++;
            continue;
        }
        memcpy(text + used, at, size);
        used += size;
        at += size;
    }
    text[used] = '\0';
    return text;
}

/* RFC 6265 section 4.2.1: name=value pairs separated by "; ". */
const char *
request_cookie(const struct request *rq, const char *name)
{
    size_t name_size = strlen(name);
    const char *at = request_header(rq, "cookie");
    while (at != NULL && *at != '\0') {
        at += strspn(at, "; ");
        size_t pair = strcspn(at, ";");
        if (pair > name_size && at[name_size] == '=' && memcmp(at, name, name_size) == 0) {
            return arena_copy(rq->arena, at + name_size + 1, pair - name_size - 1);
        }
        at += pair;
    }
    return NULL;
}

void
request_error(struct request *rq, const char *pointer, const char *code, const char *detail)
{
    if (rq->error_count < REQUEST_ERRORS_MAX) {
        rq->errors[rq->error_count] = (struct problem_error){pointer, code, detail};
    }
    rq->error_count++;
}

void
reply_header(struct request *rq, const char *name, const char *value)
{
    struct reply *reply = &rq->reply;
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            log_event(LOG_ERROR, "reply-header-dropped", LOG_TEXT("name", name));
            return;
        }
    }
    if (reply->header_count < REPLY_HEADERS_MAX) {
        reply->headers[reply->header_count++] = (struct header){name, value};
    }
}

void
reply_etag(struct request *rq, int64_t revision)
{
    reply_header(rq, "ETag", arena_format(rq->arena, "\"%lld\"", (long long)revision));
}
