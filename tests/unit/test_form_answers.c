/* What answers must be: types, rules, structure, what is required, in a draft and on submission. */
#include "tests/unit/form_fixture.h"

#include "lib/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CODING(system, code) "{'valueCoding':{'system':'" system "','code':'" code "'}}"
#define A(answers)           "[{'linkId':'a','answer':[" answers "]}]"

struct answer_case {
    const char *code; /* NULL: taken */
    const char *items;
};

/* Each case is judged as a draft: what is wrong is wrong in both modes. */
static void
check_answers(void **state, const char *definition, const struct answer_case *cases, size_t count)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, definition);
    for (size_t i = 0; i < count; i++) {
        bool good = form_judge(fixture, FORM_DRAFT, cases[i].items);
        if (good != (cases[i].code == NULL)) {
            fail_msg("%s: %s", good ? "taken" : "refused", cases[i].items);
        }
        if (!good && strcmp(fixture->issues.items[0].code, cases[i].code) != 0) {
            fail_msg("%s, not %s: %s", fixture->issues.items[0].code, cases[i].code, cases[i].items);
        }
        assert_int_equal(form_judge(fixture, FORM_SUBMIT, cases[i].items), cases[i].code == NULL);
    }
}

#define CHECK(state, definition, cases)                                                                      \
    check_answers((state), (definition), (cases), sizeof(cases) / sizeof(cases)[0])

static void
booleans_are_judged(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A("{'valueBoolean':true}")},           {NULL, A("{'valueBoolean':false}")},
        {"wrong-type", A("{'valueBoolean':'true'}")}, {"wrong-type", A("{'valueBoolean':1}")},
        {"wrong-type", A("{'valueString':'true'}")},  {"wrong-type", A("{'valueBoolean':null}")},
    };
    CHECK(state, "{'linkId':'a','type':'boolean'}", cases);
}

static void
integers_are_judged(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A("{'valueInteger':0}")},
        {NULL, A("{'valueInteger':-2147483648}")},
        {NULL, A("{'valueInteger':2147483647}")},
        {"out-of-range", A("{'valueInteger':2147483648}")},
        {"out-of-range", A("{'valueInteger':-2147483649}")},
        {"out-of-range", A("{'valueInteger':99999999999999999999999}")},
        {"wrong-type", A("{'valueInteger':1.0}")},
        {"wrong-type", A("{'valueInteger':1e2}")},
        {"wrong-type", A("{'valueInteger':'1'}")},
        {"wrong-type", A("{'valueDecimal':1}")},
    };
    CHECK(state, "{'linkId':'a','type':'integer'}", cases);
}

static void
decimals_are_judged(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A("{'valueDecimal':1.50}")},
        {NULL, A("{'valueDecimal':-3}")},
        {NULL, A("{'valueDecimal':1e-7}")},
        {"wrong-type", A("{'valueDecimal':'1.5'}")},
        {"out-of-range", A("{'valueDecimal':1e999}")},
        {"wrong-type", A("{'valueInteger':1}")},
        {"wrong-type", A("{'valueDecimal':true}")},
    };
    CHECK(state, "{'linkId':'a','type':'decimal'}", cases);
}

static void
dates_are_judged(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A("{'valueDate':'2024'}")},
        {NULL, A("{'valueDate':'2024-12'}")},
        {NULL, A("{'valueDate':'2024-02-29'}")},
        {NULL, A("{'valueDate':'0001-01-01'}")},
        {"invalid-date", A("{'valueDate':'2023-02-29'}")},
        {"invalid-date", A("{'valueDate':'1900-02-29'}")},
        {"invalid-date", A("{'valueDate':'2024-13'}")},
        {"invalid-date", A("{'valueDate':'2024-00-10'}")},
        {"invalid-date", A("{'valueDate':'0000'}")},
        {"invalid-date", A("{'valueDate':'24'}")},
        {"invalid-date", A("{'valueDate':'2024-1-1'}")},
        {"invalid-date", A("{'valueDate':'2024-01-01T00:00:00Z'}")},
        {"invalid-date", A("{'valueDate':''}")},
        {"invalid-date", A("{'valueDate':' 2024'}")},
        {"wrong-type", A("{'valueDate':2024}")},
        {"wrong-type", A("{'valueDateTime':'2024-01-01'}")},
    };
    CHECK(state, "{'linkId':'a','type':'date'}", cases);
}

