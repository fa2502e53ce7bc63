/* Expressions of a definition: variables, calculation, branching, constraints, scores, initial values. */
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CORE "http://hl7.org/fhir/StructureDefinition/"
#define SDC  "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

/* In these texts ' is JSON's quote, as in all tests of forms, and ` is FHIRPath's. */
#define EXPRESSION(text) "'valueExpression':{'language':'text/fhirpath','expression':'" text "'}"
#define CALCULATED(text) "{'url':'" SDC "calculatedExpression'," EXPRESSION(text) "}"
#define ENABLED(text)    "{'url':'" SDC "enableWhenExpression'," EXPRESSION(text) "}"
#define INITIAL(text)    "{'url':'" SDC "initialExpression'," EXPRESSION(text) "}"
#define VARIABLE(name, text)                                                                                 \
    "{'url':'" CORE "variable','valueExpression':{'name':'" name "','language':'text/fhirpath',"             \
    "'expression':'" text "'}}"
#define CONSTRAINT(severity, human, text)                                                                    \
    "{'url':'" CORE "questionnaire-constraint','extension':[{'url':'key','valueId':'k'},"                    \
    "{'url':'severity','valueCode':'" severity "'},{'url':'human','valueString':'" human "'},"               \
    "{'url':'expression','valueString':'" text "'}]}"
#define ITEM(id, type, extensions) "{'linkId':'" id "','type':'" type "','extension':[" extensions "]}"
#define PLAIN(id, type)            "{'linkId':'" id "','type':'" type "'}"
#define ANSWER(id, value)          "{'linkId':'" id "','answer':[" value "]}"
#define VALUE_OF(id)               "%resource.item.where(linkId=`" id "`).answer.value"
#define OPTION(code, weight)                                                                                 \
    "{'extension':[{'url':'" CORE "ordinalValue','valueDecimal':" weight "}],'valueCoding':{'code':'" code   \
    "'}}"
#define CHOSEN(code) "{'valueCoding':{'code':'" code "'}}"

/* A questionnaire with these extensions and items; fails the test when it has errors. */
static void
form_with(struct form_fixture *fixture, const char *extensions, const char *items)
{
    const char *whole = arena_format(
        fixture->arena, "{'resourceType':'Questionnaire','status':'draft','extension':[%s],'item':[%s]}",
        extensions, form_quoted(fixture, items));
    whole = form_quoted(fixture, whole);
    if (!form_try(fixture, whole)) {
        (void)form_noted(fixture, "", "no such code");
        fail_msg("the form does not compile");
    }
}

static void
form_from(struct form_fixture *fixture, const char *items)
{
    form_with(fixture, VARIABLE("nothing", "{}"), items);
}

/* Fails the test unless the definition has an error of that code at that place. */
static void
refuses(struct form_fixture *fixture, const char *items, const char *code, const char *pointer)
{
    const char *whole =
        arena_format(fixture->arena, "{'resourceType':'Questionnaire','status':'draft','item':[%s]}", items);
    assert_false(form_try(fixture, form_quoted(fixture, whole)));
    assert_true(form_noted(fixture, code, pointer));
}

static struct json_object *
submit(struct form_fixture *fixture, const char *items)
{
    form_issues_init(&fixture->issues, fixture->arena);
    return form_submit(fixture->form, form_json(fixture, items), FORM_NOON, fixture->arena, &fixture->issues,
                       &fixture->progress);
}

/* What is kept of a submission that must be taken. */
static void
keeps(struct form_fixture *fixture, const char *items, const char *kept)
{
    struct json_object *found = submit(fixture, items);
    if (fixture->issues.errors != 0) {
        (void)form_noted(fixture, "", "no such code");
        fail_msg("the submission is refused");
    }
    form_same(fixture, found, kept);
}

/* ---- Definitions ---- */

static void
expressions_must_be_fhirpath_that_compiles(void **state)
{
    struct form_fixture *fixture = *state;
    refuses(fixture, ITEM("a", "integer", CALCULATED("1 +")), "invalid-expression",
            "/item/0/extension/0/valueExpression");
    assert_non_null(strstr(fixture->issues.items[0].text, "at byte "));
    refuses(fixture, ITEM("a", "integer", CALCULATED("1.nonsense()")), "invalid-expression",
            "/item/0/extension/0/valueExpression");
    refuses(fixture,
            ITEM("a", "integer",
                 "{'url':'" SDC "calculatedExpression','valueExpression':{'language':'text/cql',"
                 "'expression':'1'}}"),
            "expression-language", "/item/0/extension/0/valueExpression");
    refuses(fixture, ITEM("a", "integer", "{'url':'" SDC "calculatedExpression','valueString':'1'}"),
            "wrong-type", "/item/0/extension/0");
    refuses(fixture, ITEM("a", "integer", CALCULATED("1") "," CALCULATED("2")), "extension-twice",
            "/item/0/extension/1/valueExpression");
    form_from(fixture, ITEM("a", "integer", CALCULATED("1")));
}

