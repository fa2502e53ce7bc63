/*
 * PNG, by libpng: row by row, interlaced ones whole. Of an animated one libpng knows the picture for those who do not
 * animate. Every chunk that is not needed is skipped without being inflated.
 */
#include "scan/picture_exif.h"
#include "scan/picture_source.h"

#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNKS_MAX = 200, CHUNK_MAX = PICTURE_PROFILE_MAX + 64 * 1024, NUMBER_MAX = 0x7fffffff };

struct reader {
    struct span left; /* what is not yet read */
    png_structp png;
    png_infop info;
    png_infop info_end;
    unsigned stored;       /* samples a pixel as libpng gives them: channels, and one when there is opacity */
    unsigned char *pixels; /* an interlaced picture, whole */
    unsigned char *row;    /* one row as it is stored */
    png_uint_32 next;      /* row */
};

static void
on_read(png_structp png, png_bytep to, size_t size)
{
    struct reader *reader = png_get_io_ptr(png);
    if (size > reader->left.size) {
        png_error(png, "it ends too early");
    }
    memcpy(to, reader->left.data, size);
    reader->left.data += size;
    reader->left.size -= size;
}

static _Noreturn void
on_error(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1);
}

static void
on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void
reader_close(struct picture_source *source)
{
    struct reader *reader = source->decoder;
    png_destroy_read_struct(&reader->png, &reader->info, &reader->info_end);
    free(reader->pixels);
    free(reader->row);
    free(reader);
    free(source->profile);
}

/* Exif may stand before the pixels and after them. */
static void
read_end(struct reader *reader, struct picture_source *source)
{
    png_uint_32 size = 0;
    png_bytep exif = NULL;
    png_read_end(reader->png, reader->info_end);
    if (png_get_eXIf_1(reader->png, reader->info, &size, &exif) != 0 ||
        png_get_eXIf_1(reader->png, reader->info_end, &size, &exif) != 0) {
        source->orientation = picture_exif_orientation((struct span){.data = exif, .size = size});
    }
}

static enum picture_outcome
reader_row(struct picture_source *source, unsigned char *row)
{
    struct reader *reader = source->decoder;
    if (setjmp(png_jmpbuf(reader->png)) != 0) {
        return PICTURE_DAMAGED;
    }
    const unsigned char *from = reader->row;
    if (reader->pixels == NULL) {
        png_read_row(reader->png, reader->row, NULL);
    } else {
        from = reader->pixels + (size_t)reader->next * source->width * reader->stored;
    }
    if (reader->stored > source->channels) {
        picture_onto_white(row, from, source->width, source->channels);
    } else {
        memcpy(row, from, (size_t)source->width * reader->stored);
    }
    if (++reader->next == source->height) {
        read_end(reader, source);
    }
    return PICTURE_MADE;
}

/* Everything but colours, transparency, the profile and Exif stays unread. */
static void
set_limits(png_structp png)
{
    static const unsigned char unread[] = "bKGD\0cHRM\0gAMA\0hIST\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0"
                                          "sTER\0sRGB\0tEXt\0tIME\0zTXt";
    png_set_user_limits(png, NUMBER_MAX, NUMBER_MAX); /* picture_size_check says what they are */
    png_set_chunk_cache_max(png, CHUNKS_MAX);
    png_set_chunk_malloc_max(png, CHUNK_MAX);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, (int)(sizeof unread / 5));
}

/* Samples of 8 bits, grey or RGB, with opacity when anything can be transparent. */
static void
set_form(png_structp png)
{
    png_set_expand(png);
    png_set_scale_16(png);
}

static void
read_profile(struct reader *reader, struct picture_source *source)
{
    png_charp name = NULL;
    int compression = 0;
    png_bytep profile = NULL;
    png_uint_32 size = 0;
    if (png_get_iCCP(reader->png, reader->info, &name, &compression, &profile, &size) != 0) {
        picture_source_profile(source, profile, size);
    }
}

/* Reads all passes into memory of the reader; the rows are libpng's to fill one after the other in each pass. */
static bool
read_interlaced(struct reader *reader, const struct picture_source *source, int passes)
{
    size_t row_size = (size_t)source->width * reader->stored;
    reader->pixels = malloc(row_size * source->height);
    if (reader->pixels == NULL) {
        return false;
    }
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < source->height; y++) {
            png_read_row(reader->png, reader->pixels + y * row_size, NULL);
        }
    }
    return true;
}

static enum picture_outcome
read_header(struct reader *reader, struct picture_source *source)
{
    png_structp png = reader->png;
    set_limits(png);
    png_set_read_fn(png, reader, on_read);
    png_read_info(png, reader->info);
    source->width = png_get_image_width(png, reader->info);
    source->height = png_get_image_height(png, reader->info);
    source->whole = (struct picture_sides){.width = source->width, .height = source->height};
    enum picture_outcome outcome = picture_size_check(source->width, source->height);
    if (outcome != PICTURE_MADE) {
        return outcome;
    }
    read_profile(reader, source);
    set_form(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    reader->stored = png_get_channels(png, reader->info);
    source->channels = reader->stored >= PICTURE_RGB ? PICTURE_RGB : PICTURE_GREY;
    reader->row = malloc((size_t)source->width * reader->stored);
    if (reader->row == NULL || (passes > 1 && !read_interlaced(reader, source, passes))) {
        return PICTURE_NOT_MADE;
    }
    return PICTURE_MADE;
}

enum picture_outcome
picture_png_open(struct span file, struct picture_source *source)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return PICTURE_NOT_MADE;
    }
    *source = (struct picture_source){
        .orientation = PICTURE_UPRIGHT, .decoder = reader, .row = reader_row, .close = reader_close};
    reader->left = file;
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    volatile enum picture_outcome outcome = PICTURE_NOT_MADE;
    if (reader->png != NULL) {
        reader->info = png_create_info_struct(reader->png);
        reader->info_end = png_create_info_struct(reader->png);
    }
    if (reader->info != NULL && reader->info_end != NULL) {
        outcome = setjmp(png_jmpbuf(reader->png)) == 0 ? read_header(reader, source) : PICTURE_DAMAGED;
    }
    if (outcome != PICTURE_MADE) {
        reader_close(source);
    }
    return outcome;
}
