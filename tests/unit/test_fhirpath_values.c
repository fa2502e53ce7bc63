/* lib/fhirpath: numbers, dates and times, quantities, truth: exact, and empty where nothing is known. */
#include "lib/base/decimal.h"
#include "tests/unit/fhirpath_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <string.h>

static void
decimals_are_exact(void **state)
{
    (void)state;
    CHECK({"0.1 + 0.2 = 0.3", "true"}, {"0.1 + 0.2", "0.3"}, {"1.10 + 2.2", "3.30"}, {"1.2 * 1.8", "2.16"},
          {"100.25 mod 0.1", "0.05"}, {"-7 mod 3", "-1"}, {"-7 div 2", "-3"}, {"2.2 div 1.8", "1"},
          {"1 / 4", "0.25"}, {"4 / 2", "2"}, {"1 / 3", "0.3333333333333333333333333333"},
          {"2 / 3", "0.6666666666666666666666666667"}, {"1 / 0", ""}, {"1 div 0", ""}, {"1.5 mod 0", ""},
          {"0.00000000001 * 0.00000000001", "0.0000000000000000000001"},
          {"1234567890123456789012345678.0 + 0.1", "1234567890123456789012345678.1"},
          {"99999999999999999999.9 * 99999999999999999999.9", ""}, {"1.0 = 1.00", "true"},
          {"1 = 1.0", "true"}, {"1.01 ~ 1.0", "true"}, {"1.06 ~ 1.10", "true"}, {"1.6 ~ 1.0", "false"},
          {"3 > 2.99999999999999999999", "true"}, {"-0.0 = 0", "true"});
}

static void
integers_do_not_overflow(void **state)
{
    (void)state;
    CHECK({"2147483647 + 1", ""}, {"-2147483647 - 1", "-2147483648"}, {"-2147483647 - 2", ""},
          {"65536 * 65536", ""}, {"2147483647 + 1.0", "2147483648.0"}, {"2.power(30)", "1073741824"},
          {"2.power(31)", ""}, {"(-2147483647 - 1) div -1", ""}, {"2147483647.5.floor()", "2147483647"},
          {"2147483648.5.floor()", ""});
}

static void
numbers_are_read_and_written(void **state)
{
    (void)state;
    struct decimal number;
    char text[DECIMAL_TEXT_SIZE];
    static const struct {
        const char *text;
        bool exponent;
        const char *written; /* NULL: it is refused */
    } numbers[] = {
        {"0", false, "0"},
        {"-0.50", false, "-0.50"},
        {"+7", false, "7"},
        {"1e3", true, "1000"},
        {"1.5E-3", true, "0.0015"},
        {"1.50e1", true, "15.0"},
        {"1e3", false, NULL},
        {"1.", false, NULL},
        {".5", false, NULL},
        {"", false, NULL},
        {"-", false, NULL},
        {"1e", true, NULL},
        {"1 ", false, NULL},
        {"1e999", true, NULL},
        {"1e-999", true, "0.0000000000000000000000000000"},
        {"9999999999999999999999999999999999999", false, "9999999999999999999999999999999999999"},
        {"99999999999999999999999999999999999999", false, NULL},
        {"0.12345678901234567890123456789012345", false, "0.1234567890123456789012345678"},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        bool fine = decimal_parse(numbers[i].text, strlen(numbers[i].text), numbers[i].exponent, &number);
        assert_int_equal(fine, numbers[i].written != NULL);
        if (fine) {
            (void)decimal_print(number, text);
            assert_string_equal(text, numbers[i].written);
        }
    }
}

