/* lib/fhirpath: functions on collections, strings, types; conversions. */
#include "tests/unit/fhirpath_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>

static void
collections_are_asked(void **state)
{
    (void)state;
    CHECK({"{}.exists()", "false"}, {"(1 | 2).exists($this > 1)", "true"},
          {"(1 | 2).all($this > 1)", "false"}, {"{}.all(false)", "true"}, {"{}.allTrue()", "true"},
          {"(true | false).allTrue()", "false"}, {"(true | false).anyFalse()", "true"},
          {"{}.anyTrue()", "false"}, {"1.allTrue()", "<wrong-type>"}, {"(1 | 2).subsetOf(2 | 1 | 3)", "true"},
          {"(1 | 4).subsetOf(1 | 2)", "false"}, {"(1 | 2).supersetOf({})", "true"}, {"(1 | 2).count()", "2"},
          {"1.combine(1).isDistinct()", "false"}, {"1.combine(1.0).distinct()", "1"}, {"{}.empty()", "true"});
}

static void
collections_are_cut_and_joined(void **state)
{
    (void)state;
    CHECK({"(1 | 2 | 3).first()", "1"}, {"(1 | 2 | 3).last()", "3"}, {"(1 | 2 | 3).tail()", "2,3"},
          {"{}.last()", ""}, {"(1 | 2 | 3).skip(1)", "2,3"}, {"(1 | 2 | 3).skip(-1)", "1,2,3"},
          {"(1 | 2 | 3).take(5)", "1,2,3"}, {"(1 | 2).take(-1)", ""}, {"(1 | 2)[5]", ""}, {"(1 | 2)[-1]", ""},
          {"(1 | 2).single()", "<not-single>"}, {"{}.single()", ""}, {"(1 | 2 | 2).intersect(2 | 3)", "2"},
          {"1.combine(1).exclude(2)", "1,1"}, {"(1 | 2).union(2 | 3)", "1,2,3"},
          {"(1 | 2).combine(2)", "1,2,2"}, {"(3 | 1 | 2).sort()", "1,2,3"},
          {"('b' | 'c' | 'a').sort(-$this)", "c,b,a"}, {"(1 | 'a').sort()", "<wrong-type>"},
          {"(1 | 2).where($this = 2)", "2"}, {"(1 | 2).select($this * 2)", "2,4"},
          {"(5 | 6).select($index)", "0,1"}, {"1.repeat(iif($this < 5, $this + 1, {}))", "2,3,4,5"},
          {"(1 | 2).trace('x')", "1,2"});
}

static void
collections_are_summed_up(void **state)
{
    (void)state;
    CHECK({"(1 | 2 | 3).sum()", "6"}, {"(1 | 2.5).sum()", "3.5"}, {"{}.sum()", ""}, {"(1 | 2).avg()", "1.5"},
          {"{}.avg()", ""}, {"(3 | 1 | 2).min()", "1"}, {"(3 | 1 | 2).max()", "3"}, {"{}.max()", ""},
          {"('b' | 'a').min()", "a"}, {"(@2026-01-01 | @2025-01-01).min()", "2025-01-01"},
          {"(1 | 'a').sum()", "<wrong-type>"}, {"true.sum()", "<wrong-type>"},
          {"(1 | 2 | 3).aggregate($this + $total, 10)", "16"},
          {"(1 | 2).aggregate(iif($total.empty(), $this, $total * 10 + $this))", "12"},
          {"2147483647.combine(1).sum()", ""});
}

static void
iif_evaluates_one_branch(void **state)
{
    (void)state;
    CHECK({"iif(true, 1, (1 | 2).single())", "1"}, {"iif(false, (1 | 2).single(), 2)", "2"},
          {"iif({}, 1)", ""}, {"iif({}, 1, 2)", "2"}, {"iif('x', 1, 2)", "<wrong-type>"},
          {"iif(true | false, 1)", "<not-single>"}, {"'a'.iif($this = 'a', 1, 2)", "1"},
          {"(1 | 2).iif(true, 1)", "<not-single>"}, {"iif(true)", "<wrong-arguments>"});
}

