/* PNG in every form of its pixels, and what its chunks may be. */
#include "tests/unit/picture_fixture.h"

#include <png.h>

/* How a PNG is written. */
struct form {
    uint32_t width, height;
    int bits, colour; /* as PNG numbers them */
    bool interlaced;
    unsigned orientation;            /* 0: no Exif */
    bool exif_last;                  /* behind the pixels */
    void (*chunks)(png_structp png); /* more chunks before the pixels */
};

struct file {
    unsigned char *bytes;
    size_t size;
};

static const struct form plain = {.width = WIDTH, .height = HEIGHT, .bits = 8, .colour = PNG_COLOR_TYPE_RGB};

static void
on_write(png_structp png, png_bytep bytes, size_t size)
{
    struct file *file = png_get_io_ptr(png);
    file->bytes = realloc(file->bytes, file->size + size);
    assert_non_null(file->bytes);
    memcpy(file->bytes + file->size, bytes, size);
    file->size += size;
}

static void
set_exif(png_structp png, png_infop info, unsigned orientation)
{
    struct span exif = exif_of(orientation, orientation % 2 == 0);
    png_set_eXIf_1(png, info, (png_uint_32)exif.size - 6, (png_bytep)(uintptr_t)exif.data + 6);
}

/* A PNG of rows that are packed as the form says, by malloc. */
static struct span
write_png(const unsigned char *rows, size_t row_size, struct form form)
{
    struct file file = {.bytes = NULL};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &file, on_write, NULL);
    png_set_IHDR(png, info, form.width, form.height, form.bits, form.colour,
                 form.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
                 PNG_FILTER_TYPE_BASE);
    if (form.colour == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[5] = {{0, 0, 0}};
        memcpy(palette, corners.corner, sizeof corners.corner);
        const unsigned char opacity[5] = {255, 255, 255, 255, 0};
        png_set_PLTE(png, info, palette, 5);
        png_set_tRNS(png, info, opacity, 5, NULL);
    }
    if (form.orientation > 0 && !form.exif_last) {
        set_exif(png, info, form.orientation);
    }
    png_write_info(png, info);
    if (form.chunks != NULL) {
        form.chunks(png);
    }
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < form.height; y++) {
            png_write_row(png, rows + y * row_size);
        }
    }
    if (form.exif_last) {
        struct span exif = exif_of(form.orientation, true);
        png_write_chunk(png, (png_const_bytep) "eXIf", exif.data + 6, exif.size - 6);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return (struct span){.data = file.bytes, .size = file.size};
}

static void
let_go(struct span file)
{
    free((void *)(uintptr_t)file.data);
}

static struct span
drawn(struct form form)
{
    unsigned char *pixels = draw(WIDTH, HEIGHT, form.orientation > 0 ? form.orientation : 1);
    struct span file = write_png(pixels, (size_t)form.width * RGB, form);
    free(pixels);
    return file;
}

static void
assert_drawn_is_made(struct form form)
{
    struct span file = drawn(form);
    assert_made(make(file, PICTURE_PNG));
    let_go(file);
}

static void
each_orientation_comes_out_upright(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        for (int kind = 0; kind < 4; kind++) {
            struct form form = plain;
            form.orientation = orientation;
            form.width = columns_of(orientation);
            form.height = rows_of(orientation);
            form.interlaced = (kind & 1) != 0;
            form.exif_last = (kind & 2) != 0;
            assert_drawn_is_made(form);
        }
    }
}

/* The drawn picture in samples of 8 or 16 bits with opacity: the top right quarter is not there, the others are. */
static void
assert_white_where_transparent(int colour, int bits)
{
    struct colours seen = corners;
    memset(seen.corner[1], UINT8_MAX, RGB);
    bool grey = colour == PNG_COLOR_TYPE_GRAY_ALPHA;
    size_t bytes = (size_t)bits / 8;
    static unsigned char rows[WIDTH * HEIGHT * 8];
    size_t at = 0;
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        const unsigned char *drawn_colour = colour_at(&corners, WIDTH, HEIGHT, i % WIDTH, i / WIDTH);
        bool there = drawn_colour != corners.corner[1];
        for (unsigned channel = 0; channel < (grey ? 1 : RGB); channel++) {
            memset(rows + at, drawn_colour[channel], bytes);
            at += bytes;
        }
        memset(rows + at, there ? UINT8_MAX : 0, bytes);
        at += bytes;
    }
    for (int corner = 0; grey && corner < 4; corner++) {
        memset(seen.corner[corner], seen.corner[corner][0], RGB);
    }
    struct form form = plain;
    form.colour = colour;
    form.bits = bits;
    struct span file = write_png(rows, at / HEIGHT, form);
    assert_made_in(&seen, make(file, PICTURE_PNG), WIDTH, HEIGHT);
    let_go(file);
}