static void
numbers_have_functions(void **state)
{
    (void)state;
    CHECK({"(-5.5).abs()", "5.5"}, {"1.5.round()", "2"}, {"(-1.5).round()", "-2"},
          {"3.14159.round(3)", "3.142"}, {"1.1.ceiling()", "2"}, {"(-1.1).ceiling()", "-1"},
          {"(-1.1).floor()", "-2"}, {"(-1.9).truncate()", "-1"}, {"81.sqrt()", "9"}, {"(-1).sqrt()", ""},
          {"0.exp()", "1"}, {"1.ln()", "0"}, {"0.ln()", ""}, {"16.log(2)", "4"}, {"2.5.power(2)", "6.25"},
          {"2.power(-1)", "0.5"}, {"(-1).power(0.5)", ""}, {"10.power(40)", ""}, {"{}.abs()", ""},
          {"'a'.abs()", "<wrong-type>"}, {"(1 | 2).abs()", "<not-single>"},
          {"1.round(-1)", "<wrong-arguments>"}, {"1.5.lowBoundary()", "1.45000000"}, {"1.precision()", "0"});
}

static void
moments_are_as_precise_as_they_say(void **state)
{
    (void)state;
    CHECK({"@2026 = @2026", "true"}, {"@2026 = @2026-01", ""}, {"@2026 < @2027-01", "true"},
          {"@2026-01 > @2026", ""}, {"@2026-01-01T10:00Z = @2026-01-01T11:00+01:00", "true"},
          {"@2026-01-01T10:00Z = @2026-01-01T10:00", ""},
          {"@2026-01-01T23:30-02:00 > @2026-01-01T23:30Z", "true"},
          {"@2026-01-01T10:00:00 = @2026-01-01T10:00:00.0", "true"},
          {"@2026-01-01T10:00 ~ @2026-01-01T10:00:00", "false"}, {"@T10:00 < @T10:30", "true"},
          {"@T10 < @T10:30", ""}, {"@2026-01-01 < @T10", "<wrong-type>"}, {"@2026-01-01 = @T10", "false"},
          {"@2026-01-01 < '2026'", "<wrong-type>"}, {"now()", "2026-03-14T09:26:53.589Z"},
          {"today()", "2026-03-14"}, {"timeOfDay()", "09:26:53.589"}, {"now() > today()", ""},
          {"today() > @2026-03-13", "true"});
    fixture_environment.offset = -10 * 60;
    CHECK({"now()", "2026-03-13T23:26:53.589-10:00"}, {"today()", "2026-03-13"},
          {"timeOfDay()", "23:26:53.589"});
}

static void
moments_move(void **state)
{
    (void)state;
    CHECK({"@2026-01-31 + 1 month", "2026-02-28"}, {"@2024-01-31 + 1 month", "2024-02-29"},
          {"@2024-02-29 + 1 year", "2025-02-28"}, {"@2024-02-29 - 4 years", "2020-02-29"},
          {"@2026-12-31 + 1 day", "2027-01-01"}, {"@2026-03-01 - 1 day", "2026-02-28"},
          {"@2026 + 13 months", "2027"}, {"@2026-01 + 40 days", "2026-02"},
          {"@2026-01-01 + 7.9 days", "2026-01-08"},
          {"@2026-01-01T23:59:59Z + 1.5 seconds", "2026-01-02T00:00:00.500Z"},
          {"@2026-01-01T10:00 + 90 minutes", "2026-01-01T11:30"}, {"@2026-01-01 + 25 hours", "2026-01-02"},
          {"@T23:30 + 1 hour", "00:30"}, {"@T00:30 - 1 hour", "23:30"},
          {"@2026-01-01 + 1 'wk'", "2026-01-08"}, {"@2026-01-01 + 1 'mo'", "<wrong-type>"},
          {"@2026-01-01 + 1 'kg'", "<wrong-type>"}, {"@2026-01-01 + 1", "<wrong-type>"},
          {"@9999-12-31 + 1 day", ""}, {"@0001-01-01 - 1 day", ""}, {"@2026 + 100000 years", ""},
          {"@2026-01-01 + {}", ""}, {"@0001-01-01 + 99999999999999 'd'", ""});
}

