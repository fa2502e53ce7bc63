/* JPEG as patients' phones, scanners and attackers write it, and what is made of it. */
#include "tests/unit/picture_fixture.h"

#include "scan/picture_exif.h"

#include <lcms2.h>

/* How a JPEG is written. */
struct form {
    uint32_t width, height;
    unsigned components; /* 1, 3 or 4 samples a pixel of what is written */
    J_COLOR_SPACE from, as;
    bool progressive;
    bool whole; /* without subsampling */
    const jpeg_scan_info *scans;
    int scan_count;
    struct span exif, profile;
    const char *comment;
};

static const struct form plain = {
    .width = WIDTH, .height = HEIGHT, .components = RGB, .from = JCS_RGB, .as = JCS_YCbCr};

/* A JPEG of the pixels, by malloc. */
static struct span
write_jpeg(const unsigned char *pixels, struct form form)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = form.width;
    jpeg.image_height = form.height;
    jpeg.input_components = (int)form.components;
    jpeg.in_color_space = form.from;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, form.as);
    jpeg_set_quality(&jpeg, 95, TRUE);
    for (int i = 0; form.whole && i < jpeg.num_components; i++) {
        jpeg.comp_info[i].h_samp_factor = jpeg.comp_info[i].v_samp_factor = 1;
    }
    if (form.progressive) {
        jpeg_simple_progression(&jpeg);
    }
    if (form.scans != NULL) {
        jpeg.scan_info = form.scans;
        jpeg.num_scans = form.scan_count;
    }
    jpeg_start_compress(&jpeg, TRUE);
    if (form.exif.size > 0) {
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, form.exif.data, (unsigned)form.exif.size);
    }
    if (form.profile.size > 0) {
        jpeg_write_icc_profile(&jpeg, form.profile.data, (unsigned)form.profile.size);
    }
    if (form.comment != NULL) {
        jpeg_write_marker(&jpeg, JPEG_COM, (const JOCTET *)form.comment, (unsigned)strlen(form.comment));
    }
    while (jpeg.next_scanline < form.height) {
        unsigned char row[20000 * 4];
        memcpy(row, pixels + (size_t)jpeg.next_scanline * form.width * form.components,
               form.width * form.components);
        JSAMPROW rows = row;
        (void)jpeg_write_scanlines(&jpeg, &rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return (struct span){.data = bytes, .size = size};
}

static void
let_go(struct span file)
{
    free((void *)(uintptr_t)file.data);
}

/* The drawn picture as a JPEG of a form. */
static struct span
drawn(struct form form)
{
    unsigned char *pixels = draw(form.width, form.height, 1);
    struct span file = write_jpeg(pixels, form);
    free(pixels);
    return file;
}

/* Where the frame's marker, SOF0 or SOF2, says height and width. */
static unsigned char *
frame_sides(struct span file)
{
    for (size_t at = 2; at + 9 < file.size; at++) {
        if (file.data[at] == 0xFF && (file.data[at + 1] == 0xC0 || file.data[at + 1] == 0xC2)) {
            return (unsigned char *)(uintptr_t)file.data + at + 5;
        }
    }
    fail();
    return NULL;
}

static void
each_orientation_comes_out_upright(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        for (int big_endian = 0; big_endian <= 1; big_endian++) {
            unsigned char *pixels = draw(WIDTH, HEIGHT, orientation);
            struct form form = plain;
            form.width = columns_of(orientation);
            form.height = rows_of(orientation);
            form.exif = exif_of(orientation, big_endian);
            struct span file = write_jpeg(pixels, form);
            assert_made(make(file, PICTURE_JPEG));
            let_go(file);
            free(pixels);
        }
    }
}

static void
an_orientation_that_does_not_exist_is_upright(void **state)
{
    (void)state;
    const unsigned orientations[] = {0, 9, 255};
    for (size_t i = 0; i < sizeof orientations / sizeof orientations[0]; i++) {
        struct form form = plain;
        form.exif = exif_of(orientations[i], false);
        struct span file = drawn(form);
        assert_made(make(file, PICTURE_JPEG));
        let_go(file);
    }
}

