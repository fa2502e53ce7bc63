#include "lib/media/bytes.h"
#include "lib/media/walk.h"

enum {
    RIFF_SIZE = 12,
    CHUNK_SIZE = 8,
    LOSSY_SIZE = 10,
    LOSSLESS_SIZE = 5,
    EXTENDED_SIZE = 10,
    FRAME_SIZE = 16,
    SIDE_BITS = 14,
    SIDE_MASK = 0x3fff,
    ANIMATED = 0x02
};

/* Of the key frame's header (RFC 6386, 9.1); of the lossless one's (its specification, 3). */
static bool
is_picture(uint32_t code, struct span body, struct media_size *size)
{
    if (code == BYTES_CODE('V', 'P', '8', ' ')) {
        if (body.size < LOSSY_SIZE || (body.data[0] & 1) != 0 || !bytes_are(body, 3, "\x9d\x01\x2a", 3)) {
            return false;
        }
        *size =
            (struct media_size){bytes_little(body, 6, 2) & SIDE_MASK, bytes_little(body, 8, 2) & SIDE_MASK};
        return size->width > 0 && size->height > 0;
    }
    if (body.size < LOSSLESS_SIZE || body.data[0] != 0x2f || body.data[4] >> 5 != 0) {
        return false;
    }
    uint32_t sides = bytes_little(body, 1, 4);
    *size = (struct media_size){(sides & SIDE_MASK) + 1, (sides >> SIDE_BITS & SIDE_MASK) + 1};
    return true;
}

static bool
is_picture_code(uint32_t code)
{
    return code == BYTES_CODE('V', 'P', '8', ' ') || code == BYTES_CODE('V', 'P', '8', 'L');
}

/* A chunk at `at`, which then stands behind it and its padding. */
static bool
next_chunk(struct span file, size_t *at, uint32_t *code, struct span *body)
{
    if (!bytes_there(file, *at, CHUNK_SIZE)) {
        return false;
    }
    *code = bytes_code(file, *at);
    uint64_t length = bytes_little(file, *at + 4, 4);
    if (!bytes_there(file, *at + CHUNK_SIZE, length + (length & 1))) {
        return false;
    }
    *body = (struct span){file.data + *at + CHUNK_SIZE, (size_t)length};
    *at += CHUNK_SIZE + (size_t)(length + (length & 1));
    return true;
}

/* Of an animation: where it stands, its size, and chunks of its own, one of them a picture of that size. */
static bool
is_frame(struct span body, struct media_size canvas)
{
    if (body.size < FRAME_SIZE) {
        return false;
    }
    struct media_size frame = {bytes_little(body, 6, 3) + 1, bytes_little(body, 9, 3) + 1};
    bool inside = (uint64_t)bytes_little(body, 0, 3) * 2 + frame.width <= canvas.width &&
                  (uint64_t)bytes_little(body, 3, 3) * 2 + frame.height <= canvas.height;
    size_t at = FRAME_SIZE;
    size_t pictures = 0;
    while (inside && at < body.size) {
        uint32_t code = 0;
        struct span part;
        struct media_size size;
        if (!next_chunk(body, &at, &code, &part)) {
            return false;
        }
        if (is_picture_code(code)) {
            pictures++;
            inside =
                is_picture(code, part, &size) && size.width == frame.width && size.height == frame.height;
        }
    }
    return inside && pictures == 1;
}

/* A file of VP8X: its canvas first, then chunks in any order; one picture, or frames. */
static enum media_verdict
walk_extended(struct span file, size_t at, struct span head, struct media_size *canvas)
{
    if (head.size != EXTENDED_SIZE) {
        return MEDIA_DAMAGED;
    }
    bool animated = (head.data[0] & ANIMATED) != 0;
    *canvas = (struct media_size){bytes_little(head, 4, 3) + 1, bytes_little(head, 7, 3) + 1};
    size_t pictures = 0;
    size_t frames = 0;
    while (at < file.size) {
        uint32_t code = 0;
        struct span body;
        struct media_size size;
        if (!next_chunk(file, &at, &code, &body)) {
            return MEDIA_DAMAGED;
        }
        if (is_picture_code(code)) {
            pictures++;
            if (!is_picture(code, body, &size) || size.width != canvas->width ||
                size.height != canvas->height) {
                return MEDIA_DAMAGED;
            }
        } else if (code == BYTES_CODE('A', 'N', 'M', 'F')) {
            frames++;
            if (!is_frame(body, *canvas)) {
                return MEDIA_DAMAGED;
            }
        } else if (code == BYTES_CODE('V', 'P', '8', 'X')) {
            return MEDIA_DAMAGED;
        }
    }
    return (animated ? pictures == 0 && frames > 0 : pictures == 1 && frames == 0) ? MEDIA_FINE
                                                                                   : MEDIA_DAMAGED;
}

enum media_verdict
media_walk_webp(struct span file, struct media_size *size, size_t *own)
{
    uint64_t said = (uint64_t)bytes_little(file, 4, 4) + 8;
    if (said > file.size || (said & 1) != 0) {
        return MEDIA_DAMAGED;
    }
    *own = file.size;
    if (said < file.size) {
        return MEDIA_NOT_UNDERSTOOD; /* no camera writes behind it */
    }
    size_t at = RIFF_SIZE;
    uint32_t code = 0;
    struct span body;
    if (!next_chunk(file, &at, &code, &body)) {
        return MEDIA_DAMAGED;
    }
    if (code == BYTES_CODE('V', 'P', '8', 'X')) {
        return walk_extended(file, at, body, size);
    }
    if (!is_picture_code(code)) {
        return MEDIA_NOT_UNDERSTOOD;
    }
    return is_picture(code, body, size) && at == file.size ? MEDIA_FINE : MEDIA_DAMAGED;
}
