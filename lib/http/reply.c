#include "lib/http/reply.h"

#include "lib/base/clock.h"
#include "lib/base/email.h"

#include <sodium.h>
#include <string.h>

const char reply_null[] = "null";

enum { SHA256_SIZE = 32 };

struct reply_integer
reply_integer(int64_t value)
{
    return (struct reply_integer){value, REPLY_SET};
}

struct reply_integer
reply_optional_integer(bool given, int64_t value)
{
    return (struct reply_integer){value, given ? REPLY_SET : REPLY_IS_NULL};
}

struct reply_flag
reply_flag(bool value)
{
    return (struct reply_flag){value, REPLY_SET};
}

struct reply_time
reply_time(int64_t microseconds)
{
    return (struct reply_time){microseconds, REPLY_SET};
}

struct reply_time
reply_optional_time(bool given, int64_t microseconds)
{
    return (struct reply_time){microseconds, given ? REPLY_SET : REPLY_IS_NULL};
}

const char *
reply_or_null(const char *text)
{
    return text == NULL ? reply_null : text;
}

const void *
reply_kept(struct arena *arena, bool given, const void *it, size_t size)
{
    return given ? memcpy(arena_alloc(arena, size), it, size) : REPLY_NULL;
}

struct json_out *
reply_text_begin(struct reply_text *text, size_t max)
{
    buf_init(&text->buf, max);
    json_start(&text->out, &text->buf);
    return &text->out;
}

const char *
reply_text_end(struct reply_text *text, struct arena *arena)
{
    bool whole = !text->buf.failed && text->out.missing == NULL;
    const char *copy = whole ? arena_copy(arena, text->buf.data, text->buf.size) : NULL;
    buf_free(&text->buf);
    return copy;
}

static enum reply_state
state_of(const void *value)
{
    return value == NULL ? REPLY_UNSET : value == REPLY_NULL ? REPLY_IS_NULL : REPLY_SET;
}

/* Writes the key and is true when the value is to follow; writes null, nothing, or notes what is missing,
 * otherwise. */
static bool
begins(struct json_out *out, const char *whole, const char *key, size_t size, enum reply_state state,
       enum reply_rule rule)
{
    bool is_null = state == REPLY_IS_NULL && rule == REPLY_NULLABLE;
    if (state == REPLY_SET || is_null) {
        json_key_quoted(out, key, size);
    } else if (state == REPLY_IS_NULL || rule != REPLY_OPTIONAL) {
        out->missing = out->missing == NULL ? whole : out->missing;
    }
    if (is_null) {
        json_value_raw(out, NULL);
    }
    return state == REPLY_SET;
}

void
reply_text_member(struct json_out *out, const char *whole, const char *key, size_t size, const char *value,
                  enum reply_rule rule)
{
    if (begins(out, whole, key, size, state_of(value), rule)) {
        json_value_text(out, value);
    }
}

void
reply_email_member(struct json_out *out, const char *whole, const char *key, size_t size, const char *value,
                   enum reply_rule rule)
{
    if (begins(out, whole, key, size, state_of(value), rule)) {
        char shown[EMAIL_SHOWN_SIZE];
        json_value_text(out, email_show(value, shown));
    }
}

void
reply_raw_member(struct json_out *out, const char *whole, const char *key, size_t size, const char *value,
                 enum reply_rule rule)
{
    if (begins(out, whole, key, size, state_of(value), rule)) {
        json_value_raw(out, value);
    }
}

void
reply_integer_member(struct json_out *out, const char *whole, const char *key, size_t size,
                     struct reply_integer value, enum reply_rule rule)
{
    if (begins(out, whole, key, size, value.state, rule)) {
        json_value_int(out, value.value);
    }
}

void
reply_flag_member(struct json_out *out, const char *whole, const char *key, size_t size,
                  struct reply_flag value, enum reply_rule rule)
{
    if (begins(out, whole, key, size, value.state, rule)) {
        json_value_raw(out, value.value ? "true" : "false");
    }
}

void
reply_time_member(struct json_out *out, const char *whole, const char *key, size_t size,
                  struct reply_time value, enum reply_rule rule)
{
    if (begins(out, whole, key, size, value.state, rule)) {
        char text[CLOCK_TEXT_SIZE];
        json_value_text(out, clock_text(value.value, text));
    }
}

void
reply_hash_member(struct json_out *out, const char *whole, const char *key, size_t size, struct span value,
                  enum reply_rule rule)
{
    if (begins(out, whole, key, size, value.size == SHA256_SIZE ? REPLY_SET : REPLY_UNSET, rule)) {
        char text[2 * SHA256_SIZE + 1];
        json_value_text(out, sodium_bin2hex(text, sizeof text, value.data, value.size));
    }
}

bool
reply_has(struct json_out *out, const char *whole, const char *key, size_t size, const void *value,
          enum reply_rule rule)
{
    return begins(out, whole, key, size, state_of(value), rule);
}