static void
exif_that_is_cut_off_is_upright(void **state)
{
    (void)state;
    enum { ENTRY_END = 6 + 8 + 2 + 12 };
    struct span exif = exif_of(3, false);
    for (size_t size = 0; size <= ENTRY_END; size++) {
        unsigned char *cut = malloc(size + 1); /* a sanitizer sees what is read behind it */
        assert_non_null(cut);
        memcpy(cut + 1, exif.data, size);
        unsigned found = picture_exif_orientation((struct span){.data = cut + 1, .size = size});
        assert_int_equal(found, size < ENTRY_END ? PICTURE_UPRIGHT : 3);
        free(cut);
    }
}

static void
a_large_picture_is_shrunk_to_2048_and_to_320(void **state)
{
    (void)state;
    struct form form = plain;
    form.width = 3000;
    form.height = 2000;
    struct span file = drawn(form);
    struct made made = make(file, PICTURE_JPEG);
    assert_made_in(&corners, made, 2048, 1365);
    assert_int_equal(made.sides.width, form.width);
    assert_int_equal(made.sides.height, form.height);
    assert_int_equal(made.thumbnail.width, 320);
    assert_int_equal(made.thumbnail.height, 213);
    let_go(file);
}

static void
a_small_picture_stays_as_large_as_it_is(void **state)
{
    (void)state;
    const uint32_t sides[][2] = {{WIDTH, HEIGHT}, {1, 1}, {1, 300}, {320, 240}, {319, 2}};
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        struct form form = plain;
        form.width = sides[i][0];
        form.height = sides[i][1];
        struct span file = drawn(form);
        struct made made = make(file, PICTURE_JPEG);
        assert_made_in(&corners, made, form.width, form.height);
        assert_int_equal(made.thumbnail.width, form.width);
        assert_int_equal(made.thumbnail.height, form.height);
        let_go(file);
    }
}

static void
a_line_of_20000_pixels_is_made_and_a_longer_one_is_not(void **state)
{
    (void)state;
    struct form form = plain;
    form.width = 20000;
    form.height = 1;
    struct span file = drawn(form);
    struct made made = make(file, PICTURE_JPEG);
    assert_int_equal(made.outcome, PICTURE_MADE);
    assert_int_equal(made.view.width, 2048);
    assert_int_equal(made.view.height, 1);
    assert_int_equal(made.thumbnail.width, 320);
    assert_int_equal(made.thumbnail.height, 1);
    const unsigned char longer[] = {0, 1, 0x4E, 0x21};
    memcpy(frame_sides(file), longer, sizeof longer);
    assert_int_equal(make(file, PICTURE_JPEG).outcome, PICTURE_TOO_LARGE);
    let_go(file);
}

static void
sides_beyond_what_is_decoded_are_refused_by_the_header(void **state)
{
    (void)state;
    const unsigned char sides[][4] = {
        {0x4E, 0x20, 0x4E, 0x20}, /* 20,000 x 20,000: each is allowed, both are not */
        {0x1B, 0xA0, 0x1B, 0xA0}, /* 7,072 x 7,072: just over 50 MP */
        {0x00, 0x01, 0xFF, 0xFF}, /* 65,535 x 1, which is libjpeg's own limit */
        {0xFF, 0xFF, 0x00, 0x01},
    };
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        struct form form = plain;
        form.progressive = i % 2 == 0;
        struct span file = drawn(form);
        memcpy(frame_sides(file), sides[i], sizeof sides[i]);
        assert_int_equal(make(file, PICTURE_JPEG).outcome, PICTURE_TOO_LARGE);
        let_go(file);
    }
}

static void
a_picture_without_height_is_damaged(void **state)
{
    (void)state;
    struct span file = drawn(plain);
    memset(frame_sides(file), 0, 2);
    assert_int_equal(make(file, PICTURE_JPEG).outcome, PICTURE_DAMAGED);
    let_go(file);
}

/* Lets through what is progressive with so many scans of AC coefficients, and one of DC. */
static enum picture_outcome
outcome_of_scans(int count)
{
    static jpeg_scan_info scans[1 + 3 * 63 * 6];
    int used = 0;
    scans[used++] = (jpeg_scan_info){.comps_in_scan = 3, .component_index = {0, 1, 2}};
    for (int component = 0; component < 3; component++) {
        for (int place = 1; place <= 63; place++) {
            for (int bit = 5; bit >= 0; bit--) {
                if (used < count) {
                    scans[used++] = (jpeg_scan_info){.comps_in_scan = 1,
                                                     .component_index = {component},
                                                     .Ss = place,
                                                     .Se = place,
                                                     .Ah = bit == 5 ? 0 : bit + 1,
                                                     .Al = bit};
                }
            }
        }
    }
    assert_int_equal(used, count);
    struct form form = plain;
    form.scans = scans;
    form.scan_count = used;
    struct span file = drawn(form);
    enum picture_outcome outcome = make(file, PICTURE_JPEG).outcome;
    let_go(file);
    return outcome;
}

