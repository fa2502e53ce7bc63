/* By what scores come about: what changes a score changes its rule, and nothing else does. */
#include "lib/base/buf.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <string.h>

#define OURS      "urn:anamnesis:extension:"
#define SDC       "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
#define VARIABLES "http://hl7.org/fhir/StructureDefinition/variable"

/* A sum of two weighted questions in a group, and a score that is worked out from it by a variable. */
static const char plain[] =
    "{'resourceType':'Questionnaire','status':'draft','title':'T',"
    "'extension':[{'url':'" VARIABLES "','valueExpression':{'name':'half','language':'text/fhirpath',"
    "'expression':'%resource.item.where(linkId = `g`).item.where(linkId = `sum`).answer.value / "
    "2'}}],"
    "'item':[{'linkId':'g','type':'group','text':'Both','item':["
    "{'linkId':'a','type':'choice','text':'First?','answerOption':["
    "{'valueCoding':{'code':'n','display':'No'},'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/"
    "ordinalValue','valueDecimal':0}]},"
    "{'valueCoding':{'code':'y','display':'Yes'},'extension':[{'url':'http://hl7.org/fhir/"
    "StructureDefinition/"
    "ordinalValue','valueDecimal':2}]}]},"
    "{'linkId':'b','type':'choice','answerOption':["
    "{'valueCoding':{'code':'y'},'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/ordinalValue',"
    "'valueDecimal':3}]}]},"
    "{'linkId':'sum','type':'integer','text':'Sum','extension':[{'url':'" OURS
    "sum-of-weights','valueBoolean':true},"
    "{'url':'" OURS "score-bands','extension':[{'url':'band','extension':[{'url':'min','valueDecimal':0},"
    "{'url':'max','valueDecimal':2},{'url':'code','valueCode':'low'},{'url':'label','valueString':'Low'}]}]}]"
    "}"
    "]},"
    "{'linkId':'half','type':'decimal','extension':[{'url':'" OURS "score','valueBoolean':true},"
    "{'url':'" SDC "calculatedExpression','valueExpression':{'language':'text/fhirpath',"
    "'expression':'%half'}}]},"
    "{'linkId':'other','type':'choice','answerOption':[{'valueCoding':{'code':'z'}}]}]}";

/* The text with the first `from` replaced; fails when there is none. */
static const char *
with(struct form_fixture *fixture, const char *from, const char *to)
{
    const char *at = strstr(plain, from);
    assert_non_null(at);
    return arena_format(fixture->arena, "%.*s%s%s", (int)(at - plain), plain, to, at + strlen(from));
}

static struct form_score_rule
rule_of(struct form_fixture *fixture, const char *definition, const char *link_id)
{
    struct form_score_rule rule;
    if (!form_try(fixture, form_quoted(fixture, definition))) {
        (void)form_noted(fixture, "", "");
        fail_msg("it does not compile");
    }
    assert_true(form_score_rule(fixture->form, link_id, fixture->arena, &rule));
    return rule;
}

static bool
same(struct form_fixture *fixture, const char *definition, const char *link_id)
{
    struct form_score_rule before = rule_of(fixture, plain, link_id);
    struct form_score_rule after = rule_of(fixture, definition, link_id);
    return before.rule.size == after.rule.size &&
           memcmp(before.rule.data, after.rule.data, before.rule.size) == 0;
}

