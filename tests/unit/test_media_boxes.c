/* MP4, MOV and M4A: what they are, and what is left in them of people and places. */
#include "tests/unit/media_fixture.h"

#include "lib/media/boxes.h"

#include <stdlib.h>
#include <string.h>

static const char MP4[] = "video/mp4";
static const char MOV[] = "video/quicktime";
static const char M4A[] = "audio/mp4";

static const struct media_film_parts PHONE = {.brand = "qt  ", .pictures = 1, .sounds = 1, .positions = 2};

static enum media_verdict
cleaned(struct buf *file, struct media_film *film)
{
    unsigned char *exact = malloc(file->size == 0 ? 1 : file->size);
    assert_non_null(exact);
    memcpy(exact, file->data, file->size);
    enum media_verdict verdict = media_boxes_clean(exact, file->size, film);
    if (verdict != MEDIA_FINE) {
        assert_memory_equal(exact, file->data, file->size);
    }
    memcpy(file->data, exact, file->size);
    free(exact);
    return verdict;
}

static size_t
count_of(const struct buf *file, const char *bytes, size_t size)
{
    size_t count = 0;
    for (size_t at = 0; at + size <= file->size; at++) {
        count += memcmp(file->data + at, bytes, size) == 0;
    }
    return count;
}

static void
nothing_of_people_and_places_is_left(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 32; way++) {
        struct media_film_parts parts = {.brand = way & 1 ? "qt  " : "mp42",
                                         .pictures = way >> 1 & 1,
                                         .sounds = 1,
                                         .positions = way & 16 ? 0 : way >> 2 & 1,
                                         .wide = (way & 8) != 0,
                                         .fragments = (way & 16) != 0};
        struct media_film film;
        struct buf file = media_film(parts);
        size_t size = file.size;
        size_t streams = count_of(&file, MEDIA_STREAM, strlen(MEDIA_STREAM));
        assert_int_equal(cleaned(&file, &film), MEDIA_FINE);
        assert_int_equal(file.size, size);
        assert_int_equal(count_of(&file, MEDIA_POSITION, strlen(MEDIA_POSITION)), 0);
        assert_int_equal(count_of(&file, "Ada", 3), 0);
        assert_int_equal(count_of(&file, "\xde\xad\xbe\xef", 4), 0);
        assert_int_equal(count_of(&file, "appl", 4), 0);
        assert_int_equal(count_of(&file, "udta", 4) + count_of(&file, "meta", 4) + count_of(&file, "uuid", 4),
                         0);
        assert_int_equal(count_of(&file, MEDIA_STREAM, strlen(MEDIA_STREAM)), streams);
        assert_int_equal(count_of(&file, "decoder", 7), parts.pictures + parts.sounds);
        assert_int_equal(film.pictures, parts.pictures);
        assert_int_equal(film.sounds, 1);
        assert_int_equal(film.others, parts.positions);
        assert_int_equal(film.seconds, 2);
        /* It is what it was, and clean. */
        struct buf again = media_file();
        buf_add(&again, file.data, file.size);
        assert_int_equal(cleaned(&again, &film), MEDIA_FINE);
        assert_memory_equal(again.data, file.data, size);
        buf_free(&again);
        media_expect("cleaned", file,
                     way & 1          ? (parts.pictures ? MOV : MOV)
                     : parts.pictures ? MP4
                                      : M4A,
                     (way & 1) && !parts.pictures ? MEDIA_WRONG_TYPE : MEDIA_FINE);
    }
}

static void
a_film_tells_its_size_and_length(void **state)
{
    (void)state;
    struct media_film film;
    struct buf file = media_film(PHONE);
    assert_int_equal(media_boxes_look((struct span){(unsigned char *)file.data, file.size}, &film),
                     MEDIA_FINE);
    assert_int_equal(film.size.width, 640);
    assert_int_equal(film.size.height, 480);
    assert_int_equal(film.seconds, 2); /* 900 of 600 a second */
    /* Held upright: a and d of the matrix are 0. */
    char *head = memmem(file.data, file.size, "tkhd", 4);
    head[4 + 40] = head[4 + 56] = 0;
    assert_int_equal(media_boxes_look((struct span){(unsigned char *)file.data, file.size}, &film),
                     MEDIA_FINE);
    assert_int_equal(film.size.width, 480);
    assert_int_equal(film.size.height, 640);
    buf_free(&file);
}