static void
texts_are_judged(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A("{'valueString':'x'}")},
        {NULL, A("{'valueString':'line\\nline\\ttab'}")},
        {NULL, A("{'valueString':' x '}")},
        {"empty", A("{'valueString':''}")},
        {"empty", A("{'valueString':' \\n\\t '}")},
        {"control-character", A("{'valueString':'\\u0001x'}")},
        {"control-character", A("{'valueString':'x\\u001b[0m'}")},
        {"wrong-type", A("{'valueString':5}")},
        {"wrong-type", A("{'valueUri':'x'}")},
        {"unknown-element", A("{'valueMarkdown':'x'}")}, /* FHIR has no such answer */
    };
    CHECK(state, "{'linkId':'a','type':'string'}", cases);
    CHECK(state, "{'linkId':'a','type':'text'}", cases);
}

/* Characters are counted, not bytes or UTF-16 units. */
static void
max_length(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A("{'valueString':'1234'}")},
        {"max-length", A("{'valueString':'12345'}")},
        {NULL, A("{'valueString':'\\u00e9\\u00e9\\u00e9\\u00e9'}")},
        {"max-length", A("{'valueString':'\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9'}")},
        {NULL, A("{'valueString':'\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00'}")},
    };
    CHECK(state, "{'linkId':'a','type':'string','maxLength':4}", cases);
    CHECK(state, "{'linkId':'a','type':'text','maxLength':4}", cases);
}

static void
a_text_has_at_most_a_megabyte(void **state)
{
    struct form_fixture *fixture = *state;
    struct buf text;
    form_of(fixture, "{'linkId':'a','type':'text'}");
    for (size_t extra = 0; extra <= 1; extra++) {
        buf_init(&text, 2 * FORM_STRING_MAX);
        buf_text(&text, "[{'linkId':'a','answer':[{'valueString':'");
        for (size_t i = 0; i < FORM_STRING_MAX + extra; i++) {
            buf_byte(&text, 'x');
        }
        buf_text(&text, "'}]}]");
        assert_int_equal(form_judge(fixture, FORM_DRAFT, buf_string(&text)), extra == 0);
        buf_free(&text);
    }
    assert_true(form_noted(fixture, "too-long", "a"));
}

static void
choices_are_judged(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A(CODING("s", "x"))},
        {NULL, A("{'valueCoding':{'system':'s','code':'x','display':'Other "
                 "words','version':'2','userSelected':true}}")},
        {NULL, A("{'valueCoding':{'code':'bare'}}")},
        {"not-an-option", A("{'valueCoding':{'system':'s','code':'bare'}}")},
        {"not-an-option", A(CODING("s", "y"))},
        {"not-an-option", A(CODING("t", "x"))},
        {"not-an-option", A("{'valueCoding':{'code':'x'}}")},
        {"not-an-option", A("{'valueCoding':{'system':'s','display':'x'}}")},
        {"no-code", A("{'valueCoding':{'system':'s'}}")},
        {"wrong-type", A("{'valueCoding':'x'}")},
        {"wrong-type", A("{'valueCoding':{'code':5}}")},
        {"wrong-type", A("{'valueCoding':{'code':'x','codes':'x'}}")},
        {"wrong-type", A("{'valueBoolean':true}")},
        {NULL, A("{'valueString':'word'}")},
        {"not-an-option", A("{'valueString':'other'}")},
        {NULL, A("{'valueInteger':7}")},
        {"not-an-option", A("{'valueInteger':8}")},
        {NULL, A("{'valueDate':'2020-01'}")},
        {"not-an-option", A("{'valueDate':'2020'}")},
    };
    CHECK(state,
          "{'linkId':'a','type':'choice','answerOption':[" CODING(
              "s", "x") ",{'valueCoding':{'code':'bare'}},"
                        "{'valueString':'word'},{'valueInteger':7},{'valueDate':'2020-01'}]}",
          cases);
}