static void
variables_are_known_below_and_after_themselves(void **state)
{
    struct form_fixture *fixture = *state;
    refuses(fixture, ITEM("a", "integer", CALCULATED("%x")), "unknown-variable",
            "/item/0/extension/0/valueExpression");
    refuses(fixture,
            "{'linkId':'g','type':'group','extension':[" VARIABLE("x", "1") "],'item':[" PLAIN(
                "a", "string") "]}," ITEM("b", "integer", CALCULATED("%x")),
            "unknown-variable", "/item/1/extension/0/valueExpression");
    refuses(fixture, ITEM("a", "integer", VARIABLE("resource", "1")), "variable-name",
            "/item/0/extension/0/valueExpression");
    refuses(fixture, ITEM("a", "integer", VARIABLE("x", "1") "," VARIABLE("x", "2")), "duplicate-variable",
            "/item/0/extension/1/valueExpression");
    form_with(fixture, VARIABLE("x", "2") "," VARIABLE("y", "%x * 10"),
              "{'linkId':'g','type':'group','extension':[" VARIABLE("x", "3") "],'item':[" ITEM(
                  "b", "integer", CALCULATED("%x + %y")) "]}");
    keeps(fixture, "[]", "[{'linkId':'g','item':[" ANSWER("b", "{'valueInteger':23}") "]}]");
}

static void
launch_contexts_are_known_and_empty(void **state)
{
    struct form_fixture *fixture = *state;
    form_with(fixture,
              "{'url':'" SDC "launchContext','extension':[{'url':'name','valueCoding':{'code':'patient'}}]}",
              ITEM("a", "string", CALCULATED("%patient.name.family")) "," ITEM(
                  "b", "boolean", CALCULATED("%patient.exists()")));
    keeps(fixture, "[]", "[" ANSWER("b", "{'valueBoolean':false}") "]");
}

static void
circles_are_refused(void **state)
{
    struct form_fixture *fixture = *state;
    refuses(fixture, ITEM("a", "integer", CALCULATED(VALUE_OF("a"))), "expression-cycle",
            "/item/0/extension/0/valueExpression");
    refuses(
        fixture,
        ITEM("a", "integer", CALCULATED(VALUE_OF("b"))) "," ITEM("b", "integer", CALCULATED(VALUE_OF("a"))),
        "expression-cycle", "/item/0/extension/0/valueExpression");
    refuses(fixture,
            "{'linkId':'g','type':'group','extension':[" ENABLED(
                "%resource.item.item.where(linkId=`a`).exists()") "],"
                                                                  "'item':[" PLAIN("a", "string") "]}",
            "expression-cycle", "/item/0/extension/0/valueExpression");
    refuses(fixture,
            "{'linkId':'a','type':'integer','extension':[" CALCULATED(
                VALUE_OF("b")) "]},{'linkId':'b','type':'integer','enableWhen':[{'question':'a','operator':'="
                               "','answerInteger':1}]}",
            "expression-cycle", "/item/0/extension/0/valueExpression");
}

static void
an_expression_may_choose_from_the_definition_the_item_that_it_stands_on(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture,
              "{'linkId':'c','type':'choice','extension':[" CALCULATED(
                  "%questionnaire.item.where(linkId=`"
                  "c`).answerOption.value.where(code="
                  "`y`)") "],"
                          "'answerOption':[" CHOSEN("x") "," CHOSEN("y") "]}," ITEM("t",
                                                                                    "strin"
                                                                                    "g",
                                                                                    CALCULATED("%q"
                                                                                               "it"
                                                                                               "em"
                                                                                               ".l"
                                                                                               "in"
                                                                                               "kI"
                                                                                               "d")));
    keeps(fixture, "[]", "[" ANSWER("c", CHOSEN("y")) "," ANSWER("t", "{'valueString':'t'}") "]");
}

