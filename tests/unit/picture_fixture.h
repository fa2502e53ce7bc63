/*
 * Pictures for the tests of scan/picture: one that is drawn, in every turn and form, and a judge of what was made of it.
 *
 * The picture has four coloured corners, each a quarter. What was made is compared with it pixel by pixel; near the
 * borders of the quarters, where JPEG mixes colours, more may differ, but less than any two quarters do.
 */
#ifndef ANAMNESIS_TESTS_UNIT_PICTURE_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_PICTURE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/media/jpeg_markers.h"
#include "scan/picture.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum {
    WIDTH = 192,
    HEIGHT = 128,
    RGB = 3,
    BORDER = 3,    /* pixels on either side of a quarter's edge that are not looked at */
    MIXED = 16,    /* and those in which a block of JPEG may mix two quarters */
    TOLERANCE = 6, /* of a sample */
    TOLERANCE_MIXED = 40
};

struct colours {
    unsigned char corner[4][RGB]; /* top left, top right, bottom left, bottom right */
};

static const struct colours corners = {{{220, 40, 40}, {40, 200, 60}, {50, 60, 210}, {230, 210, 50}}};

/* What picture_make says and makes. */
struct made {
    enum picture_outcome outcome;
    struct picture_sides sides;
    struct picture_jpeg view, thumbnail;
};

/* Makes both into static memory: the result of the last call alone is there. */
static inline struct made
make(struct span file, enum picture_type type)
{
    static unsigned char view[PICTURE_VIEW_BYTES], thumbnail[PICTURE_THUMBNAIL_BYTES];
    struct made made = {.view = {.bytes = view, .capacity = sizeof view},
                        .thumbnail = {.bytes = thumbnail, .capacity = sizeof thumbnail}};
    made.outcome = picture_make(file, type, &made.sides, &made.view, &made.thumbnail);
    return made;
}

static inline const unsigned char *
colour_at(const struct colours *colours, uint32_t width, uint32_t height, uint32_t x, uint32_t y)
{
    return colours->corner[(2 * y >= height ? 2 : 0) + (2 * x >= width ? 1 : 0)];
}

/*
 * The upright picture of width x height as it is stored for an orientation, by malloc. Exif says what is seen at row 0
 * and column 0 of what is stored: at 6, row 0 is the right side and column 0 the top.
 */
static inline unsigned char *
draw(uint32_t width, uint32_t height, unsigned orientation)
{
    bool swapped = orientation >= 5;
    uint32_t columns = swapped ? height : width;
    uint32_t rows = swapped ? width : height;
    unsigned char *pixels = malloc((size_t)width * height * RGB);
    assert_non_null(pixels);
    for (uint32_t r = 0; r < rows; r++) {
        for (uint32_t c = 0; c < columns; c++) {
            const uint32_t seen[][2] = {
                {c, r}, {width - 1 - c, r}, {width - 1 - c, height - 1 - r}, {c, height - 1 - r},
                {r, c}, {width - 1 - r, c}, {width - 1 - r, height - 1 - c}, {r, height - 1 - c},
            };
            const uint32_t *at = seen[orientation - 1];
            memcpy(pixels + ((size_t)r * columns + c) * RGB, colour_at(&corners, width, height, at[0], at[1]),
                   RGB);
        }
    }
    return pixels;
}

/* The sides that the stored picture has. */
static inline uint32_t
columns_of(unsigned orientation)
{
    return orientation >= 5 ? HEIGHT : WIDTH;
}

static inline uint32_t
rows_of(unsigned orientation)
{
    return orientation >= 5 ? WIDTH : HEIGHT;
}

/* Exif with one entry, the orientation, and what a camera would not want told behind it. */
static inline struct span
exif_of(unsigned orientation, bool big_endian)
{
    static unsigned char exif[64];
    const unsigned char little[] = {'E', 'x',  'i', 'f', 0,
                                    0,   'I',  'I', 42,  0,
                                    8,   0,    0,   0,   1,
                                    0,   0x12, 1,   3,   0,
                                    1,   0,    0,   0,   (unsigned char)orientation,
                                    0,   0,    0,   0,   0,
                                    0,   0};
    const unsigned char big[] = {
        'E', 'x', 'i', 'f', 0,    0, 'M', 'M', 0, 42, 0, 0, 0,
        8,   0,   1,   1,   0x12, 0, 3,   0,   0, 0,  1, 0, (unsigned char)orientation,
        0,   0,   0,   0,   0,    0};
    memcpy(exif, big_endian ? big : little, sizeof little);
    memcpy(exif + sizeof little, "SECRET-SERIAL", 13);
    return (struct span){.data = exif, .size = sizeof little + 13};
}

