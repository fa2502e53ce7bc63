#include "lib/http/schema_format.h"

#include "lib/base/display.h"
#include "lib/base/email.h"
#include "lib/base/moment.h"

#include <string.h>

enum { UUID_LENGTH = 36 };

struct cursor {
    const char *at;
    const char *end;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool
take(struct cursor *in, char c)
{
    if (in->at < in->end && *in->at == c) {
        in->at++;
        return true;
    }
    return false;
}

static bool
is_moment(struct cursor in, const struct moment_grammar *grammar)
{
    struct moment moment;
    return moment_read(grammar, in.at, (size_t)(in.end - in.at), &moment);
}

static bool
is_uuid(struct cursor in)
{
    if (in.end - in.at != UUID_LENGTH) {
        return false;
    }
    for (int i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? in.at[i] != '-' : !is_hex(in.at[i])) {
            return false;
        }
    }
    return true;
}

/* dotted decimal without leading zeros. */
static bool
is_ipv4(struct cursor in)
{
    for (int part = 0; part < 4; part++) {
        const char *start = in.at;
        int value = 0;
        while (in.at < in.end && is_digit(*in.at) && in.at - start < 3) {
            value = value * 10 + (*in.at++ - '0');
        }
        if (in.at == start || value > 255 || (*start == '0' && in.at - start > 1) ||
            (part < 3 && !take(&in, '.'))) {
            return false;
        }
    }
    return in.at == in.end;
}

/* RFC 3986 section 3.2.2, IPv6address: eight groups, one run of them may be left out, IPv4 may be the last
 * two. */
static bool
is_ipv6(struct cursor in)
{
    int groups = 0;
    bool gap = false;
    if (in.end - in.at >= 2 && in.at[0] == ':' && in.at[1] == ':') {
        gap = true;
        in.at += 2;
    }
    while (in.at < in.end) {
        const char *start = in.at;
        if (is_ipv4(in)) {
            groups += 2;
            in.at = in.end;
            break;
        }
        while (in.at < in.end && is_hex(*in.at) && in.at - start < 4) {
            in.at++;
        }
        if (in.at == start) {
            return false;
        }
        groups++;
        if (in.at == in.end) {
            break;
        }
        if (!take(&in, ':') || in.at == in.end) {
            return false;
        }
        if (take(&in, ':')) {
            if (gap) {
                return false;
            }
            gap = true;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

/* One character of RFC 3986's pchar or of `also`; percent-encoding counts as one. */
static bool
take_uri_character(struct cursor *in, const char *also)
{
    char c = *in->at;
    if (c == '%') {
        if (in->end - in->at < 3 || !is_hex(in->at[1]) || !is_hex(in->at[2])) {
            return false;
        }
        in->at += 3;
        return true;
    }
    if (is_letter(c) || is_digit(c) || is_one_of(c, "-._~!$&'()*+,;=") || is_one_of(c, also)) {
        in->at++;
        return true;
    }
    return false;
}

static bool
all_uri_characters(struct cursor in, const char *also)
{
    while (in.at < in.end) {
        if (!take_uri_character(&in, also)) {
            return false;
        }
    }
    return true;
}

/* The part up to (not with) the first of `stops`; `in` moves behind the part. */
static struct cursor
part_until(struct cursor *in, const char *stops)
{
    struct cursor part = *in;
    while (in->at < in->end && !is_one_of(*in->at, stops)) {
        in->at++;
    }
    part.end = in->at;
    return part;
}

/* RFC 3986 section 3.2.2, IP-literal without its brackets: IPv6 or IPvFuture. */
static bool
is_ip_literal(struct cursor in)
{
    if (!take(&in, 'v') && !take(&in, 'V')) {
        return is_ipv6(in);
    }
    const char *start = in.at;
    while (in.at < in.end && is_hex(*in.at)) {
        in.at++;
    }
    if (in.at == start || !take(&in, '.') || in.at == in.end) {
        return false;
    }
    return memchr(in.at, '%', (size_t)(in.end - in.at)) == NULL && all_uri_characters(in, ":");
}

/* userinfo, host and port. */
static bool
is_authority(struct cursor in)
{
    const char *last_at = memrchr(in.at, '@', (size_t)(in.end - in.at));
    if (last_at != NULL) {
        if (!all_uri_characters((struct cursor){in.at, last_at}, ":")) {
            return false;
        }
        in.at = last_at + 1;
    }
    if (take(&in, '[')) {
        struct cursor literal = part_until(&in, "]");
        if (!take(&in, ']') || !is_ip_literal(literal)) {
            return false;
        }
    } else if (!all_uri_characters(part_until(&in, ":"), "")) {
        return false;
    }
    if (take(&in, ':')) {
        while (in.at < in.end && is_digit(*in.at)) {
            in.at++;
        }
    }
    return in.at == in.end;
}

/* RFC 3986: a URI, with its scheme. */
static bool
is_uri(struct cursor in)
{
    if (in.at == in.end || !is_letter(*in.at)) {
        return false;
    }
    while (in.at < in.end && (is_letter(*in.at) || is_digit(*in.at) || is_one_of(*in.at, "+-."))) {
        in.at++;
    }
    if (!take(&in, ':')) {
        return false;
    }
    if (in.end - in.at >= 2 && in.at[0] == '/' && in.at[1] == '/') {
        in.at += 2;
        if (!is_authority(part_until(&in, "/?#"))) {
            return false;
        }
    }
    if (!all_uri_characters(part_until(&in, "?#"), ":@/")) {
        return false;
    }
    if (take(&in, '?') && !all_uri_characters(part_until(&in, "#"), ":@/?")) {
        return false;
    }
    return !take(&in, '#') || all_uri_characters(in, ":@/?");
}

bool
format_matches(enum schema_format format, const char *text, size_t size)
{
    struct cursor in = {text, text + size};
    char kept[EMAIL_SIZE];
    switch (format) {
    case FORMAT_NONE:
        return true;
    case FORMAT_DATE:
        return is_moment(in, &moment_rfc3339_date);
    case FORMAT_DATE_TIME:
        return is_moment(in, &moment_rfc3339_date_time);
    case FORMAT_UUID:
        return is_uuid(in);
    case FORMAT_IDN_EMAIL:
        return email_read(text, size, kept);
    case FORMAT_URI:
        return is_uri(in);
    case FORMAT_DISPLAY_TEXT:
    case FORMAT_DISPLAY_NAME: /* whether there is something to see is asked apart */
        return display_is_text(text, size);
    }
    return false;
}
