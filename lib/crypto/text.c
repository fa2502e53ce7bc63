#include "lib/crypto/text.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* The size of a text that is UTF-8 and not too long; false for all others. */
static bool
measure(const char *text, size_t *size)
{
    *size = strnlen(text, TEXT_MAX + 1);
    return *size <= TEXT_MAX && u8_check((const uint8_t *)text, *size) == NULL;
}

/* Frees what libunistring made, if it made something. */
static void
wipe(uint8_t *made, size_t size)
{
    if (made != NULL) {
        sodium_memzero(made, size);
        free(made);
    }
}

bool
text_nfkc(const char *text, char out[TEXT_MAX + 1], size_t *count)
{
    size_t size = 0;
    *count = 0;
    sodium_memzero(out, TEXT_MAX + 1);
    if (!measure(text, &size)) {
        return false;
    }
    if (size == 0) {
        return true;
    }
    uint8_t *room = (uint8_t *)out;
    size_t made_size = TEXT_MAX;
    uint8_t *made = u8_normalize(UNINORM_NFKC, (const uint8_t *)text, size, room, &made_size);
    if (made != room) {
        wipe(made, made_size);
        sodium_memzero(out, TEXT_MAX + 1);
        return false;
    }
    out[made_size] = '\0';
    *count = u8_mbsnlen(room, made_size);
    return true;
}

char *
text_lower(struct arena *arena, const char *text, enum text_form form)
{
    size_t size = 0;
    if (!measure(text, &size)) {
        return NULL;
    }
    uninorm_t normal = form == TEXT_NFC ? UNINORM_NFC : UNINORM_NFKC;
    size_t normal_size = 0;
    size_t lower_size = 0;
    uint8_t *lower = NULL;
    uint8_t *made = u8_normalize(normal, (const uint8_t *)text, size, NULL, &normal_size);
    if (made != NULL) {
        lower = u8_tolower(made, normal_size, NULL, normal, NULL, &lower_size);
    }
    wipe(made, normal_size);
    char *copy = lower == NULL ? NULL : arena_copy(arena, lower, lower_size);
    wipe(lower, lower_size);
    return copy;
}

bool
text_is_visible(const char *text)
{
    ucs4_t sign = 0;
    for (const uint8_t *at = u8_next(&sign, (const uint8_t *)text); at != NULL; at = u8_next(&sign, at)) {
        if (uc_is_general_category_withtable(sign, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf |
                                                       UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp)) {
            return false;
        }
    }
    return true;
}

char *
text_strip(struct arena *arena, const char *text, bool inside)
{
    char *copy = arena_alloc(arena, strlen(text) + 1);
    size_t size = 0;
    size_t kept = 0; /* up to the last sign that is not white */
    ucs4_t sign = 0;
    const uint8_t *at = (const uint8_t *)text;
    for (const uint8_t *next = u8_next(&sign, at); next != NULL; next = u8_next(&sign, at)) {
        size_t width = (size_t)(next - at);
        bool white = uc_is_property_white_space(sign);
        if (!white || (!inside && size > 0)) {
            memcpy(copy + size, at, width);
            size += width;
        }
        if (!white) {
            kept = size;
        }
        at = next;
    }
    copy[kept] = '\0';
    return copy;
}
