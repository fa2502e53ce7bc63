#include "lib/mail/mime.h"

#include "lib/base/hex.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <unistr.h>

enum {
    WORD_BYTES = 36, /* of text in one encoded word: 48 of base64, 12 around them, 16 left for the name */
    PLAIN_MAX = 56,  /* characters of a header that need no folding after "Subject: " */
    QUOTED_LINE_MAX = 76
};

/* Printable ASCII in which no reader could see an encoded word. */
static bool
is_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < 0x20 || *at > 0x7e) {
            return false;
        }
    }
    return strlen(text) <= PLAIN_MAX && strstr(text, "=?") == NULL;
}

static void
base64(struct buf *out, const unsigned char *data, size_t size)
{
    char text[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    while (size > 0) {
        size_t part =
            size < WORD_BYTES ? size : WORD_BYTES; /* a multiple of three: no padding before the end */
        buf_text(out, sodium_bin2base64(text, sizeof text, data, part, sodium_base64_VARIANT_ORIGINAL));
        data += part;
        size -= part;
    }
}

/* RFC 2047 section 5 (3): a word holds whole characters. */
static size_t
word_size(const uint8_t *text, size_t left)
{
    size_t size = 0;
    while (size < left) {
        int width = u8_mblen(text + size, left - size);
        if (width <= 0 || size + (size_t)width > WORD_BYTES) {
            break;
        }
        size += (size_t)width;
    }
    return size == 0 ? left : size;
}

void
mime_words(struct buf *out, const char *text)
{
    if (is_plain(text)) {
        buf_text(out, text);
        return;
    }
    const uint8_t *at = (const uint8_t *)text;
    size_t left = strlen(text);
    while (left > 0) {
        size_t size = word_size(at, left);
        buf_text(out, "=?UTF-8?B?");
        base64(out, at, size);
        buf_text(out, "?=");
        at += size;
        left -= size;
        if (left > 0) {
            buf_text(out, "\r\n ");
        }
    }
}

/* RFC 2045 section 6.7 (3): white space at the end of a line must be encoded. */
static bool
is_literal(const char *at)
{
    unsigned char byte = (unsigned char)*at;
    if (byte == ' ' || byte == '\t') {
        return at[1] != '\n' && at[1] != '\0';
    }
    return byte > 0x20 && byte < 0x7f && byte != '=';
}

void
mime_quoted_printable(struct buf *out, const char *text)
{
    size_t column = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            buf_text(out, "\r\n");
            column = 0;
            continue;
        }
        bool literal = is_literal(at);
        size_t width = literal ? 1 : 3;
        bool line_ends = at[1] == '\n' || at[1] == '\0';
        if (column + width > QUOTED_LINE_MAX - (line_ends ? 0 : 1)) {
            buf_text(out, "=\r\n");
            column = 0;
        }
        if (literal) {
            buf_byte(out, *at);
        } else {
            unsigned char byte = (unsigned char)*at;
            char escape[3] = {'=', HEX_CAPITAL[byte >> 4], HEX_CAPITAL[byte & 15]};
            buf_add(out, escape, sizeof escape);
        }
        column += width;
    }
}

void
html_text(struct buf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            buf_text(out, "&amp;");
            break;
        case '<':
            buf_text(out, "&lt;");
            break;
        case '>':
            buf_text(out, "&gt;");
            break;
        case '"':
            buf_text(out, "&quot;");
            break;
        case '\'':
            buf_text(out, "&#39;");
            break;
        default:
            buf_byte(out, *at);
        }
    }
}
