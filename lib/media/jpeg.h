/* The segments of a JPEG (ISO/IEC 10918-1, annex B). Private to lib/media. */
#ifndef ANAMNESIS_MEDIA_JPEG_H
#define ANAMNESIS_MEDIA_JPEG_H

#include "lib/base/span.h"
#include "lib/media/verdict.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    JPEG_SOF0 = 0xc0,
    JPEG_SOF2 = 0xc2,
    JPEG_DHT = 0xc4,
    JPEG_JPG = 0xc8,
    JPEG_DAC = 0xcc,
    JPEG_SOF15 = 0xcf,
    JPEG_RST0 = 0xd0,
    JPEG_RST7 = 0xd7,
    JPEG_SOI = 0xd8,
    JPEG_EOI = 0xd9,
    JPEG_SOS = 0xda,
    JPEG_DQT = 0xdb,
    JPEG_DNL = 0xdc,
    JPEG_DRI = 0xdd,
    JPEG_DHP = 0xde,
    JPEG_APP0 = 0xe0,
    JPEG_PREFIX = 0xff
};

struct media_jpeg_segment {
    unsigned char code;
    bool filled;      /* more than one FF stood before the code */
    struct span body; /* borrowed, without its length */
    struct span scan; /* of SOS: the coded bytes that follow */
};

/*
 * The segment at `at`, which then stands behind it; behind SOS, behind the scan's coded bytes too. False when
 * none is there: a byte that is no FF, a code that may not stand there, or the file's end.
 */
bool media_jpeg_next(struct span file, size_t *at, struct media_jpeg_segment *segment);

/* What a frame header says: fine for baseline, extended and progressive of 8 bits with 1, 3 or 4 components. */
enum media_verdict media_jpeg_frame(const struct media_jpeg_segment *segment, struct media_size *size);

#endif
