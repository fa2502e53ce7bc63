#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/buf.h"
#include "lib/base/json_read.h"
#include "lib/base/json_scan.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 64, ARENA_MAX = 64 * 1024 * 1024 };

static enum json_fault_code
scan(const void *text, size_t size, struct json_fault *fault)
{
    /* A copy of its exact size: a sanitizer sees a read behind the end. */
    unsigned char *copy = malloc(size + (size == 0));
    struct json_member scratch[MEMBERS];
    if (size != 0) {
        memcpy(copy, text, size);
    }
    bool fine = json_scan((struct span){copy, size}, scratch, MEMBERS, fault);
    free(copy);
    assert_int_equal(fine, fault->code == JSON_FINE);
    return fault->code;
}

struct sample {
    const char *text;
    enum json_fault_code code;
    size_t offset;
};

static void
check_samples(const struct sample *samples, size_t count)
{
    struct json_fault fault;
    for (size_t i = 0; i < count; i++) {
        enum json_fault_code code = scan(samples[i].text, strlen(samples[i].text), &fault);
        if (code != samples[i].code || (code != JSON_FINE && fault.offset != samples[i].offset)) {
            fail_msg("%s: %s at %zu, wanted %s at %zu", samples[i].text, json_fault_name(code), fault.offset,
                     json_fault_name(samples[i].code), samples[i].offset);
        }
    }
}
#define CHECK(samples_) check_samples(samples_, sizeof(samples_) / sizeof(samples_)[0])

static void
what_rfc_8259_allows_is_accepted(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "-1.5E+3",
                                        "\"\"",
                                        " [ ] ",
                                        "{}",
                                        "\t\r\n null \n",
                                        "true",
                                        "false",
                                        "[1,2,[3,{\"a\":[]}]]",
                                        "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":2}}",
                                        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
                                        "\"\\ud83d\\ude00\"",
                                        "\"\x7f\"",
                                        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "1.7976931348623157e308",
                                        "1e-400",
                                        "[\"\xef\xbf\xbf\"]"};
    struct json_fault fault;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (scan(texts[i], strlen(texts[i]), &fault) != JSON_FINE) {
            fail_msg("%s: %s at %zu", texts[i], json_fault_text(fault.code), fault.offset);
        }
    }
}

static void
grammar_faults_are_found_where_they_are(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"", JSON_EMPTY, 0},
        {" \n", JSON_EMPTY, 2},
        {"[1,]", JSON_SYNTAX, 3},
        {"{,}", JSON_SYNTAX, 1},
        {"{\"a\":1,}", JSON_SYNTAX, 7},
        {"{\"a\" 1}", JSON_SYNTAX, 5},
        {"{a:1}", JSON_SYNTAX, 1},
        {"{'a':1}", JSON_SYNTAX, 1},
        {"[1 2]", JSON_SYNTAX, 3},
        {"[1}", JSON_SYNTAX, 2},
        {"{\"a\":1]", JSON_SYNTAX, 6},
        {"nul", JSON_CUT_SHORT, 3},
        {"nulL", JSON_SYNTAX, 3},
        {"NaN", JSON_SYNTAX, 0},
        {"Infinity", JSON_SYNTAX, 0},
        {"-Infinity", JSON_BAD_NUMBER, 1},
        {"/* no */ 1", JSON_SYNTAX, 0},
        {"[", JSON_CUT_SHORT, 1},
        {"{\"a\"", JSON_CUT_SHORT, 4},
        {"{\"a\":", JSON_CUT_SHORT, 5},
        {"\"abc", JSON_CUT_SHORT, 4},
        {"\"abc\\", JSON_CUT_SHORT, 5},
        {"1 2", JSON_TRAILING_BYTES, 2},
        {"{}x", JSON_TRAILING_BYTES, 2},
        {"\xef\xbb\xbf{}", JSON_BYTE_ORDER_MARK, 0},
        {"01", JSON_BAD_NUMBER, 0},
        {"-", JSON_CUT_SHORT, 1},
        {"+1", JSON_SYNTAX, 0},
        {".5", JSON_SYNTAX, 0},
        {"[1.]", JSON_BAD_NUMBER, 3},
        {"[1e]", JSON_BAD_NUMBER, 3},
        {"1e+", JSON_CUT_SHORT, 3},
        {"0x10", JSON_TRAILING_BYTES, 1},
    };
    CHECK(samples);
}

