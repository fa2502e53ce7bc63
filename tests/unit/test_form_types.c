/* The values that answers of each type may be (FHIR R4 datatypes): each refusal stands beside what is taken.
 */
#include "tests/unit/form_fixture.h"

#include "lib/base/buf.h"
#include "lib/form/value/moment.h"
#include "lib/form/value/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct value_case {
    const char *code;  /* NULL: taken */
    const char *value; /* "value[x]": ... */
};

static void
check_values(void **state, const char *members, const struct value_case *cases, size_t count)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, arena_format(fixture->arena, "{'linkId':'a',%s}", members));
    for (size_t i = 0; i < count; i++) {
        const char *items = arena_format(fixture->arena, "[{'linkId':'a','answer':[{%s}]}]", cases[i].value);
        bool good = form_judge(fixture, FORM_DRAFT, items);
        if (good != (cases[i].code == NULL)) {
            fail_msg("%s: %s %s", good ? "taken" : "refused", cases[i].value,
                     good ? "" : fixture->issues.items[0].code);
        }
        if (!good && strcmp(fixture->issues.items[0].code, cases[i].code) != 0) {
            fail_msg("%s, not %s: %s", fixture->issues.items[0].code, cases[i].code, cases[i].value);
        }
    }
}

#define CHECK(state, members, cases)                                                                         \
    check_values((state), (members), (cases), sizeof(cases) / sizeof(cases)[0])

#define MOMENT(text) "'valueDateTime':'" text "'"

static void
moments_are_judged(void **state)
{
    static const struct value_case cases[] = {
        {NULL, MOMENT("2024")},
        {NULL, MOMENT("2024-02")},
        {NULL, MOMENT("2024-02-29")},
        {NULL, MOMENT("2024-02-29T23:59:59Z")},
        {NULL, MOMENT("2024-02-29T00:00:00.123456789Z")},
        {NULL, MOMENT("2016-12-31T23:59:60Z")}, /* a leap second */
        {NULL, MOMENT("2024-01-01T10:00:00+14:00")},
        {NULL, MOMENT("2024-01-01T10:00:00-00:30")},
        {NULL, MOMENT("0001-01-01T00:00:00Z")},
        {"invalid-date-time", MOMENT("2023-02-29T10:00:00Z")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:00")}, /* no time zone */
        {"invalid-date-time", MOMENT("2024-01-01T10:00Z")},   /* no seconds */
        {"invalid-date-time", MOMENT("2024-01-01T24:00:00Z")},
        {"invalid-date-time", MOMENT("2024-01-01T10:60:00Z")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:61Z")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:00.Z")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:00+14:01")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:00+15:00")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:00+1:00")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:00z")},
        {"invalid-date-time", MOMENT("2024-01-01 10:00:00Z")},
        {"invalid-date-time", MOMENT("2024-01-01T")},
        {"invalid-date-time", MOMENT("2024-01T10:00:00Z")},
        {"invalid-date-time", MOMENT("2024-01-01T10:00:00ZZ")},
        {"invalid-date-time", MOMENT("0000-01-01T00:00:00Z")},
        {"invalid-date-time", MOMENT("")},
        {"wrong-type", "'valueDateTime':2024"},
        {"wrong-type", "'valueDate':'2024-01-01'"},
        {"unknown-element", "'valueInstant':'2024-01-01T10:00:00Z'"},
    };
    CHECK(state, "'type':'dateTime'", cases);
}

#define TIME(text) "'valueTime':'" text "'"

static void
times_are_judged(void **state)
{
    static const struct value_case cases[] = {
        {NULL, TIME("00:00:00")},
        {NULL, TIME("23:59:59")},
        {NULL, TIME("23:59:60")},
        {NULL, TIME("10:20:30.5")},
        {"invalid-time", TIME("24:00:00")},
        {"invalid-time", TIME("10:20")},
        {"invalid-time", TIME("10:60:00")},
        {"invalid-time", TIME("10:20:61")},
        {"invalid-time", TIME("10:20:30Z")},
        {"invalid-time", TIME("10:20:30.")},
        {"invalid-time", TIME("1:20:30")},
        {"invalid-time", TIME("T10:20:30")},
        {"invalid-time", TIME("-1:20:30")},
        {"invalid-time", TIME("")},
        {"wrong-type", "'valueTime':102030"},
        {"wrong-type", "'valueString':'10:20:30'"},
    };
    CHECK(state, "'type':'time'", cases);
}

