#include "lib/media/box.h"
#include "lib/media/bytes.h"
#include "lib/media/walk.h"

enum {
    VERSION_SIZE = 4, /* version and flags, in front of a full box's content */
    BOXES_MAX = 10000,
    IN_FILE = 0, /* iloc's construction methods */
    IN_IDAT = 1,
    IN_ITEM = 2,
    METHOD_MASK = 0xf
};

/* What the boxes in `meta` say. */
struct picture {
    struct media_size size; /* of the largest image item */
    struct media_box places;
    size_t idat; /* bytes of it */
    bool handled;
    bool placed;
    bool primary;
};

/* ispe: each image item's size. Of tiles, thumbnails and depth none is larger than the picture; a limit on pixels is
 * for the largest in any case. */
static bool
read_sizes(struct span file, const struct media_box *properties, struct picture *picture)
{
    struct media_box box;
    size_t at = properties->body;
    while (at < properties->end) {
        if (!media_box_next(file, &at, properties->end, &box)) {
            return false;
        }
        if (box.code != BYTES_CODE('i', 's', 'p', 'e')) {
            continue;
        }
        if (media_box_size(&box) != VERSION_SIZE + 8) {
            return false;
        }
        struct media_size size = {bytes_big(file, box.body + 4, 4), bytes_big(file, box.body + 8, 4)};
        if ((uint64_t)size.width * size.height > (uint64_t)picture->size.width * picture->size.height) {
            picture->size = size;
        }
    }
    return true;
}

/* A number of 0, 4 or 8 bytes at `*at`, which then stands behind it. */
static bool
read_number(struct span file, size_t *at, size_t end, unsigned size, uint64_t *value)
{
    if ((size != 0 && size != 4 && size != 8) || end - *at < size) {
        return false;
    }
    *value = size == 8 ? (uint64_t)bytes_big(file, *at, 4) << 32 | bytes_big(file, *at + 4, 4)
                       : bytes_big(file, *at, size);
    *at += size;
    return true;
}

/* The sizes of iloc's fields, in bytes. */
struct fields {
    unsigned version;
    unsigned offset;
    unsigned length;
    unsigned base;
    unsigned index;
};

static bool
read_extent(struct span file, size_t *at, size_t end, const struct fields *fields, uint64_t base,
            uint64_t room)
{
    uint64_t index = 0;
    uint64_t offset = 0;
    uint64_t length = 0;
    if ((fields->version > 0 && !read_number(file, at, end, fields->index, &index)) ||
        !read_number(file, at, end, fields->offset, &offset) ||
        !read_number(file, at, end, fields->length, &length)) {
        return false;
    }
    return base <= room && offset <= room - base && length <= room - base - offset;
}

/* One item and its extents: where they lie is in the file. */
static bool
read_item(struct span file, size_t *at, size_t end, const struct fields *fields,
          const struct picture *picture)
{
    size_t head = (fields->version < 2 ? 2 : 4) + (fields->version > 0 ? 2U : 0U);
    uint64_t base = 0;
    unsigned method = IN_FILE;
    if (end - *at < head + 2) {
        return false;
    }
    *at += head;
    if (fields->version > 0) {
        method = bytes_big(file, *at - 2, 2) & METHOD_MASK;
    }
    if (method > IN_ITEM || bytes_big(file, *at, 2) != 0) {
        return false; /* of another file */
    }
    *at += 2;
    if (!read_number(file, at, end, fields->base, &base) || end - *at < 2) {
        return false;
    }
    uint64_t room = method == IN_FILE ? file.size : method == IN_IDAT ? picture->idat : UINT64_MAX;
    uint32_t extents = bytes_big(file, *at, 2);
    *at += 2;
    for (uint32_t i = 0; i < extents; i++) {
        if (!read_extent(file, at, end, fields, base, room)) {
            return false;
        }
    }
    return true;
}

static bool
read_places(struct span file, const struct picture *picture)
{
    size_t at = picture->places.body;
    size_t end = picture->places.end;
    if (end - at < VERSION_SIZE + 4) {
        return false;
    }
    unsigned sizes = bytes_big(file, at + VERSION_SIZE, 2);
    struct fields fields = {file.data[at], sizes >> 12, sizes >> 8 & 0xf, sizes >> 4 & 0xf, sizes & 0xf};
    size_t width = fields.version < 2 ? 2 : 4;
    at += VERSION_SIZE + 2;
    if (fields.version > 2 || end - at < width) {
        return false;
    }
    uint32_t items = bytes_big(file, at, width);
    at += width;
    for (uint32_t i = 0; i < items; i++) {
        if (!read_item(file, &at, end, &fields, picture)) {
            return false;
        }
    }
    return items > 0;
}

/*
 * infe (ISO/IEC 14496-12, 8.11.6): an item's type. Taken are pictures of HEVC, what is put together of such, and metadata: whoever
 * decodes this file may have decoders for more than it is declared to be.
 */