static void
a_progressive_picture_has_at_most_100_scans(void **state)
{
    (void)state;
    assert_int_equal(outcome_of_scans(100), PICTURE_MADE);
    assert_int_equal(outcome_of_scans(101), PICTURE_TOO_LARGE);
    assert_int_equal(outcome_of_scans(1000), PICTURE_TOO_LARGE);
}

static void
progressive_and_whole_sampled_pictures_are_made(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct form form = plain;
        form.progressive = (kind & 1) != 0;
        form.whole = (kind & 2) != 0;
        struct span file = drawn(form);
        assert_made(make(file, PICTURE_JPEG));
        let_go(file);
    }
}

static void
grey_is_made_and_stays_grey(void **state)
{
    (void)state;
    static const struct colours greys = {{{30, 30, 30}, {90, 90, 90}, {150, 150, 150}, {250, 250, 250}}};
    static unsigned char pixels[WIDTH * HEIGHT];
    for (uint32_t i = 0; i < sizeof pixels; i++) {
        pixels[i] = colour_at(&greys, WIDTH, HEIGHT, i % WIDTH, i / WIDTH)[0];
    }
    struct form form = plain;
    form.components = 1;
    form.from = form.as = JCS_GRAYSCALE;
    struct span file = write_jpeg(pixels, form);
    assert_made_in(&greys, make(file, PICTURE_JPEG), WIDTH, HEIGHT);
    let_go(file);
}

/* Ink as Adobe says it, the light that is left, with a third of it in black. */
static void
draw_ink(unsigned char *pixels)
{
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        const unsigned char *colour = colour_at(&corners, WIDTH, HEIGHT, i % WIDTH, i / WIDTH);
        pixels[4 * i + 3] = 240;
        for (unsigned channel = 0; channel < RGB; channel++) {
            pixels[4 * i + channel] = (unsigned char)(colour[channel] * 255 / 240);
        }
    }
}

static void
ink_of_adobe_is_made(void **state)
{
    (void)state;
    static unsigned char pixels[WIDTH * HEIGHT * 4];
    draw_ink(pixels);
    const J_COLOR_SPACE spaces[] = {JCS_CMYK, JCS_YCCK};
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        struct form form = plain;
        form.components = 4;
        form.from = JCS_CMYK;
        form.as = spaces[i];
        struct span file = write_jpeg(pixels, form);
        assert_made(make(file, PICTURE_JPEG));
        let_go(file);
    }
}

static void
a_file_that_is_cut_off_is_damaged(void **state)
{
    (void)state;
    for (int progressive = 0; progressive <= 1; progressive++) {
        struct form form = plain;
        form.progressive = progressive;
        struct span file = drawn(form);
        assert_damaged_when_cut(file, PICTURE_JPEG);
        assert_int_equal(make((struct span){.data = file.data, .size = file.size - 2}, PICTURE_JPEG).outcome,
                         PICTURE_DAMAGED);
        let_go(file);
    }
}

static void
a_hole_in_the_data_is_damaged(void **state)
{
    (void)state;
    struct span file = drawn(plain);
    memset((unsigned char *)(uintptr_t)file.data + file.size / 2, 0xFF, 64);
    assert_int_equal(make(file, PICTURE_JPEG).outcome, PICTURE_DAMAGED);
    let_go(file);
}

static void
bytes_behind_the_end_are_not_copied(void **state)
{
    (void)state;
    static unsigned char alone[PICTURE_VIEW_BYTES];
    struct span file = drawn(plain);
    struct made made = make(file, PICTURE_JPEG);
    size_t size = made.view.size;
    memcpy(alone, made.view.bytes, size);
    size_t behind = file.size + 100000;
    unsigned char *longer = calloc(1, behind);
    assert_non_null(longer);
    memcpy(longer, file.data, file.size);
    memcpy(longer + file.size, "<script>", 8);
    made = make((struct span){.data = longer, .size = behind}, PICTURE_JPEG);
    assert_made(made);
    assert_int_equal(made.view.size, size);
    assert_memory_equal(made.view.bytes, alone, size);
    free(longer);
    let_go(file);
}