static void
what_is_transparent_lies_on_white(void **state)
{
    (void)state;
    for (int bits = 8; bits <= 16; bits += 8) {
        assert_white_where_transparent(PNG_COLOR_TYPE_RGB_ALPHA, bits);
        assert_white_where_transparent(PNG_COLOR_TYPE_GRAY_ALPHA, bits);
    }
}

static void
half_of_a_colour_is_mixed_with_white(void **state)
{
    (void)state;
    static unsigned char rows[WIDTH * HEIGHT * 4];
    static const struct colours mixed = {
        {{155, 205, 255}, {155, 205, 255}, {155, 205, 255}, {155, 205, 255}}};
    const unsigned char pixel[] = {55, 155, 255, 128};
    for (size_t i = 0; i < sizeof rows; i += sizeof pixel) {
        memcpy(rows + i, pixel, sizeof pixel);
    }
    struct form form = plain;
    form.colour = PNG_COLOR_TYPE_RGB_ALPHA;
    struct span file = write_png(rows, (size_t)WIDTH * 4, form);
    assert_made_in(&mixed, make(file, PICTURE_PNG), WIDTH, HEIGHT);
    let_go(file);
}

static void
a_palette_is_made_with_its_transparent_colour_white(void **state)
{
    (void)state;
    struct colours seen = corners;
    memset(seen.corner[2], UINT8_MAX, RGB);
    static unsigned char rows[WIDTH * HEIGHT];
    for (uint32_t i = 0; i < sizeof rows; i++) {
        ptrdiff_t corner =
            (colour_at(&corners, WIDTH, HEIGHT, i % WIDTH, i / WIDTH) - corners.corner[0]) / RGB;
        rows[i] = (unsigned char)(corner == 2 ? 4 : corner);
    }
    for (int interlaced = 0; interlaced <= 1; interlaced++) {
        struct form form = plain;
        form.colour = PNG_COLOR_TYPE_PALETTE;
        form.interlaced = interlaced;
        struct span file = write_png(rows, WIDTH, form);
        assert_made_in(&seen, make(file, PICTURE_PNG), WIDTH, HEIGHT);
        let_go(file);
    }
}

static void
one_bit_and_sixteen_bits_of_grey_are_made(void **state)
{
    (void)state;
    static const struct colours halves = {{{0, 0, 0}, {255, 255, 255}, {0, 0, 0}, {255, 255, 255}}};
    static unsigned char rows[WIDTH * HEIGHT * 2];
    for (int bits = 1; bits <= 16; bits += 15) {
        size_t row_size = (size_t)WIDTH * (size_t)bits / 8;
        for (uint32_t y = 0; y < HEIGHT; y++) {
            memset(rows + y * row_size, 0, row_size / 2);
            memset(rows + y * row_size + row_size / 2, UINT8_MAX, row_size / 2);
        }
        struct form form = plain;
        form.colour = PNG_COLOR_TYPE_GRAY;
        form.bits = bits;
        struct span file = write_png(rows, row_size, form);
        assert_made_in(&halves, make(file, PICTURE_PNG), WIDTH, HEIGHT);
        let_go(file);
    }
}

/* An animation of two frames whose first is the picture itself; the second says nothing true. */
static void
animated(png_structp png)
{
    const unsigned char control[8] = {0, 0, 0, 2};
    const unsigned char frame[26] = {0, 0, 0, 0, 0, 0, 0, WIDTH, 0, 0, 0, HEIGHT};
    png_write_chunk(png, (png_const_bytep) "acTL", control, sizeof control);
    png_write_chunk(png, (png_const_bytep) "fcTL", frame, sizeof frame);
}

static void
of_an_animated_picture_the_first_is_made(void **state)
{
    (void)state;
    struct form form = plain;
    form.chunks = animated;
    assert_drawn_is_made(form);
}

/* More than the limit of chunks, texts that would grow to 64 MB, and a profile that is none. */
static void
crowded(png_structp png)
{
    const unsigned char profile[] = "name\0\0no deflated data";
    static unsigned char bomb[70000] = "Comment\0\0\x78\xDA";
    for (int i = 0; i < 1000; i++) {
        png_write_chunk(png, (png_const_bytep) "tEXt", (png_const_bytep) "Author\0SECRET-NAME", 18);
        png_write_chunk(png, (png_const_bytep) "prVt", (png_const_bytep) "SECRET", 6);
    }
    png_write_chunk(png, (png_const_bytep) "zTXt", bomb, sizeof bomb);
    png_write_chunk(png, (png_const_bytep) "iCCP", profile, sizeof profile);
}

