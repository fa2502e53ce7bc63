/* JPEG, by libjpeg: decoded no larger than the view needs, and not at all once something is wrong. */
#include "scan/picture_exif.h"
#include "scan/picture_source.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
    SCANS_MAX = 100, /* a progressive picture of a camera has about ten */
    SCALE_WHOLE = 8,
    APP_EXIF = JPEG_APP0 + 1,
    APP_ICC = JPEG_APP0 + 2,
    MARKER_MAX = 0xFFFF
};

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    enum picture_outcome outcome;
    jmp_buf failed;
};

/* Leaves the library with what is to be said of the file. */
static _Noreturn void
leave(j_common_ptr jpeg, enum picture_outcome outcome)
{
    struct reader *reader = jpeg->client_data;
    reader->outcome = outcome;
    longjmp(reader->failed, 1);
}

static _Noreturn void
on_error(j_common_ptr jpeg)
{
    switch (jpeg->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
        leave(jpeg, PICTURE_NOT_MADE);
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW:
        leave(jpeg, PICTURE_TOO_LARGE);
    case JERR_NO_SOI:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_BAD_J_COLORSPACE:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_BAD_SAMPLING:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
        leave(jpeg, PICTURE_NOT_UNDERSTOOD);
    default:
        leave(jpeg, PICTURE_DAMAGED);
    }
}

/*
 * Every warning (a negative level) is of data that is not what it should be, but for those of markers which phones and
 * programs write carelessly and which change no pixel.
 */
static void
on_message(j_common_ptr jpeg, int level)
{
    int code = jpeg->err->msg_code;
    if (level < 0 && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR && code != JWRN_EXTRANEOUS_DATA &&
        code != JWRN_BOGUS_ICC) {
        leave(jpeg, PICTURE_DAMAGED);
    }
}

/* Called between the rows of every scan. */
static void
on_progress(j_common_ptr jpeg)
{
    struct reader *reader = jpeg->client_data;
    if (reader->jpeg.input_scan_number > SCANS_MAX) {
        leave(jpeg, PICTURE_TOO_LARGE);
    }
}

static void
on_text(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void
reader_close(struct picture_source *source)
{
    struct reader *reader = source->decoder;
    jpeg_destroy_decompress(&reader->jpeg);
    free(reader);
    free(source->profile);
}

/* Adobe's pictures say how much light is left, those of others how much ink there is. */
static void
invert(unsigned char *row, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        row[i] = (unsigned char)(UINT8_MAX - row[i]);
    }
}

static enum picture_outcome
reader_row(struct picture_source *source, unsigned char *row)
{
    struct reader *reader = source->decoder;
    if (setjmp(reader->failed) != 0) {
        return reader->outcome;
    }
    (void)jpeg_read_scanlines(&reader->jpeg, &row, 1);
    if (source->channels == PICTURE_CMYK && !reader->jpeg.saw_Adobe_marker) {
        invert(row, (size_t)source->width * source->channels);
    }
    if (reader->jpeg.output_scanline == reader->jpeg.output_height) {
        /* Reads on to the end of the image; bytes behind that are not looked at. */
        (void)jpeg_finish_decompress(&reader->jpeg);
    }
    return PICTURE_MADE;
}

/* The least scale, in eighths, that has the view's pixels. */
static unsigned
scale_of(const struct jpeg_decompress_struct *jpeg)
{
    uint32_t longer = jpeg->image_width > jpeg->image_height ? jpeg->image_width : jpeg->image_height;
    unsigned scale = 1;
    while (scale < SCALE_WHOLE && longer * scale < (uint32_t)PICTURE_VIEW_SIDE * SCALE_WHOLE) {
        scale++;
    }
    return scale;
}

static unsigned
orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    for (jpeg_saved_marker_ptr marker = jpeg->marker_list; marker != NULL; marker = marker->next) {
        struct span exif = {.data = marker->data, .size = marker->data_length};
        unsigned orientation = marker->marker == APP_EXIF ? picture_exif_orientation(exif) : PICTURE_UPRIGHT;
        if (orientation != PICTURE_UPRIGHT) {
            return orientation;
        }
    }
    return PICTURE_UPRIGHT;
}

static void
read_profile(struct reader *reader, struct picture_source *source)
{
    JOCTET *profile = NULL;
    unsigned size = 0;
    if (jpeg_read_icc_profile(&reader->jpeg, &profile, &size)) {
        picture_source_profile(source, profile, size);
        free(profile);
    }
}

static enum picture_outcome
colours_of(struct jpeg_decompress_struct *jpeg)
{
    switch (jpeg->num_components) {
    case PICTURE_GREY:
        jpeg->out_color_space = JCS_GRAYSCALE;
        return PICTURE_MADE;
    case PICTURE_RGB:
        jpeg->out_color_space = JCS_RGB;
        return PICTURE_MADE;
    case PICTURE_CMYK:
        jpeg->out_color_space = JCS_CMYK;
        return PICTURE_MADE;
    default:
        return PICTURE_NOT_UNDERSTOOD;
    }
}

/* From the first byte to where the pixels begin. */
static enum picture_outcome
read_header(struct reader *reader, struct picture_source *source, struct span file)
{
    j_decompress_ptr jpeg = &reader->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg_mem_src(jpeg, file.data, file.size);
    jpeg_save_markers(jpeg, APP_EXIF, MARKER_MAX);
    jpeg_save_markers(jpeg, APP_ICC, MARKER_MAX);
    (void)jpeg_read_header(jpeg, TRUE);
    source->whole = (struct picture_sides){.width = jpeg->image_width, .height = jpeg->image_height};
    enum picture_outcome outcome = picture_size_check(jpeg->image_width, jpeg->image_height);
    if (outcome == PICTURE_MADE) {
        outcome = colours_of(jpeg);
    }
    if (outcome != PICTURE_MADE) {
        return outcome;
    }
    source->orientation = orientation_of(jpeg);
    read_profile(reader, source);
    jpeg->scale_num = scale_of(jpeg);
    jpeg->scale_denom = SCALE_WHOLE;
    jpeg->do_block_smoothing = FALSE;
    jpeg->progress = &reader->progress;
    reader->progress.progress_monitor = on_progress;
    (void)jpeg_start_decompress(jpeg); /* a progressive picture is read to its end here */
    source->width = jpeg->output_width;
    source->height = jpeg->output_height;
    source->channels = (unsigned)jpeg->output_components;
    return PICTURE_MADE;
}

enum picture_outcome
picture_jpeg_open(struct span file, struct picture_source *source)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return PICTURE_NOT_MADE;
    }
    *source = (struct picture_source){.decoder = reader, .row = reader_row, .close = reader_close};
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->jpeg.client_data = reader;
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->errors.output_message = on_text;
    volatile enum picture_outcome outcome = PICTURE_NOT_MADE;
    if (setjmp(reader->failed) == 0) {
        outcome = read_header(reader, source, file);
    } else {
        outcome = reader->outcome;
    }
    if (outcome != PICTURE_MADE) {
        reader_close(source);
    }
    return outcome;
}
