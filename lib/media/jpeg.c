#include "lib/media/jpeg.h"
#include "lib/media/bytes.h"
#include "lib/media/walk.h"

enum {
    SCANS_MAX = 100, /* a decoder goes through the whole picture for each */
    COMPONENTS_MAX = 4,
    FRAME_SIZE = 6, /* of a frame header before its components */
    PRECISION = 8
};

static bool
is_restart(unsigned char code)
{
    return code >= JPEG_RST0 && code <= JPEG_RST7;
}

/* C0 to CF but for DHT, JPG and DAC: the frame headers of all processes. */
static bool
is_frame(unsigned char code)
{
    return code >= JPEG_SOF0 && code <= JPEG_SOF15 && code != JPEG_DHT && code != JPEG_JPG &&
           code != JPEG_DAC;
}

/* To the next marker that is no restart. FF 00 is a byte of the picture; FF FF is a fill byte. */
static size_t
after_scan(struct span file, size_t at)
{
    while (at < file.size) {
        const unsigned char *found = memchr(file.data + at, JPEG_PREFIX, file.size - at);
        if (found == NULL) {
            return file.size;
        }
        at = (size_t)(found - file.data);
        size_t code = at + 1;
        while (code < file.size && file.data[code] == JPEG_PREFIX) {
            code++;
        }
        if (code < file.size && file.data[code] != 0 && !is_restart(file.data[code])) {
            return at;
        }
        at = code + 1;
    }
    return file.size;
}

bool
media_jpeg_next(struct span file, size_t *at, struct media_jpeg_segment *segment)
{
    size_t code = *at;
    if (!bytes_there(file, code, 2) || file.data[code] != JPEG_PREFIX) {
        return false;
    }
    while (code < file.size && file.data[code] == JPEG_PREFIX) {
        code++;
    }
    if (code == file.size) {
        return false;
    }
    *segment = (struct media_jpeg_segment){.code = file.data[code], .filled = code - *at > 1};
    *at = code + 1;
    if (segment->code == JPEG_SOI || segment->code == JPEG_EOI) {
        return true;
    }
    if (segment->code < JPEG_SOF0 || is_restart(segment->code) || !bytes_there(file, *at, 2)) {
        return false; /* no code at all, or one that stands within a scan only */
    }
    size_t size = bytes_big(file, *at, 2);
    if (size < 2 || !bytes_there(file, *at, size)) {
        return false;
    }
    segment->body = (struct span){file.data + *at + 2, size - 2};
    *at += size;
    if (segment->code == JPEG_SOS) {
        size_t end = after_scan(file, *at);
        segment->scan = (struct span){file.data + *at, end - *at};
        *at = end;
    }
    return true;
}

/* SOF: precision, height, width, and a row for each component. */
enum media_verdict
media_jpeg_frame(const struct media_jpeg_segment *segment, struct media_size *size)
{
    struct span body = segment->body;
    if (segment->code > JPEG_SOF2) {
        return MEDIA_NOT_UNDERSTOOD; /* lossless, hierarchical, arithmetic */
    }
    if (body.size < FRAME_SIZE || body.size != FRAME_SIZE + 3 * (size_t)body.data[5]) {
        return MEDIA_DAMAGED;
    }
    *size = (struct media_size){.height = bytes_big(body, 1, 2), .width = bytes_big(body, 3, 2)};
    unsigned components = body.data[5];
    if (size->width == 0 || components == 0) {
        return MEDIA_DAMAGED;
    }
    /* A height of 0 is told after the first scan, in which nobody would look for it. */
    bool known = body.data[0] == PRECISION && size->height != 0 &&
                 (components == 1 || components == 3 || components == COMPONENTS_MAX);
    return known ? MEDIA_FINE : MEDIA_NOT_UNDERSTOOD;
}

enum media_verdict
media_walk_jpeg(struct span file, struct media_size *size, size_t *own)
{
    size_t at = 2;
    size_t scans = 0;
    bool framed = false;
    struct media_jpeg_segment segment;
    while (media_jpeg_next(file, &at, &segment)) {
        if (segment.code == JPEG_EOI) {
            *own = at;
            return framed && scans > 0 ? MEDIA_FINE : MEDIA_DAMAGED;
        }
        if (segment.code == JPEG_SOI || (segment.code == JPEG_SOS && !framed)) {
            return MEDIA_DAMAGED;
        }
        if (is_frame(segment.code)) {
            enum media_verdict verdict = framed ? MEDIA_NOT_UNDERSTOOD : media_jpeg_frame(&segment, size);
            if (verdict != MEDIA_FINE) {
                return verdict;
            }
            framed = true;
        }
        scans += segment.code == JPEG_SOS;
        if (scans > SCANS_MAX || segment.code == JPEG_DNL || segment.code == JPEG_DHP) {
            return MEDIA_NOT_UNDERSTOOD;
        }
    }
    return MEDIA_DAMAGED;
}
