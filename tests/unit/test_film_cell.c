/* scan/film_cell: what is made of films and sounds, as a result that others may see. */
#include "tests/unit/media_fixture.h"

/* The programs' own files are in no library. */
#include "scan/film_cell.c"

#include <string.h>
#include <sys/stat.h>

/* A task on these bytes, with room for so many. */
struct looked {
    bool answered;
    struct wire_reply reply;
    unsigned char result[MEDIA_FIXTURE_MAX];
    size_t result_size;
};

static void
look_at(struct looked *looked, const void *bytes, size_t size, uint64_t room)
{
    struct wire_request request = {
        .what = WIRE_REMAKE, .size = size, .result_max = room, .type = "video/mp4"};
    int file = memfd_create("file", MFD_CLOEXEC);
    int result = room == 0 ? -1 : memfd_create("result", MFD_CLOEXEC);
    struct cell_task task = {.request = &request, .file = file, .result = result, .directory = "/nowhere"};
    assert_int_equal(write(file, bytes, size), size);
    *looked = (struct looked){.answered = false};
    looked->answered = film_look(&task, &looked->reply);
    if (result >= 0) {
        struct stat found;
        assert_int_equal(fstat(result, &found), 0);
        looked->result_size = (size_t)found.st_size;
        assert_int_equal(pread(result, looked->result, looked->result_size, 0), found.st_size);
        (void)close(result);
    }
    (void)close(file);
}

static void
a_film_comes_out_of_the_same_size_with_its_streams_and_without_the_person(void **state)
{
    (void)state;
    static struct looked looked;
    struct buf film =
        media_film((struct media_film_parts){.brand = "isom", .pictures = 1, .sounds = 1, .positions = 1});
    assert_non_null(memmem(film.data, film.size, MEDIA_PERSON, strlen(MEDIA_PERSON)));
    look_at(&looked, film.data, film.size, film.size);
    assert_true(looked.answered);
    assert_int_equal(looked.reply.verdict, WIRE_CLEAN);
    assert_int_equal(looked.reply.width, 640);
    assert_int_equal(looked.reply.height, 480);
    assert_int_equal(looked.reply.seconds, 2); /* 900 of 600 a second, rounded up */
    assert_int_equal(looked.reply.part_count, 1);
    assert_int_equal(looked.reply.parts[0].kind, WIRE_VIEW);
    assert_int_equal(looked.reply.parts[0].size, film.size);
    assert_int_equal(looked.reply.result_size, film.size);
    assert_int_equal(looked.result_size, film.size);
    assert_null(memmem(looked.result, looked.result_size, MEDIA_PERSON, strlen(MEDIA_PERSON)));
    assert_null(memmem(looked.result, looked.result_size, MEDIA_POSITION, strlen(MEDIA_POSITION)));
    assert_non_null(
        memmem(looked.result, looked.result_size, MEDIA_STREAM MEDIA_STREAM, 2 * strlen(MEDIA_STREAM)));
    buf_free(&film);
}

static void
a_sound_has_no_sides(void **state)
{
    (void)state;
    static struct looked looked;
    struct buf sound = media_film((struct media_film_parts){.brand = "M4A ", .sounds = 1});
    look_at(&looked, sound.data, sound.size, sound.size);
    assert_true(looked.answered);
    assert_int_equal(looked.reply.verdict, WIRE_CLEAN);
    assert_int_equal(looked.reply.width, 0);
    assert_int_equal(looked.reply.height, 0);
    assert_int_equal(looked.reply.seconds, 2);
    buf_free(&sound);
}

static void
what_is_refused_leaves_no_byte_in_the_result(void **state)
{
    (void)state;
    static struct looked looked;
    struct buf film = media_film((struct media_film_parts){.brand = "isom", .pictures = 1});
    const size_t sizes[] = {film.size / 4, film.size / 2, film.size - 1, 0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        look_at(&looked, film.data, sizes[i], film.size);
        assert_true(looked.answered);
        assert_int_equal(looked.reply.verdict, WIRE_REJECTED);
        assert_int_equal(looked.reply.reason, WIRE_DAMAGED);
        assert_int_equal(looked.reply.result_size, 0);
        assert_int_equal(looked.result_size, 0);
    }
    buf_free(&film);
}

static void
without_room_there_is_no_answer(void **state)
{
    (void)state;
    static struct looked looked;
    struct buf film = media_film((struct media_film_parts){.brand = "isom", .pictures = 1});
    look_at(&looked, film.data, film.size, film.size - 1);
    assert_false(looked.answered);
    look_at(&looked, film.data, film.size, 0);
    assert_false(looked.answered);
    buf_free(&film);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_film_comes_out_of_the_same_size_with_its_streams_and_without_the_person),
        cmocka_unit_test(a_sound_has_no_sides),
        cmocka_unit_test(what_is_refused_leaves_no_byte_in_the_result),
        cmocka_unit_test(without_room_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
