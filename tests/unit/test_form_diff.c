/* What changed between two definitions, and which changes break answers that were given before. */
#include "lib/form/versions/diff.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ITEM(id, more)   "{'linkId':'" id "','type':'string'" more "}"
#define Q(id)            ITEM(id, "")
#define GROUP(id, items) "{'linkId':'" id "','type':'group','item':[" items "]}"
#define CORE             "http://hl7.org/fhir/StructureDefinition/"
#define SDC              "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
#define EXT(url, value)  "{'url':'" url "','valueInteger':" value "}"
#define CODE(code, more) "{'valueCoding':{'system':'s','code':'" code "'" more "}}"
#define CHOICE(options)  "{'linkId':'c','type':'choice','answerOption':[" options "]}"

static struct json_object *
questionnaire(struct form_fixture *fixture, const char *items, const char *more)
{
    return form_json(
        fixture, arena_format(fixture->arena, "{'resourceType':'Questionnaire','item':[%s]%s}", items, more));
}

/* Demands exactly these changes, each as `kind linkId detail` with `!` when breaking and `-` when answers may
 * be lost. */
static void
changes(struct form_fixture *fixture, struct json_object *before, struct json_object *after,
        const char *const *wanted)
{
    struct form_diff diff;
    size_t breaking = 0;
    form_compare(before, NULL, after, NULL, fixture->arena, &diff);
    for (size_t i = 0; i < diff.count; i++) {
        const struct form_change *it = &diff.changes[i];
        const char *text = arena_format(fixture->arena, "%s %s %s%s%s", it->kind, it->link_id, it->detail,
                                        it->breaking ? "!" : "", it->loses ? "-" : "");
        assert_non_null(wanted[i]);
        assert_string_equal(text, wanted[i]);
        breaking += it->breaking;
    }
    assert_null(wanted[diff.count]);
    assert_int_equal(diff.breaking, breaking);
    assert_int_equal(diff.omitted, 0);
}

#define CHANGES(before, after, ...)                                                                          \
    changes(*state, questionnaire(*state, before, ""), questionnaire(*state, after, ""),                     \
            (const char *const[]){__VA_ARGS__ NULL})
#define SAME(before, after) CHANGES(before, after, )

static void
nothing_changed(void **state)
{
    SAME(Q("a") "," GROUP("g", Q("b")), Q("a") "," GROUP("g", Q("b")));
    SAME("{'linkId':'a','type':'string','text':'T'}", "{'text':'T','type':'string','linkId':'a'}");
}

static void
items_added_and_removed(void **state)
{
    CHANGES(Q("a"), Q("a") "," Q("b"), "item-added b string", );
    CHANGES(Q("a"), Q("a") "," ITEM("b", ",'required':true"), "item-added b string!", );
    CHANGES(Q("a") "," Q("b"), Q("b"), "item-removed a string!-", );
    CHANGES(Q("b") ",{'linkId':'d','type':'display'}", Q("b"), "item-removed d display", );
    CHANGES(GROUP("g", Q("a")), Q("b"), "item-removed g group", "item-removed a string!-",
            "item-added b string", );
}

static void
items_moved(void **state)
{
    CHANGES(Q("a") "," GROUP("g", Q("b")), GROUP("g", Q("b") "," Q("a")), "item-moved a !-", );
    CHANGES(GROUP("g", Q("a")), GROUP("h", Q("a")), "item-removed g group", "item-moved a !-",
            "item-added h group", );
    CHANGES(Q("a") "," Q("b") "," Q("c"), Q("b") "," Q("c") "," Q("a"), "item-reordered b ",
            "item-reordered c ", );
    CHANGES(Q("a") "," Q("c"), Q("a") "," Q("b") "," Q("c"), "item-added b string", );
}

