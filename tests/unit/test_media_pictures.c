/* PNG, WebP and HEIC, walked to their ends. */
#include "tests/unit/media_fixture.h"

#include <string.h>

static const char PNG[] = "image/png";
static const char WEBP[] = "image/webp";
static const char HEIC[] = "image/heic";

static void
assert_size(struct buf file, const char *type, unsigned width, unsigned height)
{
    struct media_found found;
    assert_int_equal(media_judged(file.data, file.size, type, &found), MEDIA_FINE);
    assert_int_equal(found.size.width, width);
    assert_int_equal(found.size.height, height);
    buf_free(&file);
}

/* The first place of some bytes in the file, replaced by as many. */
static struct buf
changed(struct buf file, const char *from, const char *to, size_t size)
{
    char *at = memmem(file.data, file.size, from, size);
    assert_non_null(at);
    memcpy(at, to, size);
    return file;
}

/* A PNG with a chunk at this place. */
static struct buf
png_with(size_t at, const char *code, const char *body, size_t size)
{
    struct buf plain = media_png(8, 8);
    struct buf file = media_file();
    buf_add(&file, plain.data, at);
    media_chunk(&file, code, body, size);
    buf_add(&file, plain.data + at, plain.size - at);
    buf_free(&plain);
    return file;
}

static struct buf and (struct buf file, const char *rest)
{
    buf_text(&file, rest);
    return file;
}

static void
every_picture_tells_its_size(void **state)
{
    (void)state;
    static const char *const kinds[] = {"VP8 ", "VP8L", "VP8X", "ANIM"};
    static const unsigned sizes[][2] = {{1, 1}, {8, 3}, {4032, 3024}, {16383, 3000}};
    for (size_t i = 0; i < 4; i++) {
        assert_size(media_png(sizes[i][0], sizes[i][1]), PNG, sizes[i][0], sizes[i][1]);
        for (size_t kind = 0; kind < 4; kind++) {
            assert_size(media_webp(kinds[kind], sizes[i][0], sizes[i][1]), WEBP, sizes[i][0], sizes[i][1]);
        }
    }
    assert_size(media_heic("heic", 4032, 3024), HEIC, 4032, 3024);
    assert_size(media_heic("mif1", 3, 4), HEIC, 3, 4);
}

static void
what_is_too_large_is_said_before_it_is_decoded(void **state)
{
    (void)state;
    media_expect("a bomb", media_png(20000, 20000), PNG, MEDIA_TOO_LARGE_PICTURE);
    media_expect("a long bomb", media_png(65535, 1), PNG, MEDIA_TOO_LARGE_PICTURE);
    media_expect("the largest", media_png(0x7fffffff, 0x7fffffff), PNG, MEDIA_TOO_LARGE_PICTURE);
    media_expect("WebP", media_webp("VP8L", 16384, 16384), WEBP, MEDIA_TOO_LARGE_PICTURE);
    media_expect("HEIC", media_heic("heic", 0xffffffff, 0xffffffff), HEIC, MEDIA_TOO_LARGE_PICTURE);
    media_expect("a HEIC of many tiles", media_heic("heic", 20000, 2501), HEIC, MEDIA_TOO_LARGE_PICTURE);
}