/* Walks a JPEG's markers: only those that pixels need, one scan, sampled by two, and nothing behind the end. */
static void
assert_bare(struct picture_jpeg made)
{
    static const unsigned char allowed[] = {0xE0, 0xDB, 0xC0, 0xC4, 0xDA};
    const unsigned char *bytes = made.bytes;
    assert_memory_equal(bytes, "\xFF\xD8", 2);
    size_t at = 2;
    unsigned char marker = 0;
    while (marker != 0xDA) {
        assert_true(at + 4 <= made.size && bytes[at] == 0xFF);
        marker = bytes[at + 1];
        assert_non_null(memchr(allowed, marker, sizeof allowed));
        if (marker == 0xE0) {
            assert_memory_equal(bytes + at + 2, "\0\x10JFIF\0", 7);
        } else if (marker == 0xC0) {
            assert_memory_equal(bytes + at + 9, "\3\1\x22\0\2\x11\1\3\x11\1", 10);
        }
        at += 2U + (size_t)(bytes[at + 2] << 8 | bytes[at + 3]);
    }
    while (!(bytes[at] == 0xFF && bytes[at + 1] != 0)) {
        at++;
    }
    assert_int_equal(bytes[at + 1], 0xD9);
    assert_int_equal(at + 2, made.size);
}

/* sRGB's profile, or one whose red is blue and whose blue is red; the caller frees it. */
static struct span
profile_of(bool exchanged)
{
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyY red = {0.64, 0.33, 1}, green = {0.30, 0.60, 1}, blue = {0.15, 0.06, 1};
    cmsCIExyYTRIPLE primaries = {
        .Red = exchanged ? blue : red, .Green = green, .Blue = exchanged ? red : blue};
    cmsToneCurve *curve = cmsBuildParametricToneCurve(
        NULL, 4, (const cmsFloat64Number[]){2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045});
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, (cmsToneCurve *[]){curve, curve, curve});
    cmsUInt32Number size = 0;
    assert_true(cmsSaveProfileToMem(profile, NULL, &size));
    unsigned char *bytes = malloc(size);
    assert_true(cmsSaveProfileToMem(profile, bytes, &size));
    cmsCloseProfile(profile);
    cmsFreeToneCurve(curve);
    return (struct span){.data = bytes, .size = size};
}

static void
nothing_but_pixels_comes_through(void **state)
{
    (void)state;
    struct form form = plain;
    form.exif = exif_of(1, false);
    form.profile = profile_of(false);
    form.comment = "SECRET-COMMENT";
    struct span file = drawn(form);
    struct made made = make(file, PICTURE_JPEG);
    assert_made(made);
    assert_bare(made.view);
    assert_bare(made.thumbnail);
    assert_non_null(memmem(file.data, file.size, "SECRET-SERIAL", 13));
    assert_non_null(memmem(file.data, file.size, "SECRET-COMMENT", 14));
    assert_null(memmem(made.view.bytes, made.view.size, "SECRET", 6));
    assert_null(memmem(made.thumbnail.bytes, made.thumbnail.size, "SECRET", 6));
    let_go(form.profile);
    let_go(file);
}

static void
the_profile_says_which_colours_they_are(void **state)
{
    (void)state;
    struct form form = plain;
    struct colours exchanged = corners;
    for (int corner = 0; corner < 4; corner++) {
        exchanged.corner[corner][0] = corners.corner[corner][2];
        exchanged.corner[corner][2] = corners.corner[corner][0];
    }
    form.profile = profile_of(true);
    struct span file = drawn(form);
    assert_made_in(&exchanged, make(file, PICTURE_JPEG), WIDTH, HEIGHT);
    let_go(file);

    /* The same with a hole in it is no profile. */
    memset((unsigned char *)(uintptr_t)form.profile.data + 36, 0, 64);
    file = drawn(form);
    assert_made(make(file, PICTURE_JPEG));
    let_go(file);
    let_go(form.profile);
}