static void
a_calculated_item_has_no_questions_below_it(void **state)
{
    struct form_fixture *fixture = *state;
    refuses(
        fixture,
        "{'linkId':'a','type':'integer','extension':[" CALCULATED("1") "],'item':[" PLAIN("b", "string") "]}",
        "calculated-with-items", "/item/0/extension/0/valueExpression");
    form_from(fixture, "{'linkId':'a','type':'integer','extension':[" CALCULATED(
                           "1") "],'item':[{'linkId':'b','type':'display','text':'Help'}]}");
}

/* ---- Calculation ---- */

static void
what_is_sent_for_a_calculated_item_does_not_count(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture, PLAIN("a", "integer") "," ITEM("b", "decimal", CALCULATED(VALUE_OF("a") " * 1.5")));
    keeps(fixture, "[" ANSWER("a", "{'valueInteger':3}") "]",
          "[" ANSWER("a", "{'valueInteger':3}") "," ANSWER("b", "{'valueDecimal':4.5}") "]");
    assert_int_equal(form_notes(fixture), 0);
    keeps(fixture, "[" ANSWER("a", "{'valueInteger':3}") "," ANSWER("b", "{'valueDecimal':99}") "]",
          "[" ANSWER("a", "{'valueInteger':3}") "," ANSWER("b", "{'valueDecimal':4.5}") "]");
    assert_true(form_noted(fixture, "calculated-ignored", "b"));
    assert_int_equal(fixture->issues.items[0].severity, FORM_INFORMATION);
    keeps(fixture, "[" ANSWER("a", "{'valueInteger':3}") "," ANSWER("b", "{'valueDecimal':4.50}") "]",
          "[" ANSWER("a", "{'valueInteger':3}") "," ANSWER("b", "{'valueDecimal':4.5}") "]");
    assert_int_equal(form_notes(fixture), 0);
    keeps(fixture, "[" ANSWER("b", "{'valueDecimal':99}") "]", "[]");
}

static void
a_result_becomes_the_type_of_its_item_or_nothing(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(
        fixture,
        ITEM("i", "integer", CALCULATED("4.0 / 2")) "," ITEM("d", "decimal", CALCULATED("7")) "," ITEM(
            "s", "string",
            CALCULATED(
                "`x` & `y`")) "," ITEM("b", "boolean",
                                       CALCULATED(
                                           "1 = 1")) "," ITEM("t", "date",
                                                              CALCULATED(
                                                                  "today()")) "," ITEM("n", "dateTime",
                                                                                       CALCULATED(
                                                                                           "now()")) "," ITEM("q",
                                                                                                              "quantity",
                                                                                                              CALCULATED(
                                                                                                                  "5 `mg`")));
    struct json_object *kept = submit(fixture, "[]");
    assert_int_equal(form_notes(fixture), 0);
    assert_int_equal(json_object_array_length(kept), 7);
    assert_non_null(strstr(json_object_to_json_string_ext(kept, JSON_C_TO_STRING_PLAIN),
                           "{\"linkId\":\"t\",\"answer\":[{\"valueDate\":\"2026-01-15\"}]}"));
    form_from(fixture,
              ITEM("i", "integer", CALCULATED("1.5")) "," ITEM("j", "integer", CALCULATED("1 | 2")) "," ITEM(
                  "b", "boolean", CALCULATED("`yes`")));
    keeps(fixture, "[]", "[]");
    assert_true(form_noted(fixture, "calculated-misfit", "i"));
    assert_true(form_noted(fixture, "calculated-misfit", "j"));
    assert_true(form_noted(fixture, "calculated-misfit", "b"));
    assert_int_equal(fixture->issues.errors, 0);
}

static void
calculations_follow_each_other_whatever_their_order(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(
        fixture,
        ITEM("c", "integer", CALCULATED(VALUE_OF("b") " + 1")) "," ITEM(
            "b", "integer",
            CALCULATED(VALUE_OF(
                "a") " + 1")) "," PLAIN("a", "integer") ","
                                                        "{'linkId':'d','type':'string','enableWhen':[{'"
                                                        "question':'c','operator':'>','answerInteger':10}],"
                                                        "'required':true}");
    assert_true(form_judge(fixture, FORM_SUBMIT, "[" ANSWER("a", "{'valueInteger':8}") "]"));
    assert_false(form_judge(fixture, FORM_SUBMIT, "[" ANSWER("a", "{'valueInteger':9}") "]"));
    assert_true(form_noted(fixture, "required", "d"));
}