static void
text_that_i_json_forbids_is_refused(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"\"a\\u0000b\"", JSON_NUL_CHARACTER, 2},
        {"\"\\ud800\"", JSON_LONE_SURROGATE, 1},
        {"\"\\udc00\"", JSON_LONE_SURROGATE, 1},
        {"\"\\ud83d\\u0041\"", JSON_LONE_SURROGATE, 1},
        {"\"\\ud83dx\"", JSON_LONE_SURROGATE, 1},
        {"\"\\x41\"", JSON_BAD_ESCAPE, 1},
        {"\"\\u12g4\"", JSON_BAD_ESCAPE, 1},
        {"\"\\u12\"", JSON_BAD_ESCAPE, 1},
        {"\"a\nb\"", JSON_CONTROL_CHARACTER, 2},
        {"\"a\tb\"", JSON_CONTROL_CHARACTER, 2},
        {"\"\x80\"", JSON_BAD_UTF8, 1},         /* a continuation alone */
        {"\"\xc3\"", JSON_BAD_UTF8, 1},         /* cut */
        {"\"\xc0\xaf\"", JSON_BAD_UTF8, 1},     /* longer than needed */
        {"\"\xe0\x80\xaf\"", JSON_BAD_UTF8, 1}, /* longer than needed */
        {"\"\xed\xa0\x80\"", JSON_BAD_UTF8, 1}, /* a surrogate */
        {"\"\xf4\x90\x80\x80\"", JSON_BAD_UTF8, 1},
        {"\"\xff\"", JSON_BAD_UTF8, 1},
        {"9223372036854775808", JSON_NUMBER_TOO_LARGE, 0},
        {"[-9223372036854775809]", JSON_NUMBER_TOO_LARGE, 1},
        {"12345678901234567890", JSON_NUMBER_TOO_LARGE, 0},
        {"1e309", JSON_NUMBER_TOO_LARGE, 0},
        {"-1.8e308", JSON_NUMBER_TOO_LARGE, 0},
    };
    struct json_fault fault;
    CHECK(samples);
    assert_int_equal(scan("\"a\0b\"", 5, &fault), JSON_NUL_CHARACTER);
    assert_int_equal(scan("1\0", 2, &fault), JSON_TRAILING_BYTES);
}

static void
members_are_compared_after_unescaping(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"{\"a\":1,\"a\":2}", JSON_DUPLICATE_MEMBER, 7},
        {"{\"a\":1,\"\\u0061\":2}", JSON_DUPLICATE_MEMBER, 7},
        {"{\"\\u00e9\":1,\"\xc3\xa9\":2}", JSON_DUPLICATE_MEMBER, 12},
        {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", JSON_DUPLICATE_MEMBER, 18},
        {"{\"\":1,\"b\":{\"\":2},\"\":3}", JSON_DUPLICATE_MEMBER, 17},
        {"{\"x\":{\"a\":1,\"b\":{\"c\":1,\"c\":2}}}", JSON_DUPLICATE_MEMBER, 23},
        {"{\"a\":1,\"A\":2,\"a \":3,\"\\na\":4}", JSON_FINE, 0},
        {"[{\"a\":1},{\"a\":1}]", JSON_FINE, 0},
        {"{\"a\":{\"b\":1},\"b\":{\"a\":1}}", JSON_FINE, 0},
    };
    CHECK(samples);
}

static void
depth_32_is_the_deepest(void **state)
{
    (void)state;
    char text[2 * (JSON_DEPTH_MAX + 1)];
    struct json_fault fault;
    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        enum json_fault_code code = scan(text, 2 * depth, &fault);
        assert_int_equal(code, depth <= JSON_DEPTH_MAX ? JSON_FINE : JSON_TOO_DEEP);
    }
    assert_int_equal(fault.offset, JSON_DEPTH_MAX);
}

static void
another_depth_can_be_asked_for_up_to_128(void **state)
{
    (void)state;
    char text[2 * (JSON_DEEP_MAX + 1)];
    struct json_fault fault;
    static const unsigned depths[] = {1, JSON_DEPTH_MAX + 1, JSON_DEEP_MAX};
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        for (size_t depth = depths[i]; depth <= depths[i] + 1; depth++) {
            memset(text, '[', depth);
            memset(text + depth, ']', depth);
            struct span span = {(const unsigned char *)text, 2 * depth};
            assert_int_equal(json_scan_deep(span, depths[i], NULL, 0, &fault), depth == depths[i]);
        }
    }
    memset(text, '[', sizeof text / 2);
    memset(text + sizeof text / 2, ']', sizeof text / 2);
    assert_false(
        json_scan_deep((struct span){(const unsigned char *)text, sizeof text}, UINT_MAX, NULL, 0, &fault));
}

static void
the_line_and_column_of_a_fault_are_told(void **state)
{
    (void)state;
    struct json_fault fault;
    static const char text[] = "{\n  \"a\": 1,\n  \"b\": tru\n}";
    assert_int_equal(scan(text, sizeof text - 1, &fault), JSON_SYNTAX);
    assert_int_equal(fault.line, 3);
    assert_int_equal(fault.column, 11);
}

