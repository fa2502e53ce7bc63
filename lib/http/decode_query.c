#include "lib/http/decode_query.h"

#include "lib/base/hex.h"
#include "lib/base/utf8.h"

#include <string.h>

/* Names in pointers come from outside. */
enum { NAME_SHOWN_MAX = 64 };

/* The decoded text, or NULL: bad percent-encoding, a control character, not UTF-8. */
static const char *
decode_text(struct request *rq, const char *raw, size_t size)
{
    unsigned char *text = arena_alloc(rq->arena, size + 1);
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)raw[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            int high = i + 2 < size ? hex_digit((unsigned char)raw[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_digit((unsigned char)raw[i + 2]);
            if (low < 0) {
                return NULL;
            }
            byte = (unsigned char)(high * 16 + low);
            i += 2;
        }
        if (byte < 0x20 || byte == 0x7f) {
            return NULL;
        }
        text[used++] = byte;
    }
    return utf8_valid(text, used) ? (const char *)text : NULL;
}

size_t
query_split(struct request *rq, struct query_pair pairs[QUERY_PAIRS_MAX])
{
    size_t count = 0;
    const char *at = rq->query;
    while (*at != '\0') {
        if (*at == '&') {
            at++; /* an empty pair: a leading, trailing or doubled & */
            continue;
        }
        size_t size = strcspn(at, "&");
        size_t name_size = strcspn(at, "=&");
        size_t value_start = name_size < size ? name_size + 1 : size;
        const char *name = decode_text(rq, at, name_size);
        const char *value = decode_text(rq, at + value_start, size - value_start);
        if (name == NULL || value == NULL || count == QUERY_PAIRS_MAX) {
            request_error(rq, "/query", "encoding", "is not a query that can be read");
            return count;
        }
        pairs[count++] = (struct query_pair){name, value, false};
        at += size + (at[size] == '&' ? 1 : 0);
    }
    return count;
}

struct query_pair *
query_take(struct query_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pairs[i].name, name) == 0) {
            pairs[i].taken = true;
            return &pairs[i];
        }
    }
    return NULL;
}

/* RFC 6901 escapes; a long name is cut before it is shown. */
static const char *
pointer_of(struct request *rq, const char *name)
{
    static const char start[] = "/query/";
    char *text = arena_alloc(rq->arena, sizeof start + (size_t)2 * NAME_SHOWN_MAX);
    size_t size = sizeof start - 1;
    memcpy(text, start, size);
    const unsigned char *at = (const unsigned char *)name;
    const unsigned char *end = at + strlen(name);
    size_t shown = 0;
    while (at < end) {
        size_t step = *at < 0x80 ? 1 : utf8_size(at, end);
        if (step == 0 || shown + step > NAME_SHOWN_MAX) {
            break;
        }
        if (*at == '~' || *at == '/') {
            text[size++] = '~';
            text[size++] = *at == '~' ? '0' : '1';
        } else {
            memcpy(text + size, at, step);
            size += step;
        }
        shown += step;
        at += step;
    }
    return text;
}

void
query_report_rest(struct request *rq, const struct query_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool duplicate = false;
        for (size_t j = 0; j < i; j++) {
            duplicate = duplicate || strcmp(pairs[i].name, pairs[j].name) == 0;
        }
        if (duplicate) {
            request_error(rq, pointer_of(rq, pairs[i].name), "duplicate", "is given more than once");
        } else if (!pairs[i].taken) {
            request_error(rq, pointer_of(rq, pairs[i].name), "unknown", "is not known here");
        }
    }
}
