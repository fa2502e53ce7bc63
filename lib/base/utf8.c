#include "lib/base/utf8.h"

size_t
utf8_size(const unsigned char *at, const unsigned char *end)
{
    unsigned char lead = at[0];
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || (size_t)(end - at) < size) {
        return 0;
    }
    /* The second byte's range excludes longer forms than needed, surrogates, and what is too high. */
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if (at[i] < 0x80 || at[i] > 0xbf) {
            return 0;
        }
    }
    return size;
}

size_t
utf8_encode(uint32_t point, unsigned char out[UTF8_SIZE_MAX])
{
    if (point < 0x80) {
        out[0] = (unsigned char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (unsigned char)(0xc0 | point >> 6);
        out[1] = (unsigned char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (unsigned char)(0xe0 | point >> 12);
        out[1] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | point >> 18);
    out[1] = (unsigned char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (unsigned char)(0x80 | (point & 0x3f));
    return 4;
}

bool
utf8_valid(const void *text, size_t size)
{
    const unsigned char *at = text;
    const unsigned char *end = at + size;
    while (at < end) {
        size_t step = *at < 0x80 ? 1 : utf8_size(at, end);
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

size_t
utf8_length(const void *text, size_t size)
{
    const unsigned char *at = text;
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += (at[i] & 0xc0) != 0x80;
    }
    return count;
}
