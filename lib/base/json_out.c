#include "lib/base/json_out.h"

#include "lib/base/clock.h"
#include "lib/base/email.h"
#include "lib/base/hex.h"
#include "lib/base/json_escape.h"

#include <inttypes.h>
#include <string.h>

void
json_start(struct json_out *out, struct buf *buf)
{
    out->buf = buf;
    out->comma = false;
    out->missing = NULL;
}

static void
separate(struct json_out *out)
{
    if (out->comma) {
        buf_byte(out->buf, ',');
    }
    out->comma = true;
}

static const char *
plain_until(const char *at, const char *end)
{
    return (const char *)json_plain_end((const unsigned char *)at, (const unsigned char *)end);
}

/* RFC 8259 section 7: only quote, backslash and control characters need an escape. */
static void
quoted(struct buf *buf, const char *text)
{
    buf_byte(buf, '"');
    const char *run = text;
    const char *end = text + strlen(text);
    for (const char *at = plain_until(text, end); at != end; at = plain_until(at + 1, end)) {
        unsigned char byte = (unsigned char)*at;
        if (byte >= 0x80) {
            continue;
        }
        buf_add(buf, run, (size_t)(at - run));
        run = at + 1;
        if (byte == '"' || byte == '\\') {
            char escape[2] = {'\\', *at};
            buf_add(buf, escape, sizeof escape);
        } else if (byte == '\n') {
            buf_add(buf, "\\n", 2);
        } else {
            char escape[6] = {'\\', 'u', '0', '0', HEX_SMALL[byte >> 4], HEX_SMALL[byte & 15]};
            buf_add(buf, escape, sizeof escape);
        }
    }
    buf_add(buf, run, (size_t)(end - run));
    buf_byte(buf, '"');
}

static void
opened(struct json_out *out, char bracket)
{
    separate(out);
    buf_byte(out->buf, bracket);
    out->comma = false;
}

static void
closed(struct json_out *out, char bracket)
{
    buf_byte(out->buf, bracket);
    out->comma = true;
}

void
json_begin_object(struct json_out *out)
{
    opened(out, '{');
}

void
json_end_object(struct json_out *out)
{
    closed(out, '}');
}

void
json_begin_array(struct json_out *out)
{
    opened(out, '[');
}

void
json_end_array(struct json_out *out)
{
    closed(out, ']');
}

void
json_value_text(struct json_out *out, const char *text)
{
    if (text == NULL) {
        json_value_raw(out, NULL);
        return;
    }
    separate(out);
    quoted(out->buf, text);
}

void
json_value_int(struct json_out *out, int64_t value)
{
    separate(out);
    buf_format(out->buf, "%" PRId64, value);
}

void
json_value_raw(struct json_out *out, const char *json)
{
    separate(out);
    buf_text(out->buf, json == NULL ? "null" : json);
}

void
json_key(struct json_out *out, const char *name)
{
    separate(out);
    quoted(out->buf, name);
    buf_byte(out->buf, ':');
    out->comma = false;
}

void
json_key_quoted(struct json_out *out, const char *key, size_t size)
{
    separate(out);
    buf_add(out->buf, key, size);
    out->comma = false;
}

void
json_text(struct json_out *out, const char *name, const char *text)
{
    json_key(out, name);
    json_value_text(out, text);
}

void
json_email(struct json_out *out, const char *name, const char *address)
{
    char shown[EMAIL_SHOWN_SIZE];
    json_text(out, name, address == NULL ? NULL : email_show(address, shown));
}

void
json_int(struct json_out *out, const char *name, int64_t value)
{
    json_key(out, name);
    json_value_int(out, value);
}

void
json_flag(struct json_out *out, const char *name, bool value)
{
    json_raw(out, name, value ? "true" : "false");
}

void
json_raw(struct json_out *out, const char *name, const char *json)
{
    json_key(out, name);
    json_value_raw(out, json);
}

void
json_null(struct json_out *out, const char *name)
{
    json_raw(out, name, NULL);
}

void
json_time(struct json_out *out, const char *name, int64_t microseconds)
{
    char text[CLOCK_TEXT_SIZE];
    json_text(out, name, clock_text(microseconds, text));
}

void
json_object_key(struct json_out *out, const char *name)
{
    json_key(out, name);
    json_begin_object(out);
}

void
json_array_key(struct json_out *out, const char *name)
{
    json_key(out, name);
    json_begin_array(out);
}
