/* Branching: every operator on every type, several conditions, nesting, repetitions, and what becomes of
 * answers. */
#include "tests/unit/form_fixture.h"

#include "lib/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ANSWER(id, answers) "{'linkId':'" id "','answer':[" answers "]}"
#define TARGET(conditions)  "{'linkId':'t','type':'string','required':true,'enableWhen':[" conditions "]}"

/* Whether the required question t is asked for: enabled and unanswered. */
static bool
asked(struct form_fixture *fixture, const char *items)
{
    (void)form_judge(fixture, FORM_DRAFT, items);
    return fixture->progress.required_missing != 0;
}

struct operator_case {
    const char *relation;
    const char *expected; /* answer[x] of the condition */
    bool none;            /* enabled without an answer? */
    bool less;            /* with the first, second, third answer? */
    bool same;
    bool more;
};

static void
check_operators(void **state, const char *type, const char *const answers[3],
                const struct operator_case *cases, size_t count)
{
    struct form_fixture *fixture = *state;
    for (size_t i = 0; i < count; i++) {
        const struct operator_case *one = &cases[i];
        form_of(fixture, arena_format(fixture->arena,
                                      "{'linkId':'q',%s}," TARGET("{'question':'q','operator':'%s',%s}"),
                                      type, one->relation, one->expected));
        const bool wanted[3] = {one->less, one->same, one->more};
        assert_int_equal(asked(fixture, NULL), one->none);
        for (size_t k = 0; k < 3; k++) {
            if (answers[k] == NULL) {
                continue;
            }
            if (asked(fixture, arena_format(fixture->arena, "[" ANSWER("q", "{%s}") "]", answers[k])) !=
                wanted[k]) {
                fail_msg("%s: %s %s %s", type, answers[k], one->relation, one->expected);
            }
        }
    }
}

#define CHECK(state, type, answers, cases)                                                                   \
    check_operators((state), (type), (answers), (cases), sizeof(cases) / sizeof(cases)[0])

#define ORDERED(expected)                                                                                    \
    {"exists", "'answerBoolean':true", false, true, true, true},                                             \
        {"exists", "'answerBoolean':false", true, false, false, false},                                      \
        {"=", expected, false, false, true, false}, {"!=", expected, true, true, false, true},               \
        {">", expected, false, false, false, true}, {"<", expected, false, true, false, false},              \
        {">=", expected, false, false, true, true}, {"<=", expected, false, true, true, false},

static void
integers_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueInteger':-1", "'valueInteger':5", "'valueInteger':6"};
    static const struct operator_case cases[] = {ORDERED("'answerInteger':5") ORDERED("'answerDecimal':5.0")};
    CHECK(state, "'type':'integer'", answers, cases);
}

static void
decimals_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueDecimal':0.1", "'valueDecimal':0.20", "'valueDecimal':1e3"};
    static const struct operator_case cases[] = {ORDERED("'answerDecimal':0.2")};
    CHECK(state, "'type':'decimal'", answers, cases);
}

static void
dates_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueDate':'2019-12-31'", "'valueDate':'2020-06-15'",
                                           "'valueDate':'2020-06-16'"};
    static const struct operator_case cases[] = {ORDERED("'answerDate':'2020-06-15'")};
    CHECK(state, "'type':'date'", answers, cases);
    /* Dates of another precision: decided by what both say, else neither less, same nor more. */
    static const char *const partial[3] = {"'valueDate':'2020-05'", "'valueDate':'2020-06'",
                                           "'valueDate':'2021'"};
    static const struct operator_case unknown[] = {
        {"=", "'answerDate':'2020-06-15'", false, false, false, false},
        {"!=", "'answerDate':'2020-06-15'", true, true, true, true},
        {"<", "'answerDate':'2020-06-15'", false, true, false, false},
        {">", "'answerDate':'2020-06-15'", false, false, false, true},
        {">=", "'answerDate':'2020-06-15'", false, false, false, true},
    };
    CHECK(state, "'type':'date'", partial, unknown);
}