static void
every_cut_of_a_document_is_refused_without_reading_further(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1.5e3,\"\\ud83d\\ude00\xc3\xa9\",true,null],\"\\u0062\":{\"c\":-7}}";
    struct json_fault fault;
    for (size_t size = 0; size < sizeof text - 1; size++) {
        assert_int_not_equal(scan(text, size, &fault), JSON_FINE);
    }
    assert_int_equal(scan(text, sizeof text - 1, &fault), JSON_FINE);
}

static void
many_members_are_bounded_by_the_scratch(void **state)
{
    (void)state;
    char text[MEMBERS * 16];
    struct json_fault fault;
    for (int count = MEMBERS; count <= MEMBERS + 1; count++) {
        size_t size = 0;
        for (int i = 0; i < count; i++) {
            size += (size_t)snprintf(text + size, sizeof text - size, "%c\"m%d\":0", i == 0 ? '{' : ',', i);
        }
        text[size++] = '}';
        assert_int_equal(scan(text, size, &fault), count <= MEMBERS ? JSON_FINE : JSON_TOO_MANY_MEMBERS);
    }
}

/* The reader builds the same tree as json-c's own parser, for everything that the scanner accepts. */
static void
the_tree_is_the_one_that_was_written(void **state)
{
    (void)state;
    static const char text[] =
        " { \"a\" : [ 1 , -2.50 , true , false , null , \"x\\n\\u00e9\\ud83d\\ude00\" , {} , [] ] ,\n"
        "\"\\u0062\" : { \"c\" : { \"d\" : [ [ [ 9223372036854775807 ] ] ] } } , \"\" : \"\" } ";
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    struct json_fault fault;
    struct json_object *tree =
        json_read(arena, (struct span){(const unsigned char *)text, sizeof text - 1}, &fault);
    struct json_object *other = json_tokener_parse(text);
    assert_int_equal(fault.code, JSON_FINE);
    assert_string_equal(json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN),
                        json_object_to_json_string_ext(other, JSON_C_TO_STRING_PLAIN));
    assert_non_null(strstr(json_object_to_json_string(tree), "-2.50"));
    (void)json_object_put(other);
    arena_destroy(arena);
}

/* json-c's own parser makes U+FFFD of this one. */
static void
a_surrogate_pair_is_one_character(void **state)
{
    (void)state;
    static const char text[] = "\"\\ud837\\uDE00\"";
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    struct json_fault fault;
    struct json_object *tree =
        json_read(arena, (struct span){(const unsigned char *)text, sizeof text - 1}, &fault);
    assert_string_equal(json_object_get_string(tree), "\xf0\x9d\xb8\x80");
    arena_destroy(arena);
}

static void
null_is_a_tree_and_a_refused_text_is_not(void **state)
{
    (void)state;
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    struct json_fault fault;
    assert_null(json_read(arena, (struct span){(const unsigned char *)"null", 4}, &fault));
    assert_int_equal(fault.code, JSON_FINE);
    assert_null(json_read(arena, (struct span){(const unsigned char *)"[1", 2}, &fault));
    assert_int_equal(fault.code, JSON_CUT_SHORT);
    assert_null(json_read(arena, (struct span){NULL, 0}, &fault));
    assert_int_equal(fault.code, JSON_EMPTY);
    arena_destroy(arena);
}

static void
a_long_name_and_many_members_are_read(void **state)
{
    (void)state;
    enum { COUNT = 5000, NAME = 300 };
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    struct buf text;
    buf_init(&text, (size_t)COUNT * 32);
    buf_text(&text, "{\"");
    for (int i = 0; i < NAME; i++) {
        buf_byte(&text, 'n');
    }
    buf_text(&text, "\":1");
    for (int i = 0; i < COUNT; i++) {
        buf_format(&text, ",\"m%d\":%d", i, i);
    }
    buf_byte(&text, '}');
    struct json_fault fault;
    struct span all = {(const unsigned char *)text.data, text.size};
    struct json_object *tree = json_read(arena, all, &fault);
    assert_int_equal(fault.code, JSON_FINE);
    assert_int_equal(json_object_object_length(tree), COUNT + 1);
    buf_free(&text);
    arena_destroy(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rfc_8259_allows_is_accepted),
        cmocka_unit_test(grammar_faults_are_found_where_they_are),
        cmocka_unit_test(text_that_i_json_forbids_is_refused),
        cmocka_unit_test(members_are_compared_after_unescaping),
        cmocka_unit_test(depth_32_is_the_deepest),
        cmocka_unit_test(another_depth_can_be_asked_for_up_to_128),
        cmocka_unit_test(the_line_and_column_of_a_fault_are_told),
        cmocka_unit_test(every_cut_of_a_document_is_refused_without_reading_further),
        cmocka_unit_test(many_members_are_bounded_by_the_scratch),
        cmocka_unit_test(the_tree_is_the_one_that_was_written),
        cmocka_unit_test(a_surrogate_pair_is_one_character),
        cmocka_unit_test(null_is_a_tree_and_a_refused_text_is_not),
        cmocka_unit_test(a_long_name_and_many_members_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