static void
strings_have_functions(void **state)
{
    (void)state;
    CHECK({"'abc'.indexOf('c')", "2"}, {"'abc'.indexOf('x')", "-1"}, {"'h\u00e9l'.indexOf('l')", "2"},
          {"'abcb'.lastIndexOf('b')", "3"}, {"'h\u00e9llo'.substring(1, 2)", "\u00e9l"},
          {"'abc'.substring(3)", ""}, {"'abc'.substring(-1)", ""}, {"'abc'.startsWith('ab')", "true"},
          {"'abc'.endsWith('ab')", "false"}, {"'abc'.contains('')", "true"}, {"'h\u00e9'.upper()", "H\u00c9"},
          {"'\u00c9A'.lower()", "\u00e9a"}, {"'stra\u00dfe'.upper()", "STRASSE"},
          {"'aXbX'.replace('X', '--')", "a--b--"}, {"'ab'.replace('', '.')", ".a.b."},
          {"'h\u00e9'.length()", "2"}, {"'h\u00e9'.toChars()", "h,\u00e9"},
          {"'a,b,,c'.split(',').count()", "4"}, {"('a' | 'b').join('-')", "a-b"}, {"{}.join(',')", ""},
          {"' a \\t'.trim()", "a"}, {"'abc'.matches('B')", "false"}, {"'a\\nb'.matches('a.b')", "true"},
          {"'abc'.matchesFull('b')", "false"},
          {"'11/30'.replaceMatches('(\\\\d+)/(\\\\d+)', '$2-$1')", "30-11"},
          {"'abc'.matches('(')", "<bad-pattern>"}, {"('ab' & 'c').matches('a' & '(')", "<bad-pattern>"},
          {"'test'.encode('base64')", "dGVzdA=="}, {"'dGVzdA=='.decode('base64')", "test"},
          {"'/w=='.decode('base64')", ""}, {"'7a'.decode('hex')", "z"}, {"'7'.decode('hex')", ""},
          {"'<'.escape('html')", "&lt;"}, {"'&lt;'.unescape('html')", "<"}, {"1.length()", "<wrong-type>"},
          {"('a' | 'b').length()", "<not-single>"}, {"'a'.startsWith({})", ""}, {"{}.startsWith('a')", ""},
          {"'a' & {}", "a"}, {"'a' + {}", ""});
}

static void
values_are_converted(void **state)
{
    (void)state;
    CHECK({"'1'.toInteger()", "1"}, {"'1.0'.toInteger()", ""}, {"true.toInteger()", "1"},
          {"'-1.50'.toDecimal()", "-1.50"}, {"'Yes'.toBoolean()", "true"}, {"2.toBoolean()", ""},
          {"0.0.toBoolean()", "false"}, {"1.toString()", "1"}, {"'2026-02'.toDate()", "2026-02"},
          {"'2026-02-30'.toDate()", ""}, {"@2026-01-01T10:00.toDate()", "2026-01-01"},
          {"'2026-01-01T10:00:00Z'.toDateTime()", "2026-01-01T10:00:00Z"}, {"'14:30'.toTime()", "14:30"},
          {"'24:00'.toTime()", ""}, {"'x'.convertsToDecimal()", "false"}, {"{}.convertsToDecimal()", ""},
          {"'4 days'.toQuantity()", "4 days"}, {"'4 lightyears'.toQuantity()", ""},
          {"'2147483648'.convertsToInteger()", "false"}, {"(1 | 2).toString()", "<not-single>"});
}

static void
types_are_asked(void **state)
{
    (void)state;
    fixture_focus(
        "{'resourceType':'Patient','gender':'female','birthDate':'2000-02-29','deceasedBoolean':false,"
        "'contained':[{'resourceType':'Observation','id':'o','valueQuantity':{'value':70,'unit':'kg'}}],"
        "'link':[{'other':{'reference':'#o'}}]}");
    CHECK({"Patient.gender is code", "true"}, {"gender is string", "true"}, {"gender is id", "false"},
          {"gender.as(string)", ""}, {"gender.ofType(code)", "female"}, {"birthDate is date", "true"},
          {"birthDate is Date", "false"}, {"1 is Integer", "true"}, {"1 is System.Integer", "true"},
          {"1 is decimal", "false"}, {"deceased is boolean", "true"}, {"deceased is dateTime", "false"},
          {"is(Patient)", "true"}, {"is(DomainResource)", "true"}, {"is(Observation)", "false"},
          {"is(System.Patient)", "false"}, {"contained.value is Quantity", "true"},
          {"contained.value > 60 'kg'", "true"}, {"contained.value.value", "70"},
          {"contained.ofType(Observation).id", "o"}, {"link.other.resolve().value.value", "70"},
          {"Resource.gender", "female"}, {"birthDate + 1 year", "2001-02-28"},
          {"deceasedBoolean", "<wrong-name>"}, {"type().name", "Patient"},
          {"gender.is(Frob)", "<unknown-type>"}, {"gender as System.String", ""},
          {"(1 | 'a').ofType(Integer)", "1"}, {"children().count()", "5"}, {"deceased.hasValue()", "true"},
          {"gender.getValue() = 'female'", "true"});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(collections_are_asked, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(collections_are_cut_and_joined, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(collections_are_summed_up, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(iif_evaluates_one_branch, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(strings_have_functions, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(values_are_converted, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(types_are_asked, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