static void
items_retyped(void **state)
{
    CHANGES(Q("a"), "{'linkId':'a','type':'integer'}", "item-retyped a string to integer!-", );
    CHANGES(Q("a"), "{'linkId':'a','type':'text'}", "item-retyped a string to text", );
    CHANGES("{'linkId':'a','type':'text'}", Q("a"), "item-retyped a text to string!-", );
    CHANGES("{'linkId':'a','type':'choice'}", "{'linkId':'a','type':'open-choice'}",
            "item-retyped a choice to open-choice", );
    CHANGES("{'linkId':'a','type':'display'}", Q("a"), "item-retyped a display to string", );
}

static void
changed_flags_are_told(void **state)
{
    CHANGES(Q("a"), ITEM("a", ",'required':true"), "required-added a !", );
    CHANGES(ITEM("a", ",'required':true"), ITEM("a", ",'required':false"), "required-removed a ", );
    CHANGES(Q("a"), ITEM("a", ",'repeats':true"), "repeats-added a ", );
    CHANGES(ITEM("a", ",'repeats':true"), Q("a"), "repeats-removed a !-", );
    CHANGES(Q("a"), ITEM("a", ",'readOnly':true"), "read-only-added a !-", );
    CHANGES(ITEM("a", ",'readOnly':true"), Q("a"), "read-only-removed a ", );
    SAME(ITEM("a", ",'required':false"), Q("a"));
}

static void
changed_options_are_told(void **state)
{
    CHANGES(CHOICE(CODE("x", "")), CHOICE(CODE("x", "") "," CODE("y", "")), "option-added c s|y", );
    CHANGES(CHOICE(CODE("x", "") "," CODE("y", "")), CHOICE(CODE("y", "")), "option-removed c s|x!-", );
    CHANGES(CHOICE(CODE("x", ",'display':'X'")), CHOICE(CODE("x", ",'display':'Other'")),
            "text-changed c s|x", );
    SAME(CHOICE(CODE("x", "") "," CODE("y", "")), CHOICE(CODE("y", "") "," CODE("x", "")));
    CHANGES(CHOICE("{'valueInteger':1}"), CHOICE("{'valueInteger':2}"), "option-removed c 1!-",
            "option-added c 2", );
    CHANGES(CHOICE("{'valueString':'x'}"), CHOICE("{'valueString':'x','initialSelected':true}"),
            "initial-changed c \"x\"", );
#define SCORED(value) CHOICE("{'valueCoding':{'code':'x'},'extension':[" EXT(CORE "ordinalValue", value) "]}")
    CHANGES(SCORED("1"), SCORED("2"), "score-changed c " CORE "ordinalValue!", );
#define WEIGHED(value) CHOICE(CODE("x", ",'extension':[" EXT(CORE "itemWeight", value) "]"))
    CHANGES(WEIGHED("1"), WEIGHED("2"), "score-changed c " CORE "itemWeight!", );
}

static void
value_sets(void **state)
{
    struct form_fixture *fixture = *state;
    const char *by_id = "{'linkId':'c','type':'choice','answerValueSet':'#v'}";
    const char *one = ",'contained':[{'resourceType':'ValueSet','id':'v','url':'u'}]";
    const char *other = ",'contained':[{'resourceType':'ValueSet','id':'v','url':'w'}]";
    const char *changed[] = {"value-set-changed c #v!-", NULL};
    const char *none[] = {NULL};
    changes(fixture, questionnaire(fixture, by_id, one), questionnaire(fixture, by_id, other), changed);
    changes(fixture, questionnaire(fixture, by_id, one), questionnaire(fixture, by_id, one), none);
    CHANGES("{'linkId':'c','type':'choice','answerValueSet':'u'}",
            "{'linkId':'c','type':'choice','answerValueSet':'u|2'}", "value-set-changed c u|2!-", );
    CHANGES("{'linkId':'c','type':'choice','answerValueSet':'u'}", "{'linkId':'c','type':'choice'}",
            "value-set-changed c u!-", );
}