static void
what_branching_disabled_is_not_seen(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture,
              PLAIN("q", "boolean") ",{'linkId':'a','type':'integer','enableWhen':[{'question':'q',"
                                    "'operator':'=','answerBoolean':true}]}," ITEM(
                                        "b", "integer",
                                        CALCULATED(VALUE_OF(
                                            "a"))) "," ITEM("n", "integer",
                                                            CALCULATED("%resource.item.where(linkId=`a` or "
                                                                       "linkId=`b`).count()")));
    keeps(fixture, "[" ANSWER("q", "{'valueBoolean':false}") "," ANSWER("a", "{'valueInteger':3}") "]",
          "[" ANSWER("q", "{'valueBoolean':false}") "," ANSWER("n", "{'valueInteger':0}") "]");
    keeps(fixture, "[" ANSWER("q", "{'valueBoolean':true}") "," ANSWER("a", "{'valueInteger':3}") "]",
          "[" ANSWER("q", "{'valueBoolean':true}") "," ANSWER("a", "{'valueInteger':3}") "," ANSWER(
              "b", "{'valueInteger':3}") "," ANSWER("n", "{'valueInteger':2}") "]");
}

static void
each_repetition_calculates_with_its_own_answers(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(
        fixture,
        "{'linkId':'g','type':'group','repeats':true,'extension':[" VARIABLE(
            "g", "%context") "],'item':[" PLAIN("a",
                                                "integer") "," ITEM("b", "integer",
                                                                    CALCULATED("%g.item.where(linkId=`a`)."
                                                                               "answer.value * 2")) "]}");
    keeps(
        fixture,
        "[{'linkId':'g','item':[" ANSWER("a", "{'valueInteger':1}") "]},{'linkId':'g','item':[" ANSWER(
            "a", "{'valueInteger':5}") "]}]",
        "[{'linkId':'g','item':[" ANSWER("a", "{'valueInteger':1}") "," ANSWER(
            "b",
            "{'valueInteger':2}") "]},{'linkId':'g','item':[" ANSWER("a",
                                                                     "{'valueInteger':5}") "," ANSWER("b",
                                                                                                      "{'"
                                                                                                      "valueI"
                                                                                                      "nteger"
                                                                                                      "':10}") "]}]");
}

static void
what_depends_on_everything_comes_last_and_must_come_to_an_end(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(
        fixture,
        ITEM("n", "integer",
             CALCULATED(
                 "%resource.item.answer.value.ofType(string).count()")) ","
                                                                        "{'linkId':'m','type':'string','"
                                                                        "enableWhen':[{'question':'n','"
                                                                        "operator':'=','answerInteger':2}]}"
                                                                        "," PLAIN("a", "string") "," PLAIN(
                                                                            "b", "string"));
    keeps(fixture, "[" ANSWER("a", "{'valueString':'x'}") "," ANSWER("b", "{'valueString':'y'}") "]",
          "[" ANSWER("n", "{'valueInteger':2}") "," ANSWER("a", "{'valueString':'x'}") "," ANSWER(
              "b", "{'valueString':'y'}") "]");
    form_from(fixture,
              ITEM("n", "integer", CALCULATED("%resource.item.answer.value.count() + 1")) "," ITEM(
                  "m", "integer", CALCULATED("%resource.item.answer.value.ofType(integer).sum() + 1")));
    assert_false(form_judge(fixture, FORM_DRAFT, "[]"));
    assert_true(form_noted(fixture, "calculation-unstable", ""));
}

static void
a_fault_is_a_warning_at_its_place(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture,
              PLAIN("a", "string") "," ITEM("b", "integer", CALCULATED(VALUE_OF("a") " + 1")) "," ITEM(
                  "e", "string", ENABLED(VALUE_OF("a") " > 3")) "," PLAIN("z", "string"));
    assert_true(form_judge(
        fixture, FORM_SUBMIT,
        "[" ANSWER("a", "{'valueString':'secret'}") "," ANSWER("e", "{'valueString':'kept'}") "]"));
    assert_true(form_noted(fixture, "expression-failed", "b"));
    assert_true(form_noted(fixture, "expression-failed", "e"));
    assert_int_equal(form_notes(fixture), 2);
    assert_int_equal(fixture->issues.items[0].severity, FORM_WARNING);
    assert_null(strstr(fixture->issues.items[0].text, "secret"));
}

