/*
 * HEIC, by libheif: the primary picture, turned by what its container says (irot, imir, clap). Exif in it describes the
 * same turn once more and is not looked at (ISO/IEC 23008-12, 6.5.10 and A.3).
 */
#include "scan/picture_exif.h"
#include "scan/picture_source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libheif/heif.h>

struct reader {
    struct heif_image *image;
    const unsigned char *pixels;
    size_t stride;
    unsigned stored; /* samples a pixel: 3, or 4 with opacity */
    uint32_t next;   /* row */
};

static void
reader_close(struct picture_source *source)
{
    struct reader *reader = source->decoder;
    heif_image_release(reader->image);
    free(reader);
    free(source->profile);
}

static enum picture_outcome
reader_row(struct picture_source *source, unsigned char *row)
{
    struct reader *reader = source->decoder;
    const unsigned char *from = reader->pixels + reader->stride * reader->next++;
    if (reader->stored > PICTURE_RGB) {
        picture_onto_white(row, from, source->width, PICTURE_RGB);
    } else {
        memcpy(row, from, (size_t)source->width * PICTURE_RGB);
    }
    return PICTURE_MADE;
}

static enum picture_outcome
outcome_of(struct heif_error error)
{
    if (error.subcode == heif_suberror_Security_limit_exceeded) {
        return PICTURE_TOO_LARGE;
    }
    switch (error.code) {
    case heif_error_Ok:
        return PICTURE_MADE;
    case heif_error_Memory_allocation_error:
        return PICTURE_NOT_MADE;
    case heif_error_Unsupported_filetype:
    case heif_error_Unsupported_feature:
        return PICTURE_NOT_UNDERSTOOD;
    default:
        return PICTURE_DAMAGED;
    }
}

static void
read_profile(const struct heif_image_handle *handle, struct picture_source *source)
{
    enum heif_color_profile_type type = heif_image_handle_get_color_profile_type(handle);
    size_t size = heif_image_handle_get_raw_color_profile_size(handle);
    if ((type != heif_color_profile_type_prof && type != heif_color_profile_type_rICC) ||
        size > PICTURE_PROFILE_MAX) {
        return;
    }
    unsigned char *profile = malloc(size);
    if (profile != NULL && heif_image_handle_get_raw_color_profile(handle, profile).code == heif_error_Ok) {
        picture_source_profile(source, profile, size);
    }
    free(profile);
}

/* Decodes to samples of 8 bits; data that contradicts itself is an error and not a warning. */
static enum picture_outcome
decode(const struct heif_image_handle *handle, struct reader *reader)
{
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (options == NULL) {
        return PICTURE_NOT_MADE;
    }
    options->convert_hdr_to_8bit = 1;
    options->strict_decoding = 1;
    bool opacity = heif_image_handle_has_alpha_channel(handle) != 0;
    struct heif_error error =
        heif_decode_image(handle, &reader->image, heif_colorspace_RGB,
                          opacity ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options);
    heif_decoding_options_free(options);
    reader->stored = opacity ? PICTURE_RGB + 1 : PICTURE_RGB;
    if (error.code != heif_error_Ok) {
        return outcome_of(error);
    }
    return heif_image_get_decoding_warnings(reader->image, 0, NULL, 0) == 0 ? PICTURE_MADE : PICTURE_DAMAGED;
}

static enum picture_outcome
read_primary(const struct heif_image_handle *handle, struct picture_source *source)
{
    struct reader *reader = source->decoder;
    int width = heif_image_handle_get_width(handle);
    int height = heif_image_handle_get_height(handle);
    if (width <= 0 || height <= 0) {
        return PICTURE_DAMAGED;
    }
    enum picture_outcome outcome = picture_size_check((uint64_t)width, (uint64_t)height);
    if (outcome == PICTURE_MADE) {
        outcome = decode(handle, reader);
    }
    if (outcome != PICTURE_MADE) {
        return outcome;
    }
    int stride = 0;
    reader->pixels = heif_image_get_plane_readonly(reader->image, heif_channel_interleaved, &stride);
    /* What was decoded counts, not what the container said of it. */
    width = heif_image_get_width(reader->image, heif_channel_interleaved);
    height = heif_image_get_height(reader->image, heif_channel_interleaved);
    if (reader->pixels == NULL || width <= 0 || height <= 0 || stride < width * (int)reader->stored) {
        return PICTURE_DAMAGED;
    }
    source->width = (uint32_t)width;
    source->height = (uint32_t)height;
    source->whole = (struct picture_sides){.width = source->width, .height = source->height};
    reader->stride = (size_t)stride;
    read_profile(handle, source);
    return picture_size_check(source->width, source->height);
}

static enum picture_outcome
read_file(struct heif_context *context, struct span file, struct picture_source *source)
{
    heif_context_set_maximum_image_size_limit(context, PICTURE_SIDE_MAX); /* of each side, of tiles too */
    heif_context_set_max_decoding_threads(context, 0);
    struct heif_image_handle *handle = NULL;
    struct heif_error error = heif_context_read_from_memory_without_copy(context, file.data, file.size, NULL);
    if (error.code == heif_error_Ok) {
        error = heif_context_get_primary_image_handle(context, &handle);
    }
    if (error.code != heif_error_Ok) {
        return outcome_of(error);
    }
    enum picture_outcome outcome = read_primary(handle, source);
    heif_image_handle_release(handle);
    return outcome;
}

enum picture_outcome
picture_heic_open(struct span file, struct picture_source *source)
{
    struct reader *reader = calloc(1, sizeof *reader);
    struct heif_context *context = heif_context_alloc();
    if (reader == NULL || context == NULL) {
        free(reader);
        heif_context_free(context);
        return PICTURE_NOT_MADE;
    }
    *source = (struct picture_source){.channels = PICTURE_RGB,
                                      .orientation = PICTURE_UPRIGHT,
                                      .decoder = reader,
                                      .row = reader_row,
                                      .close = reader_close};
    enum picture_outcome outcome = read_file(context, file, source);
    heif_context_free(context);
    if (outcome != PICTURE_MADE) {
        reader_close(source);
    }
    return outcome;
}
