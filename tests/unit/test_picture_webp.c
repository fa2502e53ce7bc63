/* WebP: still and animated, with and without losses. */
#include "tests/unit/picture_fixture.h"

#include <webp/encode.h>
#include <webp/mux.h>

enum { OPAQUE = 255 };

/* The pixels as WebP, by malloc; with losses when a quality is given. */
static struct span
encode(const unsigned char *rgba, int width, int height, float quality)
{
    unsigned char *bytes = NULL;
    size_t size = quality > 0 ? WebPEncodeRGBA(rgba, width, height, width * 4, quality, &bytes)
                              : WebPEncodeLosslessRGBA(rgba, width, height, width * 4, &bytes);
    assert_true(size > 0);
    return (struct span){.data = bytes, .size = size};
}

static void
let_go(struct span file)
{
    WebPFree((void *)(uintptr_t)file.data);
}

/* The drawn picture as it is stored for an orientation, with this opacity in the top right quarter, by malloc. */
static unsigned char *
draw_rgba(unsigned orientation, unsigned char opacity)
{
    unsigned char *pixels = draw(WIDTH, HEIGHT, orientation);
    unsigned char *rgba = malloc((size_t)WIDTH * HEIGHT * 4);
    assert_non_null(rgba);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        memcpy(rgba + 4 * i, pixels + RGB * i, RGB);
        bool right = memcmp(pixels + RGB * i, corners.corner[1], RGB) == 0;
        rgba[4 * i + RGB] = right ? opacity : OPAQUE;
    }
    free(pixels);
    return rgba;
}

static struct span
drawn(unsigned orientation, unsigned char opacity, float quality)
{
    unsigned char *rgba = draw_rgba(orientation, opacity);
    struct span file = encode(rgba, (int)columns_of(orientation), (int)rows_of(orientation), quality);
    free(rgba);
    return file;
}

/* The picture in a container with a chunk beside it. */
static struct span
with_chunk(struct span file, const char *name, struct span chunk)
{
    WebPMux *mux = WebPMuxNew();
    WebPData picture = {.bytes = file.data, .size = file.size};
    WebPData beside = {.bytes = chunk.data, .size = chunk.size};
    WebPData whole;
    assert_int_equal(WebPMuxSetImage(mux, &picture, 1), WEBP_MUX_OK);
    assert_int_equal(WebPMuxSetChunk(mux, name, &beside, 1), WEBP_MUX_OK);
    assert_int_equal(WebPMuxAssemble(mux, &whole), WEBP_MUX_OK);
    WebPMuxDelete(mux);
    return (struct span){.data = whole.bytes, .size = whole.size};
}

static void
each_orientation_comes_out_upright(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        for (size_t name = 0; name <= 6;
             name += 6) { /* with Exif's name in front and, as it should be, without */
            struct span exif = exif_of(orientation, orientation % 2 == 0);
            exif.data += name;
            exif.size -= name;
            struct span bare = drawn(orientation, OPAQUE, 0);
            struct span file = with_chunk(bare, "EXIF", exif);
            struct made made = make(file, PICTURE_WEBP);
            assert_made(made);
            assert_null(memmem(made.view.bytes, made.view.size, "SECRET", 6));
            let_go(file);
            let_go(bare);
        }
    }
}

static void
with_losses_and_without_it_is_made_on_white(void **state)
{
    (void)state;
    struct colours seen = corners;
    memset(seen.corner[1], UINT8_MAX, RGB);
    const float qualities[] = {0, 95};
    for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        struct span file = drawn(1, OPAQUE, qualities[i]);
        assert_made(make(file, PICTURE_WEBP));
        let_go(file);
        file = drawn(1, 0, qualities[i]);
        assert_made_in(&seen, make(file, PICTURE_WEBP), WIDTH, HEIGHT);
        let_go(file);
    }
}