static void
expressions_are_bounded(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(
        fixture,
        ITEM("a", "integer",
             CALCULATED("(1|2|3|4|5|6|7|8|9|10).select((1|2|3|4|5|6|7|8|9|10).select((1|2|3|4|5|6|7|8|9|10)"
                        ".select((1|2|3|4|5|6|7|8|9|10).select((1|2|3|4|5|6|7|8|9|10).select((1|2|3|4|5|6|7"
                        "|8|9|10).select((1|2|3|4|5|6|7|8|9|10))))))).count()")));
    assert_true(form_judge(fixture, FORM_DRAFT, "[]"));
    assert_true(form_noted(fixture, "expression-failed", "a"));
}

/* ---- enableWhenExpression ---- */

static void
an_expression_decides_whether_an_item_is_enabled(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture, PLAIN("a", "integer") ",{'linkId':'b','type':'string','required':true,'extension':"
                                             "[" ENABLED(VALUE_OF(
                                                 "a") " > 3") "]},{'linkId':'g','type':'group','extension':"
                                                              "[" ENABLED(VALUE_OF("b") ".exists()") "],'"
                                                                                                     "item':["
                                                                                                     "{'"
                                                                                                     "linkId'"
                                                                                                     ":'c','"
                                                                                                     "type':'"
                                                                                                     "string'"
                                                                                                     ",'"
                                                                                                     "require"
                                                                                                     "d':"
                                                                                                     "true}]"
                                                                                                     "}");
    assert_true(form_judge(fixture, FORM_SUBMIT, "[]"));
    assert_int_equal(fixture->progress.total, 1);
    assert_true(form_judge(fixture, FORM_SUBMIT, "[" ANSWER("a", "{'valueInteger':3}") "]"));
    assert_false(form_judge(fixture, FORM_SUBMIT, "[" ANSWER("a", "{'valueInteger':4}") "]"));
    assert_true(form_noted(fixture, "required", "b"));
    assert_false(
        form_judge(fixture, FORM_SUBMIT,
                   "[" ANSWER("a", "{'valueInteger':4}") "," ANSWER("b", "{'valueString':'x'}") "]"));
    assert_true(form_noted(fixture, "required", "g/c"));
    keeps(fixture, "[" ANSWER("a", "{'valueInteger':1}") "," ANSWER("b", "{'valueString':'x'}") "]",
          "[" ANSWER("a", "{'valueInteger':1}") "]");
    assert_true(form_noted(fixture, "disabled-dropped", "b"));
}

/* ---- Constraints ---- */

static void
a_constraint_is_told_in_the_words_of_its_author(void **state)
{
    struct form_fixture *fixture = *state;
    form_with(fixture,
              CONSTRAINT("error", "The end is before the start.", VALUE_OF("a") " <= " VALUE_OF("b")),
              PLAIN("a", "date") "," PLAIN("b", "date"));
    assert_true(form_judge(fixture, FORM_SUBMIT, "[" ANSWER("a", "{'valueDate':'2024-05-01'}") "]"));
    assert_true(form_judge(
        fixture, FORM_SUBMIT,
        "[" ANSWER("a", "{'valueDate':'2024-05-01'}") "," ANSWER("b", "{'valueDate':'2024-05-02'}") "]"));
    assert_false(form_judge(
        fixture, FORM_SUBMIT,
        "[" ANSWER("a", "{'valueDate':'2024-05-03'}") "," ANSWER("b", "{'valueDate':'2024-05-02'}") "]"));
    assert_true(form_noted(fixture, "constraint", ""));
    assert_string_equal(fixture->issues.items[0].text, "The end is before the start.");
    refuses(fixture,
            ITEM("a", "string",
                 "{'url':'" CORE "questionnaire-constraint','extension':[{'url':'key',"
                 "'valueId':'k'}]}"),
            "invalid-constraint", "/item/0/extension/0");
    refuses(fixture, ITEM("a", "string", CONSTRAINT("fatal", "No.", "true")), "invalid-code",
            "/item/0/extension/0");
}