static void
chunks_that_are_not_needed_change_nothing(void **state)
{
    (void)state;
    struct form form = plain;
    form.chunks = crowded;
    struct span file = drawn(form);
    struct made made = make(file, PICTURE_PNG);
    assert_made(made);
    assert_null(memmem(made.view.bytes, made.view.size, "SECRET", 6));
    let_go(file);
}

/* The header's sides, and the sum that goes with them. */
static void
set_sides(struct span file, uint32_t width, uint32_t height)
{
    unsigned char *header = (unsigned char *)(uintptr_t)file.data + 12;
    png_save_uint_32(header + 4, width);
    png_save_uint_32(header + 8, height);
    uint32_t sum = UINT32_MAX;
    for (int i = 0; i < 17; i++) {
        sum ^= header[i];
        for (int bit = 0; bit < 8; bit++) {
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
        }
    }
    png_save_uint_32(header + 17, ~sum);
}

static void
sides_beyond_what_is_decoded_are_refused_by_the_header(void **state)
{
    (void)state;
    const uint32_t sides[][2] = {
        {20000, 20000}, {7072, 7072}, {65535, 1}, {1, 20001}, {0x7fffffff, 0x7fffffff}};
    for (int interlaced = 0; interlaced <= 1; interlaced++) {
        struct form form = plain;
        form.interlaced = interlaced;
        struct span file = drawn(form);
        for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
            set_sides(file, sides[i][0], sides[i][1]);
            assert_int_equal(make(file, PICTURE_PNG).outcome, PICTURE_TOO_LARGE);
        }
        set_sides(file, WIDTH, HEIGHT);
        assert_made(make(file, PICTURE_PNG));
        set_sides(file, 0, HEIGHT);
        assert_int_equal(make(file, PICTURE_PNG).outcome, PICTURE_DAMAGED);
        let_go(file);
    }
}

static void
more_rows_than_there_are_is_damaged(void **state)
{
    (void)state;
    for (int interlaced = 0; interlaced <= 1; interlaced++) {
        struct form form = plain;
        form.interlaced = interlaced;
        struct span file = drawn(form);
        set_sides(file, 5000, 5000);
        assert_int_equal(make(file, PICTURE_PNG).outcome, PICTURE_DAMAGED);
        let_go(file);
    }
}

static void
a_file_that_is_cut_off_or_changed_is_damaged(void **state)
{
    (void)state;
    for (int interlaced = 0; interlaced <= 1; interlaced++) {
        struct form form = plain;
        form.interlaced = interlaced;
        struct span file = drawn(form);
        assert_damaged_when_cut(file, PICTURE_PNG);
        assert_int_equal(make((struct span){.data = file.data, .size = file.size - 12}, PICTURE_PNG).outcome,
                         PICTURE_DAMAGED); /* without its last chunk, IEND */
        ((unsigned char *)(uintptr_t)file.data)[file.size / 2] ^= 1;
        assert_int_equal(make(file, PICTURE_PNG).outcome, PICTURE_DAMAGED);
        let_go(file);
    }
}

static void
bytes_behind_the_end_are_not_copied(void **state)
{
    (void)state;
    struct span file = drawn(plain);
    unsigned char *longer = calloc(1, file.size + 1000);
    assert_non_null(longer);
    memcpy(longer, file.data, file.size);
    memcpy(longer + file.size, "SECRET", 6);
    struct made made = make((struct span){.data = longer, .size = file.size + 1000}, PICTURE_PNG);
    assert_made(made);
    assert_null(memmem(made.view.bytes, made.view.size, "SECRET", 6));
    free(longer);
    let_go(file);
}

static void
what_is_no_png_is_refused(void **state)
{
    (void)state;
    const struct span nothing = {.data = (const unsigned char *)"", .size = 0};
    const struct span text = {.data = (const unsigned char *)"<html>no picture</html>", .size = 23};
    assert_int_equal(make(nothing, PICTURE_PNG).outcome, PICTURE_DAMAGED);
    assert_int_equal(make(text, PICTURE_PNG).outcome, PICTURE_DAMAGED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_orientation_comes_out_upright),
        cmocka_unit_test(what_is_transparent_lies_on_white),
        cmocka_unit_test(half_of_a_colour_is_mixed_with_white),
        cmocka_unit_test(a_palette_is_made_with_its_transparent_colour_white),
        cmocka_unit_test(one_bit_and_sixteen_bits_of_grey_are_made),
        cmocka_unit_test(of_an_animated_picture_the_first_is_made),
        cmocka_unit_test(chunks_that_are_not_needed_change_nothing),
        cmocka_unit_test(sides_beyond_what_is_decoded_are_refused_by_the_header),
        cmocka_unit_test(more_rows_than_there_are_is_damaged),
        cmocka_unit_test(a_file_that_is_cut_off_or_changed_is_damaged),
        cmocka_unit_test(bytes_behind_the_end_are_not_copied),
        cmocka_unit_test(what_is_no_png_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
