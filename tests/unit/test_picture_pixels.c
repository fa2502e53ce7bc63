/* Pixels in memory: what shrinking and turning keep, for every small side, and what colours become. */
#include "tests/unit/picture_fixture.h"

#include "scan/picture_exif.h"
#include "scan/picture_pixels.h"

enum { SIDES = 40, ROW_MAX = SIDES * PICTURE_CHANNELS_MAX };

/* Shrinks rows that `sample` gives for each column, row and channel. */
static struct picture_pixels
shrunk(uint32_t width, uint32_t height, unsigned channels, uint32_t side,
       unsigned char (*sample)(uint32_t x, uint32_t y, unsigned channel))
{
    struct picture_pixels small = {.samples = NULL};
    struct picture_shrink *shrink = picture_shrink_begin(width, height, channels, side, &small);
    assert_non_null(shrink);
    for (uint32_t y = 0; y < height; y++) {
        unsigned char row[ROW_MAX];
        for (uint32_t i = 0; i < width * channels; i++) {
            row[i] = sample(i / channels, y, i % channels);
        }
        picture_shrink_row(shrink, row);
    }
    picture_shrink_end(shrink);
    return small;
}

static unsigned char
flat(uint32_t x, uint32_t y, unsigned channel)
{
    static const unsigned char colour[] = {255, 0, 127, 254};
    (void)x;
    (void)y;
    return colour[channel];
}

static unsigned char
rising(uint32_t x, uint32_t y, unsigned channel)
{
    return (unsigned char)(channel == 0 ? 6 * x : 6 * y);
}

static unsigned char
striped(uint32_t x, uint32_t y, unsigned channel)
{
    return (x + y + channel) % 2 == 0 ? 255 : 1;
}

static void
the_longer_side_fits_and_none_is_ever_none(void **state)
{
    (void)state;
    for (uint32_t width = 1; width <= SIDES; width++) {
        for (uint32_t height = 1; height <= SIDES; height++) {
            for (uint32_t side = 1; side <= SIDES; side++) {
                struct picture_pixels small = shrunk(width, height, 1, side, flat);
                uint32_t longer = width > height ? width : height;
                uint32_t small_longer = small.width > small.height ? small.width : small.height;
                assert_int_equal(small_longer, longer < side ? longer : side);
                assert_true(small.width >= 1 && small.height >= 1);
                /* The other side is within half a pixel of the same shape. */
                uint32_t shorter = width > height ? height : width;
                uint32_t small_shorter = width > height ? small.height : small.width;
                uint32_t doubled = 2 * small_shorter * longer;
                uint32_t exact = 2 * shorter * small_longer;
                assert_true(small_shorter == 1 || (doubled <= exact + longer && exact <= doubled + longer));
                free(small.samples);
            }
        }
    }
}

static void
a_colour_stays_exactly_what_it_is(void **state)
{
    (void)state;
    for (unsigned channels = 1; channels <= PICTURE_CHANNELS_MAX; channels++) {
        for (uint32_t width = 1; width <= SIDES; width += 3) {
            for (uint32_t side = 1; side <= SIDES; side++) {
                struct picture_pixels small = shrunk(width, SIDES + 1 - width, channels, side, flat);
                for (uint32_t i = 0; i < small.width * small.height * channels; i++) {
                    assert_int_equal(small.samples[i], flat(0, 0, i % channels));
                }
                free(small.samples);
            }
        }
    }
}

static void
each_pixel_is_the_mean_of_what_it_covers(void **state)
{
    (void)state;
    for (uint32_t side = 1; side <= SIDES; side++) {
        struct picture_pixels small = shrunk(SIDES, SIDES, 2, side, rising);
        for (uint32_t y = 0; y < small.height; y++) {
            for (uint32_t x = 0; x < small.width; x++) {
                const unsigned char *pixel = small.samples + (y * small.width + x) * 2;
                const uint32_t at[] = {x, y};
                for (int channel = 0; channel < 2; channel++) {
                    /* Of a straight slope the mean is its value in the middle, or within what one pixel's step hides. */
                    double middle = 6 * ((at[channel] + 0.5) * SIDES / side - 0.5);
                    assert_true(pixel[channel] >= middle - 2 && pixel[channel] <= middle + 2);
                }
            }
        }
        free(small.samples);
    }
    struct picture_pixels grey = shrunk(SIDES, SIDES, 3, SIDES / 2, striped);
    for (uint32_t i = 0; i < grey.width * grey.height * 3; i++) {
        assert_int_equal(grey.samples[i], 128);
    }
    free(grey.samples);
}

static void
a_picture_that_fits_is_not_touched(void **state)
{
    (void)state;
    struct picture_pixels same = shrunk(SIDES, SIDES - 7, 2, SIDES, rising);
    assert_int_equal(same.width, SIDES);
    assert_int_equal(same.height, SIDES - 7);
    for (uint32_t i = 0; i < same.width * same.height; i++) {
        assert_int_equal(same.samples[2 * i], rising(i % SIDES, i / SIDES, 0));
        assert_int_equal(same.samples[2 * i + 1], rising(i % SIDES, i / SIDES, 1));
    }
    free(same.samples);
}

static void
each_turn_gives_the_drawn_picture_back(void **state)
{
    (void)state;
    unsigned char *upright = draw(WIDTH, HEIGHT, 1);
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        struct picture_pixels stored = {.samples = draw(WIDTH, HEIGHT, orientation),
                                        .width = columns_of(orientation),
                                        .height = rows_of(orientation),
                                        .channels = RGB};
        assert_true(picture_turn(&stored, orientation));
        assert_int_equal(stored.width, WIDTH);
        assert_int_equal(stored.height, HEIGHT);
        assert_memory_equal(stored.samples, upright, WIDTH * HEIGHT * RGB);
        free(stored.samples);
    }
    free(upright);
}

static void
what_is_no_profile_changes_nothing(void **state)
{
    (void)state;
    static const unsigned char nothing[200] = "no profile";
    const struct span profiles[] = {{NULL, 0}, {nothing, sizeof nothing}, {nothing, 1}};
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        unsigned char *upright = draw(WIDTH, HEIGHT, 1);
        struct picture_pixels pixels = {
            .samples = draw(WIDTH, HEIGHT, 1), .width = WIDTH, .height = HEIGHT, .channels = RGB};
        assert_true(picture_colour(&pixels, profiles[i]));
        assert_memory_equal(pixels.samples, upright, WIDTH * HEIGHT * RGB);
        free(pixels.samples);
        free(upright);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longer_side_fits_and_none_is_ever_none),
        cmocka_unit_test(a_colour_stays_exactly_what_it_is),
        cmocka_unit_test(each_pixel_is_the_mean_of_what_it_covers),
        cmocka_unit_test(a_picture_that_fits_is_not_touched),
        cmocka_unit_test(each_turn_gives_the_drawn_picture_back),
        cmocka_unit_test(what_is_no_profile_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