static void
moments_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueDateTime':'2020-06-15T09:59:59.5Z'",
                                           "'valueDateTime':'2020-06-15T12:00:00+02:00'",
                                           "'valueDateTime':'2020-06-15T10:00:00-00:01'"};
    static const struct operator_case cases[] = {ORDERED("'answerDateTime':'2020-06-15T10:00:00Z'")};
    CHECK(state, "'type':'dateTime'", answers, cases);
    static const char *const partial[3] = {"'valueDateTime':'2020-06-14'", "'valueDateTime':'2020-06'",
                                           "'valueDateTime':'2020-06-16'"};
    static const struct operator_case unknown[] = {
        {"=", "'answerDateTime':'2020-06-15T10:00:00Z'", false, false, false, false},
        {"<=", "'answerDateTime':'2020-06-15T10:00:00Z'", false, true, false, false},
        {">", "'answerDateTime':'2020-06-15T10:00:00Z'", false, false, false, true},
        {">=", "'answerDate':'2020-06-15'", false, false, false, true},
    };
    CHECK(state, "'type':'dateTime'", partial, unknown);
}

static void
times_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueTime':'09:30:00'", "'valueTime':'10:00:00.0'",
                                           "'valueTime':'10:00:00.001'"};
    static const struct operator_case cases[] = {ORDERED("'answerTime':'10:00:00'")};
    CHECK(state, "'type':'time'", answers, cases);
}

#define KG ",'unit':'kg','system':'http://unitsofmeasure.org','code':'kg'}"

static void
quantities_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueQuantity':{'value':79.9" KG,
                                           "'valueQuantity':{'value':80.0" KG,
                                           "'valueQuantity':{'value':1e2" KG};
    static const struct operator_case cases[] = {
        ORDERED("'answerQuantity':{'value':80,'system':'http://unitsofmeasure.org','code':'kg'}")};
    CHECK(state, "'type':'quantity'", answers, cases);
    /* What has another unit, none, or is not exact is not compared: nothing is known of it. */
    static const char *const others[3] = {
        "'valueQuantity':{'value':80,'system':'http://unitsofmeasure.org','code':'g'}",
        "'valueQuantity':{'value':80,'unit':'kg'}", "'valueQuantity':{'comparator':'>','value':80" KG};
    static const struct operator_case unknown[] = {
        {"=", "'answerQuantity':{'value':80" KG, false, false, false, false},
        {">=", "'answerQuantity':{'value':80" KG, false, false, false, false},
        {"<=", "'answerQuantity':{'value':80" KG, false, false, false, false},
        {"!=", "'answerQuantity':{'value':80" KG, true, true, true, true},
        {"=", "'answerQuantity':{'value':80,'unit':'kg'}", false, false, true, false},
    };
    CHECK(state, "'type':'quantity'", others, unknown);
}

static void
references_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueReference':{'reference':'Patient/1'}",
                                           "'valueReference':{'reference':'Patient/2','display':'D'}",
                                           "'valueReference':{'display':'Patient/2'}"};
    static const struct operator_case cases[] = {
        {"exists", "'answerBoolean':true", false, true, true, true},
        {"=", "'answerReference':{'reference':'Patient/2'}", false, false, true, false},
        {"!=", "'answerReference':{'reference':'Patient/2'}", true, true, false, true},
    };
    CHECK(state, "'type':'reference'", answers, cases);
}

/* FHIR has no answerUri and no answerAttachment: an address is compared as text, a file can only be there. */
static void
addresses_and_files(void **state)
{
    static const char *const answers[3] = {"'valueUri':'http://a'", "'valueUri':'http://b'",
                                           "'valueUri':'http://c'"};
    static const struct operator_case cases[] = {ORDERED("'answerString':'http://b'")};
    CHECK(state, "'type':'url'", answers, cases);
    static const char *const files[3] = {"'valueAttachment':{'url':'u'}", NULL, NULL};
    static const struct operator_case there[] = {
        {"exists", "'answerBoolean':true", false, true, false, false},
        {"exists", "'answerBoolean':false", true, false, false, false},
    };
    CHECK(state, "'type':'attachment'", files, there);
}

