/* Exact decimals and the numbers of answers: over generated texts, both have the same order, the same places and one
 * key for one number; and the contract's multiples are the decimals'. */
#include "tests/unit/http_fixture.h"

#include "lib/base/decimal.h"
#include "lib/form/value/number.h"
#include "lib/http/schema_scalar.h"
#include "tests/unit/random_fixture.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GENERATED = 200000,
    WHOLE_MOST = 18,
    PLACES_MOST = 12,
    EXPONENT_MOST = 6,
    ROOM = 128,
    LONG_ROOM = 8192
};

/* A JSON number that a decimal can hold: often with few digits, with zeros around it, or minus zero. */
static void
generate(char text[ROOM])
{
    int most = random_below(2) == 0 ? 2 : WHOLE_MOST;
    int whole = random_below(most) + 1;
    int places = random_below(3) == 0 ? 0 : random_below(random_below(2) == 0 ? 3 : PLACES_MOST + 1);
    bool zeros = random_below(8) == 0;
    char *at = text;
    if (random_below(3) == 0) {
        *at++ = '-';
    }
    whole = random_below(4) == 0 ? 1 : whole;
    for (int i = 0; i < whole + places; i++) {
        if (i == whole) {
            *at++ = '.';
        }
        *at++ = (char)('0' + (zeros ? 0 : i == 0 && whole > 1 ? 1 + random_below(9) : random_below(10)));
    }
    *at = '\0';
    if (random_below(4) == 0) {
        (void)snprintf(at, 8, "%c%d", random_below(2) == 0 ? 'e' : 'E',
                       random_below(2 * EXPONENT_MOST + 1) - EXPONENT_MOST);
    }
}

static struct decimal
decimal_of(const char *text)
{
    struct decimal decimal;
    assert_true(decimal_parse(text, strlen(text), true, &decimal));
    return decimal;
}

/* The same number in another way of writing: so many more zeros behind it, or an exponent. */
static void
write_otherwise(const char *text, char other[ROOM])
{
    int exponent = random_below(5) - 2;
    struct decimal decimal = decimal_of(text);
    char digits[DECIMAL_TEXT_SIZE];
    for (int i = exponent; i > 0; i--) { /* ten times less, and e1 */
        decimal.scale++;
    }
    for (int i = exponent; i < 0; i++) {
        decimal.coefficient *= 10;
    }
    (void)decimal_print(decimal, digits);
    (void)snprintf(other, ROOM, "%s%s%se%d", digits, decimal.scale == 0 ? "." : "", "00", exponent);
}

static void
texts_and_decimals_have_one_order_and_one_key(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1024UL * 1024, NULL, NULL);
    for (int i = 0; i < GENERATED; i++) {
        char left[ROOM];
        char right[ROOM];
        generate(left);
        if (random_below(2) == 0) {
            write_otherwise(left, right);
        } else {
            generate(right);
        }
        int order = decimal_compare(decimal_of(left), decimal_of(right));
        assert_int_equal(number_compare(left, right), order < 0   ? VALUE_LESS
                                                      : order > 0 ? VALUE_MORE
                                                                  : VALUE_SAME);
        assert_int_equal(strcmp(number_key(left, arena), number_key(right, arena)) == 0, order == 0);
        struct decimal rest;
        assert_true(decimal_subtract(decimal_of(left), decimal_of(right), &rest));
        assert_int_equal((rest.coefficient > 0) - (rest.coefficient < 0), order);
        arena_reset(arena);
    }
    arena_destroy(arena);
}

static void
what_is_written_reads_back_with_its_places(void **state)
{
    (void)state;
    for (int i = 0; i < GENERATED; i++) {
        char text[ROOM];
        char again[DECIMAL_TEXT_SIZE];
        generate(text);
        struct decimal decimal = decimal_of(text);
        bool zero = decimal.coefficient == 0; /* an exponent moves nothing then */
        assert_true(zero || number_places(text) == decimal.scale);
        size_t size = decimal_print(decimal, again);
        assert_int_equal(size, strlen(again));
        assert_int_equal(number_compare(text, again), VALUE_SAME);
        assert_int_equal(decimal_of(again).scale, decimal.scale);
        struct json_object *json = decimal_json(decimal);
        assert_string_equal(json_object_get_string(json), again);
        json_object_put(json);
    }
}

/* A decimal holds 37 digits and says so; a text is compared to its last one. */
static void
texts_have_more_digits_than_decimals(void **state)
{
    (void)state;
    static char left[LONG_ROOM];
    static char right[LONG_ROOM];
    struct decimal decimal;
    memset(left, '9', LONG_ROOM - 1);
    memcpy(right, left, LONG_ROOM);
    right[LONG_ROOM - 2] = '8';
    assert_int_equal(number_compare(left, right), VALUE_MORE);
    assert_false(decimal_parse(left, strlen(left), true, &decimal));
    assert_int_equal(number_compare("1e99999", "9e99998"), VALUE_MORE);
    assert_false(decimal_parse("1e99999", 7, true, &decimal));
    assert_int_equal(number_compare("-0", "0.00e7"), VALUE_SAME);
    assert_int_equal(decimal_compare(decimal_of("-0"), decimal_of("0.00e7")), 0);
}

static bool
is_multiple(const char *number, const char *unit)
{
    struct schema_node node = {
        .types = SCHEMA_NUMBER, .bounds = BOUND_MULTIPLE, .multiple_of = strtod(unit, NULL)};
    struct schema_scalar value = {.type = SCHEMA_NUMBER, .number = strtod(number, NULL)};
    struct schema_walk walk = {.report = NULL};
    return schema_check_plain(&walk, &node, &value, NULL);
}

/* Up to 15 digits, which a double keeps. */
static void
multiples_are_those_of_decimals(void **state)
{
    (void)state;
    static const char *const units[] = {"1",    "0.1", "0.01", "0.0001", "0.5",
                                        "0.25", "3",   "0.3",  "7e-3",   "60"};
    assert_false(is_multiple("123456789012.345", "7e-7")); /* more units than a double counts */
    for (int i = 0; i < GENERATED; i++) {
        const char *unit = units[random_below((int)(sizeof units / sizeof units[0]))];
        char text[ROOM];
        struct decimal number = {random_below(1000 * 1000) - 500 * 1000, (unsigned)random_below(6)};
        struct decimal rest;
        if (random_below(2) == 0) {
            assert_true(decimal_multiply(number, decimal_of(unit), &number));
        }
        assert_true(decimal_remainder(number, decimal_of(unit), &rest));
        (void)decimal_print(number, text);
        assert_int_equal(is_multiple(text, unit), rest.coefficient == 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_decimals_have_one_order_and_one_key),
        cmocka_unit_test(what_is_written_reads_back_with_its_places),
        cmocka_unit_test(texts_have_more_digits_than_decimals),
        cmocka_unit_test(multiples_are_those_of_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