static void
stored_value_sets(void **state)
{
    struct form_fixture *fixture = *state;
    struct form_diff diff;
    struct json_object *form =
        questionnaire(fixture, "{'linkId':'c','type':'choice','answerValueSet':'u|1'}", "");
    struct json_object *sets[] = {form_json(fixture, "[{'url':'u','version':'1'},{'url':'u','version':'2'}]"),
                                  form_json(fixture, "[{'url':'u','version':'1'},{'url':'u','version':'3'}]"),
                                  form_json(fixture, "[{'url':'u','version':'1','status':'active'}]"), NULL};
    const size_t wanted[] = {0, 0, 1, 1};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        form_compare(form, sets[0], form, sets[i], fixture->arena, &diff);
        assert_int_equal(diff.count, wanted[i]);
    }
    assert_string_equal(diff.changes[0].kind, "value-set-changed");
    /* Without a version the last one is meant. */
    form = questionnaire(fixture, "{'linkId':'c','type':'choice','answerValueSet':'u'}", "");
    form_compare(form, sets[0], form, sets[1], fixture->arena, &diff);
    assert_int_equal(diff.count, 1);
}

static void
changed_constraints_are_told(void **state)
{
    CHANGES(Q("a"), ITEM("a", ",'maxLength':5"), "constraint-added a maxLength!-", );
    CHANGES(ITEM("a", ",'maxLength':5"), ITEM("a", ",'maxLength':4"), "constraint-changed a maxLength!-", );
    CHANGES(ITEM("a", ",'maxLength':5"), ITEM("a", ",'maxLength':6"), "constraint-changed a maxLength", );
    CHANGES(ITEM("a", ",'maxLength':5"), Q("a"), "constraint-removed a maxLength", );
#define RULED(url, value) ITEM("a", ",'extension':[" EXT(url, value) "]")
    CHANGES(Q("a"), RULED(CORE "minValue", "1"), "constraint-added a " CORE "minValue!-", );
    CHANGES(RULED(CORE "minValue", "1"), RULED(CORE "minValue", "2"),
            "constraint-changed a " CORE "minValue!-", );
    CHANGES(RULED(CORE "questionnaire-maxOccurs", "1"), Q("a"),
            "constraint-removed a " CORE "questionnaire-maxOccurs", );
}

static void
branching_scores_and_codes(void **state)
{
#define WHEN(answer) ITEM("a", ",'enableWhen':[{'question':'b','operator':'=','answerString':'" answer "'}]")
    CHANGES(Q("a"), WHEN("1"), "branch-changed a enableWhen!", );
    CHANGES(WHEN("1"), WHEN("2"), "branch-changed a enableWhen!", );
    CHANGES(Q("a"), RULED(SDC "sdc-questionnaire-enableWhenExpression", "1"),
            "branch-changed a " SDC "sdc-questionnaire-enableWhenExpression!", );
    CHANGES(RULED(SDC "sdc-questionnaire-calculatedExpression", "1"),
            RULED(SDC "sdc-questionnaire-calculatedExpression", "2"),
            "score-changed a " SDC "sdc-questionnaire-calculatedExpression!", );
    CHANGES(Q("a"), RULED("urn:anamnesis:extension:score-bands", "1"),
            "score-changed a urn:anamnesis:extension:score-bands!", );
    CHANGES(ITEM("a", ",'code':[{'code':'1'}]"), ITEM("a", ",'code':[{'code':'2'}]"),
            "code-changed a code!", );
}

static void
words_and_the_rest(void **state)
{
    CHANGES(ITEM("a", ",'text':'one'"), ITEM("a", ",'text':'two'"), "text-changed a text", );
    CHANGES(ITEM("a", ",'prefix':'1.'"), Q("a"), "text-changed a prefix", );
    CHANGES(Q("a"), ITEM("a", ",'initial':[{'valueString':'x'}]"), "initial-changed a initial", );
    CHANGES(Q("a"), RULED("http://example.org/unknown", "1"), "other-changed a http://example.org/unknown", );
    CHANGES(Q("a"), ITEM("a", ",'id':'x'"), "other-changed a id", );
    struct form_fixture *fixture = *state;
    const char *wanted[] = {"score-changed  " CORE "variable!", "text-changed  title",
                            "other-changed  version", NULL};
    changes(fixture, questionnaire(fixture, Q("a"), ",'title':'one'"),
            questionnaire(fixture, Q("a"),
                          ",'title':'two','version':'2','extension':[" EXT(CORE "variable", "1") "]"),
            wanted);
}

