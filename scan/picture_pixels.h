/*
 * Pixels in memory: shrunk while they come in as rows, turned upright, and given sRGB's colours.
 *
 * Shrinking is a box filter: every pixel is the mean of what it covers, with parts of pixels at its edges, in numbers
 * of 12 bits, so the same input gives the same output everywhere.
 */
#ifndef ANAMNESIS_SCAN_PICTURE_PIXELS_H
#define ANAMNESIS_SCAN_PICTURE_PIXELS_H

#include "scan/picture_source.h"

#include <stdbool.h>

/* Rows of samples of 8 bits without gaps; `samples` is by malloc and the owner's. */
struct picture_pixels {
    unsigned char *samples;
    uint32_t width;
    uint32_t height;
    unsigned channels;
};

struct picture_shrink;

/*
 * Begins to shrink a picture of width x height so that its longer side is at most `side` pixels; a smaller one stays
 * as it is. `to` gets the sides that it will have, each at least 1, and its memory. NULL when there is none.
 */
struct picture_shrink *picture_shrink_begin(uint32_t width, uint32_t height, unsigned channels, uint32_t side,
                                            struct picture_pixels *to);

/* Takes the next row; called `height` times. */
void picture_shrink_row(struct picture_shrink *shrink, const unsigned char *row);

/* Frees what shrinking needed, not the pixels. NULL is ignored. */
void picture_shrink_end(struct picture_shrink *shrink);

/* Turns RGB as Exif's orientation, 1 to 8, says. False when there is no memory; the pixels are then as they were. */
bool picture_turn(struct picture_pixels *pixels, unsigned orientation);

/*
 * Makes them RGB in sRGB. A profile that is none, that is for other channels or that lcms2 does not read is as if it
 * were not there: grey and RGB are then taken for sRGB, and CMYK is converted without one. False when there is no
 * memory.
 */
bool picture_colour(struct picture_pixels *pixels, struct span profile);

#endif
