/* What the decoders share: limits, the profile, and white below what is transparent. */
#include "scan/picture_source.h"

#include <stdlib.h>
#include <string.h>

enum picture_outcome
picture_size_check(uint64_t width, uint64_t height)
{
    if (width == 0 || height == 0) {
        return PICTURE_DAMAGED;
    }
    return width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX || width * height > PICTURE_PIXELS_MAX
               ? PICTURE_TOO_LARGE
               : PICTURE_MADE;
}

void
picture_source_profile(struct picture_source *source, const void *profile, size_t size)
{
    if (profile == NULL || size == 0 || size > PICTURE_PROFILE_MAX) {
        return;
    }
    source->profile = malloc(size);
    if (source->profile != NULL) {
        memcpy(source->profile, profile, size);
        source->profile_size = size;
    }
}

void
picture_onto_white(unsigned char *to, const unsigned char *from, size_t count, unsigned channels)
{
    for (size_t pixel = 0; pixel < count; pixel++, from += channels + 1, to += channels) {
        unsigned opacity = from[channels];
        for (unsigned channel = 0; channel < channels; channel++) {
            to[channel] =
                (unsigned char)((from[channel] * opacity + UINT8_MAX * (UINT8_MAX - opacity) + 127) /
                                UINT8_MAX);
        }
    }
}