static void
addresses_are_judged(void **state)
{
    static const struct value_case cases[] = {
        {NULL, "'valueUri':'https://example.org/a?b=c#d'"},
        {NULL, "'valueUri':'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'"},
        {NULL, "'valueUri':'relative/path'"},
        {"invalid-url", "'valueUri':'https://example.org/a b'"},
        {"invalid-url", "'valueUri':' https://example.org'"},
        {"invalid-url", "'valueUri':'a\\nb'"},
        {"invalid-url", "'valueUri':''"},
        {"wrong-type", "'valueUri':5"},
        {"wrong-type", "'valueString':'https://example.org'"},
        {"unknown-element", "'valueUrl':'https://example.org'"}, /* R4 answers a url item with valueUri */
    };
    CHECK(state, "'type':'url'", cases);
}

static void
decimals_keep_what_was_written(void **state)
{
    static const struct value_case cases[] = {
        {NULL, "'valueDecimal':1.10"},
        {NULL, "'valueDecimal':-0.0"},
        {NULL, "'valueDecimal':1.5e-10"},
        {NULL, "'valueDecimal':2E+3"},
        {NULL, "'valueDecimal':123456789012345678"},
        {"wrong-type", "'valueDecimal':'1'"},
        {"wrong-type", "'valueDecimal':null"},
    };
    CHECK(state, "'type':'decimal'", cases);
    struct form_fixture *fixture = *state;
    struct json_object *items = form_json(fixture, "[{'linkId':'a','answer':[{'valueDecimal':1.10}]}]");
    struct json_object *kept =
        form_submit(fixture->form, items, FORM_NOON, fixture->arena, &fixture->issues, &fixture->progress);
    assert_non_null(strstr(json_object_to_json_string(kept), "1.10"));
}

#define CODING(members) "'valueCoding':{" members "}"

static void
codings_are_judged(void **state)
{
    static const struct value_case cases[] = {
        {NULL, CODING("'code':'a'")},
        {NULL,
         CODING(
             "'system':'http://x','version':'1','code':'a b','display':'A','userSelected':false,'id':'i'")},
        {NULL, CODING("'display':'only text'")},
        {NULL, CODING("'code':'a','_code':{'id':'x'},'extension':[{'url':'u','valueDecimal':1}]")},
        {"no-code", CODING("'system':'http://x'")},
        {"wrong-type", "'valueCoding':{}"},
        {"wrong-type", "'valueCoding':[]"},
        {"wrong-type", CODING("'code':'a','codes':'a'")},
        {"wrong-type", CODING("'code':'a','userSelected':'yes'")},
        {"wrong-type", CODING("'code':5")},
        {"wrong-type", CODING("'code':'a','_code':'x'")},
        {"wrong-type", CODING("'code':'a','_codes':{'id':'x'}")},
        {"wrong-type", CODING("'code':'a','extension':[{'url':'u'}]")},
        {"wrong-type", CODING("'code':'a','modifierExtension':[{'url':'u','valueDecimal':1}]")},
        {"invalid-code", CODING("'code':' a'")},
        {"invalid-code", CODING("'code':'a '")},
        {"invalid-code", CODING("'code':'a  b'")},
        {"invalid-url", CODING("'code':'a','system':'http://x y'")},
        {"empty", CODING("'code':'a','display':''")},
        {"wrong-type", "'valueString':'a'"},
    };
    CHECK(state, "'type':'choice'", cases);
}

static void
open_choice(void **state)
{
    static const struct value_case cases[] = {
        {NULL, CODING("'system':'s','code':'x'")},
        {NULL, "'valueString':'something else'"},
        {"not-an-option", CODING("'system':'s','code':'y'")},
        {"not-an-option", CODING("'display':'something else'")},
        {"max-length", "'valueString':'something else that is far too long'"},
        {"empty", "'valueString':' '"},
        {"wrong-type", "'valueInteger':1"},
    };
    CHECK(state,
          "'type':'open-choice','maxLength':20,'answerOption':[{'valueCoding':{'system':'s','code':'x'}}]",
          cases);
    static const struct value_case numbers[] = {
        {NULL, "'valueInteger':1"},
        {NULL, "'valueString':'many'"},
        {"not-an-option", "'valueInteger':2"},
        {"wrong-type", CODING("'code':'x'")},
    };
    CHECK(state, "'type':'open-choice','answerOption':[{'valueInteger':1}]", numbers);
}

#define QUANTITY(members) "'valueQuantity':{" members "}"