static void
open_choices(void **state)
{
    static const char *const answers[3] = {"'valueString':'x'", "'valueCoding':{'system':'s','code':'x'}",
                                           "'valueCoding':{'system':'s','code':'y'}"};
    static const struct operator_case cases[] = {
        {"=", "'answerCoding':{'system':'s','code':'x'}", false, false, true, false},
        {"!=", "'answerCoding':{'system':'s','code':'x'}", true, true, false, true},
        {"=", "'answerString':'x'", false, true, false, false},
    };
    CHECK(state,
          "'type':'open-choice','answerOption':[{'valueCoding':{'system':'s','code':'x'}},{'valueCoding':{'"
          "system':'s','code':'y'}}]",
          answers, cases);
}

static void
strings_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueString':'B'", "'valueString':'b'",
                                           "'valueString':'\\u00e9'"};
    static const struct operator_case cases[] = {ORDERED("'answerString':'b'")};
    CHECK(state, "'type':'string'", answers, cases);
    CHECK(state, "'type':'text'", answers, cases);
}

static void
booleans_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueBoolean':false", "'valueBoolean':true", NULL};
    static const struct operator_case cases[] = {
        {"exists", "'answerBoolean':true", false, true, true, false},
        {"exists", "'answerBoolean':false", true, false, false, false},
        {"=", "'answerBoolean':true", false, false, true, false},
        {"=", "'answerBoolean':false", false, true, false, false},
        {"!=", "'answerBoolean':true", true, true, false, false},
    };
    CHECK(state, "'type':'boolean'", answers, cases);
}

static void
choices_are_compared(void **state)
{
    static const char *const answers[3] = {"'valueCoding':{'system':'s','code':'other'}",
                                           "'valueCoding':{'system':'s','code':'x','display':'Words'}",
                                           "'valueCoding':{'code':'x'}"};
    static const struct operator_case cases[] = {
        {"exists", "'answerBoolean':true", false, true, true, true},
        {"=", "'answerCoding':{'system':'s','code':'x','display':'Other words'}", false, false, true, false},
        {"!=", "'answerCoding':{'system':'s','code':'x'}", true, true, false, true},
    };
    CHECK(state, "'type':'choice'", answers, cases);
    static const char *const texts[3] = {"'valueString':'other'", "'valueString':'x'", "'valueInteger':3"};
    static const struct operator_case mixed[] = {
        {"=", "'answerString':'x'", false, false, true, false},
        {"=", "'answerInteger':3", false, false, false, true},
    };
    CHECK(state,
          "'type':'choice','answerOption':[{'valueString':'other'},{'valueString':'x'},{'valueInteger':3}]",
          texts, mixed);
}

/* "=" asks for one answer that is equal; "!=" that none is. */
static void
several_answers(void **state)
{
    struct form_fixture *fixture = *state;
    const char *both = "[" ANSWER("q", "{'valueInteger':1},{'valueInteger':9}") "]";
    form_of(fixture, "{'linkId':'q','type':'integer','repeats':true}," TARGET(
                         "{'question':'q','operator':'=','answerInteger':9}"));
    assert_true(asked(fixture, both));
    form_of(fixture, "{'linkId':'q','type':'integer','repeats':true}," TARGET(
                         "{'question':'q','operator':'!=','answerInteger':9}"));
    assert_false(asked(fixture, both));
    form_of(fixture, "{'linkId':'q','type':'integer','repeats':true}," TARGET(
                         "{'question':'q','operator':'<','answerInteger':5}"));
    assert_true(asked(fixture, both));
}

