/* lib/base: arena, bounded buffer, JSON writer, clock, identifiers, configuration. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/base/json_out.h"
#include "lib/base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static jmp_buf full;
static int order[4];
static size_t destroyed;

static void
leave(void *context)
{
    (void)context;
    longjmp(full, 1);
}

static void
destroy(void *object)
{
    order[destroyed++] = *(int *)object;
}

static void
arena_memory_is_zeroed_aligned_and_wiped(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1024 * 1024, NULL, NULL);
    unsigned char *first = arena_alloc(arena, 100);
    memset(first, 0xff, 100);
    arena_reset(arena);
    unsigned char *again = arena_alloc(arena, 100);
    assert_ptr_equal(first, again);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(again[i], 0);
    }
    assert_int_equal((uintptr_t)arena_alloc(arena, 1) % 16, 0);
    assert_string_equal(arena_format(arena, "%d-%s", 7, "x"), "7-x");
    assert_null(arena_text(arena, NULL));
    arena_destroy(arena);
}

static size_t
bytes_left_behind(const char *from, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += from[i] != 0;
    }
    return count;
}

static void
arena_formats_what_just_fits_and_leaves_nothing_of_what_does_not(void **state)
{
    (void)state;
    enum { BLOCK = 32 * 1024, REST = 64 };
    for (int size = 0; size < 2 * REST; size++) {
        struct arena *arena = arena_create(1024 * 1024, NULL, NULL);
        char *rest = (char *)arena_alloc(arena, BLOCK - REST) + BLOCK - REST;
        const char *text = arena_format(arena, "%0*d", size, 7);
        size_t length = size == 0 ? 1 : (size_t)size;
        assert_int_equal(strlen(text), length);
        assert_int_equal(text[length - 1], '7');
        assert_int_equal(text == rest, length < REST);
        assert_int_equal(bytes_left_behind(rest, REST), length < REST ? length : 0);
        arena_reset(arena);
        assert_int_equal(bytes_left_behind(rest - (BLOCK - REST), BLOCK), 0);
        arena_destroy(arena);
    }
}

static void
arena_grows_to_its_maximum_and_not_beyond(void **state)
{
    (void)state;
    struct arena *arena = arena_create(256 * 1024, leave, NULL);
    volatile size_t taken = 0;
    if (setjmp(full) == 0) {
        for (;;) {
            (void)arena_alloc(arena, 1000);
            taken = taken + 1000;
        }
    }
    assert_in_range(taken, 100 * 1024, 256 * 1024);
    if (setjmp(full) == 0) {
        (void)arena_array(arena, SIZE_MAX / 2, 4);
        fail();
    }
    arena_destroy(arena);
}

static void
arena_destroys_what_it_owns_newest_first(void **state)
{
    (void)state;
    static int one = 1;
    static int two = 2;
    struct arena *arena = arena_create(1024 * 1024, NULL, NULL);
    destroyed = 0;
    assert_ptr_equal(arena_own(arena, &one, destroy), &one);
    (void)arena_own(arena, &two, destroy);
    assert_null(arena_own(arena, NULL, destroy));
    arena_reset(arena);
    assert_int_equal(destroyed, 2);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 1);
    arena_destroy(arena);
}

static void
buf_stops_at_its_maximum_and_says_so(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    assert_string_equal(buf_string(&buf), "");
    buf_text(&buf, "abc");
    buf_format(&buf, "%d", 12);
    assert_string_equal(buf_string(&buf), "abc12");
    assert_false(buf.failed);
    buf_byte(&buf, 'x');
    assert_true(buf.failed);
    assert_string_equal(buf_string(&buf), "abc12");
    buf_reset(&buf);
    assert_false(buf.failed);
    buf_text(&buf, "toolong");
    assert_true(buf.failed);
    assert_int_equal(buf.size, 0);
    buf_free(&buf);
}

static void
buf_formats_what_just_fits_and_leaves_nothing_of_what_does_not(void **state)
{
    (void)state;
    enum { ROOM = 1024, BEFORE = 1000, MAX = 1040 };
    for (int size = 1; size < 2 * (ROOM - BEFORE); size++) {
        struct buf buf;
        buf_init(&buf, MAX);
        buf_format(&buf, "%0*d", BEFORE, 7);
        const char *rest = buf.data + BEFORE;
        buf_format(&buf, "%0*d", size, 8);
        assert_int_equal(buf.failed, BEFORE + size > MAX);
        assert_int_equal(strlen(buf.data), buf.size);
        assert_int_equal(buf.size, BEFORE + (buf.failed ? 0 : size));
        assert_int_equal(buf.data[buf.size - 1], buf.failed ? '7' : '8');
        if (buf.failed) {
            assert_int_equal(bytes_left_behind(rest, ROOM - BEFORE), 0);
        }
        buf_free(&buf);
    }
}

static void
strings_of_json_are_escaped_wherever_the_byte_is(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        for (size_t at = 0; at < 18; at++) {
            char text[] = "abcdefghijklmnopqr";
            char wanted[64];
            char escape[8];
            struct buf buf;
            struct json_out out;
            text[at] = (char)byte;
            (void)snprintf(escape, sizeof escape,
                           byte == '\n'                  ? "\\n"
                           : byte == '"' || byte == '\\' ? "\\%c"
                           : byte < 0x20                 ? "\\u%04x"
                                                         : "%c",
                           byte);
            (void)snprintf(wanted, sizeof wanted, "\"%.*s%s%s\"", (int)at, text, escape, text + at + 1);
            buf_init(&buf, 4096);
            json_start(&out, &buf);
            json_value_text(&out, text);
            assert_string_equal(buf_string(&buf), wanted);
            buf_free(&buf);
        }
    }
}

static void
json_is_written_with_commas_and_escapes(void **state)
{
    (void)state;
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 4096);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_text(&out, "a\"b", "line\n\t\\ \x01 \xc3\xa9");
    json_text(&out, "none", NULL);
    json_int(&out, "n", INT64_MIN);
    json_flag(&out, "t", true);
    json_array_key(&out, "list");
    json_value_int(&out, 1);
    json_value_text(&out, "x");
    json_begin_object(&out);
    json_end_object(&out);
    json_end_array(&out);
    json_object_key(&out, "o");
    json_time(&out, "at", INT64_C(1700000000123456));
    json_end_object(&out);
    json_raw(&out, "raw", "[1]");
    json_end_object(&out);
    assert_string_equal(
        buf_string(&buf),
        "{\"a\\\"b\":\"line\\n\\u0009\\\\ \\u0001 \xc3\xa9\",\"none\":null,\"n\":-9223372036854775808,"
        "\"t\":true,\"list\":[1,\"x\",{}],\"o\":{\"at\":\"2023-11-14T22:13:20.123Z\"},\"raw\":[1]}");
    buf_free(&buf);
}

static void
times_are_read_as_rfc_3339_has_them(void **state)
{
    (void)state;
    static const char *const good[] = {"1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00",
                                       "1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00",
                                       "2000-02-29t00:00:00z"};
    static const char *const bad[] = {"1985-04-12",
                                      "1985-04-12 23:20:50Z",
                                      "1985-02-30T00:00:00Z",
                                      "1900-02-29T00:00:00Z",
                                      "1985-04-12T24:00:00Z",
                                      "1985-04-12T23:60:00Z",
                                      "1985-04-12T23:20:60Z",
                                      "1985-04-12T23:20:50",
                                      "1985-04-12T23:20:50.Z",
                                      "1985-04-12T23:20:50+1:00",
                                      "1985-04-12T23:20:50Zx",
                                      ""};
    int64_t when = 0;
    char text[CLOCK_TEXT_SIZE];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(clock_parse(good[i], &when));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(clock_parse(bad[i], &when));
    }
    assert_true(clock_parse("1996-12-19T16:39:57.001-0800", &when)); /* ISO 8601, without a colon */
    assert_int_equal(when, INT64_C(851042397001000));
    assert_true(clock_parse("1996-12-19T16:39:57.001-08:00", &when));
    assert_string_equal(clock_text(when, text), "1996-12-20T00:39:57.001Z");
    assert_string_equal(clock_text(-1, text), "1969-12-31T23:59:59.999Z");
    assert_true(clock_monotonic() <= clock_monotonic());
}

