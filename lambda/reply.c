#include "lambda/event.h"

#include "lib/base/json_out.h"
#include "lib/base/utf8.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    STATUS_NO_CONTENT = 204,
    STATUS_SEE_OTHER = 303,
    STATUS_NOT_MODIFIED = 304,
    STATUS_INTERNAL = 500,
    /* From this size on, a body is sent as Base64 where that is shorter than JSON's escapes. */
    LARGE_BODY = 1024 * 1024
};

/* The headers that nginx adds on a machine of our own (nginx/headers.conf and the locations). */
static const struct header always[] = {
    {"Strict-Transport-Security", "max-age=63072000"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
};

static bool
is_named(const struct header *header, const char *name)
{
    return strcasecmp(header->name, name) == 0;
}

/* Writes the headers as members. A member's name is there once, so values that were set twice are joined (RFC
 * 9110 section 5.3). */
static void
write_header(struct json_out *out, const struct request *rq, size_t index)
{
    const struct reply *reply = &rq->reply;
    const char *name = reply->headers[index].name;
    const char *value = reply->headers[index].value;
    for (size_t i = 0; i < index; i++) {
        if (is_named(&reply->headers[i], name)) {
            return;
        }
    }
    for (size_t i = index + 1; i < reply->header_count; i++) {
        if (is_named(&reply->headers[i], name)) {
            value = arena_format(rq->arena, "%s, %s", value, reply->headers[i].value);
        }
    }
    json_text(out, name, value);
}

static void
write_headers(struct json_out *out, const struct request *rq, bool empty)
{
    const struct reply *reply = &rq->reply;
    json_object_key(out, "headers");
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        json_text(out, always[i].name, always[i].value);
    }
    if (!empty) {
        json_text(out, "Content-Type",
                  reply->content_type == NULL ? "application/json" : reply->content_type);
    }
    for (size_t i = 0; i < reply->header_count; i++) {
        if (!is_named(&reply->headers[i], "Set-Cookie")) {
            write_header(out, rq, i);
        }
    }
    json_end_object(out);
    json_array_key(out, "cookies");
    for (size_t i = 0; i < reply->header_count; i++) {
        if (is_named(&reply->headers[i], "Set-Cookie")) {
            json_value_text(out, reply->headers[i].value);
        }
    }
    json_end_array(out);
}

/* How many bytes the text has as a JSON string; 0 when it cannot be one. */
static size_t
size_as_text(const struct buf *body)
{
    if (strlen(body->data) != body->size || !utf8_valid(body->data, body->size)) {
        return 0;
    }
    size_t size = body->size;
    for (size_t i = 0; i < body->size; i++) {
        unsigned char byte = (unsigned char)body->data[i];
        size += byte == '"' || byte == '\\' || byte == '\n' ? 1 : byte < 0x20 ? 5 : 0;
    }
    return size;
}

static bool
write_base64(struct json_out *out, const struct buf *body)
{
    size_t size = sodium_base64_encoded_len(body->size, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (text == NULL) {
        return false;
    }
    (void)sodium_bin2base64(text, size, (const unsigned char *)body->data, body->size,
                            sodium_base64_VARIANT_ORIGINAL);
    json_text(out, "body", text);
    sodium_memzero(text, size);
    free(text);
    return true;
}

bool
event_reply(const struct request *rq, struct buf *buf)
{
    const struct reply *reply = &rq->reply;
    const struct buf *body = reply->body;
    bool empty = reply->status == STATUS_NO_CONTENT || reply->status == STATUS_NOT_MODIFIED ||
                 reply->status == STATUS_SEE_OTHER;
    struct json_out out;
    json_start(&out, buf);
    json_begin_object(&out);
    json_int(&out, "statusCode", reply->status == 0 ? STATUS_INTERNAL : reply->status);
    write_headers(&out, rq, empty);
    bool base64 = false;
    if (!empty && rq->method != HTTP_HEAD && body->size > 0) {
        size_t text = size_as_text(body);
        base64 = text == 0 || (text > LARGE_BODY && text > body->size / 3 * 4);
        if (!base64) {
            json_text(&out, "body", body->data);
        } else if (!write_base64(&out, body)) {
            return false;
        }
    }
    json_flag(&out, "isBase64Encoded", base64);
    json_end_object(&out);
    return !buf->failed;
}