/* Two frames, each a quarter of the canvas: the first in the top left, the second all of it. */
static struct span
animation(void)
{
    unsigned char *rgba = calloc((size_t)WIDTH * HEIGHT, 4);
    assert_non_null(rgba);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        memcpy(rgba + 4 * i, corners.corner[0], RGB);
        rgba[4 * i + RGB] = OPAQUE;
    }
    struct span quarter = encode(rgba, WIDTH / 2, HEIGHT / 2, 0);
    struct span all = encode(rgba, WIDTH, HEIGHT, 0);
    WebPMux *mux = WebPMuxNew();
    WebPMuxFrameInfo frame = {
        .id = WEBP_CHUNK_ANMF, .duration = 100, .bitstream = {quarter.data, quarter.size}};
    WebPMuxAnimParams parameters = {.bgcolor = 0};
    WebPData whole;
    assert_int_equal(WebPMuxSetCanvasSize(mux, WIDTH, HEIGHT), WEBP_MUX_OK);
    assert_int_equal(WebPMuxPushFrame(mux, &frame, 1), WEBP_MUX_OK);
    frame.bitstream = (WebPData){all.data, all.size};
    assert_int_equal(WebPMuxPushFrame(mux, &frame, 1), WEBP_MUX_OK);
    assert_int_equal(WebPMuxSetAnimationParams(mux, &parameters), WEBP_MUX_OK);
    assert_int_equal(WebPMuxAssemble(mux, &whole), WEBP_MUX_OK);
    WebPMuxDelete(mux);
    let_go(quarter);
    let_go(all);
    free(rgba);
    return (struct span){.data = whole.bytes, .size = whole.size};
}

static void
of_an_animated_picture_the_first_frame_is_made_on_white(void **state)
{
    (void)state;
    static const struct colours seen = {{{220, 40, 40}, {255, 255, 255}, {255, 255, 255}, {255, 255, 255}}};
    struct span file = animation();
    assert_made_in(&seen, make(file, PICTURE_WEBP), WIDTH, HEIGHT);
    let_go(file);
}

static void
a_canvas_that_is_too_large_is_refused(void **state)
{
    (void)state;
    struct span file = animation();
    unsigned char *canvas = (unsigned char *)(uintptr_t)memmem(file.data, file.size, "VP8X", 4) + 12;
    const unsigned char sides[][6] = {{0xFF, 0x3F, 0, 0xFF, 0x3F, 0}, /* 16,384 x 16,384 */
                                      {0xFF, 0xFF, 0, 127, 0, 0},     /* 65,536 x 128 */
                                      {191, 0, 0, 0xFF, 0xFF, 0}};
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        memcpy(canvas, sides[i], sizeof sides[i]);
        assert_int_equal(make(file, PICTURE_WEBP).outcome, PICTURE_TOO_LARGE);
    }
    let_go(file);
}

static void
a_file_that_is_cut_off_is_damaged(void **state)
{
    (void)state;
    const float qualities[] = {0, 95};
    for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        struct span file = drawn(1, 0, qualities[i]);
        assert_damaged_when_cut(file, PICTURE_WEBP);
        let_go(file);
    }
    struct span file = animation();
    assert_damaged_when_cut(file, PICTURE_WEBP);
    let_go(file);
}

static void
pixels_that_contradict_the_header_are_damaged(void **state)
{
    (void)state;
    struct span file = drawn(1, OPAQUE, 0);
    unsigned char *bytes = (unsigned char *)(uintptr_t)file.data;
    memset(bytes + 30, 0xFF, file.size - 30);
    assert_int_equal(make(file, PICTURE_WEBP).outcome, PICTURE_DAMAGED);
    let_go(file);
}

static void
what_is_no_webp_is_refused(void **state)
{
    (void)state;
    const struct span nothing = {.data = (const unsigned char *)"", .size = 0};
    const struct span text = {.data = (const unsigned char *)"RIFF\4\0\0\0WEBP", .size = 12};
    assert_int_equal(make(nothing, PICTURE_WEBP).outcome, PICTURE_DAMAGED);
    assert_int_equal(make(text, PICTURE_WEBP).outcome, PICTURE_DAMAGED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_orientation_comes_out_upright),
        cmocka_unit_test(with_losses_and_without_it_is_made_on_white),
        cmocka_unit_test(of_an_animated_picture_the_first_frame_is_made_on_white),
        cmocka_unit_test(a_canvas_that_is_too_large_is_refused),
        cmocka_unit_test(a_file_that_is_cut_off_is_damaged),
        cmocka_unit_test(pixels_that_contradict_the_header_are_damaged),
        cmocka_unit_test(what_is_no_webp_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