static void
constraints_of_items_are_about_what_is_there(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(
        fixture,
        ITEM(
            "a", "integer",
            CONSTRAINT(
                "error", "Even, please.",
                "answer.value mod 2 = 0")) ","
                                           "{'linkId':'g','type':'group','repeats':true,'extension':"
                                           "[" CONSTRAINT(
                                               "warning", "Both, please.",
                                               "item.count() = 2") "],'item':[" PLAIN("b",
                                                                                      "string") "," PLAIN("c",
                                                                                                          "st"
                                                                                                          "ri"
                                                                                                          "n"
                                                                                                          "g") "]}");
    assert_true(form_judge(fixture, FORM_DRAFT, "[]"));
    assert_int_equal(form_notes(fixture), 0);
    assert_false(form_judge(
        fixture, FORM_DRAFT,
        "[" ANSWER("a", "{'valueInteger':3}") ",{'linkId':'g','item':[" ANSWER(
            "b", "{'valueString':'x'}") "," ANSWER("c",
                                                   "{'valueString':'x'}") "]},"
                                                                          "{'linkId':'g','item':[" ANSWER(
                                                                              "b",
                                                                              "{'valueString':'x'}") "]}]"));
    assert_int_equal(form_notes(fixture), 2);
    assert_true(form_noted(fixture, "constraint", "a"));
    assert_true(form_noted(fixture, "constraint", "g[1]"));
    assert_int_equal(fixture->issues.items[1].severity, FORM_WARNING);
}

static void
a_location_moves_the_finding(void **state)
{
    struct form_fixture *fixture = *state;
    form_with(fixture,
              "{'url':'" CORE "targetConstraint','extension':[{'url':'key','valueId':'k'},{'url':'severity',"
              "'valueCode':'error'},{'url':'human','valueString':'No.'},{'url':'expression'," EXPRESSION(
                  "false") "},{'url':'location','valueString':'item.where(linkId=`b`)'}]}",
              PLAIN("a", "string") "," PLAIN("b", "string"));
    assert_false(form_judge(fixture, FORM_DRAFT, "[]"));
    assert_true(form_noted(fixture, "constraint", "b"));
}

/* ---- Scores ---- */

#define SUM   "{'url':'urn:anamnesis:extension:sum-of-weights','valueBoolean':true}"
#define SCORE "{'url':'urn:anamnesis:extension:score','valueBoolean':true}"
#define BAND(min, max, code)                                                                                 \
    "{'url':'band','extension':[{'url':'min','valueDecimal':" min "},{'url':'max','valueDecimal':" max "},"  \
    "{'url':'code','valueCode':'" code "'},{'url':'label','valueString':'" code "!'}]}"
#define BANDS(list) "{'url':'urn:anamnesis:extension:score-bands','extension':[" list "]}"
#define WEIGHTED(id, required)                                                                               \
    "{'linkId':'" id "','type':'choice','required':" required                                                \
    ",'answerOption':[" OPTION("n", "0") "," OPTION("l", "0.1") "," OPTION("h", "0.20") "]}"

static const struct form_score_value *
scores(struct form_fixture *fixture, struct json_object *items, size_t wanted)
{
    size_t count = 0;
    const struct form_score_value *values = form_scores(fixture->form, items, fixture->arena, &count);
    assert_int_equal(count, wanted);
    return values;
}

static void
weights_are_summed_exactly_and_mean_a_band(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture,
              "{'linkId':'g','type':'group','item':[" WEIGHTED("a", "true") "," WEIGHTED(
                  "b", "false") ","
                                "{'linkId':'s','type':'decimal','text':'Total','extension':[" SUM
                                "," BANDS(BAND("0", "0.1", "low") "," BAND("0.2", "0.3", "high")) "]}]}");
    struct json_object *kept = submit(
        fixture, "[{'linkId':'g','item':[" ANSWER("a", CHOSEN("l")) "," ANSWER("b", CHOSEN("h")) "]}]");
    const struct form_score_value *score = scores(fixture, kept, 1);
    assert_string_equal(score->link_id, "s");
    assert_string_equal(score->text, "Total");
    assert_string_equal(score->value, "0.30");
    assert_string_equal(score->band_code, "high");
    assert_string_equal(score->band_label, "high!");
    kept = submit(fixture, "[{'linkId':'g','item':[" ANSWER("a", CHOSEN("n")) "]}]");
    score = scores(fixture, kept, 1);
    assert_string_equal(score->value, "0");
    assert_string_equal(score->band_code, "low");
}

static void
there_is_no_sum_without_the_required_answers(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture, WEIGHTED("a", "true") "," WEIGHTED("b", "false") "," ITEM("s", "decimal", SUM));
    const char *items = "[" ANSWER("b", CHOSEN("h")) "]";
    struct json_object *draft = form_json(fixture, items);
    form_issues_init(&fixture->issues, fixture->arena);
    (void)form_update(fixture->form, &(struct form_draft){.items = draft}, FORM_NOON, fixture->arena,
                      &fixture->issues, NULL);
    form_same(fixture, draft, items);
    (void)scores(fixture, draft, 0);
    form_from(fixture, WEIGHTED("a", "false") "," ITEM("s", "integer", SUM));
    keeps(fixture, "[]", "[]");
    keeps(fixture, "[" ANSWER("a", CHOSEN("l")) "]", "[" ANSWER("a", CHOSEN("l")) "]");
    assert_true(form_noted(fixture, "calculated-misfit", "s"));
}

