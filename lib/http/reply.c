#include "lib/http/reply.h"

#include <string.h>

const char reply_null[] = "null";

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

static enum reply_state
state_of(const void *value)
{
    return value == NULL ? REPLY_UNSET : value == REPLY_NULL ? REPLY_IS_NULL : REPLY_SET;
}

static const char *
name_of(const char *whole)
{
    return strrchr(whole, '.') + 1;
}

/* True when there is a value to write; writes null, nothing, or notes what is missing, otherwise. */
static bool
is_set(struct json_out *out, const char *whole, enum reply_state state, enum reply_rule rule)
{
    if (state == REPLY_SET) {
        return true;
    }
    if (state == REPLY_IS_NULL && rule == REPLY_NULLABLE) {
        json_null(out, name_of(whole));
    } else if (state == REPLY_IS_NULL || rule != REPLY_OPTIONAL) {
        out->missing = out->missing == NULL ? whole : out->missing;
    }
    return false;
}

void
reply_text_member(struct json_out *out, const char *whole, const char *value, enum reply_rule rule)
{
    if (is_set(out, whole, state_of(value), rule)) {
        json_text(out, name_of(whole), value);
    }
}

void
reply_email_member(struct json_out *out, const char *whole, const char *value, enum reply_rule rule)
{
    if (is_set(out, whole, state_of(value), rule)) {
        json_email(out, name_of(whole), value);
    }
}

void
reply_raw_member(struct json_out *out, const char *whole, const char *value, enum reply_rule rule)
{
    if (is_set(out, whole, state_of(value), rule)) {
        json_raw(out, name_of(whole), value);
    }
}

void
reply_integer_member(struct json_out *out, const char *whole, struct reply_integer value,
                     enum reply_rule rule)
{
    if (is_set(out, whole, value.state, rule)) {
        json_int(out, name_of(whole), value.value);
    }
}

void
reply_flag_member(struct json_out *out, const char *whole, struct reply_flag value, enum reply_rule rule)
{
    if (is_set(out, whole, value.state, rule)) {
        json_flag(out, name_of(whole), value.value);
    }
}

void
reply_time_member(struct json_out *out, const char *whole, struct reply_time value, enum reply_rule rule)
{
    if (is_set(out, whole, value.state, rule)) {
        json_time(out, name_of(whole), value.value);
    }
}

bool
reply_has(struct json_out *out, const char *whole, const void *value, enum reply_rule rule)
{
    if (!is_set(out, whole, state_of(value), rule)) {
        return false;
    }
    json_key(out, name_of(whole));
    return true;
}