/* The phone's film with some bytes in place of others, the n-th time that they are met. */
static struct buf
changed(const char *from, const char *to, size_t size, int time)
{
    struct buf file = media_film(PHONE);
    char *at = file.data;
    for (int i = 0; i <= time; i++) {
        at = memmem(at + (i > 0), file.size - (size_t)(at + (i > 0) - file.data), from, size);
        assert_non_null(at);
    }
    memcpy(at, to, size);
    return file;
}

static void
expect(const char *what, struct buf file, enum media_verdict wanted)
{
    struct media_film film;
    enum media_verdict verdict = cleaned(&file, &film);
    if (verdict != wanted) {
        fail_msg("%s: %s", what, verdict == MEDIA_FINE ? "fine" : media_verdict_name(verdict));
    }
    buf_free(&file);
}

static void
what_is_not_read_here_is_refused(void **state)
{
    (void)state;
    expect("as it is", changed("moov", "moov", 4, 0), MEDIA_FINE);
    expect("no header", changed("moov", "free", 4, 0), MEDIA_DAMAGED);
    expect("a compressed header", changed("udta", "cmov", 4, 2), MEDIA_NOT_UNDERSTOOD);
    expect("a list of other films", changed("udta", "rmra", 4, 2), MEDIA_NOT_UNDERSTOOD);
    expect("protection", changed("udta", "pssh", 4, 2), MEDIA_ENCRYPTED);
    expect("protected pictures", changed("avc1", "encv", 4, 0), MEDIA_ENCRYPTED);
    expect("protected sound", changed("mp4a", "enca", 4, 0), MEDIA_ENCRYPTED);
    expect("a protected entry", changed("avcC", "sinf", 4, 0), MEDIA_ENCRYPTED);
    expect("data in another file", changed("alis\0\0\0\1", "url \0\0\0\0", 8, 0), MEDIA_ACTIVE_CONTENT);
    expect("no track's header", changed("tkhd", "free", 4, 0), MEDIA_DAMAGED);
    expect("no handler", changed("hdlr", "free", 4, 0), MEDIA_DAMAGED);
    expect("no places of samples that go", changed("stco", "free", 4, 2), MEDIA_DAMAGED);
    expect("no sizes of samples that go", changed("stsz", "free", 4, 3), MEDIA_DAMAGED);
    expect("of version 2", changed("mvhd\0", "mvhd\2", 5, 0), MEDIA_DAMAGED);
    expect("a box of seven bytes",
           changed("\0\0\0\x23"
                   "uuid",
                   "\0\0\0\x07uuid", 8, 0),
           MEDIA_DAMAGED);
}

static void
boxes_fill_what_they_stand_in(void **state)
{
    (void)state;
    enum { LAST_BOX = 8 + 16 + sizeof MEDIA_PERSON - 1 };
    struct buf file = media_film(PHONE);
    for (size_t size = 0; size < file.size; size++) {
        struct media_film film;
        struct buf cut = media_file();
        buf_add(&cut, file.data, size);
        /* The last box is a whole one: without it the film is as good. */
        assert_int_equal(cleaned(&cut, &film) == MEDIA_FINE, size == file.size - LAST_BOX);
        buf_free(&cut);
    }
    buf_free(&file);
    static const char sizes[][9] = {"\0\0\0\0", "\0\0\0\1", "\0\0\0\x07", "\xff\xff\xff\xff",
                                    "\x7f\xff\xff\xff"};
    static const char *const codes[] = {"moov", "trak", "mdia", "minf", "stbl", "stsd", "dref", "tref"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            file = media_film(PHONE);
            char *at = memmem(file.data, file.size, codes[i], 4);
            memcpy(at - 4, sizes[s], 4);
            /* A size of 0 is, of a box that is in no other, to the end of the file. */
            expect(codes[i], file, i == 0 && s == 0 ? MEDIA_FINE : MEDIA_DAMAGED);
        }
    }
}