static void
scores_are_numbers_that_are_calculated(void **state)
{
    struct form_fixture *fixture = *state;
    refuses(fixture, ITEM("a", "decimal", SCORE), "invalid-score", "/item/0/extension/0");
    refuses(fixture, ITEM("a", "string", CALCULATED("`x`") "," SCORE), "invalid-score",
            "/item/0/extension/1");
    refuses(fixture, ITEM("a", "decimal", SUM), "invalid-score", "/item/0/extension/0");
    refuses(fixture,
            ITEM("a", "decimal", CALCULATED("1") "," BANDS(BAND("0", "4", "x") "," BAND("4", "5", "y"))),
            "invalid-score", "/item/0/extension/1");
    form_from(fixture,
              ITEM("a", "decimal", CALCULATED("2.50") "," SCORE) "," ITEM(
                  "b", "integer",
                  CALCULATED("7") "," BANDS(
                      BAND("0", "6", "x"))) "," ITEM("c", "integer",
                                                     CALCULATED("8")) "," ITEM("d", "integer",
                                                                               CALCULATED("{}") "," SCORE));
    const struct form_score_value *found = scores(fixture, submit(fixture, "[]"), 2);
    assert_string_equal(found[0].link_id, "a");
    assert_string_equal(found[0].value, "2.50");
    assert_null(found[0].band_code);
    assert_string_equal(found[1].link_id, "b");
    assert_null(found[1].band_code);
}

static void
expressions_know_the_weights_of_options_and_of_concepts(void **state)
{
    struct form_fixture *fixture = *state;
    const char *whole =
        "{'resourceType':'Questionnaire','status':'draft','contained':[{'resourceType':'ValueSet','id':'v',"
        "'status':'active','compose':{'include':[{'system':'urn:s','concept':[{'code':'x','extension':[{'url'"
        ":'" CORE
        "itemWeight','valueDecimal':5}]}]}]}}],'item':[{'linkId':'a','type':'choice','answerValueSet':'#v'}"
        "," WEIGHTED("b", "false") "," ITEM(
            "s", "decimal", CALCULATED(VALUE_OF("a") ".weight() + " VALUE_OF("b") ".ordinal()")) "]}";
    assert_true(form_try(fixture, form_quoted(fixture, whole)));
    const char *given = "{'valueCoding':{'system':'urn:s','code':'x'}}";
    struct json_object *kept = submit(
        fixture, arena_format(fixture->arena, "[" ANSWER("a", "%s") "," ANSWER("b", CHOSEN("l")) "]", given));
    assert_non_null(
        strstr(json_object_to_json_string_ext(kept, JSON_C_TO_STRING_PLAIN), "\"valueDecimal\":5.1"));
}

/* ---- Initial values ---- */

static void
a_response_begins_with_initial_values(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(
        fixture,
        "{'linkId':'a','type':'string','initial':[{'valueString':'x'}]},"
        "{'linkId':'g','type':'group','repeats':true,'item':[{'linkId':'b','type':'choice','answerOption':["
        "{'valueCoding':{'code':'x'}},{'valueCoding':{'code':'y'},'initialSelected':true}]},"
        "{'linkId':'h','type':'group','item':[" ITEM(
            "c", "string",
            INITIAL(VALUE_OF(
                "a") " & `!`")) "]}]},"
                                "{'linkId':'e','type':'group','item':[" ITEM(
                                    "f", "string",
                                    INITIAL("{}")) "]}," ITEM("i", "integer",
                                                              INITIAL("`x`")) "," PLAIN("z", "string"));
    form_issues_init(&fixture->issues, fixture->arena);
    struct json_object *items = form_initial(fixture->form, FORM_NOON, fixture->arena, &fixture->issues);
    form_same(fixture, items,
              "[" ANSWER("a", "{'valueString':'x'}") ",{'linkId':'g','item':[" ANSWER(
                  "b", CHOSEN("y")) ","
                                    "{'linkId':'h','item':[" ANSWER("c", "{'valueString':'x!'}") "]}]}]");
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, "initial-misfit", "i"));
    form_from(fixture, PLAIN("z", "string"));
    form_same(fixture, form_initial(fixture->form, FORM_NOON, fixture->arena, &fixture->issues), "[]");
}