static void
a_profile_for_other_channels_is_not_used(void **state)
{
    (void)state;
    struct form form = plain;
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1);
    cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), curve);
    static unsigned char bytes[4096];
    cmsUInt32Number size = sizeof bytes;
    assert_true(cmsSaveProfileToMem(profile, bytes, &size));
    cmsCloseProfile(profile);
    cmsFreeToneCurve(curve);
    form.profile = (struct span){.data = bytes, .size = size};
    struct span file = drawn(form);
    assert_made(make(file, PICTURE_JPEG));
    let_go(file);
}

static void
noise_of_the_largest_size_fits_half_of_the_room(void **state)
{
    (void)state;
    struct form form = plain;
    form.width = form.height = PICTURE_VIEW_SIDE;
    size_t size = (size_t)form.width * form.height * RGB;
    unsigned char *pixels = malloc(size);
    assert_non_null(pixels);
    uint32_t random = 1;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525 + 1013904223;
        pixels[i] = (unsigned char)(random >> 24);
    }
    form.whole = true;
    struct span file = write_jpeg(pixels, form);
    struct made made = make(file, PICTURE_JPEG);
    assert_int_equal(made.outcome, PICTURE_MADE);
    assert_true(made.view.size <= PICTURE_VIEW_BYTES / 2);
    assert_true(made.thumbnail.size <= PICTURE_THUMBNAIL_BYTES / 2);
    let_go(file);
    free(pixels);
}

static void
what_does_not_fit_is_not_made(void **state)
{
    (void)state;
    unsigned char room[8192];
    struct picture_sides sides;
    struct span file = drawn(plain);
    for (int kind = 0; kind < 2; kind++) {
        struct picture_jpeg view = {.bytes = room, .capacity = kind == 0 ? 600 : 4096};
        struct picture_jpeg thumbnail = {.bytes = room + 4096, .capacity = kind == 0 ? 4096 : 600};
        assert_int_equal(picture_make(file, PICTURE_JPEG, &sides, &view, &thumbnail), PICTURE_NOT_MADE);
    }
    let_go(file);
}

static void
what_is_no_jpeg_is_not_understood(void **state)
{
    (void)state;
    const struct span nothing = {.data = (const unsigned char *)"", .size = 0};
    const struct span text = {.data = (const unsigned char *)"<html>", .size = 6};
    assert_int_equal(make(nothing, PICTURE_JPEG).outcome, PICTURE_DAMAGED);
    assert_int_equal(make(text, PICTURE_JPEG).outcome, PICTURE_NOT_UNDERSTOOD);
    struct span file = drawn(plain);
    frame_sides(file)[-1] = 12; /* bits a sample */
    assert_int_equal(make(file, PICTURE_JPEG).outcome, PICTURE_NOT_UNDERSTOOD);
    let_go(file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_orientation_comes_out_upright),
        cmocka_unit_test(an_orientation_that_does_not_exist_is_upright),
        cmocka_unit_test(exif_that_is_cut_off_is_upright),
        cmocka_unit_test(a_large_picture_is_shrunk_to_2048_and_to_320),
        cmocka_unit_test(a_small_picture_stays_as_large_as_it_is),
        cmocka_unit_test(a_line_of_20000_pixels_is_made_and_a_longer_one_is_not),
        cmocka_unit_test(sides_beyond_what_is_decoded_are_refused_by_the_header),
        cmocka_unit_test(a_picture_without_height_is_damaged),
        cmocka_unit_test(a_progressive_picture_has_at_most_100_scans),
        cmocka_unit_test(progressive_and_whole_sampled_pictures_are_made),
        cmocka_unit_test(grey_is_made_and_stays_grey),
        cmocka_unit_test(ink_of_adobe_is_made),
        cmocka_unit_test(a_file_that_is_cut_off_is_damaged),
        cmocka_unit_test(a_hole_in_the_data_is_damaged),
        cmocka_unit_test(bytes_behind_the_end_are_not_copied),
        cmocka_unit_test(nothing_but_pixels_comes_through),
        cmocka_unit_test(the_profile_says_which_colours_they_are),
        cmocka_unit_test(a_profile_for_other_channels_is_not_used),
        cmocka_unit_test(noise_of_the_largest_size_fits_half_of_the_room),
        cmocka_unit_test(what_does_not_fit_is_not_made),
        cmocka_unit_test(what_is_no_jpeg_is_not_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