/* A film in which boxes are as deep, or as many, as one likes. */
static void
depth_and_number_are_limited(void **state)
{
    (void)state;
    struct buf file = media_film(PHONE);
    for (int i = 0; i < 20000; i++) {
        size_t at = media_box_begin(&file, "moof");
        media_box_end(&file, at);
    }
    expect("fragments beside tracks that go", file, MEDIA_NOT_UNDERSTOOD);
    file.max = file.size = 0;
    buf_init(&file, 8 * MEDIA_BOXES_MAX + MEDIA_FIXTURE_MAX);
    struct buf film = media_film(PHONE);
    buf_add(&file, film.data, film.size);
    for (int i = 0; i < MEDIA_BOXES_MAX; i++) {
        media_add(&file, "\0\0\0\x08"
                         "free");
    }
    expect("too many boxes", file, MEDIA_TOO_DEEP);
    buf_free(&film);
    expect("64 tracks", media_film((struct media_film_parts){.brand = "isom", .sounds = MEDIA_TRACKS_MAX}),
           MEDIA_FINE);
    expect("65 tracks",
           media_film((struct media_film_parts){.brand = "isom", .sounds = MEDIA_TRACKS_MAX + 1}),
           MEDIA_TOO_DEEP);
    /* What is nested where nothing is looked for goes as one. */
    file = media_film(PHONE);
    size_t deep[100];
    for (size_t i = 0; i < 100; i++) {
        deep[i] = media_box_begin(&file, "udta");
    }
    for (size_t i = 100; i > 0; i--) {
        media_box_end(&file, deep[i - 1]);
    }
    expect("a hundred deep", file, MEDIA_FINE);
}

/* A table of a track that goes points at headers, over the end, and at everything many times. */
static void
tables_of_what_goes_reach_nothing_else(void **state)
{
    (void)state;
    static const char *const places[] = {"\0\0\0\0", "\0\0\0\x01", "\xff\xff\xff\xff", "\x7f\xff\xff\xff"};
    for (size_t i = 0; i < 4; i++) {
        for (size_t s = 0; s < 4; s++) {
            struct media_film film;
            struct buf file = media_film(PHONE);
            char *head = memmem(file.data, file.size, "gpmd", 4);
            size_t rest = file.size - (size_t)(head - file.data);
            memcpy((char *)memmem(head, rest, "stco", 4) + 12, places[i], 4);
            memcpy((char *)memmem(head, rest, "stsz", 4) + 8, places[s], 4); /* each of one size */
            memcpy((char *)memmem(head, rest, "stsz", 4) + 12, "\xff\xff\xff\xff", 4);
            memcpy((char *)memmem(head, rest, "stsc", 4) + 16, "\xff\xff\xff\xff", 4);
            enum media_verdict verdict = cleaned(&file, &film);
            assert_true(verdict == MEDIA_FINE || verdict == MEDIA_DAMAGED);
            if (verdict == MEDIA_FINE) {
                assert_int_equal(cleaned(&file, &film), MEDIA_FINE);
                assert_non_null(memmem(file.data, file.size, "moov", 4));
            }
            buf_free(&file);
        }
    }
}

/* Each of a million chunks would be held against each mdat. */
static void
a_film_with_positions_has_few_places_for_data(void **state)
{
    (void)state;
    for (int more = 7; more <= 8; more++) {
        struct buf file = media_film(PHONE);
        for (int i = 0; i < more; i++) {
            media_add(&file, "\0\0\0\x08"
                             "mdat");
        }
        expect("more places for data", file, more == 7 ? MEDIA_FINE : MEDIA_DAMAGED);
    }
}

static void
references_to_tracks_that_go_go(void **state)
{
    (void)state;
    struct media_film film;
    struct buf file = media_film(PHONE);
    assert_int_equal(cleaned(&file, &film), MEDIA_FINE);
    assert_int_equal(count_of(&file, "cdsc\0\0\0\1", 8), 2); /* of both that stay, to the first */
    assert_int_equal(count_of(&file, "tmcd", 4), 0);
    buf_free(&file);
}