/* ---- Drafts ---- */

static void
auto_save_leaves_calculated_items_alone(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture, PLAIN("a", "integer") "," ITEM("b", "integer", CALCULATED(VALUE_OF("a") " + 1")));
    assert_int_equal(form_save(fixture, "b", "[{'valueInteger':7}]"), FORM_MERGED);
    form_same(fixture, fixture->items, "[]");
    assert_int_equal(form_save(fixture, "a", "[{'valueInteger':7}]"), FORM_MERGED);
    form_issues_init(&fixture->issues, fixture->arena);
    (void)form_update(fixture->form, &(struct form_draft){.items = fixture->items}, FORM_NOON, fixture->arena,
                      &fixture->issues, &fixture->progress);
    form_same(fixture, fixture->items,
              "[" ANSWER("a", "{'valueInteger':7}") "," ANSWER("b", "{'valueInteger':8}") "]");
    assert_int_equal(fixture->progress.total, 1);
    form_note_ignored(fixture->form, fixture->items, "b", form_json(fixture, "[{'valueInteger':8}]"),
                      &fixture->issues);
    form_note_ignored(fixture->form, fixture->items, "a", form_json(fixture, "[{'valueInteger':1}]"),
                      &fixture->issues);
    assert_int_equal(form_notes(fixture), 0);
    form_note_ignored(fixture->form, fixture->items, "b", form_json(fixture, "[{'valueInteger':7}]"),
                      &fixture->issues);
    assert_true(form_noted(fixture, "calculated-ignored", "b"));
}

static void
groups_come_and_go_with_what_is_calculated_in_them(void **state)
{
    struct form_fixture *fixture = *state;
    form_from(fixture, PLAIN("a", "integer") ",{'linkId':'g','type':'group','required':true,'item':[" ITEM(
                           "b", "integer", CALCULATED(VALUE_OF("a"))) "," PLAIN("c", "string") "]}");
    struct json_object *draft = form_json(fixture, "[" ANSWER("a", "{'valueInteger':7}") "]");
    (void)form_update(fixture->form, &(struct form_draft){.items = draft}, FORM_NOON, fixture->arena,
                      &fixture->issues, &fixture->progress);
    form_same(fixture, draft,
              "[" ANSWER("a", "{'valueInteger':7}") ",{'linkId':'g','item':[" ANSWER(
                  "b", "{'valueInteger':7}") "]}]");
    assert_int_equal(fixture->progress.required_missing, 1); /* nobody filled the group in */
    json_object_array_del_idx(draft, 0, 1);
    (void)form_update(fixture->form, &(struct form_draft){.items = draft}, FORM_NOON, fixture->arena,
                      &fixture->issues, &fixture->progress);
    form_same(fixture, draft, "[]");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(expressions_must_be_fhirpath_that_compiles),
        TEST(variables_are_known_below_and_after_themselves),
        TEST(launch_contexts_are_known_and_empty),
        TEST(circles_are_refused),
        TEST(an_expression_may_choose_from_the_definition_the_item_that_it_stands_on),
        TEST(a_calculated_item_has_no_questions_below_it),
        TEST(what_is_sent_for_a_calculated_item_does_not_count),
        TEST(a_result_becomes_the_type_of_its_item_or_nothing),
        TEST(calculations_follow_each_other_whatever_their_order),
        TEST(what_branching_disabled_is_not_seen),
        TEST(each_repetition_calculates_with_its_own_answers),
        TEST(what_depends_on_everything_comes_last_and_must_come_to_an_end),
        TEST(a_fault_is_a_warning_at_its_place),
        TEST(expressions_are_bounded),
        TEST(an_expression_decides_whether_an_item_is_enabled),
        TEST(a_constraint_is_told_in_the_words_of_its_author),
        TEST(constraints_of_items_are_about_what_is_there),
        TEST(a_location_moves_the_finding),
        TEST(weights_are_summed_exactly_and_mean_a_band),
        TEST(there_is_no_sum_without_the_required_answers),
        TEST(scores_are_numbers_that_are_calculated),
        TEST(expressions_know_the_weights_of_options_and_of_concepts),
        TEST(a_response_begins_with_initial_values),
        TEST(auto_save_leaves_calculated_items_alone),
        TEST(groups_come_and_go_with_what_is_calculated_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
