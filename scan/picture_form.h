/* What pictures are made of and into: types, outcomes and sides, for the files that make them and for who asks. */
#ifndef ANAMNESIS_SCAN_PICTURE_FORM_H
#define ANAMNESIS_SCAN_PICTURE_FORM_H

#include "lib/base/span.h"

#include <stdint.h>

enum picture_type { PICTURE_JPEG, PICTURE_PNG, PICTURE_WEBP, PICTURE_HEIC, PICTURE_PPM };

enum picture_outcome {
    PICTURE_MADE,
    PICTURE_DAMAGED,        /* it ends too early, or contradicts itself */
    PICTURE_TOO_LARGE,      /* more pixels, a longer side or more scans than are decoded */
    PICTURE_NOT_UNDERSTOOD, /* another type, or a kind of it that the library cannot read */
    PICTURE_NOT_MADE        /* nothing was found out: no memory, or no room for what was written */
};

enum {
    PICTURE_VIEW_SIDE = 2048, /* pixels, the longer side */
    PICTURE_THUMBNAIL_SIDE = 320,
    /* Twice what noise of that size needs. */
    PICTURE_VIEW_BYTES = 8 * 1024 * 1024,
    PICTURE_THUMBNAIL_BYTES = 256 * 1024
};

/* A JPEG that is written: the caller's memory of `capacity` bytes, and what of it was used. */
struct picture_jpeg {
    unsigned char *bytes;
    size_t capacity;
    size_t size;     /* bytes written */
    uint32_t width;  /* pixels, upright */
    uint32_t height; /* pixels, upright */
};

/* How large the picture in the file is: pixels, upright. */
struct picture_sides {
    uint32_t width;
    uint32_t height;
};

#endif
