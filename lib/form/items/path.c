#include "lib/form/items/path.h"

#include "lib/base/hex.h"

#include <string.h>

enum { INDEX_MAX = 999999 };

/* Reads "[12]" up to the end of the step. */
static bool
parse_index(const char **cursor, struct path_step *step)
{
    const char *digit = *cursor + 1;
    if (*digit < '0' || *digit > '9' || (*digit == '0' && digit[1] != ']')) {
        return false;
    }
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        step->index = step->index * 10 + (uint32_t)(*digit - '0');
        if (step->index > INDEX_MAX) {
            return false;
        }
    }
    step->indexed = true;
    *cursor = digit + 1;
    return *digit == ']';
}

static bool
parse_step(const char **cursor, struct path_step *step)
{
    const char *at = *cursor;
    step->size = 0;
    step->index = 0;
    step->indexed = false;
    while (*at != '\0' && *at != '/' && *at != '[') {
        char byte = *at++;
        if (byte == ']' || step->size == FORM_LINK_ID_MAX) {
            return false;
        }
        if (byte == '%') {
            int high = hex_digit((unsigned char)at[0]);
            int low = high < 0 ? -1 : hex_digit((unsigned char)at[1]);
            if (low < 0 || (high == 0 && low == 0)) {
                return false;
            }
            byte = (char)(unsigned char)(high * 16 + low);
            at += 2;
        }
        step->link_id[step->size++] = byte;
    }
    step->link_id[step->size] = '\0';
    if (*at == '[' && !parse_index(&at, step)) {
        return false;
    }
    *cursor = at;
    return step->size != 0;
}

bool
path_parse(const char *text, struct path *path)
{
    const char *cursor = text;
    path->depth = 0;
    if (text == NULL || strnlen(text, FORM_PATH_MAX + 1) > FORM_PATH_MAX) {
        return false;
    }
    while (path->depth < FORM_DEPTH_MAX && parse_step(&cursor, &path->steps[path->depth])) {
        path->depth++;
        if (*cursor == '\0') {
            return true;
        }
        if (*cursor != '/') {
            return false;
        }
        cursor++;
    }
    return false;
}

void
path_add(struct buf *buf, const char *link_id, size_t size, bool indexed, uint32_t index)
{
    if (buf->size != 0) {
        buf_byte(buf, '/');
    }
    for (size_t i = 0; i < size; i++) {
        if (memchr("/[]%", link_id[i], 4) != NULL) {
            buf_format(buf, "%%%02X", (unsigned)(unsigned char)link_id[i]);
        } else {
            buf_byte(buf, link_id[i]);
        }
    }
    if (indexed) {
        buf_format(buf, "[%u]", index);
    }
}

bool
form_paths_overlap(const char *left, const char *right)
{
    struct path one;
    struct path other;
    if (!path_parse(left, &one) || !path_parse(right, &other)) {
        return true;
    }
    for (size_t i = 0;; i++) {
        const struct path_step *a = &one.steps[i];
        const struct path_step *b = &other.steps[i];
        if (a->size != b->size || memcmp(a->link_id, b->link_id, a->size) != 0) {
            return false;
        }
        bool a_last = i + 1 == one.depth;
        bool b_last = i + 1 == other.depth;
        /* A last step without an index stands for all instances. */
        if ((a_last && !a->indexed) || (b_last && !b->indexed)) {
            return true;
        }
        if (a->index != b->index) {
            return false;
        }
        if (a_last || b_last) {
            return true;
        }
    }
}