/* The pixels of a JPEG, RGB, by malloc; decoded here, by libjpeg as it comes. */
static inline unsigned char *
decode(struct picture_jpeg made)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, made.bytes, made.size);
    assert_int_equal(jpeg_read_header(&jpeg, TRUE), JPEG_HEADER_OK);
    jpeg.out_color_space = JCS_RGB;
    (void)jpeg_start_decompress(&jpeg);
    assert_int_equal(jpeg.output_width, made.width);
    assert_int_equal(jpeg.output_height, made.height);
    unsigned char *pixels = malloc((size_t)made.width * made.height * RGB);
    assert_non_null(pixels);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row = pixels + (size_t)jpeg.output_scanline * made.width * RGB;
        (void)jpeg_read_scanlines(&jpeg, &row, 1);
    }
    (void)jpeg_finish_decompress(&jpeg);
    assert_int_equal(jpeg.err->num_warnings, 0);
    jpeg_destroy_decompress(&jpeg);
    return pixels;
}

/* How far a place is from the middle, where two quarters meet. */
static inline uint32_t
from_middle(uint32_t place, uint32_t side)
{
    return 2 * place >= side ? (2 * place - side) / 2 : (side - 2 * place - 1) / 2;
}

/* Compares each pixel of a JPEG with the upright picture in these colours. */
static inline void
assert_upright_in(const struct colours *colours, struct picture_jpeg made)
{
    unsigned char *pixels = decode(made);
    for (uint32_t y = 0; y < made.height; y++) {
        for (uint32_t x = 0; x < made.width; x++) {
            uint32_t beside = from_middle(x, made.width);
            uint32_t below = from_middle(y, made.height);
            uint32_t near = beside < below ? beside : below;
            const unsigned char *found = pixels + ((size_t)y * made.width + x) * RGB;
            const unsigned char *expected = colour_at(colours, made.width, made.height, x, y);
            for (unsigned channel = 0; near >= BORDER && channel < RGB; channel++) {
                int differs = abs(found[channel] - expected[channel]);
                if (differs > (near < MIXED ? TOLERANCE_MIXED : TOLERANCE)) {
                    fail_msg("at %u, %u of %u x %u: (%d, %d, %d), not (%d, %d, %d)", x, y, made.width,
                             made.height, found[0], found[1], found[2], expected[0], expected[1],
                             expected[2]);
                }
            }
        }
    }
    free(pixels);
}

/* The one that does not trust the process takes it, too. */
static inline void
assert_ours(struct picture_jpeg made, uint32_t side)
{
    struct media_size size;
    assert_true(media_jpeg_is_ours((struct span){.data = made.bytes, .size = made.size}, side, &size));
    assert_int_equal(size.width, made.width);
    assert_int_equal(size.height, made.height);
}

/* Both pictures are there, have these sides and stand upright. */
static inline void
assert_made_in(const struct colours *colours, struct made made, uint32_t width, uint32_t height)
{
    assert_int_equal(made.outcome, PICTURE_MADE);
    assert_int_equal(made.view.width, width);
    assert_int_equal(made.view.height, height);
    if (width < PICTURE_VIEW_SIDE && height < PICTURE_VIEW_SIDE) {
        assert_int_equal(made.sides.width, width);
        assert_int_equal(made.sides.height, height);
    }
    assert_ours(made.view, PICTURE_VIEW_SIDE);
    assert_ours(made.thumbnail, PICTURE_THUMBNAIL_SIDE);
    assert_upright_in(colours, made.view);
    assert_upright_in(colours, made.thumbnail);
}

static inline void
assert_made(struct made made)
{
    assert_made_in(&corners, made, WIDTH, HEIGHT);
}

/* The file without its last quarter, half, three quarters, and last byte: none is made. */
static inline void
assert_damaged_when_cut(struct span file, enum picture_type type)
{
    const size_t sizes[] = {file.size / 4, file.size / 2, file.size / 4 * 3, file.size - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *cut =
            malloc(sizes[i]); /* of its own size, so that a sanitizer sees one byte too far */
        assert_non_null(cut);
        memcpy(cut, file.data, sizes[i]);
        assert_int_equal(make((struct span){.data = cut, .size = sizes[i]}, type).outcome, PICTURE_DAMAGED);
        free(cut);
    }
}

#endif