static void
choice_from_a_contained_value_set(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(form_try(
        fixture, "{'resourceType':'Questionnaire','status':'active','contained':[{'resourceType':'ValueSet',"
                 "'id':'v','compose':{'include':[{'system':'s','concept':[{'code':'1'},{'code':'2'}]},"
                 "{'system':'t','concept':[{'code':'3'}]}]}},{'resourceType':'ValueSet','id':'e','expansion':"
                 "{'contains':[{'abstract':true,'system':'s','code':'head','contains':[{'system':'s','code':'"
                 "9'}]}]}}],"
                 "'item':[{'linkId':'a','type':'choice','answerValueSet':'#v'},"
                 "{'linkId':'b','type':'choice','answerValueSet':'#v'},"
                 "{'linkId':'c','type':'choice','answerValueSet':'#e'}]}"));
    assert_true(form_judge(fixture, FORM_SUBMIT, A(CODING("s", "2"))));
    assert_true(form_judge(fixture, FORM_SUBMIT, A(CODING("t", "3"))));
    assert_false(form_judge(fixture, FORM_SUBMIT, A(CODING("t", "1"))));
    assert_true(form_noted(fixture, "not-an-option", "a"));
    assert_true(form_judge(fixture, FORM_SUBMIT, "[{'linkId':'b','answer':[" CODING("s", "1") "]}]"));
    assert_true(form_judge(fixture, FORM_SUBMIT, "[{'linkId':'c','answer':[" CODING("s", "9") "]}]"));
    assert_false(form_judge(fixture, FORM_SUBMIT, "[{'linkId':'c','answer':[" CODING("s", "head") "]}]"));
}

static void
other_types_with_options(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, A("{'valueInteger':1}")},
        {"not-an-option", A("{'valueInteger':2}")},
        {"wrong-type", A("{'valueString':'1'}")},
    };
    CHECK(state, "{'linkId':'a','type':'integer','answerOption':[{'valueInteger':1},{'valueInteger':3}]}",
          cases);
}

static void
how_many(void **state)
{
    static const struct answer_case once[] = {
        {NULL, A("{'valueInteger':1}")},
        {"too-many-answers", A("{'valueInteger':1},{'valueInteger':2}")},
    };
    static const struct answer_case often[] = {
        {NULL, A("{'valueInteger':1},{'valueInteger':2},{'valueInteger':1}")},
        {"wrong-type", A("{'valueInteger':1},{'valueString':'x'}")},
    };
    CHECK(state, "{'linkId':'a','type':'integer'}", once);
    CHECK(state, "{'linkId':'a','type':'integer','repeats':true}", often);
}

static void
the_structure_is_judged(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, "[{'linkId':'a','answer':[{'valueString':'x'}]},{'linkId':'g','item':[{'linkId':'b','answer':"
               "[{'valueString':'x'}]}]}]"},
        {NULL, "[{'linkId':'a','text':'T','definition':'d','id':'1','extension':[{'url':'u','valueString':'x'"
               "}],'_text':{'id':'x'},"
               "'answer':[{'id':'2','extension':[{'url':'u','valueString':'x'}],'valueString':'x','_"
               "valueString':{'id':'y'}}]}]"},
        {NULL, "[{'linkId':'d','text':'Shown.'}]"},
        {"wrong-shape", "{}"},
        {"wrong-shape", "['a']"},
        {"missing-link-id", "[{'answer':[]}]"},
        {"missing-link-id", "[{'linkId':5}]"},
        {"unknown-item", "[{'linkId':'z'}]"},
        {"unknown-item", "[{'linkId':'A'}]"},
        {"wrong-nesting", "[{'linkId':'b','answer':[{'valueString':'x'}]}]"},
        {"wrong-nesting", "[{'linkId':'g','item':[{'linkId':'a','answer':[{'valueString':'x'}]}]}]"},
        {"duplicate-item",
         "[{'linkId':'a','answer':[{'valueString':'x'}]},{'linkId':'a','answer':[{'valueString':'x'}]}]"},
        {"duplicate-item", "[{'linkId':'g','item':[{'linkId':'b','answer':[{'valueString':'x'}]}]},"
                           "{'linkId':'g','item':[{'linkId':'b','answer':[{'valueString':'x'}]}]}]"},
        {"unknown-element", "[{'linkId':'a','answers':[]}]"},
        {"wrong-type", "[{'linkId':'a','text':5}]"},
        {"wrong-type", "[{'linkId':'a','definition':'a b'}]"},
        {"invalid-extension", "[{'linkId':'a','extension':[{'url':'u'}]}]"},
        {"invalid-extension", "[{'linkId':'a','_text':'x'}]"},
        {"unknown-element", "[{'linkId':'a','_item':{'id':'x'}}]"},
        {"modifier-extension", "[{'linkId':'a','modifierExtension':[{'url':'u'}]}]"},
        {"modifier-extension", A("{'valueString':'x','modifierExtension':[{'url':'u'}]}")},
        {"wrong-shape", "[{'linkId':'a','answer':{'valueString':'x'}}]"},
        {"wrong-shape", "[{'linkId':'a','answer':['x']}]"},
        {"one-value", A("{'valueString':'x','valueInteger':1}")},
        {"unknown-element", A("{'value':'x'}")},
        {"group-with-answer", "[{'linkId':'g','answer':[{'valueString':'x'}],'item':[{'linkId':'b','answer':["
                              "{'valueString':'x'}]}]}]"},
        {"wrong-shape", "[{'linkId':'g','item':{}}]"},
        {"wrong-nesting", "[{'linkId':'q','item':[{'linkId':'c','answer':[{'valueString':'x'}]}]}]"},
        {NULL, "[{'linkId':'q','answer':[{'valueBoolean':true,'item':[{'linkId':'c','answer':[{'valueString':"
               "'x'}]}]}]}]"},
        {"unknown-item", A("{'valueString':'x','item':[{'linkId':'c'}]}")},
        {"display-with-answer", "[{'linkId':'d','answer':[{'valueString':'x'}]}]"},
    };
    CHECK(state,
          "{'linkId':'a','type':'string'},{'linkId':'g','type':'group','item':[{'linkId':'b','type':'string'}"
          "]},"
          "{'linkId':'q','type':'boolean','item':[{'linkId':'c','type':'string'}]},{'linkId':'d','type':'"
          "display'}",
          cases);
}

