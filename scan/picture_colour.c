/* Colours: from what the picture's profile says to sRGB. */
#include "scan/picture_pixels.h"

#include <lcms2.h>
#include <stdlib.h>

static cmsUInt32Number
format_of(unsigned channels)
{
    return channels == PICTURE_GREY ? TYPE_GRAY_8 : channels == PICTURE_RGB ? TYPE_RGB_8 : TYPE_CMYK_8_REV;
}

static cmsColorSpaceSignature
space_of(unsigned channels)
{
    return channels == PICTURE_GREY  ? cmsSigGrayData
           : channels == PICTURE_RGB ? cmsSigRgbData
                                     : cmsSigCmykData;
}

/* The way from the profile to sRGB; NULL when the profile is of no use. */
static cmsHTRANSFORM
transform_of(cmsContext context, struct span profile, unsigned channels)
{
    cmsHPROFILE from = cmsOpenProfileFromMemTHR(context, profile.data, (cmsUInt32Number)profile.size);
    if (from == NULL) {
        return NULL;
    }
    cmsHTRANSFORM transform = NULL;
    cmsHPROFILE srgb = cmsCreate_sRGBProfileTHR(context);
    if (srgb != NULL && cmsGetColorSpace(from) == space_of(channels)) {
        transform =
            cmsCreateTransformTHR(context, from, format_of(channels), srgb, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);
    }
    if (srgb != NULL) {
        cmsCloseProfile(srgb);
    }
    cmsCloseProfile(from);
    return transform;
}

/* Whether RGB comes out as it goes in, but for a rounding: most profiles in pictures are sRGB's own. */
static bool
changes_nothing(cmsHTRANSFORM transform)
{
    enum { STEP = 51 }; /* six values of each channel, 0 and 255 among them */
    for (int red = 0; red <= UINT8_MAX; red += STEP) {
        for (int green = 0; green <= UINT8_MAX; green += STEP) {
            for (int blue = 0; blue <= UINT8_MAX; blue += STEP) {
                unsigned char from[PICTURE_RGB] = {(unsigned char)red, (unsigned char)green,
                                                   (unsigned char)blue};
                unsigned char to[PICTURE_RGB];
                cmsDoTransform(transform, from, to, 1);
                if (abs(to[0] - red) > 1 || abs(to[1] - green) > 1 || abs(to[2] - blue) > 1) {
                    return false;
                }
            }
        }
    }
    return true;
}

/* One pixel without a profile: grey is sRGB's grey, and ink takes away light. */
static void
plain_rgb(unsigned char *to, const unsigned char *from, unsigned channels)
{
    for (unsigned channel = 0; channel < PICTURE_RGB; channel++) {
        to[channel] = channels == PICTURE_GREY
                          ? from[0]
                          : (unsigned char)((from[channel] * from[PICTURE_CMYK - 1] + 127) / UINT8_MAX);
    }
}

static bool
convert(struct picture_pixels *pixels, cmsHTRANSFORM transform)
{
    unsigned channels = pixels->channels;
    if (channels == PICTURE_RGB && (transform == NULL || changes_nothing(transform))) {
        return true;
    }
    unsigned char *rgb = malloc((size_t)pixels->width * pixels->height * PICTURE_RGB);
    if (rgb == NULL) {
        return false;
    }
    for (uint32_t y = 0; y < pixels->height; y++) {
        const unsigned char *from = pixels->samples + (size_t)y * pixels->width * channels;
        unsigned char *to = rgb + (size_t)y * pixels->width * PICTURE_RGB;
        if (transform != NULL) {
            cmsDoTransform(transform, from, to, pixels->width);
            continue;
        }
        for (uint32_t x = 0; x < pixels->width; x++) {
            plain_rgb(to + (size_t)x * PICTURE_RGB, from + (size_t)x * channels, channels);
        }
    }
    free(pixels->samples);
    pixels->samples = rgb;
    pixels->channels = PICTURE_RGB;
    return true;
}

bool
picture_colour(struct picture_pixels *pixels, struct span profile)
{
    cmsContext context = profile.size > 0 ? cmsCreateContext(NULL, NULL) : NULL;
    cmsHTRANSFORM transform = context != NULL ? transform_of(context, profile, pixels->channels) : NULL;
    bool done = convert(pixels, transform);
    if (transform != NULL) {
        cmsDeleteTransform(transform);
    }
    if (context != NULL) {
        cmsDeleteContext(context);
    }
    return done;
}