static void
films_and_sounds_are_told_apart_by_their_tracks(void **state)
{
    (void)state;
    static const char *const general[] = {"isom", "iso5", "mp41", "mp42", "avc1", "M4V ", "3gp4"};
    for (size_t i = 0; i < sizeof general / sizeof general[0]; i++) {
        struct media_film_parts parts = {.brand = general[i], .pictures = 1, .sounds = 1};
        media_expect(general[i], media_film(parts), MP4, MEDIA_FINE);
        media_expect(general[i], media_film(parts), M4A, MEDIA_WRONG_TYPE);
        media_expect(general[i], media_film(parts), MOV, MEDIA_WRONG_TYPE);
        parts.pictures = 0;
        media_expect(general[i], media_film(parts), M4A, MEDIA_FINE);
        media_expect(general[i], media_film(parts), MP4, MEDIA_WRONG_TYPE);
        parts.sounds = 0;
        parts.positions = 1;
        media_expect("positions alone", media_film(parts), MP4, MEDIA_NOT_UNDERSTOOD);
    }
    media_expect("pictures in a sound", media_film((struct media_film_parts){.brand = "M4A ", .pictures = 1}),
                 M4A, MEDIA_WRONG_TYPE);
    media_expect("another brand", media_film((struct media_film_parts){.brand = "avif", .pictures = 1}), MP4,
                 MEDIA_WRONG_TYPE);
    media_expect("a page in it", changed(MEDIA_STREAM, "<script>alert(1)</scrip", 23, 0), MOV,
                 MEDIA_WRONG_TYPE);
}

/* Whatever is done to a film: when it is fine it comes out clean, of its size, and fine. */
static void
what_is_spoilt_is_refused_or_cleaned(void **state)
{
    (void)state;
    struct buf plain = media_film(PHONE);
    unsigned seed = 20261130;
    for (int n = 0; n < 20000; n++) {
        struct media_film film;
        struct buf file = media_file();
        buf_add(&file, plain.data, plain.size);
        for (int i = rand_r(&seed) % 3; i >= 0; i--) {
            file.data[(size_t)rand_r(&seed) % file.size] = (char)rand_r(&seed);
        }
        if (cleaned(&file, &film) == MEDIA_FINE) {
            struct buf again = media_file();
            buf_add(&again, file.data, file.size);
            assert_int_equal(cleaned(&again, &film), MEDIA_FINE);
            assert_memory_equal(again.data, file.data, file.size);
            buf_free(&again);
        }
        buf_free(&file);
    }
    buf_free(&plain);
    media_spoil(media_any(MEDIA_MP4), MP4);
    media_spoil(media_any(MEDIA_MOV), MOV);
    media_spoil(media_any(MEDIA_M4A), M4A);
}

/* A ZIP's last record, written over each place: what is cleared around it must not make an archive of a fine film. */
static void
no_film_is_an_archive_once_it_is_cleaned(void **state)
{
    (void)state;
    static const struct media_film_parts films[] = {
        {.brand = "mp42", .pictures = 1, .sounds = 1},
        {.brand = "mp42", .sounds = 1},
        {.brand = "mp42", .pictures = 1, .sounds = 1, .positions = 1},
    };
    size_t refused = 0;
    size_t fine = 0;
    for (size_t i = 0; i < sizeof films / sizeof films[0]; i++) {
        size_t size = 0;
        for (size_t at = 0; at == 0 || at + 4 <= size; at++) {
            struct media_film film;
            struct media_found found;
            struct buf file = media_film(films[i]);
            size = file.size;
            memcpy(file.data + at, "PK\5\6", 4);
            enum media_verdict verdict = cleaned(&file, &film);
            refused += verdict == MEDIA_WRONG_TYPE;
            fine += verdict == MEDIA_FINE;
            if (verdict == MEDIA_FINE) {
                const char *type = film.pictures > 0 ? MP4 : M4A;
                assert_int_equal(media_type_judge((struct span){(const unsigned char *)file.data, file.size},
                                                  type, &found),
                                 MEDIA_FINE);
            }
            buf_free(&file);
        }
    }
    assert_true(refused > 0 && fine > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_people_and_places_is_left),
        cmocka_unit_test(a_film_tells_its_size_and_length),
        cmocka_unit_test(what_is_not_read_here_is_refused),
        cmocka_unit_test(boxes_fill_what_they_stand_in),
        cmocka_unit_test(depth_and_number_are_limited),
        cmocka_unit_test(tables_of_what_goes_reach_nothing_else),
        cmocka_unit_test(a_film_with_positions_has_few_places_for_data),
        cmocka_unit_test(references_to_tracks_that_go_go),
        cmocka_unit_test(films_and_sounds_are_told_apart_by_their_tracks),
        cmocka_unit_test(what_is_spoilt_is_refused_or_cleaned),
        cmocka_unit_test(no_film_is_an_archive_once_it_is_cleaned),
    };
    return cmocka_run_group_tests_name("media: boxes", tests, NULL, NULL);
}
