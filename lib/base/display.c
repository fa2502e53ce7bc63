#include "lib/base/display.h"

#include <stdint.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

enum { BRAILLE_BLANK = 0x2800 };

static bool
breaks_line(ucs4_t sign)
{
    return uc_is_general_category_withtable(sign,
                                            UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
}

static bool
is_refused(ucs4_t sign)
{
    bool turns = (sign >= 0x202a && sign <= 0x202e) || (sign >= 0x2066 && sign <= 0x2069);
    return turns || breaks_line(sign) || uc_is_property_not_a_character(sign);
}

static bool
is_seen(ucs4_t sign)
{
    return !uc_is_property_white_space(sign) && !uc_is_property_default_ignorable_code_point(sign) &&
           !uc_is_general_category_withtable(sign, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf |
                                                       UC_CATEGORY_MASK_M) &&
           sign != BRAILLE_BLANK;
}

bool
display_is_blank(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    while (size > 0) {
        ucs4_t sign = 0;
        int width = u8_mbtoucr(&sign, at, size);
        if (width <= 0 || is_seen(sign)) {
            return false;
        }
        at += width;
        size -= (size_t)width;
    }
    return true;
}

bool
display_is_text(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    while (size > 0) {
        ucs4_t sign = 0;
        int width = u8_mbtoucr(&sign, at, size);
        if (width <= 0 || is_refused(sign)) {
            return false;
        }
        at += width;
        size -= (size_t)width;
    }
    return true;
}

bool
display_is_name(const char *text, size_t size)
{
    return display_is_text(text, size) && !display_is_blank(text, size);
}

char *
display_clean(struct arena *arena, const char *text)
{
    size_t left = strlen(text);
    const uint8_t *at = (const uint8_t *)text;
    char *clean = arena_alloc(arena, left + 1);
    size_t size = 0;
    while (left > 0) {
        ucs4_t sign = 0;
        int width = u8_mbtoucr(&sign, at, left);
        bool broken = width <= 0;
        size_t bytes = broken ? 1 : (size_t)width;
        if (broken || breaks_line(sign) || sign == ' ') {
            if (size > 0 && clean[size - 1] != ' ') {
                clean[size++] = ' ';
            }
        } else if (!is_refused(sign)) {
            memcpy(clean + size, at, bytes);
            size += bytes;
        }
        at += bytes;
        left -= bytes;
    }
    while (size > 0 && clean[size - 1] == ' ') {
        size--;
    }
    clean[size] = '\0';
    return clean;
}