static void
quantities_are_judged(void **state)
{
    static const struct value_case cases[] = {
        {NULL, QUANTITY("'value':1.50,'unit':'kg','system':'http://unitsofmeasure.org','code':'kg'")},
        {NULL, QUANTITY("'value':-7")},
        {NULL, QUANTITY("'value':5,'comparator':'<','unit':'mg'")},
        {NULL, QUANTITY("'value':5,'_value':{'extension':[{'url':'u','valueString':'x'}]}")},
        {"qty-3", QUANTITY("'value':5,'code':'kg'")},
        {"empty", QUANTITY("'unit':'kg'")}, /* a unit alone is no answer */
        {"empty", QUANTITY("'comparator':'<'")},
        {"wrong-type", "'valueQuantity':{}"},
        {"wrong-type", "'valueQuantity':5"},
        {"wrong-type", QUANTITY("'value':'5'")},
        {"wrong-type", QUANTITY("'value':5,'comparator':'='")},
        {"wrong-type", QUANTITY("'value':5,'units':'kg'")},
        {"wrong-type", QUANTITY("'value':5,'unit':7")},
        {"invalid-url", QUANTITY("'value':5,'system':'a b','code':'kg'")},
        {"wrong-type", "'valueDecimal':5"},
    };
    CHECK(state, "'type':'quantity'", cases);
}

#define ATTACHMENT(members) "'valueAttachment':{" members "}"

static void
attachments_are_judged(void **state)
{
    static const struct value_case cases[] = {
        {NULL, ATTACHMENT("'contentType':'text/plain','data':'SGVsbG8='")},
        {NULL, ATTACHMENT("'contentType':'text/plain','data':'SGVs\\nbG8h'")},
        {NULL,
         ATTACHMENT("'url':'Binary/1','contentType':'image/png','language':'de','size':5,'hash':'SGVsbG8=',"
                    "'title':'T','creation':'2024-01-01T00:00:00Z'")},
        {"att-1", ATTACHMENT("'data':'SGVsbG8='")},
        {"empty", ATTACHMENT("'title':'T'")},
        {"empty", ATTACHMENT("'contentType':'text/plain'")},
        {"wrong-type", "'valueAttachment':{}"},
        {"invalid-base64", ATTACHMENT("'contentType':'text/plain','data':'SGVsbG8'")},
        {"invalid-base64", ATTACHMENT("'contentType':'text/plain','data':'SGVs*G8='")},
        {"invalid-base64", ATTACHMENT("'contentType':'text/plain','data':'SGVs===='")},
        {"invalid-base64", ATTACHMENT("'contentType':'text/plain','data':'SG=sbG8='")},
        {"invalid-base64", ATTACHMENT("'contentType':'text/plain','data':''")},
        {"invalid-base64", ATTACHMENT("'url':'u','hash':'?'")},
        {"wrong-type", ATTACHMENT("'url':'u','size':-1")},
        {"wrong-type", ATTACHMENT("'url':'u','size':1.5")},
        {"wrong-type", ATTACHMENT("'url':'u','size':2147483648")},
        {"invalid-date-time", ATTACHMENT("'url':'u','creation':'2024-13'")},
        {"invalid-url", ATTACHMENT("'url':'a b'")},
        {"wrong-type", ATTACHMENT("'url':'u','uri':'u'")},
        {"wrong-type", "'valueUri':'u'"},
    };
    CHECK(state, "'type':'attachment'", cases);
}

#define REFERENCE(members) "'valueReference':{" members "}"

static void
references_are_judged(void **state)
{
    static const struct value_case cases[] = {
        {NULL, REFERENCE("'reference':'Patient/1'")},
        {NULL, REFERENCE("'reference':'#contained','type':'Patient','display':'D'")},
        {NULL, REFERENCE("'display':'Somebody'")},
        {NULL,
         REFERENCE("'identifier':{'use':'official','system':'http://"
                   "x','value':'1','type':{'coding':[{'code':'MR'}],"
                   "'text':'T'},'period':{'start':'2020','end':'2021-01'},'assigner':{'display':'A'}}")},
        {"empty", REFERENCE("'type':'Patient'")},
        {"wrong-type", "'valueReference':{}"},
        {"wrong-type", "'valueReference':'Patient/1'"},
        {"invalid-url", REFERENCE("'reference':'Patient/ 1'")},
        {"wrong-type", REFERENCE("'reference':'Patient/1','refernce':'x'")},
        {"wrong-type", REFERENCE("'identifier':{'value':'1','values':'2'}")},
        {"wrong-type", REFERENCE("'identifier':{'value':'1','type':{'coding':[]}}")},
        {"wrong-type", REFERENCE("'identifier':'1'")},
        {"invalid-date-time", REFERENCE("'identifier':{'value':'1','period':{'start':'2020-02-30'}}")},
        {"wrong-type", "'valueString':'Patient/1'"},
    };
    CHECK(state, "'type':'reference'", cases);
}