static void
words_order_and_what_is_not_read_do_not_count(void **state)
{
    struct form_fixture *fixture = *state;
    static const char *const changes[][2] = {
        {"'text':'First?'", "'text':'First question?'"},
        {"'display':'Yes'", "'display':'Indeed'"},
        {"'title':'T'", "'title':'Another'"},
        {"'text':'Sum'", "'text':'Total'"},
        {"'valueString':'Low'", "'valueString':'Little'"},
        {"{'linkId':'other','type':'choice'", "{'linkId':'other','type':'open-choice'"},
        {"{'linkId':'other'", "{'linkId':'more','type':'string','required':true},{'linkId':'other'"},
        {"{'linkId':'sum'", "{'linkId':'words','type':'display','text':'x'},{'linkId':'sum'"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *definition = with(fixture, changes[i][0], changes[i][1]);
        assert_true(same(fixture, definition, "sum"));
        assert_true(same(fixture, definition, "half"));
    }
    const char *turned =
        with(fixture,
             "{'linkId':'b','type':'choice','answerOption':[{'valueCoding':{'code':'y'},'extension':"
             "[{'url':'http://hl7.org/fhir/StructureDefinition/ordinalValue','valueDecimal':3}]}]},",
             "");
    const char *at = strstr(turned, "{'linkId':'a'");
    turned =
        arena_format(fixture->arena, "%.*s%s%s", (int)(at - turned), turned,
                     "{'linkId':'b','type':'choice','answerOption':[{'valueCoding':{'code':'y'},'extension':"
                     "[{'url':'http://hl7.org/fhir/StructureDefinition/ordinalValue','valueDecimal':3}]}]},",
                     at);
    assert_true(same(fixture, turned, "sum"));
    assert_true(same(fixture, turned, "half"));
}

/* What changes the sum changes what is worked out from it, too. */
static void
what_changes_a_score_changes_its_rule(void **state)
{
    struct form_fixture *fixture = *state;
    static const char *const changes[][2] = {
        {"'valueDecimal':2", "'valueDecimal':1"},
        {"'code':'y','display'", "'code':'x','display'"},
        {"{'linkId':'b','type':'choice','answerOption'",
         "{'linkId':'b','type':'choice','enableWhen':[{'question':'other','operator':'exists','answerBoolean'"
         ":true}],"
         "'answerOption'"},
        {"{'linkId':'b','type':'choice'", "{'linkId':'b','type':'choice','required':true"},
        {"{'linkId':'a','type':'choice'", "{'linkId':'a','type':'choice','repeats':true"},
        {"{'linkId':'b'", "{'linkId':'c'"},
        {"{'linkId':'g','type':'group'", "{'linkId':'g','type':'group','enableWhen':[{'question':'other','"
                                         "operator':'exists','answerBoolean':true}]"},
        {"'linkId':'g','type':'group','text':'Both'", "'linkId':'h','type':'group'"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *definition = with(fixture, changes[i][0], changes[i][1]);
        assert_false(same(fixture, definition, "sum"));
        assert_false(same(fixture, definition, "half"));
    }
    assert_false(same(fixture, with(fixture, "'max','valueDecimal':2", "'max','valueDecimal':4"), "sum"));
    assert_false(same(fixture, with(fixture, "'valueCode':'low'", "'valueCode':'little'"), "sum"));
    assert_false(same(fixture, with(fixture, "'expression':'%half'", "'expression':'%half + 1'"), "half"));
    assert_false(same(fixture, with(fixture, "answer.value / 2", "answer.value / 4"), "half"));
    assert_true(same(fixture, with(fixture, "answer.value / 2", "answer.value / 4"), "sum"));
}

static void
bands_and_text_are_told_and_what_is_no_score_has_no_rule(void **state)
{
    struct form_fixture *fixture = *state;
    struct form_score_rule rule = rule_of(fixture, plain, "sum");
    assert_string_equal(rule.text, "Sum");
    assert_int_equal(rule.band_count, 1);
    assert_string_equal(rule.bands[0].least, "0");
    assert_string_equal(rule.bands[0].most, "2");
    assert_string_equal(rule.bands[0].code, "low");
    assert_string_equal(rule.bands[0].label, "Low");
    assert_string_equal(rule_of(fixture, plain, "half").text, "");
    assert_false(form_score_rule(fixture->form, "a", fixture->arena, &rule));
    assert_false(form_score_rule(fixture->form, "", fixture->arena, &rule));
    assert_false(form_score_rule(fixture->form, "nowhere", fixture->arena, &rule));
}

/* A definition of 600 KB that twenty variables read, each by itself. */
static void
what_many_expressions_read_is_in_the_rule_once(void **state)
{
    enum { WORDS = 600 * 1000, VARIABLES_COUNT = 20 };
    struct form_fixture *fixture = *state;
    struct buf variables;
    char *words = arena_alloc(fixture->arena, WORDS + 1);
    memset(words, 'w', WORDS);
    words[WORDS] = '\0';
    buf_init(&variables, 64 * 1024);
    for (unsigned i = 0; i < VARIABLES_COUNT; i++) {
        buf_format(&variables,
                   "{'url':'" VARIABLES "','valueExpression':{'name':'v%u','language':'text/fhirpath',"
                   "'expression':'%%questionnaire.item.count() + %%%s'}},",
                   i, i == 0 ? "questionnaire.item.count()" : arena_format(fixture->arena, "v%u", i - 1));
    }
    const char *definition = with(fixture, "'extension':[",
                                  arena_format(fixture->arena, "'extension':[%s", buf_string(&variables)));
    const char *title = strstr(definition, "'title':'T'");
    definition = arena_format(fixture->arena, "%.*s'title':'%s'%s", (int)(title - definition), definition,
                              words, title + strlen("'title':'T'"));
    const char *half = strstr(definition, "'expression':'%half'");
    definition = arena_format(fixture->arena, "%.*s'expression':'%%half + %%v%u'%s", (int)(half - definition),
                              definition, VARIABLES_COUNT - 1, half + strlen("'expression':'%half'"));
    struct form_score_rule rule = rule_of(fixture, definition, "half");
    assert_true(rule.rule.size > WORDS);
    assert_true(rule.rule.size < 2 * WORDS);
    buf_free(&variables);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_order_and_what_is_not_read_do_not_count, form_setup,
                                        form_teardown),
        cmocka_unit_test_setup_teardown(what_changes_a_score_changes_its_rule, form_setup, form_teardown),
        cmocka_unit_test_setup_teardown(bands_and_text_are_told_and_what_is_no_score_has_no_rule, form_setup,
                                        form_teardown),
        cmocka_unit_test_setup_teardown(what_many_expressions_read_is_in_the_rule_once, form_setup,
                                        form_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
