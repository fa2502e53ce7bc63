#include "lib/cloud/uri.h"

#include "lib/base/hex.h"

#include <stdlib.h>
#include <string.h>

static bool
is_unreserved(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void
uri_encode(struct buf *out, const char *text, bool is_path)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (is_unreserved(byte) || (is_path && byte == '/')) {
            buf_byte(out, *text);
        } else {
            const char escape[3] = {'%', HEX_CAPITAL[byte >> 4], HEX_CAPITAL[byte & 15]};
            buf_add(out, escape, sizeof escape);
        }
    }
}

static int
compare_pairs(const void *left, const void *right)
{
    const struct uri_pair *one = left;
    const struct uri_pair *other = right;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : strcmp(one->value, other->value);
}

/* Each name and value encoded, with a NUL behind it. */
static void
encode_pairs(struct buf *texts, const struct uri_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uri_encode(texts, pairs[i].name, false);
        buf_byte(texts, '\0');
        uri_encode(texts, pairs[i].value, false);
        buf_byte(texts, '\0');
    }
}

void
uri_query(struct buf *out, const struct uri_pair *pairs, size_t count)
{
    struct uri_pair sorted[URI_PAIRS_MAX];
    struct buf texts;
    buf_init(&texts, 2 * URI_QUERY_MAX);
    encode_pairs(&texts, pairs, count);
    if (count > URI_PAIRS_MAX || texts.failed) {
        out->failed = true;
        buf_free(&texts);
        return;
    }
    const char *at = buf_string(&texts);
    for (size_t i = 0; i < count; i++) {
        sorted[i].name = at;
        sorted[i].value = at + strlen(at) + 1;
        at = sorted[i].value + strlen(sorted[i].value) + 1;
    }
    qsort(sorted, count, sizeof sorted[0], compare_pairs);
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i == 0 ? "" : "&");
        buf_text(out, sorted[i].name);
        buf_byte(out, '=');
        buf_text(out, sorted[i].value);
    }
    buf_free(&texts);
}

/* Decodes in place; false when this cannot be decoded in one way only. */
static bool
decode(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '%') {
            int high = hex_digit((unsigned char)at[1]);
            int low = high < 0 ? -1 : hex_digit((unsigned char)at[2]);
            if (low < 0 || (high == 0 && low == 0)) {
                return false;
            }
            *to++ = (char)(high << 4 | low);
            at += 2;
        } else if (*at <= ' ' || *at > '~' || *at == '+') {
            return false;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
    return true;
}

bool
uri_read_query(const char *query, char text[URI_QUERY_MAX + 1], struct uri_pair pairs[URI_PAIRS_MAX],
               size_t *count)
{
    size_t size = strlen(query);
    *count = 0;
    if (size > URI_QUERY_MAX) {
        return false;
    }
    memcpy(text, query, size + 1);
    char *rest = size == 0 ? NULL : text;
    while (rest != NULL) {
        char *name = strsep(&rest, "&");
        char *equals = strchr(name, '=');
        char *value = equals == NULL ? name + strlen(name) : equals + 1;
        if (equals != NULL) {
            *equals = '\0';
        }
        if (*count == URI_PAIRS_MAX || *name == '\0' || !decode(name) || !decode(value)) {
            return false;
        }
        pairs[(*count)++] = (struct uri_pair){name, value};
    }
    return true;
}