/* Reference.identifier.assigner is a Reference again: nesting ends somewhere. */
static void
nesting_of_datatypes_is_bounded(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a','type':'reference'}");
    for (int depth = 1; depth <= 5; depth++) {
        const char *reference = "{'display':'D'}";
        for (int i = 1; i < depth; i++) {
            reference = arena_format(fixture->arena, "{'identifier':{'value':'1','assigner':%s}}", reference);
        }
        bool good = form_judge(
            fixture, FORM_SUBMIT,
            arena_format(fixture->arena, "[{'linkId':'a','answer':[{'valueReference':%s}]}]", reference));
        assert_int_equal(good, depth <= 4);
    }
}

static void
extensions_of_answers(void **state)
{
    static const struct value_case cases[] = {
        {NULL, "'valueBoolean':true,'extension':[{'url':'u','valueString':'x','id':'i'}]"},
        {NULL, "'valueBoolean':true,'extension':[{'url':'u','extension':[{'url':'a','valueCode':'x'},{'url':'"
               "b','valueUnheardOf':{}}]}]"},
        {"invalid-extension", "'valueBoolean':true,'extension':[{'valueString':'x'}]"},
        {"invalid-extension", "'valueBoolean':true,'extension':[{'url':'u'}]"},
        {"invalid-extension",
         "'valueBoolean':true,'extension':[{'url':'u','valueString':'x','valueCode':'y'}]"},
        {"invalid-extension", "'valueBoolean':true,'extension':[{'url':'u','valueString':'x','extension':[{'"
                              "url':'a','valueCode':'x'}]}]"},
        {"invalid-extension", "'valueBoolean':true,'extension':[{'url':'u','value':'x'}]"},
        {"invalid-extension", "'valueBoolean':true,'extension':[{'url':'u','other':'x'}]"},
        {"invalid-extension", "'valueBoolean':true,'extension':[]"},
        {"invalid-extension", "'valueBoolean':true,'extension':{'url':'u','valueString':'x'}"},
        {NULL, "'valueBoolean':true,'_valueBoolean':{'id':'i','extension':[{'url':'u','valueString':'x'}]}"},
        {"invalid-extension", "'valueBoolean':true,'_valueBoolean':5"},
        {"invalid-extension", "'valueBoolean':true,'_valueBoolean':{}"},
        {"invalid-extension", "'valueBoolean':true,'_valueBoolean':{'value':true}"},
        {"unknown-element", "'valueBoolean':true,'_valueBool':{'id':'i'}"},
        {"modifier-extension", "'valueBoolean':true,'modifierExtension':[{'url':'u','valueString':'x'}]"},
    };
    CHECK(state, "'type':'boolean'", cases);
}

/* FHIR R4 lets numbers have a maximum length too: characters as written. */
static void
max_length_of_numbers_and_addresses(void **state)
{
    static const struct value_case whole[] = {{NULL, "'valueInteger':-12"},
                                              {"max-length", "'valueInteger':-123"}};
    static const struct value_case number[] = {{NULL, "'valueDecimal':1.2"},
                                               {"max-length", "'valueDecimal':1.20"}};
    static const struct value_case address[] = {{NULL, "'valueUri':'abc'"},
                                                {"max-length", "'valueUri':'abcd'"}};
    CHECK(state, "'type':'integer','maxLength':3", whole);
    CHECK(state, "'type':'decimal','maxLength':3", number);
    CHECK(state, "'type':'url','maxLength':3", address);
}

static void
options_of_every_kind(void **state)
{
    static const struct value_case times[] = {{NULL, "'valueTime':'10:00:00'"},
                                              {"not-an-option", "'valueTime':'11:00:00'"}};
    CHECK(state, "'type':'time','answerOption':[{'valueTime':'10:00:00'}]", times);
    static const struct value_case moments[] = {{NULL, "'valueDateTime':'2024-01-01'"},
                                                {"not-an-option", "'valueDateTime':'2024'"}};
    CHECK(state, "'type':'dateTime','answerOption':[{'valueDate':'2024-01-01'}]", moments);
    static const struct value_case decimals[] = {{NULL, "'valueDecimal':2.0"},
                                                 {NULL, "'valueDecimal':20e-1"},
                                                 {"not-an-option", "'valueDecimal':2.01"}};
    CHECK(state, "'type':'decimal','answerOption':[{'valueInteger':2}]", decimals);
    static const struct value_case references[] = {
        {NULL, "'valueReference':{'reference':'Patient/1','display':'x'}"},
        {"not-an-option", "'valueReference':{'reference':'Patient/2'}"},
        {"not-an-option", "'valueReference':{'identifier':{'value':'Patient/1'}}"}};
    CHECK(state, "'type':'choice','answerOption':[{'valueReference':{'reference':'Patient/1'}}]", references);
}