static void
a_png_is_walked_by_its_chunks(void **state)
{
    (void)state;
    enum { FIRST = 33, SECOND = FIRST + 14 }; /* IDAT */
    struct buf file = media_png(8, 8);
    media_expect("words", png_with(FIRST, "tEXt", "Comment\0hello", 13), PNG, MEDIA_FINE);
    media_expect("words within the picture", png_with(SECOND, "tEXt", "Comment\0hello", 13), PNG,
                 MEDIA_DAMAGED);
    media_expect("a palette", png_with(FIRST, "PLTE", "abcdef", 6), PNG, MEDIA_FINE);
    media_expect("a palette of parts", png_with(FIRST, "PLTE", "abcde", 5), PNG, MEDIA_DAMAGED);
    media_expect("a palette of none", png_with(FIRST, "PLTE", "", 0), PNG, MEDIA_DAMAGED);
    media_expect("a palette behind the picture", png_with(SECOND + 15, "PLTE", "abc", 3), PNG, MEDIA_DAMAGED);
    media_expect("an animation", png_with(FIRST, "acTL", "\0\0\0\1\0\0\0\0", 8), PNG, MEDIA_FINE);
    media_expect("a critical chunk that nobody knows", png_with(FIRST, "CgBI", "\x50\0\x20\6", 4), PNG,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("no header", changed(media_png(8, 8), "IHDR", "iHDR", 4), PNG, MEDIA_DAMAGED);
    media_expect("no picture", changed(changed(media_png(8, 8), "IDAT", "teXt", 4), "IDAT", "teXt", 4), PNG,
                 MEDIA_DAMAGED);
    media_expect("no end", changed(media_png(8, 8), "IEND", "teXt", 4), PNG, MEDIA_DAMAGED);
    media_expect("no letters", changed(media_png(8, 8), "IEND", "IE1D", 4), PNG, MEDIA_DAMAGED);
    media_expect("two headers", changed(media_png(8, 8), "IEND", "IHDR", 4), PNG, MEDIA_DAMAGED);
    media_expect("no width", media_png(0, 8), PNG, MEDIA_DAMAGED);
    media_expect("no height", media_png(8, 0), PNG, MEDIA_DAMAGED);
    media_expect("colours without a palette", changed(media_png(8, 8), "\x08\2\0\0\0", "\x08\3\0\0\0", 5),
                 PNG, MEDIA_DAMAGED);
    media_expect("a note behind it", and(media_png(8, 8), "note"), PNG, MEDIA_FINE);
    media_expect("a page behind it", and(media_png(8, 8), "<html>"), PNG, MEDIA_WRONG_TYPE);
    media_expect("a PDF behind it", and(media_png(8, 8), "\n%PDF-1.3"), PNG, MEDIA_WRONG_TYPE);
    for (size_t size = 0; size < file.size; size++) {
        struct media_found found;
        assert_int_equal(media_judged(file.data, size, PNG, &found),
                         size < 8 ? MEDIA_WRONG_TYPE : MEDIA_DAMAGED);
    }
    buf_free(&file);
}

/* PNG's table of depths and colours (11.2.2). */
static void
a_png_has_depths_that_go_with_its_colours(void **state)
{
    (void)state;
    static const char *const fine[] = {"\1\0",   "\2\0",   "\4\0",   "\x08\0", "\x10\0", "\x08\2",
                                       "\x10\2", "\x08\4", "\x10\4", "\x08\6", "\x10\6"};
    for (int depth = 0; depth < 256; depth++) {
        for (int colour = 0; colour < 256; colour++) {
            struct media_found found;
            struct buf file = media_png(8, 8);
            file.data[24] = (char)depth;
            file.data[25] = (char)colour;
            bool wanted = false;
            for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
                wanted = wanted || (fine[i][0] == depth && fine[i][1] == colour);
            }
            assert_int_equal(media_judged(file.data, file.size, PNG, &found) == MEDIA_FINE, wanted);
            buf_free(&file);
        }
    }
}