static void
the_first_version_is_all_new(void **state)
{
    struct form_fixture *fixture = *state;
    const char *wanted[] = {"item-added a string", "item-added g group", "item-added b string", NULL};
    changes(fixture, NULL, questionnaire(fixture, ITEM("a", ",'required':true") "," GROUP("g", Q("b")), ""),
            wanted);
}

static void
columns_of_an_export(void **state)
{
    struct form_fixture *fixture = *state;
    struct form_diff diff;
    form_compare(questionnaire(fixture, Q("a") "," GROUP("g", Q("b") "," Q("c")), ""), NULL,
                 questionnaire(fixture, Q("d") "," GROUP("c", Q("b")) "," Q("g"), ""), NULL, fixture->arena,
                 &diff);
    assert_int_equal(diff.added_count, 2);
    assert_string_equal(diff.columns_added[0], "d");
    assert_string_equal(diff.columns_added[1], "g");
    assert_int_equal(diff.removed_count, 2);
    assert_string_equal(diff.columns_removed[0], "a");
    assert_string_equal(diff.columns_removed[1], "c");
}

/* A draft may be anything that is JSON. */
static void
unfinished_drafts_are_compared_as_they_are(void **state)
{
    SAME("null,1,'x',{'linkId':7},{'linkId':''},{'type':'string'}", "[],{'item':{}}");
    CHANGES(Q("a") "," Q("a"), Q("a"), );
    CHANGES("{'linkId':'a'}", Q("a"), "item-retyped a  to string!-", );
    CHANGES("{'linkId':'c','type':'choice','answerOption':[null,7,{},{'valueCoding':3}]}", CHOICE("null"),
            "option-removed c !-", "option-removed c !-", "option-removed c |!-", );
    CHANGES("{'linkId':'a','type':'string','extension':{'url':'x'},'maxLength':'x'}", Q("a"),
            "constraint-removed a maxLength", );
    struct form_fixture *fixture = *state;
    struct form_diff diff;
    form_compare(form_json(fixture, "[]"), NULL, form_json(fixture, "7"), NULL, fixture->arena, &diff);
    assert_int_equal(diff.count, 0);
}

static void
more_changes_than_are_listed(void **state)
{
    struct form_fixture *fixture = *state;
    enum { MANY = FORM_CHANGES_MAX + 10 };
    struct json_object *items = json_object_new_array();
    for (int i = 0; i < MANY; i++) {
        const char *item = arena_format(fixture->arena, "{'linkId':'q%d','type':'string'}", i);
        json_object_array_add(items, json_object_get(form_json(fixture, item)));
    }
    struct json_object *form = form_json(fixture, "{'resourceType':'Questionnaire'}");
    json_object_object_add(form, "item", items);
    struct form_diff diff;
    form_compare(form, NULL, form_json(fixture, "{}"), NULL, fixture->arena, &diff);
    assert_int_equal(diff.count, FORM_CHANGES_MAX);
    assert_int_equal(diff.omitted, 10);
    assert_int_equal(diff.breaking, MANY);
    assert_int_equal(diff.removed_count, MANY);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {TEST(nothing_changed),
                                       TEST(items_added_and_removed),
                                       TEST(items_moved),
                                       TEST(items_retyped),
                                       TEST(changed_flags_are_told),
                                       TEST(changed_options_are_told),
                                       TEST(value_sets),
                                       TEST(stored_value_sets),
                                       TEST(changed_constraints_are_told),
                                       TEST(branching_scores_and_codes),
                                       TEST(words_and_the_rest),
                                       TEST(the_first_version_is_all_new),
                                       TEST(columns_of_an_export),
                                       TEST(unfinished_drafts_are_compared_as_they_are),
                                       TEST(more_changes_than_are_listed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
