/* A picture turned upright. */
#include "scan/picture_pixels.h"

#include <stdlib.h>
#include <string.h>

/*
 * Exif's orientation less one, as three bits of its own: whether rows become columns, and from which ends the stored
 * picture is then read (Exif 2.32, 4.6.4, tag Orientation: where row 0 and column 0 of the stored picture are seen).
 */
static const struct turn {
    bool swapped;
    bool from_right;  /* the first pixel that is seen is in the last stored column */
    bool from_bottom; /* and in the last stored row */
} turns[] = {
    {false, false, false}, {false, true, false}, {false, true, true}, {false, false, true},
    {true, false, false},  {true, false, true},  {true, true, true},  {true, true, false},
};

bool
picture_turn(struct picture_pixels *pixels, unsigned orientation)
{
    struct turn turn = turns[orientation - 1];
    if (!turn.swapped && !turn.from_right && !turn.from_bottom) {
        return true;
    }
    const size_t pixel = PICTURE_RGB;
    size_t row = pixel * pixels->width;
    size_t size = row * pixels->height;
    unsigned char *turned = malloc(size);
    if (turned == NULL) {
        return false;
    }
    uint32_t width = turn.swapped ? pixels->height : pixels->width;
    uint32_t height = turn.swapped ? pixels->width : pixels->height;
    unsigned char *to = turned;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++, to += pixel) {
            uint32_t column = turn.swapped ? y : x;
            uint32_t line = turn.swapped ? x : y;
            column = turn.from_right ? pixels->width - 1 - column : column;
            line = turn.from_bottom ? pixels->height - 1 - line : line;
            memcpy(to, pixels->samples + line * row + column * pixel, pixel);
        }
    }
    free(pixels->samples);
    *pixels =
        (struct picture_pixels){.samples = turned, .width = width, .height = height, .channels = PICTURE_RGB};
    return true;
}