#define SMALL "{'linkId':'a','type':'string'},{'linkId':'b','type':'string'}"

/* A draft may be written in any order and have empty shells; what is submitted elsewhere may not. */
static void
order_and_emptiness_count_on_submission_only(void **state)
{
    static const struct answer_case cases[] = {
        {"item-order",
         "[{'linkId':'b','answer':[{'valueString':'x'}]},{'linkId':'a','answer':[{'valueString':'x'}]}]"},
        {"empty-element", "[{'linkId':'a','answer':[]}]"},
        {"empty-element", "[{'linkId':'a','answer':[{}]}]"},
    };
    struct form_fixture *fixture = *state;
    form_of(fixture, SMALL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(form_judge(fixture, FORM_DRAFT, cases[i].items));
        assert_false(form_judge(fixture, FORM_SUBMIT, cases[i].items));
        assert_string_equal(fixture->issues.items[0].code, cases[i].code);
    }
}

#define NEEDED                                                                                               \
    "{'linkId':'a','type':'string','required':true},{'linkId':'b','type':'string'},"                         \
    "{'linkId':'g','type':'group','item':[{'linkId':'c','type':'integer','required':true}]},"                \
    "{'linkId':'r','type':'string','required':true,'readOnly':true}"

static void
required_answers_are_missed_on_submission(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, NEEDED);
    assert_true(form_judge(fixture, FORM_DRAFT, NULL));
    assert_int_equal(form_notes(fixture), 0);
    assert_int_equal(fixture->progress.answered, 0);
    assert_int_equal(fixture->progress.total, 3); /* what is read-only is nothing to do */
    assert_int_equal(fixture->progress.required_missing, 2);
    /* A group that is shown once is there even when the response does not have it. */
    assert_false(form_judge(fixture, FORM_SUBMIT, NULL));
    assert_int_equal(form_notes(fixture), 2);
    assert_true(form_noted(fixture, "required", "a"));
    assert_true(form_noted(fixture, "required", "g/c"));
    assert_true(form_judge(fixture, FORM_SUBMIT,
                           "[{'linkId':'a','answer':[{'valueString':'x'}]},{'linkId':'g','item':["
                           "{'linkId':'c','answer':[{'valueInteger':1}]}]}]"));
    assert_int_equal(fixture->progress.answered, 2);
    assert_int_equal(fixture->progress.required_missing, 0);
}

#define ROWS                                                                                                 \
    "{'linkId':'m','type':'group','repeats':true,'item':[{'linkId':'name','type':'string','required':true}," \
    "{'linkId':'dose','type':'string'}]}"

static void
required_in_repeating_groups(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, ROWS);
    assert_true(form_judge(fixture, FORM_SUBMIT, NULL)); /* no row: nothing is asked */
    assert_false(form_judge(fixture, FORM_SUBMIT,
                            "[{'linkId':'m','item':[{'linkId':'name','answer':[{'valueString':'x'}]}]},"
                            "{'linkId':'m','item':[{'linkId':'dose','answer':[{'valueString':'x'}]}]}]"));
    assert_true(form_noted(fixture, "required", "m[1]/name"));
    assert_string_equal(fixture->issues.items[0].expression, "QuestionnaireResponse.item[1]");
    assert_int_equal(fixture->progress.total, 4);
    assert_int_equal(fixture->progress.answered, 2);
}

