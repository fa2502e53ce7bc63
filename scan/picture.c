/* From a file to its two pictures: decode and shrink, colours, upright, write; the thumbnail is made of the view. */
#include "scan/picture.h"

#include "scan/picture_exif.h"
#include "scan/picture_pixels.h"
#include "scan/picture_source.h"
#include "scan/picture_write.h"

#include <stdlib.h>

/* Reads all rows into the view's pixels. */
static enum picture_outcome
read_rows(struct picture_source *source, struct picture_pixels *view)
{
    unsigned char *row = malloc((size_t)source->width * source->channels);
    struct picture_shrink *shrink =
        picture_shrink_begin(source->width, source->height, source->channels, PICTURE_VIEW_SIDE, view);
    enum picture_outcome outcome = row != NULL && shrink != NULL ? PICTURE_MADE : PICTURE_NOT_MADE;
    for (uint32_t y = 0; outcome == PICTURE_MADE && y < source->height; y++) {
        outcome = source->row(source, row);
        if (outcome == PICTURE_MADE) {
            picture_shrink_row(shrink, row);
        }
    }
    picture_shrink_end(shrink);
    free(row);
    return outcome;
}

static bool
write_thumbnail(const struct picture_pixels *view, struct picture_jpeg *to)
{
    struct picture_pixels small = {.samples = NULL};
    struct picture_shrink *shrink =
        picture_shrink_begin(view->width, view->height, view->channels, PICTURE_THUMBNAIL_SIDE, &small);
    bool written = false;
    if (shrink != NULL) {
        for (uint32_t y = 0; y < view->height; y++) {
            picture_shrink_row(shrink, view->samples + (size_t)y * view->width * view->channels);
        }
        written = picture_write(&small, to);
    }
    picture_shrink_end(shrink);
    free(small.samples);
    return written;
}

enum picture_outcome
picture_make(struct span file, enum picture_type type, struct picture_sides *sides, struct picture_jpeg *view,
             struct picture_jpeg *thumbnail)
{
    static enum picture_outcome (*const openers[])(struct span, struct picture_source *) = {
        [PICTURE_JPEG] = picture_jpeg_open, [PICTURE_PNG] = picture_png_open,
        [PICTURE_WEBP] = picture_webp_open, [PICTURE_HEIC] = picture_heic_open,
        [PICTURE_PPM] = picture_ppm_open,
    };
    struct picture_source source;
    struct picture_pixels pixels = {.samples = NULL};
    enum picture_outcome outcome = openers[type](file, &source);
    if (outcome != PICTURE_MADE) {
        return outcome;
    }
    outcome = read_rows(&source, &pixels);
    if (outcome == PICTURE_MADE &&
        !(picture_colour(&pixels, (struct span){.data = source.profile, .size = source.profile_size}) &&
          picture_turn(&pixels, source.orientation) && picture_write(&pixels, view) &&
          write_thumbnail(&pixels, thumbnail))) {
        outcome = PICTURE_NOT_MADE;
    }
    *sides = source.whole;
    if (source.orientation >= PICTURE_FIRST_TURNED) {
        *sides = (struct picture_sides){.width = source.whole.height, .height = source.whole.width};
    }
    source.close(&source);
    free(pixels.samples);
    return outcome;
}
