#include "lib/base/json_escape.h"

#include "lib/base/hex.h"

#include <string.h>

/* One byte of each lane. */
static const uint64_t LANES = 0x0101010101010101U;
static const uint64_t HIGH_BITS = 0x8080808080808080U;

/* High bits where a lane is less than `least` (at most 128), correct up to the first such lane. */
static uint64_t
lanes_below(uint64_t word, uint64_t least)
{
    return (word - LANES * least) & ~word & HIGH_BITS;
}

const unsigned char *
json_plain_end(const unsigned char *at, const unsigned char *end)
{
    /* Eight bytes at a time: most text is plain. */
    while (end - at >= (ptrdiff_t)sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, at, sizeof word);
        uint64_t special = (word & HIGH_BITS) | lanes_below(word, 0x20) | lanes_below(word ^ LANES * '"', 1) |
                           lanes_below(word ^ LANES * '\\', 1);
        if (special != 0) {
            break;
        }
        at += sizeof word;
    }
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

/* The value of four hexadecimal digits, or -1. */
static int32_t
hex_four(const unsigned char *at, const unsigned char *end)
{
    if (end - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

size_t
json_unescape(const unsigned char **at, const unsigned char *end, unsigned char out[UTF8_SIZE_MAX],
              enum json_fault_code *fault)
{
    static const char plain[] = "\"\\/bfnrt";
    static const char meaning[] = "\"\\/\b\f\n\r\t";
    const unsigned char *from = *at;
    *fault = JSON_BAD_ESCAPE;
    if (from == end) {
        *fault = JSON_CUT_SHORT;
        return 0;
    }
    const char *found = *from == '\0' ? NULL : strchr(plain, *from);
    if (found != NULL) {
        out[0] = (unsigned char)meaning[found - plain];
        *at = from + 1;
        return 1;
    }
    int32_t unit = *from == 'u' ? hex_four(from + 1, end) : -1;
    if (unit < 0) {
        return 0;
    }
    from += 5;
    uint32_t point = (uint32_t)unit;
    if (point >= 0xd800 && point <= 0xdfff) {
        *fault = JSON_LONE_SURROGATE;
        int32_t low = end - from >= 6 && from[0] == '\\' && from[1] == 'u' ? hex_four(from + 2, end) : -1;
        if (point >= 0xdc00 || low < 0xdc00 || low > 0xdfff) {
            return 0;
        }
        point = 0x10000 + ((point - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
        from += 6;
    }
    if (point == 0) {
        *fault = JSON_NUL_CHARACTER;
        return 0;
    }
    *fault = JSON_FINE;
    *at = from;
    return utf8_encode(point, out);
}