static void
decimals_compare_exactly(void **state)
{
    static const struct {
        const char *left;
        enum value_order order;
        const char *right;
    } cases[] = {
        {"0.1", VALUE_SAME, "0.10"},
        {"0.1", VALUE_SAME, "1e-1"},
        {"100", VALUE_SAME, "1E+2"},
        {"-0", VALUE_SAME, "0.000e5"},
        {"0", VALUE_MORE, "-0.1"},
        {"0", VALUE_LESS, "1e-300"},
        {"9007199254740993", VALUE_MORE, "9007199254740992"}, /* the same double */
        {"0.1000000000000000055", VALUE_MORE, "0.1"},
        {"-2", VALUE_LESS, "-1.999"},
        {"12.5", VALUE_LESS, "125"},
        {"1.05", VALUE_LESS, "1.5"},
        {"10.01", VALUE_SAME, "1001e-2"},
        {"99", VALUE_LESS, "100"},
    };
    struct form_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum value_order back = cases[i].order == VALUE_SAME   ? VALUE_SAME
                                : cases[i].order == VALUE_LESS ? VALUE_MORE
                                                               : VALUE_LESS;
        assert_int_equal(number_compare(cases[i].left, cases[i].right), cases[i].order);
        assert_int_equal(number_compare(cases[i].right, cases[i].left), back);
        assert_int_equal(strcmp(number_key(cases[i].left, fixture->arena),
                                number_key(cases[i].right, fixture->arena)) == 0,
                         cases[i].order == VALUE_SAME);
    }
    assert_int_equal(number_places("1.50"), 2);
    assert_int_equal(number_places("-15"), 0);
    assert_int_equal(number_places("1.5e-3"), 4);
    assert_int_equal(number_places("1.5e3"), 0);
}

static void
moments_compare(void **state)
{
    static const struct {
        const char *left;
        enum value_order order;
        const char *right;
    } cases[] = {
        {"2024-01-01T10:00:00Z", VALUE_SAME, "2024-01-01T12:00:00+02:00"},
        {"2024-01-01T00:30:00+01:00", VALUE_SAME, "2023-12-31T23:30:00Z"},
        {"2024-01-01T10:00:00Z", VALUE_SAME, "2024-01-01T10:00:00.000Z"},
        {"2024-01-01T10:00:00.01Z", VALUE_LESS, "2024-01-01T10:00:00.1Z"},
        {"2024-03-01T00:00:00Z", VALUE_MORE, "2024-02-29T23:59:59.9Z"},
        {"2016-12-31T23:59:60Z", VALUE_SAME, "2017-01-01T00:00:00Z"},
        {"2024-01-01T10:00:00-05:00", VALUE_MORE, "2024-01-01T10:00:00Z"},
        {"2024-01-01", VALUE_UNKNOWN, "2024-01-01T10:00:00Z"},
        {"2024-01-02", VALUE_MORE, "2024-01-01T10:00:00Z"},
        {"2024", VALUE_UNKNOWN, "2024-06"},
        {"2023", VALUE_LESS, "2024-06"},
        {"2024", VALUE_SAME, "2024"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (moment_compare(cases[i].left, cases[i].right) != cases[i].order) {
            fail_msg("%s and %s", cases[i].left, cases[i].right);
        }
    }
    assert_int_equal(moment_compare_times("10:00:00", "10:00:00.0"), VALUE_SAME);
    assert_int_equal(moment_compare_times("09:59:59.9", "10:00:00"), VALUE_LESS);
    assert_int_equal(moment_compare_times("10:00:01", "10:00:00.99"), VALUE_MORE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(moments_are_judged),    TEST(times_are_judged),
        TEST(addresses_are_judged),  TEST(decimals_keep_what_was_written),
        TEST(codings_are_judged),    TEST(open_choice),
        TEST(quantities_are_judged), TEST(attachments_are_judged),
        TEST(references_are_judged), TEST(nesting_of_datatypes_is_bounded),
        TEST(extensions_of_answers), TEST(max_length_of_numbers_and_addresses),
        TEST(options_of_every_kind), TEST(decimals_compare_exactly),
        TEST(moments_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