#define TWO_CONDITIONS(behavior)                                                                             \
    "{'linkId':'q','type':'integer'},{'linkId':'p','type':'boolean'},{'linkId':'t','type':'string',"         \
    "'required':true,'enableBehavior':'" behavior "','enableWhen':["                                         \
    "{'question':'q','operator':'>','answerInteger':5},{'question':'p','operator':'=','answerBoolean':true}" \
    "]}"

static void
all_and_any(void **state)
{
    struct form_fixture *fixture = *state;
    const char *first = "[" ANSWER("q", "{'valueInteger':6}") "]";
    const char *second = "[" ANSWER("p", "{'valueBoolean':true}") "]";
    const char *both = "[" ANSWER("q", "{'valueInteger':6}") "," ANSWER("p", "{'valueBoolean':true}") "]";
    form_of(fixture, TWO_CONDITIONS("all"));
    assert_false(asked(fixture, NULL));
    assert_false(asked(fixture, first));
    assert_false(asked(fixture, second));
    assert_true(asked(fixture, both));
    form_of(fixture, TWO_CONDITIONS("any"));
    assert_false(asked(fixture, NULL));
    assert_true(asked(fixture, first));
    assert_true(asked(fixture, second));
    assert_true(asked(fixture, both));
}

static void
what_stands_in_a_disabled_group_is_disabled(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            "{'linkId':'q','type':'boolean'},{'linkId':'g','type':'group','enableWhen':["
            "{'question':'q','operator':'=','answerBoolean':true}],'item':["
            "{'linkId':'h','type':'group','item':[{'linkId':'t','type':'string','required':true}]}]}");
    assert_false(asked(fixture, NULL));
    assert_int_equal(fixture->progress.total, 1);
    assert_true(asked(fixture, "[" ANSWER("q", "{'valueBoolean':true}") "]"));
    assert_int_equal(fixture->progress.total, 2);
}

/* a -> b -> c: when a closes b, b's answer no longer opens c, although it is still stored. */
static void
a_disabled_question_has_no_answer(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            TARGET("{'question':'b','operator':'=','answerBoolean':true}") ","
                                                                           "{'linkId':'b','type':'boolean','"
                                                                           "enableWhen':["
                                                                           "{'question':'a','operator':'=','"
                                                                           "answerBoolean':true}]},{'linkId':"
                                                                           "'a','type':'boolean'}");
    assert_true(asked(fixture,
                      "[" ANSWER("b", "{'valueBoolean':true}") "," ANSWER("a", "{'valueBoolean':true}") "]"));
    assert_false(asked(
        fixture, "[" ANSWER("b", "{'valueBoolean':true}") "," ANSWER("a", "{'valueBoolean':false}") "]"));
}

#define ROWS                                                                                                 \
    "{'linkId':'m','type':'group','repeats':true,'item':[{'linkId':'q','type':'boolean'},"                   \
    "{'linkId':'deep','type':'group','item':[{'linkId':'t','type':'string','required':true,"                 \
    "'enableWhen':[{'question':'q','operator':'=','answerBoolean':true}]}]}]}"

static void
the_same_group_instance_counts(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, ROWS);
    (void)form_judge(
        fixture, FORM_SUBMIT,
        "[{'linkId':'m','item':[" ANSWER(
            "q", "{'valueBoolean':false}") "]},"
                                           "{'linkId':'m','item':[" ANSWER(
                                               "q",
                                               "{'valueBoolean':true}") "]},"
                                                                        "{'linkId':'m','item':[" ANSWER(
                                                                            "q",
                                                                            "{'valueBoolean':false}") "]}]");
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, "required", "m[1]/deep/t"));
}

static void
any_instance_counts_for_items_outside(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            "{'linkId':'m','type':'group','repeats':true,'item':[{'linkId':'q','type':'boolean'}]}," TARGET(
                "{'question':'q','operator':'=','answerBoolean':true}"));
    assert_false(asked(fixture, "[{'linkId':'m','item':[" ANSWER("q", "{'valueBoolean':false}") "]}]"));
    assert_true(asked(fixture, "[{'linkId':'m','item':[" ANSWER(
                                   "q", "{'valueBoolean':false}") "]},"
                                                                  "{'linkId':'m','item':[" ANSWER(
                                                                      "q", "{'valueBoolean':true}") "]}]"));
}

