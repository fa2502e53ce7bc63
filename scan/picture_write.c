/* Writing by libjpeg into memory that does not grow. */
#include "scan/picture_write.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

enum { QUALITY = 85 };

struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr place;
    struct picture_jpeg *to;
    jmp_buf failed;
};

static _Noreturn void
on_error(j_common_ptr jpeg)
{
    struct writer *writer = jpeg->client_data;
    longjmp(writer->failed, 1);
}

static void
on_message(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void
begin(j_compress_ptr jpeg)
{
    struct writer *writer = jpeg->client_data;
    writer->place.next_output_byte = writer->to->bytes;
    writer->place.free_in_buffer = writer->to->capacity;
}

static boolean
full(j_compress_ptr jpeg)
{
    on_error((j_common_ptr)jpeg);
}

static void
end(j_compress_ptr jpeg)
{
    struct writer *writer = jpeg->client_data;
    writer->to->size = writer->to->capacity - writer->place.free_in_buffer;
}

static void
write_rows(struct writer *writer, const struct picture_pixels *pixels)
{
    j_compress_ptr jpeg = &writer->jpeg;
    jpeg_create_compress(jpeg);
    jpeg->dest = &writer->place;
    jpeg->image_width = pixels->width;
    jpeg->image_height = pixels->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg); /* YCbCr, 4:2:0, baseline */
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = pixels->samples + (size_t)jpeg->next_scanline * pixels->width * pixels->channels;
        (void)jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

bool
picture_write(const struct picture_pixels *pixels, struct picture_jpeg *to)
{
    struct writer writer = {
        .place = {.init_destination = begin, .empty_output_buffer = full, .term_destination = end}, .to = to};
    writer.jpeg.err = jpeg_std_error(&writer.errors);
    writer.jpeg.client_data = &writer;
    writer.errors.error_exit = on_error;
    writer.errors.output_message = on_message;
    volatile bool written = false;
    if (setjmp(writer.failed) == 0) {
        write_rows(&writer, pixels);
        written = true;
    }
    jpeg_destroy_compress(&writer.jpeg);
    to->width = pixels->width;
    to->height = pixels->height;
    return written;
}
