#include "lib/media/box.h"

#include "lib/media/bytes.h"

enum { HEADER_SIZE = 8, LONG_HEADER_SIZE = 16, SIZE_IS_LONG = 1, SIZE_IS_REST = 0, BRAND_SIZE = 4 };

bool
media_box_next(struct span file, size_t *at, size_t end, struct media_box *box)
{
    if (*at > end || end > file.size || end - *at < HEADER_SIZE) {
        return false;
    }
    uint64_t size = bytes_big(file, *at, 4);
    size_t header = HEADER_SIZE;
    if (size == SIZE_IS_LONG) {
        if (end - *at < LONG_HEADER_SIZE) {
            return false;
        }
        size = (uint64_t)bytes_big(file, *at + 8, 4) << 32 | bytes_big(file, *at + 12, 4);
        header = LONG_HEADER_SIZE;
    } else if (size == SIZE_IS_REST && end == file.size) {
        size = end - *at;
    }
    if (size < header || size > end - *at) {
        return false;
    }
    *box = (struct media_box){bytes_code(file, *at + 4), *at, *at + header, *at + (size_t)size};
    *at = box->end;
    return true;
}

bool
media_box_find(struct span file, size_t at, size_t end, uint32_t code, struct media_box *box)
{
    while (media_box_next(file, &at, end, box)) {
        if (box->code == code) {
            return true;
        }
    }
    return false;
}

static bool
first_box(struct span file, struct media_box *box)
{
    size_t at = 0;
    return media_box_next(file, &at, file.size, box) && box->code == BYTES_CODE('f', 't', 'y', 'p') &&
           media_box_size(box) >= 2 * BRAND_SIZE;
}

uint32_t
media_box_brand(struct span file)
{
    struct media_box box;
    return first_box(file, &box) ? bytes_code(file, box.body) : 0;
}

bool
media_box_has_brand(struct span file, uint32_t brand)
{
    struct media_box box;
    if (!first_box(file, &box)) {
        return false;
    }
    for (size_t at = box.body + 2 * BRAND_SIZE; box.end - at >= BRAND_SIZE; at += BRAND_SIZE) {
        if (bytes_code(file, at) == brand) {
            return true;
        }
    }
    return false;
}