static void
inside_a_repeating_group_a_question_outside_counts(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'q','type':'boolean'},{'linkId':'m','type':'group','repeats':true,'item':["
                     "{'linkId':'n','type':'string'}," TARGET(
                         "{'question':'q','operator':'=','answerBoolean':true}") "]}");
    (void)form_judge(
        fixture, FORM_SUBMIT,
        "[" ANSWER("q", "{'valueBoolean':true}") ",{'linkId':'m','item':[" ANSWER(
            "n", "{'valueString':'x'}") "]},{'linkId':'m','item':[" ANSWER("n", "{'valueString':'x'}") "]}]");
    assert_int_equal(form_notes(fixture), 2);
    assert_true(form_noted(fixture, "required", "m[0]/t"));
    assert_true(form_noted(fixture, "required", "m[1]/t"));
}

/* Below an answer, a condition on the question looks at that very answer, not at its neighbours. */
static void
below_an_answer_that_answer_counts(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'q','type':'string','repeats':true,'item':[" TARGET(
                         "{'question':'q','operator':'=','answerString':'other'}") "]}");
    (void)form_judge(fixture, FORM_SUBMIT,
                     "[" ANSWER("q", "{'valueString':'x'},{'valueString':'other'}") "]");
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, "required", "q[1]/t"));
}

static void
answers_to_disabled_items_are_not_judged(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            "{'linkId':'q','type':'boolean'},{'linkId':'t','type':'string','maxLength':1,'enableWhen':["
            "{'question':'q','operator':'=','answerBoolean':true}]}");
    const char *hidden = "[" ANSWER("t", "{'valueString':'too long'}") "]";
    assert_true(form_judge(fixture, FORM_DRAFT, hidden));
    assert_int_equal(form_notes(fixture), 0);
    assert_true(form_judge(fixture, FORM_SUBMIT, hidden));
    assert_true(form_noted(fixture, "disabled-dropped", "t"));
    assert_int_equal(fixture->issues.items[0].severity, FORM_INFORMATION);
}

static struct json_object *
submit(struct form_fixture *fixture, const char *items)
{
    form_issues_init(&fixture->issues, fixture->arena);
    return form_submit(fixture->form, form_json(fixture, items), FORM_NOON, fixture->arena, &fixture->issues,
                       &fixture->progress);
}

static void
submission_drops_disabled_answers_and_says_so(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'q','type':'boolean'},{'linkId':'t','type':'string','enableWhen':["
                     "{'question':'q','operator':'=','answerBoolean':true}]},{'linkId':'g','type':'group',"
                     "'enableWhen':[{'question':'q','operator':'=','answerBoolean':true}],'item':["
                     "{'linkId':'h','type':'string'}]}");
    const char *closed = "[" ANSWER("q", "{'valueBoolean':false}") "," ANSWER(
        "t", "{'valueString':'x'}") ",{'linkId':'g','item':[" ANSWER("h", "{'valueString':'y'}") "]}]";
    const char *open = "[" ANSWER("q", "{'valueBoolean':true}") "," ANSWER(
        "t", "{'valueString':'x'}") ",{'linkId':'g','item':[" ANSWER("h", "{'valueString':'y'}") "]}]";
    form_same(fixture, submit(fixture, open), open);
    assert_int_equal(form_notes(fixture), 0);
    form_same(fixture, submit(fixture, closed), "[" ANSWER("q", "{'valueBoolean':false}") "]");
    assert_int_equal(form_notes(fixture), 2);
    assert_true(form_noted(fixture, "disabled-dropped", "t"));
    assert_true(form_noted(fixture, "disabled-dropped", "g"));
    assert_int_equal(fixture->issues.errors, 0);
}

