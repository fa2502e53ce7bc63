/*
 * Writes a HEIC file of pixels, in a process of its own: the encoder keeps threads and memory until its end.
 *
 * usage: heic_write WIDTH HEIGHT rgb|rgba ORIENTATION FILE < pixels
 *
 * The pixels are rows of 8-bit samples. The orientation, as Exif numbers it, is told by irot and imir alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libheif/heif.h>

enum { SIDE_MAX = 20000, QUALITY = 95, BITS = 8 };

static void
done(struct heif_error error)
{
    if (error.code != heif_error_Ok) {
        (void)fprintf(stderr, "heic_write: %s\n", error.message);
        exit(1);
    }
}

/* The pixels on stdin. */
static struct heif_image *
read_image(int width, int height, int opacity)
{
    struct heif_image *image = NULL;
    done(heif_image_create(width, height, heif_colorspace_RGB,
                           opacity ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, &image));
    done(heif_image_add_plane(image, heif_channel_interleaved, width, height, BITS));
    int stride = 0;
    unsigned char *row = heif_image_get_plane(image, heif_channel_interleaved, &stride);
    size_t size = (size_t)width * (opacity ? 4 : 3);
    for (int y = 0; y < height; y++, row += stride) {
        if (fread(row, 1, size, stdin) != size) {
            (void)fputs("heic_write: too few pixels\n", stderr);
            exit(1);
        }
    }
    return image;
}

static void
write_image(const struct heif_image *image, enum heif_orientation orientation, const char *path)
{
    struct heif_context *context = heif_context_alloc();
    struct heif_encoder *encoder = NULL;
    struct heif_encoding_options *options = heif_encoding_options_alloc();
    options->image_orientation = orientation;
    done(heif_context_get_encoder_for_format(context, heif_compression_HEVC, &encoder));
    done(heif_encoder_set_lossy_quality(encoder, QUALITY));
    done(heif_context_encode_image(context, image, encoder, options, NULL));
    done(heif_context_write_to_file(context, path));
    heif_encoding_options_free(options);
    heif_encoder_release(encoder);
    heif_context_free(context);
}

int
main(int argc, char **argv)
{
    long width = argc == 6 ? strtol(argv[1], NULL, 10) : 0;
    long height = argc == 6 ? strtol(argv[2], NULL, 10) : 0;
    long orientation = argc == 6 ? strtol(argv[4], NULL, 10) : 0;
    if (width < 1 || width > SIDE_MAX || height < 1 || height > SIDE_MAX || orientation < 1 ||
        orientation > 8) {
        (void)fputs("usage: heic_write WIDTH HEIGHT rgb|rgba ORIENTATION FILE < pixels\n", stderr);
        return 2;
    }
    struct heif_image *image = read_image((int)width, (int)height, strcmp(argv[3], "rgba") == 0);
    write_image(image, (enum heif_orientation)orientation, argv[5]);
    heif_image_release(image);
    return 0;
}