static bool
is_known_item(struct span file, const struct media_box *entry)
{
    static const char *const known[] = {"hvc1", "hev1", "grid", "iden", "iovl",
                                        "tmap", "Exif", "mime", "uri "};
    size_t size = media_box_size(entry);
    if (entry->code != BYTES_CODE('i', 'n', 'f', 'e') || size < VERSION_SIZE) {
        return false;
    }
    unsigned version = file.data[entry->body];
    size_t type = VERSION_SIZE + (version == 2 ? 2 : 4) + 2; /* behind identifier and protection */
    if (version < 2 || version > 3 || size < type + 4) {
        return false;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (bytes_are(file, entry->body + type, known[i], 4)) {
            return true;
        }
    }
    return false;
}

/* iinf: all items. */
static enum media_verdict
read_items(struct span file, const struct media_box *items)
{
    struct media_box entry;
    size_t size = media_box_size(items);
    size_t head = VERSION_SIZE + (size > 0 && file.data[items->body] == 0 ? 2 : 4);
    if (size < head) {
        return MEDIA_DAMAGED;
    }
    size_t at = items->body + head;
    for (size_t i = 0; at < items->end; i++) {
        if (!media_box_next(file, &at, items->end, &entry)) {
            return MEDIA_DAMAGED;
        }
        if (i >= BOXES_MAX || !is_known_item(file, &entry)) {
            return i >= BOXES_MAX ? MEDIA_TOO_DEEP : MEDIA_NOT_UNDERSTOOD;
        }
    }
    return MEDIA_FINE;
}

/* A box in `meta`. */
static enum media_verdict
look_at(struct span file, const struct media_box *box, struct picture *picture)
{
    struct media_box inner;
    switch (box->code) {
    case BYTES_CODE('h', 'd', 'l', 'r'):
        picture->handled = media_box_size(box) >= 12 && bytes_are(file, box->body + 8, "pict", 4);
        return picture->handled ? MEDIA_FINE : MEDIA_NOT_UNDERSTOOD;
    case BYTES_CODE('p', 'i', 't', 'm'):
        picture->primary = true;
        return MEDIA_FINE;
    case BYTES_CODE('i', 'p', 'r', 'o'):
        return MEDIA_ENCRYPTED;
    case BYTES_CODE('i', 'd', 'a', 't'):
        picture->idat = media_box_size(box);
        return MEDIA_FINE;
    case BYTES_CODE('i', 'l', 'o', 'c'):
        picture->places = *box;
        picture->placed = true;
        return MEDIA_FINE;
    case BYTES_CODE('i', 'i', 'n', 'f'):
        return read_items(file, box);
    case BYTES_CODE('i', 'p', 'r', 'p'):
        return media_box_find(file, box->body, box->end, BYTES_CODE('i', 'p', 'c', 'o'), &inner) &&
                       read_sizes(file, &inner, picture)
                   ? MEDIA_FINE
                   : MEDIA_DAMAGED;
    default:
        return MEDIA_FINE;
    }
}

static enum media_verdict
walk_meta(struct span file, const struct media_box *meta, struct media_size *size)
{
    struct picture picture = {0};
    if (media_box_size(meta) < VERSION_SIZE) {
        return MEDIA_DAMAGED;
    }
    struct media_box box;
    size_t at = meta->body + VERSION_SIZE;
    for (size_t i = 0; at < meta->end; i++) {
        if (!media_box_next(file, &at, meta->end, &box)) {
            return MEDIA_DAMAGED;
        }
        enum media_verdict verdict = i < BOXES_MAX ? look_at(file, &box, &picture) : MEDIA_TOO_DEEP;
        if (verdict != MEDIA_FINE) {
            return verdict;
        }
    }
    *size = picture.size;
    if (!picture.handled || !picture.primary || !picture.placed || picture.size.width == 0) {
        return MEDIA_NOT_UNDERSTOOD;
    }
    return read_places(file, &picture) ? MEDIA_FINE : MEDIA_DAMAGED;
}

enum media_verdict
media_walk_heic(struct span file, struct media_size *size, size_t *own)
{
    size_t at = 0;
    size_t metas = 0;
    struct media_box box;
    *own = file.size;
    for (size_t i = 0; at < file.size; i++) {
        if (!media_box_next(file, &at, file.size, &box)) {
            return MEDIA_DAMAGED;
        }
        if (i >= BOXES_MAX) {
            return MEDIA_TOO_DEEP;
        }
        if (box.code == BYTES_CODE('m', 'e', 't', 'a')) {
            metas++;
            enum media_verdict verdict = walk_meta(file, &box, size);
            if (verdict != MEDIA_FINE) {
                return verdict;
            }
        }
    }
    bool still = media_box_has_brand(file, BYTES_CODE('h', 'e', 'i', 'c')) ||
                 media_box_has_brand(file, BYTES_CODE('h', 'e', 'i', 'x'));
    if (metas == 0) {
        return still ? MEDIA_DAMAGED : MEDIA_NOT_UNDERSTOOD;
    }
    return still && metas == 1 ? MEDIA_FINE : MEDIA_NOT_UNDERSTOOD;
}