static void
submission_puts_in_order_and_drops_empty_shells(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(
        fixture,
        "{'linkId':'a','type':'string'},{'linkId':'d','type':'display'},"
        "{'linkId':'m','type':'group','repeats':true,'item':[{'linkId':'b','type':'string','repeats':true,"
        "'item':[{'linkId':'c','type':'string'}]}]}");
    form_same(fixture,
              submit(fixture, "[{'linkId':'m'},{'linkId':'m','text':'Row','item':[{'linkId':'b','answer':["
                              "{'valueString':'x','item':[]},{},{'item':[" ANSWER(
                                  "c", "{'valueString':'z'}") "]}]}]},"
                                                              "{'linkId':'d','text':'Shown'},{'linkId':'a','"
                                                              "answer':[{'valueString':'1'}]}]"),
              "[{'linkId':'a','answer':[{'valueString':'1'}]},{'linkId':'d','text':'Shown'},"
              "{'linkId':'m','text':'Row','item':[{'linkId':'b','answer':[{'valueString':'x'},"
              "{'item':[" ANSWER("c", "{'valueString':'z'}") "]}]}]}]");
    assert_int_equal(form_notes(fixture), 0);
    form_same(fixture, submit(fixture, "[]"), "[]");
}

static void
a_refused_submission_returns_what_it_was_given(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a','type':'string','required':true}");
    form_same(fixture, submit(fixture, "[{'linkId':'a'}]"), "[{'linkId':'a'}]");
    assert_true(form_noted(fixture, "required", "a"));
}

/* 5,000 conditional questions in a chain, and as many rows asking outside: one pass, no recursion. */
static void
long_chains_are_decided(void **state)
{
    struct form_fixture *fixture = *state;
    struct buf text;
    buf_init(&text, 16 * 1024 * 1024);
    for (int i = FORM_ITEMS_MAX - 1; i > 0; i--) {
        buf_format(&text,
                   "{'linkId':'%d','type':'boolean','enableWhen':[{'question':'%d','operator':'=','"
                   "answerBoolean':true}]},",
                   i, i - 1);
    }
    buf_text(&text, "{'linkId':'0','type':'boolean'}");
    form_of(fixture, buf_string(&text));
    buf_reset(&text);
    buf_byte(&text, '[');
    for (int i = FORM_ITEMS_MAX - 2; i >= 0; i--) {
        buf_format(&text, "{'linkId':'%d','answer':[{'valueBoolean':true}]}%s", i, i == 0 ? "]" : ",");
    }
    assert_true(form_judge(fixture, FORM_SUBMIT, buf_string(&text)));
    assert_int_equal(fixture->progress.total, FORM_ITEMS_MAX);
    assert_int_equal(fixture->progress.answered, FORM_ITEMS_MAX - 1);
    assert_true(form_judge(fixture, FORM_SUBMIT, NULL));
    assert_int_equal(fixture->progress.total, 1);
    buf_free(&text);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(integers_are_compared),
        TEST(decimals_are_compared),
        TEST(dates_are_compared),
        TEST(moments_are_compared),
        TEST(times_are_compared),
        TEST(quantities_are_compared),
        TEST(references_are_compared),
        TEST(addresses_and_files),
        TEST(open_choices),
        TEST(strings_are_compared),
        TEST(booleans_are_compared),
        TEST(choices_are_compared),
        TEST(several_answers),
        TEST(all_and_any),
        TEST(what_stands_in_a_disabled_group_is_disabled),
        TEST(a_disabled_question_has_no_answer),
        TEST(the_same_group_instance_counts),
        TEST(any_instance_counts_for_items_outside),
        TEST(inside_a_repeating_group_a_question_outside_counts),
        TEST(below_an_answer_that_answer_counts),
        TEST(answers_to_disabled_items_are_not_judged),
        TEST(submission_drops_disabled_answers_and_says_so),
        TEST(submission_puts_in_order_and_drops_empty_shells),
        TEST(a_refused_submission_returns_what_it_was_given),
        TEST(long_chains_are_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