static void
quantities_have_units(void **state)
{
    (void)state;
    CHECK({"4 'g' = 4000 'mg'", "true"}, {"1 '[lb_av]' < 0.5 'kg'", "true"}, {"180 'cm' = 1.8 'm'", "true"},
          {"1 'm' = 1 'kg'", ""}, {"1 'm' < 1 'kg'", ""}, {"1 'frob' = 1 'frob'", "true"},
          {"1 'frob' = 1 'm'", ""}, {"7 days = 1 week", "true"}, {"1 year = 12 months", "true"},
          {"1 year > 300 days", "true"}, {"1 year = 1 'a'", ""}, {"1 year ~ 1 'a'", "true"},
          {"60 seconds = 1 'min'", "true"}, {"120 'mm[Hg]' > 15 'kPa'", "true"},
          {"90 'kg' / (1.8 'm' * 1.8 'm')", "27777.77777777777777777777778 'm-2.g'"},
          {"2 'cm' * 2 'm' = 0.04 'm2'", "true"}, {"1 'm' + 20 'cm'", "1.2 'm'"}, {"1 'm' + 1 'kg'", ""},
          {"2 * 3 'kg'", "6 'kg'"}, {"3 'kg' / 2", "1.5 'kg'"}, {"-(3 'kg')", "-3 'kg'"},
          {"(1 'kg' | 500 'g').sum()", "1.5 'kg'"}, {"(1 'kg' | 500 'g').max()", "1 'kg'"},
          {"37 'Cel' = 98.6 '[degF]'", ""}, {"5 'mmol/L' = 5 'mol/m3'", "true"},
          {"1 '{score}' = 1 '1'", "true"}, {"1 'kg'.value", "1"}, {"1 'kg'.unit", "kg"},
          {"1 'm'.comparable(1 'cm')", "true"}, {"1 'm' div 2 'm'", "<wrong-type>"},
          {"'5 \\'kg\\''.toQuantity() > 4 'kg'", "true"}, {"1500 'g'.toQuantity('kg')", "1.5 'kg'"});
}

static void
truth_has_three_values(void **state)
{
    (void)state;
    CHECK({"true and {}", ""}, {"false and {}", "false"}, {"{} and false", "false"}, {"true or {}", "true"},
          {"{} or {}", ""}, {"true xor {}", ""}, {"true xor false", "true"}, {"{} implies true", "true"},
          {"{} implies false", ""}, {"false implies {}", "true"}, {"{}.not()", ""}, {"true and 'x'", "true"},
          {"(1 | 2) and true", "<not-single>"}, {"{} = {}", ""}, {"{} ~ {}", "true"}, {"1 = {}", ""},
          {"1 ~ {}", "false"}, {"(1 | 2) = (1 | 2)", "true"}, {"(1 | 2) = (2 | 1)", "false"},
          {"(1 | 2) ~ (2 | 1)", "true"}, {"1 < {}", ""}, {"(1 | 2) < {}", ""},
          {"(1 | 2) < 3", "<not-single>"}, {"1 in {}", "false"}, {"{} in 1", ""}, {"'a' = 1", "false"},
          {"'a' < 1", "<wrong-type>"}, {"'Ab  c' ~ 'aB C'", "true"});
}

static void
texts_of_json_are_compared_as_what_they_are(void **state)
{
    (void)state;
    fixture_focus("{'day':'2026-02-28','word':'x','n':1.50,'big':123456789012,'list':['2026-01-01','b']}");
    CHECK({"day < @2026-03-01", "true"}, {"day = @2026-02-28", "true"}, {"day = '2026-02-28'", "true"},
          {"word = @2026-02-28", "false"}, {"word < @2026-02-28", "<wrong-type>"}, {"n", "1.50"},
          {"n = 1.5", "true"}, {"big + 1", "123456789013"}, {"list.where($this = @2026-01-01)", "2026-01-01"},
          {"n is decimal", "true"}, {"n is Decimal", "false"}, {"day is string", "true"},
          {"n.type().name", "decimal"}, {"1.type().namespace", "System"});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decimals_are_exact, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(integers_do_not_overflow, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_read_and_written, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(numbers_have_functions, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(moments_are_as_precise_as_they_say, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(moments_move, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(quantities_have_units, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(truth_has_three_values, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(texts_of_json_are_compared_as_what_they_are, fixture_set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
