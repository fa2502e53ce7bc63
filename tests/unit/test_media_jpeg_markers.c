/* What our own picture program writes, and nothing else, is let through. */
#include "tests/unit/media_fixture.h"

#include "lib/media/jpeg_markers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { SIDE_MAX = 2048 };

static bool
is_ours(const void *bytes, size_t size, struct media_size *found)
{
    unsigned char *exact = malloc(size == 0 ? 1 : size);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    bool ours = media_jpeg_is_ours((struct span){exact, size}, SIDE_MAX, found);
    free(exact);
    return ours;
}

static void
assert_ours(const char *what, struct buf file, bool wanted)
{
    struct media_size size = {0};
    if (is_ours(file.data, file.size, &size) != wanted) {
        fail_msg("%s is %s", what, wanted ? "refused" : "let through");
    }
    buf_free(&file);
}

/* A picture by the library that our program writes with. */
static struct buf
written(unsigned width, unsigned height, int components, bool progressive)
{
    struct jpeg_compress_struct writer;
    struct jpeg_error_mgr error;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    unsigned char row[3 * 64];
    writer.err = jpeg_std_error(&error);
    jpeg_create_compress(&writer);
    jpeg_mem_dest(&writer, &bytes, &size);
    writer.image_width = width;
    writer.image_height = height;
    writer.input_components = components;
    writer.in_color_space = components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&writer);
    jpeg_set_quality(&writer, 85, TRUE);
    if (progressive) {
        jpeg_simple_progression(&writer);
    }
    jpeg_start_compress(&writer, TRUE);
    for (unsigned y = 0; y < height; y++) {
        for (size_t i = 0; i < sizeof row; i++) {
            row[i] = (unsigned char)(i * 7 + y * 13);
        }
        (void)jpeg_write_scanlines(&writer, &(JSAMPROW){row}, 1);
    }
    jpeg_finish_compress(&writer);
    jpeg_destroy_compress(&writer);
    struct buf file = media_file();
    buf_add(&file, bytes, size);
    free(bytes);
    return file;
}

static void
what_libjpeg_writes_is_ours(void **state)
{
    (void)state;
    for (unsigned side = 1; side <= 64; side += 7) {
        struct media_size size = {0};
        struct buf file = written(side, 64, 3, false);
        assert_true(is_ours(file.data, file.size, &size));
        assert_int_equal(size.width, side);
        assert_int_equal(size.height, 64);
        buf_free(&file);
        assert_ours("a gray one", written(64, side, 1, false), true);
        assert_ours("a progressive one", written(64, side, 3, true), false);
    }
}

/* With bytes at a place in front of the segment with this code. */
static struct buf
with(unsigned code, const void *bytes, size_t size)
{
    struct buf plain = media_jpeg(8, 8, 3);
    const char marker[2] = {'\xff', (char)code};
    const char *at = memmem(plain.data, plain.size, marker, 2);
    assert_non_null(at);
    struct buf file = media_file();
    buf_add(&file, plain.data, (size_t)(at - plain.data));
    buf_add(&file, bytes, size);
    buf_add(&file, at, plain.size - (size_t)(at - plain.data));
    buf_free(&plain);
    return file;
}
#define WITH(code, literal) with(code, literal, sizeof(literal) - 1)

static void
no_other_segment_is_let_through(void **state)
{
    (void)state;
    static const unsigned places[] = {0xd8, 0xe0, 0xdb, 0xc0, 0xc4, 0xda, 0xd9};
    assert_ours("a plain picture", media_jpeg(8, 8, 3), true);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (unsigned code = 0; code <= 0xff; code++) {
            unsigned char segment[6] = {0xff, (unsigned char)code, 0, 4, 'h', 'i'};
            bool scan = places[i] == 0xd9 && code == 0; /* FF 00 is a byte of the picture */
            assert_ours("a further segment", with(places[i], segment, sizeof segment), scan);
            assert_ours("a marker alone", with(places[i], segment, 2), scan);
        }
        assert_ours("a byte between", WITH(places[i], "x"), places[i] == 0xd9);
    }
}

static void
nothing_else_is_let_through(void **state)
{
    (void)state;
    static const unsigned char quantum[65] = {4};
    struct buf file = media_jpeg(8, 8, 3);
    for (size_t size = 0; size < file.size; size++) {
        struct media_size found;
        assert_false(is_ours(file.data, size, &found));
    }
    buf_byte(&file, '\0');
    assert_ours("a byte behind the end", file, false);
    assert_ours("four components", media_jpeg(8, 8, 4), false);
    assert_ours("no width", media_jpeg(0, 8, 3), false);
    assert_ours("no height", media_jpeg(8, 0, 3), false);
    assert_ours("the widest", media_jpeg(SIDE_MAX, SIDE_MAX, 3), true);
    assert_ours("too wide", media_jpeg(SIDE_MAX + 1, 8, 3), false);
    assert_ours("too high", media_jpeg(8, SIDE_MAX + 1, 3), false);
    assert_ours("a fifth table", with(0xc0, quantum, sizeof quantum), false);
    assert_ours("words among the tables", WITH(0xc0, "\xff\xdb\0\x0dHello, world"), false);
    assert_ours("a table of none", WITH(0xc0, "\xff\xdb\0\2"), false);
    assert_ours("words in a code table", WITH(0xda, "\xff\xc4\0\x15\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0abc"),
                false);
    assert_ours("a code table of none", WITH(0xda, "\xff\xc4\0\2"), false);
    file = media_jpeg(8, 8, 3);
    file.data[18] = 1; /* the thumbnail's width */
    assert_ours("a thumbnail", file, false);
    for (size_t at = 6; at < 11; at++) {
        file = media_jpeg(8, 8, 3);
        file.data[at] = 'X';
        assert_ours("another name than JFIF", file, false);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_libjpeg_writes_is_ours),
        cmocka_unit_test(no_other_segment_is_let_through),
        cmocka_unit_test(nothing_else_is_let_through),
    };
    return cmocka_run_group_tests_name("media: pictures of our own", tests, NULL, NULL);
}
