/*
 * A picture that is being decoded, as rows from top to bottom: what every decoder gives, and the limits that all of
 * them keep.
 *
 * A decoder's open function reads the header, refuses by it, and fills the source in. `row` is then called exactly
 * `height` times. With the last row the decoder also reads to the end of the file, so a file that lacks its end is
 * PICTURE_DAMAGED; only then `orientation` is final, since PNG may say it last. `close` is called once after an open
 * that returned PICTURE_MADE; an open that failed has let go of everything itself.
 */
#ifndef ANAMNESIS_SCAN_PICTURE_SOURCE_H
#define ANAMNESIS_SCAN_PICTURE_SOURCE_H

#include "scan/picture_form.h"

enum {
    PICTURE_SIDE_MAX = 20000,
    PICTURE_PIXELS_MAX = 50 * 1000 * 1000,
    PICTURE_PROFILE_MAX = 4 * 1024 * 1024, /* bytes; a larger profile is not looked at */
    PICTURE_CHANNELS_MAX = 4
};

/* How many samples a pixel has says what they are. */
enum picture_channels { PICTURE_GREY = 1, PICTURE_RGB = 3, PICTURE_CMYK = 4 };

struct picture_source {
    struct picture_sides whole; /* of what is in the file, not turned */
    uint32_t width;             /* pixels of a row, which may be fewer than the file's */
    uint32_t height;            /* rows */
    unsigned channels;      /* samples of 8 bits a pixel (enum picture_channels); of CMYK, 255 is no ink */
    unsigned orientation;   /* 1 to 8, as Exif numbers them */
    unsigned char *profile; /* ICC, or NULL; the source's, by malloc */
    size_t profile_size;    /* bytes */
    void *decoder;
    enum picture_outcome (*row)(struct picture_source *source, unsigned char *row);
    void (*close)(struct picture_source *source);
};

/* PICTURE_MADE when a picture of these sides may be decoded, otherwise what to say of it. */
enum picture_outcome picture_size_check(uint64_t width, uint64_t height);

/* A copy of a profile for the source; one that is too large, or for which there is no memory, is left out. */
void picture_source_profile(struct picture_source *source, const void *profile, size_t size);

/*
 * Lays `count` pixels with `channels` samples and one of opacity behind them onto white, and packs them without it;
 * `to` and `from` may be the same.
 */
void picture_onto_white(unsigned char *to, const unsigned char *from, size_t count, unsigned channels);

enum picture_outcome picture_jpeg_open(struct span file, struct picture_source *source);
enum picture_outcome picture_png_open(struct span file, struct picture_source *source);
enum picture_outcome picture_webp_open(struct span file, struct picture_source *source);
enum picture_outcome picture_heic_open(struct span file, struct picture_source *source);
enum picture_outcome picture_ppm_open(struct span file, struct picture_source *source);

#endif
