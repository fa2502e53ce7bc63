#include "lib/media/bytes.h"
#include "lib/media/walk.h"

enum {
    SIGNATURE_SIZE = 8,
    CHUNK_SIZE = 12, /* length, type, CRC */
    HEADER_SIZE = 13,
    LENGTH_MAX = 0x7fffffff,
    ANCILLARY = 0x20 /* of the type's first letter: may be ignored */
};

static const uint32_t IHDR = BYTES_CODE('I', 'H', 'D', 'R');
static const uint32_t PLTE = BYTES_CODE('P', 'L', 'T', 'E');
static const uint32_t IDAT = BYTES_CODE('I', 'D', 'A', 'T');
static const uint32_t IEND = BYTES_CODE('I', 'E', 'N', 'D');

/* Depths that go with a type of colour (0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGBA), as bits. */
static bool
is_depth(unsigned depth, unsigned colour)
{
    static const uint32_t depths[] = {0x10116, 0, 0x10100, 0x116, 0x10100, 0, 0x10100};
    return colour < sizeof depths / sizeof depths[0] && depth <= 16 && (depths[colour] >> depth & 1) != 0;
}

static bool
is_header(struct span body, struct media_size *size)
{
    if (body.size != HEADER_SIZE) {
        return false;
    }
    *size = (struct media_size){bytes_big(body, 0, 4), bytes_big(body, 4, 4)};
    return size->width > 0 && size->width <= LENGTH_MAX && size->height > 0 && size->height <= LENGTH_MAX &&
           is_depth(body.data[8], body.data[9]) && body.data[10] == 0 && body.data[11] == 0 &&
           body.data[12] <= 1;
}

static bool
is_letters(struct span file, size_t at)
{
    for (size_t i = at; i < at + 4; i++) {
        unsigned char letter = file.data[i] | 0x20;
        if (letter < 'a' || letter > 'z') {
            return false;
        }
    }
    return true;
}

/* What was met of the chunks whose order matters. */
struct met {
    bool palette;
    bool data;
    bool data_ended; /* something else came after IDAT */
};

static enum media_verdict
judge_chunk(uint32_t code, struct span body, struct met *met)
{
    if (code == IDAT) {
        met->data = true;
        return met->data_ended ? MEDIA_DAMAGED : MEDIA_FINE;
    }
    met->data_ended = met->data;
    if (code == PLTE) {
        bool good = !met->palette && !met->data && body.size % 3 == 0 && body.size > 0 && body.size <= 768;
        met->palette = true;
        return good ? MEDIA_FINE : MEDIA_DAMAGED;
    }
    if (code == IHDR) {
        return MEDIA_DAMAGED;
    }
    return (code >> 24 & ANCILLARY) != 0 ? MEDIA_FINE : MEDIA_NOT_UNDERSTOOD;
}

enum media_verdict
media_walk_png(struct span file, struct media_size *size, size_t *own)
{
    size_t at = SIGNATURE_SIZE;
    bool indexed = false;
    struct met met = {0};
    while (bytes_there(file, at, CHUNK_SIZE)) {
        uint32_t length = bytes_big(file, at, 4);
        uint32_t code = bytes_code(file, at + 4);
        if (!is_letters(file, at + 4) || !bytes_there(file, at, (uint64_t)length + CHUNK_SIZE)) {
            return MEDIA_DAMAGED;
        }
        struct span body = {file.data + at + 8, length};
        bool first = at == SIGNATURE_SIZE;
        at += (size_t)length + CHUNK_SIZE;
        if (first) {
            if (code != IHDR || !is_header(body, size)) {
                return MEDIA_DAMAGED;
            }
            indexed = body.data[9] == 3;
            continue;
        }
        if (code == IEND) {
            *own = at;
            return length == 0 && met.data && (met.palette || !indexed) ? MEDIA_FINE : MEDIA_DAMAGED;
        }
        enum media_verdict verdict = judge_chunk(code, body, &met);
        if (verdict != MEDIA_FINE) {
            return verdict;
        }
    }
    return MEDIA_DAMAGED;
}