static void
required_groups(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'g','type':'group','required':true,'item':[{'linkId':'a','type':'string'}]},"
                     "{'linkId':'m','type':'group','required':true,'repeats':true,'item':"
                     "[{'linkId':'b','type':'string','required':true}]}");
    assert_false(form_judge(fixture, FORM_SUBMIT, NULL));
    assert_true(form_noted(fixture, "required", "g"));
    assert_true(form_noted(fixture, "required", "m"));
    assert_int_equal(form_notes(fixture), 2);
    assert_int_equal(fixture->progress.required_missing, 2);
}

static void
items_below_answers(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'q','type':'string','repeats':true,'item':["
                     "{'linkId':'since','type':'date','required':true}]}");
    assert_true(form_judge(fixture, FORM_SUBMIT, NULL)); /* no answer, so nothing below it */
    assert_false(form_judge(fixture, FORM_SUBMIT,
                            "[{'linkId':'q','answer':[{'valueString':'x','item':[{'linkId':'since','answer':"
                            "[{'valueDate':'2020'}]}]},{'valueString':'y'}]}]"));
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, "required", "q[1]/since"));
    assert_int_equal(fixture->progress.total, 3);
    assert_int_equal(fixture->progress.answered, 2);
}

static void
every_fault_is_told_at_once_and_no_answer_is_repeated(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, NEEDED);
    assert_false(
        form_judge(fixture, FORM_SUBMIT,
                   "[{'linkId':'a','answer':[{'valueString':''}]},{'linkId':'secret-id'},"
                   "{'linkId':'g','item':[{'linkId':'c','answer':[{'valueInteger':123456789012}]}]}]"));
    assert_int_equal(form_notes(fixture), 3);
    assert_true(form_noted(fixture, "unknown-item", "secret-id"));
    assert_true(form_noted(fixture, "out-of-range", "g/c"));
    assert_string_equal(fixture->issues.items[2].expression,
                        "QuestionnaireResponse.item[2].item[0].answer[0]");
    for (size_t i = 0; i < form_notes(fixture); i++) {
        assert_null(strstr(fixture->issues.items[i].text, "123456789012"));
    }
}

static void
paths_of_strange_link_ids_are_encoded(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a/b[0]%','type':'string','required':true}");
    assert_false(form_judge(fixture, FORM_SUBMIT, NULL));
    assert_true(form_noted(fixture, "required", "a%2Fb%5B0%5D%25"));
}

static void
more_repetitions_than_can_be_judged_are_refused(void **state)
{
    struct form_fixture *fixture = *state;
    struct buf text;
    buf_init(&text, 64 * 1024 * 1024);
    buf_text(&text, "{'linkId':'m','type':'group','repeats':true,'item':[");
    for (int i = 0; i < 1000; i++) {
        buf_format(&text, "%s{'linkId':'%d','type':'string','required':true}", i == 0 ? "" : ",", i);
    }
    buf_text(&text, "]}");
    form_of(fixture, buf_string(&text));
    buf_reset(&text);
    for (int i = 0; i < 50000; i++) {
        buf_text(&text, i == 0 ? "[{'linkId':'m'}" : ",{'linkId':'m'}");
    }
    buf_text(&text, "]");
    assert_false(form_judge(fixture, FORM_DRAFT, buf_string(&text)));
    assert_true(form_noted(fixture, "too-large", ""));
    buf_free(&text);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(booleans_are_judged),
        TEST(integers_are_judged),
        TEST(decimals_are_judged),
        TEST(dates_are_judged),
        TEST(texts_are_judged),
        TEST(max_length),
        TEST(a_text_has_at_most_a_megabyte),
        TEST(choices_are_judged),
        TEST(choice_from_a_contained_value_set),
        TEST(other_types_with_options),
        TEST(how_many),
        TEST(the_structure_is_judged),
        TEST(order_and_emptiness_count_on_submission_only),
        TEST(required_answers_are_missed_on_submission),
        TEST(required_in_repeating_groups),
        TEST(required_groups),
        TEST(items_below_answers),
        TEST(every_fault_is_told_at_once_and_no_answer_is_repeated),
        TEST(paths_of_strange_link_ids_are_encoded),
        TEST(more_repetitions_than_can_be_judged_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
