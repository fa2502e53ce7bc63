/* RFC 8785: the examples of the standard (3.2.2, 3.2.3, appendix B), and what is refused. */
#include "lib/form/value/canonical.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1024 * 1024, TOKENER_DEPTH = 300 };

static void
check_text(const char *json, const char *wanted)
{
    struct json_tokener *tokener = json_tokener_new_ex(TOKENER_DEPTH);
    struct json_object *value = json_tokener_parse_ex(tokener, json, (int)strlen(json) + 1);
    struct buf buf;
    assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
    json_tokener_free(tokener);
    buf_init(&buf, ROOM);
    bool good = form_canonical(value, &buf);
    if (wanted == NULL) {
        assert_false(good);
    } else {
        assert_true(good);
        assert_string_equal(buf_string(&buf), wanted);
    }
    buf_free(&buf);
    json_object_put(value);
}

static void
the_standards_example(void **state)
{
    (void)state;
    check_text("{\n  \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n"
               "  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
               "  \"literals\": [null, true, false]\n}",
               "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
               "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

/* Sorted by UTF-16 code units: the smiling face (a surrogate pair) stands before U+FB33. */
static void
members_are_sorted_by_utf16_units(void **state)
{
    (void)state;
    check_text("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet "
               "With Dagesh\","
               "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
               "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
               "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
               "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
               "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With "
               "Dagesh\"}");
    check_text("{\"aa\":1,\"a\":2,\"\":3,\"B\":4}", "{\"\":3,\"B\":4,\"a\":2,\"aa\":1}");
}

static void
escapes_are_the_standards(void **state)
{
    (void)state;
    check_text("[\"\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f\\/\"]", "[\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f/\"]");
}

/* RFC 8785, appendix B: IEEE 754 bits and the text. */
static void
numbers_of_the_standard(void **state)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } cases[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        /* Powers of two, where the nearest shorter decimal does not read back. */
        {0x3d30000000000000, "5.684341886080802e-14"},
        {0x0010000000000000, "2.2250738585072014e-308"},
    };
    char text[CANONICAL_NUMBER_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = 0;
        memcpy(&value, &cases[i].bits, sizeof value);
        canonical_number(value, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void
integers_are_the_standards(void **state)
{
    (void)state;
    check_text("[0,-0,-1,9007199254740991,9007199254740993,-9223372036854775808,9223372036854775807,"
               "18446744073709551615,1.0,100e-2]",
               "[0,0,-1,9007199254740991,9007199254740992,-9223372036854776000,9223372036854776000,"
               "18446744073709552000,1,1]");
}

/* Order and writing do not matter; the value does. */
static void
equal_values_have_one_text(void **state)
{
    (void)state;
    check_text("{ \"b\" : [ ] , \"a\" : { } }", "{\"a\":{},\"b\":[]}");
    check_text("{\"a\":{},\"b\":[]}", "{\"a\":{},\"b\":[]}");
    check_text("1.50", "1.5");
    check_text("\"\\u0061\"", "\"a\"");
}

static void
objects_of_many_members(void **state)
{
    char json[4096];
    char wanted[4096];
    size_t json_size = 0;
    size_t wanted_size = 0;
    (void)state;
    for (int i = 0; i < 200; i++) {
        json_size += (size_t)snprintf(json + json_size, sizeof json - json_size, "%s\"%03d\":1",
                                      i == 0 ? "{" : ",", 199 - i);
        wanted_size += (size_t)snprintf(wanted + wanted_size, sizeof wanted - wanted_size, "%s\"%03d\":1",
                                        i == 0 ? "{" : ",", i);
    }
    (void)snprintf(json + json_size, sizeof json - json_size, "}");
    (void)snprintf(wanted + wanted_size, sizeof wanted - wanted_size, "}");
    check_text(json, wanted);
}

static void
what_has_no_canonical_form(void **state)
{
    char deep[2 * (CANONICAL_DEPTH_MAX + 1) + 1];
    struct buf small;
    struct json_object *infinite = json_object_new_double(INFINITY);
    struct json_object *text = json_object_new_string("0123456789");
    (void)state;
    buf_init(&small, 5);
    assert_false(form_canonical(infinite, &small));
    assert_false(form_canonical(text, &small)); /* does not fit */
    buf_free(&small);
    json_object_put(infinite);
    json_object_put(text);
    memset(deep, '[', CANONICAL_DEPTH_MAX + 1);
    memset(deep + CANONICAL_DEPTH_MAX + 1, ']', CANONICAL_DEPTH_MAX + 1);
    deep[sizeof deep - 1] = '\0';
    check_text(deep, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_example),      cmocka_unit_test(members_are_sorted_by_utf16_units),
        cmocka_unit_test(escapes_are_the_standards),  cmocka_unit_test(numbers_of_the_standard),
        cmocka_unit_test(integers_are_the_standards), cmocka_unit_test(equal_values_have_one_text),
        cmocka_unit_test(objects_of_many_members),    cmocka_unit_test(what_has_no_canonical_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
