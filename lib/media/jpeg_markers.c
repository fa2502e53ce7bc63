#include "lib/media/jpeg_markers.h"

#include "lib/media/bytes.h"
#include "lib/media/jpeg.h"

/* T.81's sizes: a table in DQT is 65 bytes (8 bits), four at most; one in DHT 17 to 273, eight at most. */
enum {
    QUANTUM_SIZE = 65,
    QUANTUM_TABLES_MAX = 4,
    HUFFMAN_COUNTS = 17,
    HUFFMAN_VALUES_MAX = 256,
    JFIF_SIZE = 14, /* "JFIF", version, unit, densities, and a thumbnail of 0 x 0 */
    JFIF_UNIT_MAX = 2,
    SEGMENTS_MAX = 16
};

static bool
is_jfif(struct span body)
{
    return body.size == JFIF_SIZE && bytes_are(body, 0, "JFIF", 5) && body.data[5] == 1 &&
           body.data[6] <= 2 && body.data[7] <= JFIF_UNIT_MAX && bytes_are(body, 12, "\0", 2);
}

static bool
is_quantisation(struct span body)
{
    for (size_t at = 0; at < body.size; at += QUANTUM_SIZE) {
        if (body.data[at] >= QUANTUM_TABLES_MAX || !bytes_there(body, at, QUANTUM_SIZE)) {
            return false;
        }
    }
    return body.size > 0;
}

static bool
is_huffman(struct span body)
{
    size_t at = 0;
    while (at < body.size) {
        if (!bytes_there(body, at, HUFFMAN_COUNTS) || (body.data[at] & 0xee) != 0) {
            return false; /* class 0 or 1, destination 0 or 1: baseline */
        }
        size_t values = 0;
        for (size_t i = 1; i < HUFFMAN_COUNTS; i++) {
            values += body.data[at + i];
        }
        if (values > HUFFMAN_VALUES_MAX || !bytes_there(body, at, HUFFMAN_COUNTS + values)) {
            return false;
        }
        at += HUFFMAN_COUNTS + values;
    }
    return body.size > 0;
}

/* FF stands for a byte of the picture alone: no restarts, no fill bytes. */
static bool
is_coded(struct span scan)
{
    for (size_t at = 0; at + 1 < scan.size; at++) {
        const unsigned char *found = memchr(scan.data + at, JPEG_PREFIX, scan.size - at - 1);
        if (found == NULL) {
            break;
        }
        if (found[1] != 0) {
            return false;
        }
        at = (size_t)(found - scan.data);
    }
    return scan.size > 0 && scan.data[scan.size - 1] != JPEG_PREFIX;
}

/* All components in one scan, all coefficients: the header says nothing else. */
static bool
is_scan(struct span body, unsigned components)
{
    size_t size = 1 + 2 * (size_t)components;
    return body.size == size + 3 && body.data[0] == components && bytes_are(body, size, "\0\x3f\0", 3);
}

static bool
is_frame(const struct media_jpeg_segment *segment, uint32_t side_max, struct media_size *size,
         unsigned *components)
{
    if (media_jpeg_frame(segment, size) != MEDIA_FINE) {
        return false;
    }
    *components = segment->body.data[5];
    return *components <= 3 && size->width <= side_max && size->height <= side_max;
}

bool
media_jpeg_is_ours(struct span file, uint32_t side_max, struct media_size *size)
{
    size_t at = 2;
    unsigned components = 0; /* of the frame; 0: there was none yet */
    bool scanned = false;
    struct media_jpeg_segment segment;
    if (!bytes_are(file, 0, "\xff\xd8", 2)) {
        return false;
    }
    for (size_t i = 0; i < SEGMENTS_MAX; i++) {
        if (!media_jpeg_next(file, &at, &segment) || segment.filled) {
            return false;
        }
        bool good = false;
        if (i == 0) {
            good = segment.code == JPEG_APP0 && is_jfif(segment.body);
        } else if (segment.code == JPEG_EOI) {
            return scanned && at == file.size;
        } else if (!scanned && segment.code == JPEG_DQT) {
            good = is_quantisation(segment.body);
        } else if (!scanned && segment.code == JPEG_DHT) {
            good = is_huffman(segment.body);
        } else if (segment.code == JPEG_SOF0 && components == 0) {
            good = is_frame(&segment, side_max, size, &components);
        } else if (segment.code == JPEG_SOS && components != 0 && !scanned) {
            good = scanned = is_scan(segment.body, components) && is_coded(segment.scan);
        }
        if (!good) {
            return false;
        }
    }
    return false;
}