static void
a_webp_fills_what_it_says(void **state)
{
    (void)state;
    struct buf file = media_webp("VP8X", 8, 8);
    for (size_t size = 12; size < file.size; size++) {
        struct media_found found;
        assert_int_equal(media_judged(file.data, size, WEBP, &found), MEDIA_DAMAGED);
    }
    buf_free(&file);
    media_expect("a byte more", and(media_webp("VP8 ", 8, 8), "x"), WEBP, MEDIA_NOT_UNDERSTOOD);
    media_expect("a page behind it", and(media_webp("VP8 ", 8, 8), "<html>"), WEBP, MEDIA_NOT_UNDERSTOOD);
    media_expect("sound in RIFF", changed(media_webp("VP8 ", 8, 8), "WEBP", "WAVE", 4), WEBP,
                 MEDIA_WRONG_TYPE);
    media_expect("another chunk first", changed(media_webp("VP8 ", 8, 8), "VP8 ", "EXIF", 4), WEBP,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("no start code", changed(media_webp("VP8 ", 8, 8), "\x9d\x01\x2a", "\x9d\x01\x2b", 3), WEBP,
                 MEDIA_DAMAGED);
    media_expect("no key frame", changed(media_webp("VP8 ", 8, 8), "\x10\0\0", "\x11\0\0", 3), WEBP,
                 MEDIA_DAMAGED);
    media_expect("a picture of another size",
                 changed(media_webp("VP8X", 8, 8), "\x07\0\0\x07", "\x08\0\0\x07", 4), WEBP, MEDIA_DAMAGED);
    media_expect("no picture", changed(media_webp("VP8X", 8, 8), "VP8 ", "ICCP", 4), WEBP, MEDIA_DAMAGED);
    media_expect("no frames",
                 changed(changed(media_webp("ANIM", 8, 8), "ANMF", "ICCP", 4), "ANMF", "ICCP", 4), WEBP,
                 MEDIA_DAMAGED);
    media_expect("a frame outside",
                 changed(media_webp("ANIM", 8, 8), "\0\0\0\0\0\0\x07", "\1\0\0\0\0\0\x07", 7), WEBP,
                 MEDIA_DAMAGED);
}

static void
a_heic_is_a_still_picture_in_its_own_file(void **state)
{
    (void)state;
    struct buf file = media_heic("heic", 8, 8);
    for (size_t size = 24; size < file.size; size++) {
        struct media_found found;
        assert_int_equal(media_judged(file.data, size, HEIC, &found), MEDIA_DAMAGED);
    }
    buf_free(&file);
    media_expect("AVIF", media_heic("avif", 8, 8), HEIC, MEDIA_WRONG_TYPE);
    media_expect("MP4", media_heic("isom", 8, 8), HEIC, MEDIA_WRONG_TYPE);
    media_expect("a sequence",
                 changed(changed(media_heic("hevc", 8, 8), "mif1heic", "mif1hevc", 8), "meta", "moov", 4),
                 HEIC, MEDIA_NOT_UNDERSTOOD);
    media_expect("no meta", changed(media_heic("heic", 8, 8), "meta", "free", 4), HEIC, MEDIA_DAMAGED);
    media_expect("no picture's handler", changed(media_heic("heic", 8, 8), "pict", "null", 4), HEIC,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("no primary item", changed(media_heic("heic", 8, 8), "pitm", "free", 4), HEIC,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("no places", changed(media_heic("heic", 8, 8), "iloc", "free", 4), HEIC,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("no sizes", media_heic("heic", 0, 0), HEIC, MEDIA_FINE); /* the thumbnail's is the largest */
    media_expect("protected", changed(media_heic("heic", 8, 8), "pitm", "ipro", 4), HEIC, MEDIA_ENCRYPTED);
    media_expect("a byte more", and(media_heic("heic", 8, 8), "x"), HEIC, MEDIA_DAMAGED);
    /* iloc: method and file, base's and lengths' sizes, an extent over the end */
    file = media_heic("heic", 8, 8);
    file.data[file.size - 11] = 1;
    media_expect("of another file", file, HEIC, MEDIA_DAMAGED);
    file = media_heic("heic", 8, 8);
    file.data[file.size - 13] = 1;
    media_expect("in a box that is not there", file, HEIC, MEDIA_DAMAGED);
    file = media_heic("heic", 8, 8);
    file.data[file.size - 4] = 1;
    media_expect("an extent over the end", file, HEIC, MEDIA_DAMAGED);
    file = media_heic("heic", 8, 8);
    file.data[file.size - 8] = '\xff';
    media_expect("an extent behind the end", file, HEIC, MEDIA_DAMAGED);
    file = media_heic("heic", 8, 8);
    file.data[file.size - 10] = '\xff';
    media_expect("more extents than there are", file, HEIC, MEDIA_DAMAGED);
}

/* libheif has decoders for more than HEVC. */
static void
a_heic_has_nothing_but_hevc(void **state)
{
    (void)state;
    static const char *const taken[] = {"hev1", "grid", "iden", "iovl", "tmap", "Exif", "mime", "uri "};
    static const char *const others[] = {"av01", "avc1", "vvc1", "jpeg", "j2k1",
                                         "unci", "mski", "hvc2", "    "};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        media_expect(taken[i], changed(media_heic("heic", 8, 8), "hvc1", taken[i], 4), HEIC, MEDIA_FINE);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        media_expect(others[i], changed(media_heic("heic", 8, 8), "hvc1", others[i], 4), HEIC,
                     MEDIA_NOT_UNDERSTOOD);
        media_expect(others[i], changed(media_heic("heic", 8, 8), "Exif", others[i], 4), HEIC,
                     MEDIA_NOT_UNDERSTOOD);
    }
    media_expect("an item of no type", changed(media_heic("heic", 8, 8), "infe\2", "infe\1", 5), HEIC,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("an item of a later kind", changed(media_heic("heic", 8, 8), "infe\2", "infe\4", 5), HEIC,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("no item's entry", changed(media_heic("heic", 8, 8), "infe", "free", 4), HEIC,
                 MEDIA_NOT_UNDERSTOOD);
}

static void
what_is_spoilt_never_changes_its_type(void **state)
{
    (void)state;
    media_spoil(media_png(8, 8), PNG);
    media_spoil(media_webp("VP8L", 8, 8), WEBP);
    media_spoil(media_webp("VP8X", 8, 8), WEBP);
    media_spoil(media_webp("ANIM", 8, 8), WEBP);
    media_spoil(media_heic("heic", 8, 8), HEIC);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_tells_its_size),
        cmocka_unit_test(what_is_too_large_is_said_before_it_is_decoded),
        cmocka_unit_test(a_png_is_walked_by_its_chunks),
        cmocka_unit_test(a_png_has_depths_that_go_with_its_colours),
        cmocka_unit_test(a_webp_fills_what_it_says),
        cmocka_unit_test(a_heic_is_a_still_picture_in_its_own_file),
        cmocka_unit_test(a_heic_has_nothing_but_hevc),
        cmocka_unit_test(what_is_spoilt_never_changes_its_type),
    };
    return cmocka_run_group_tests_name("media: pictures", tests, NULL, NULL);
}