static void
identifiers_sort_by_time_and_are_read_strictly(void **state)
{
    (void)state;
    char one[UUID_TEXT_SIZE];
    char two[UUID_TEXT_SIZE];
    unsigned char bytes[UUID_SIZE];
    (void)uuid_new(one);
    (void)usleep(2000);
    (void)uuid_new(two);
    assert_true(strcmp(one, two) < 0);
    assert_int_equal(one[14], '7');
    assert_non_null(strchr("89ab", one[19]));
    assert_true(uuid_parse("0190D3A0-7c1e-7cc3-98c4-dc0c0c07398f", bytes));
    assert_string_equal(uuid_text(bytes, one), "0190d3a0-7c1e-7cc3-98c4-dc0c0c07398f");
    static const char *const bad[] = {
        "", "0190d3a07c1e7cc398c4dc0c0c07398f", "0190d3a0-7c1e-7cc3-98c4-dc0c0c07398",
        "0190d3a0-7c1e-7cc3-98c4-dc0c0c07398fa", "0190d3a0-7c1e-7cc3-98c4-dc0c0c07398g"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(uuid_parse(bad[i], bytes));
    }
    assert_false(uuid_parse(NULL, bytes));
}

static void
configuration_has_ranges_and_file_twins(void **state)
{
    (void)state;
    struct config config;
    char said[512] = "";
    FILE *errors = fmemopen(said, sizeof said, "w");
    char path[] = "/tmp/anamnesis-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, "from a file\n", 12), 12);
    (void)close(descriptor);
    (void)setenv("ANAMNESIS_MAIL_FROM_FILE", path, 1);
    (void)setenv("ANAMNESIS_WORKERS_API", "7", 1);
    assert_true(config_load(&config, errors));
    assert_string_equal(config_text(&config, CONFIG_MAIL_FROM), "from a file");
    assert_string_equal(config_file(&config, CONFIG_MAIL_FROM), path);
    assert_int_equal(config_number(&config, CONFIG_WORKERS_API), 7);
    assert_int_equal(config_number(&config, CONFIG_WORKERS_AUTH), 0);
    config_free(&config);
    (void)setenv("ANAMNESIS_MAIL_FROM", "both", 1);
    (void)setenv("ANAMNESIS_WORKERS_API", "7x", 1);
    (void)setenv("ANAMNESIS_AUDIT_READS", "Relaxed", 1);
    assert_false(config_load(&config, errors));
    config_free(&config);
    (void)fclose(errors);
    assert_non_null(strstr(said, "ANAMNESIS_MAIL_FROM and ANAMNESIS_MAIL_FROM_FILE are both set"));
    assert_non_null(strstr(said, "ANAMNESIS_WORKERS_API must be a whole number from 0 to 256"));
    assert_non_null(strstr(said, "ANAMNESIS_AUDIT_READS must be durable or relaxed\n"));
    (void)unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_memory_is_zeroed_aligned_and_wiped),
        cmocka_unit_test(arena_formats_what_just_fits_and_leaves_nothing_of_what_does_not),
        cmocka_unit_test(arena_grows_to_its_maximum_and_not_beyond),
        cmocka_unit_test(arena_destroys_what_it_owns_newest_first),
        cmocka_unit_test(buf_stops_at_its_maximum_and_says_so),
        cmocka_unit_test(buf_formats_what_just_fits_and_leaves_nothing_of_what_does_not),
        cmocka_unit_test(strings_of_json_are_escaped_wherever_the_byte_is),
        cmocka_unit_test(json_is_written_with_commas_and_escapes),
        cmocka_unit_test(times_are_read_as_rfc_3339_has_them),
        cmocka_unit_test(identifiers_sort_by_time_and_are_read_strictly),
        cmocka_unit_test(configuration_has_ranges_and_file_twins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
