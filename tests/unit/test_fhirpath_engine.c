/* lib/fhirpath: reading expressions, ways through trees, variables, what an expression depends on, results.
 */
#include "tests/unit/fhirpath_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <json-c/json.h>
#include <string.h>

static const char response[] =
    "{'resourceType':'QuestionnaireResponse','status':'completed','authored':'2026-03-01T10:00:00Z','item':["
    "{'linkId':'a','answer':[{'valueInteger':2},{'valueInteger':3}]},"
    "{'linkId':'g','item':[{'linkId':'b','answer':[{'valueCoding':{'system':'s','code':'x',"
    "'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/ordinalValue','valueDecimal':1.5}]},"
    "'item':[{'linkId':'c','answer':[{'valueString':'deep'}]}]}]}]},"
    "{'linkId':'d','answer':[{'valueCoding':{'code':'y'}}]},"
    "{'linkId':'e','answer':[{'valueDate':'2026-02-28'}]},"
    "{'linkId':'f','answer':[{'valueQuantity':{'value':1.80,'unit':'m','system':'http://unitsofmeasure.org',"
    "'code':'m'}}]}]}";

static void
operators_bind_as_the_grammar_says(void **state)
{
    (void)state;
    CHECK({"1 + 2 * 3", "7"}, {"(1 + 2) * 3", "9"}, {"10 - 3 - 2", "5"}, {"-2 + 3", "1"},
          {"1 | 2 = 2 | 1", "false"}, {"true or false and false", "true"}, {"1 + 1 is Integer", "true"},
          {"false implies true and false", "true"}, {"1 < 2 = true", "true"}, {"2 in 1 | 2", "true"},
          {"1 /* one */ + // two\n 2", "3"}, {"'a' & 'b' + 'c'", "abc"}, {"7 div 2 mod 2", "1"},
          {"-(1).abs()", "-1"}, {"(1 | 2 | 3)[1]", "2"}, {"{}", ""}, {"`count`", ""}, {"is", ""});
}

static void
literals_are_what_they_say(void **state)
{
    (void)state;
    CHECK({"'it\\'s \\u00e9 \\uD83D\\uDE00'", "it's \u00e9 \U0001F600"}, {"1.50", "1.50"},
          {"@2026-02", "2026-02"}, {"@2026-02-03T04:05:06.7+01:00", "2026-02-03T04:05:06.7+01:00"},
          {"@T04:05", "04:05"}, {"4 days", "4 days"}, {"1 week", "1 week"}, {"2.5 'mg'", "2.5 'mg'"},
          {"@2026T.is(DateTime)", "true"}, {"@2026-02-29", "<syntax>"}, {"@T25", "<syntax>"},
          {"@2026-1", "<wrong-type>"}, {"'a", "<syntax>"}, {"'\\q'", "<syntax>"}, {"'\\uD83D'", "<syntax>"},
          {"2147483648", "<syntax>"}, {"2147483648.0", "2147483648.0"}, {"/* a", "<syntax>"});
}

static void
what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum fhirpath_fault_code code;
        uint32_t offset;
    } wrong[] = {
        {"", FHIRPATH_SYNTAX, 0},
        {"1 +", FHIRPATH_SYNTAX, 3},
        {"(1", FHIRPATH_SYNTAX, 2},
        {"a b", FHIRPATH_SYNTAX, 2},
        {"a..b", FHIRPATH_SYNTAX, 2},
        {"1 ! 2", FHIRPATH_SYNTAX, 2},
        {"a.frobnicate()", FHIRPATH_UNKNOWN_FUNCTION, 2},
        {"a.memberOf('x')", FHIRPATH_UNSUPPORTED, 2},
        {"a.where()", FHIRPATH_WRONG_ARGUMENTS, 2},
        {"a.count(1)", FHIRPATH_WRONG_ARGUMENTS, 2},
        {"1 is Foo", FHIRPATH_UNKNOWN_TYPE, 5},
        {"'a'.matches('(')", FHIRPATH_BAD_PATTERN, 12},
        {"1 + %nobody", FHIRPATH_UNKNOWN_VARIABLE, 4},
        {"1 + 'a'", FHIRPATH_WRONG_TYPE, 2},
        {"1 = 1 and (1 | 2).single() = 1", FHIRPATH_NOT_SINGLE, 18},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint32_t offset = 0;
        assert_int_equal(fixture_fault(wrong[i].text, &offset), wrong[i].code);
        assert_int_equal(offset, wrong[i].offset);
    }
    assert_int_equal(fixture_fault("1 = 1", NULL), FHIRPATH_FINE);
}

static void
ways_lead_through_choices_and_arrays(void **state)
{
    (void)state;
    fixture_focus(response);
    CHECK({"item.where(linkId = 'a').answer.value", "2,3"}, {"item.answer.value.count()", "5"},
          {"QuestionnaireResponse.item.where(linkId = 'e').answer.value > @2026-02-27", "true"},
          {"%resource.item.where('f' = linkId).answer.value = 180 'cm'", "true"},
          {"repeat(item | answer.item).where(linkId = 'c').answer.value", "deep"},
          {"descendants().where(linkId = 'c').answer.value", "deep"}, {"status.is(code)", "true"},
          {"Patient.name", ""}, {"item.where(linkId = 'none').answer.value", ""},
          {"item.where(linkId = 'a').answer.valueInteger", "<wrong-name>"}, {"item[1].item.linkId", "b"},
          {"item.linkId.where($this > 'd')", "g,e,f"}, {"item.select($index)", "0,1,2,3,4"},
          {"authored.is(dateTime)", "true"}, {"authored > @2026-02-28", "true"});
}

static void
names_may_be_odd(void **state)
{
    (void)state;
    fixture_focus("{'':1,'_':{'':2},'A':3,'valueX':4,'value':[[5],{}],'a b':6}");
    CHECK({"``", "1"}, {"`a b`", "6"}, {"A", "3"}, {"children().count()", "6"}, {"value.count()", "2"},
          {"descendants().ofType(integer).count()", "5"}, {"descendants().value.empty()", "true"});
    for (size_t i = 0; i < fixture_list.count; i++) {
        assert_string_equal(fhirpath_path(fixture_arena, fixture_list.values[i].as.node), "Element");
    }
}

static void
answers_have_weights(void **state)
{
    (void)state;
    fixture_focus(response);
    CHECK({"answers().count()", "7"}, {"answers().value.ordinal()", "1.5"},
          {"item.where(linkId = 'd').answer.value.weight()", ""},
          {"descendants().where(linkId='b').answers().count()", "2"},
          {"item.where(linkId = 'g').item.answer.value.ordinal() + 1", "2.5"});
}

/* Knows what code y weighs in d, and that nothing in c weighs anything. */
static bool
weigh(void *context, const char *link_id, struct json_object *coding, const char **weight)
{
    struct json_object *code = NULL;
    assert_non_null(link_id);
    (void)json_object_object_get_ex(coding, "code", &code);
    bool known = code != NULL && strcmp(json_object_get_string(code), "y") == 0 && strcmp(link_id, "d") == 0;
    *weight = known ? context : NULL;
    return known || strcmp(link_id, "c") == 0;
}

static void
the_caller_knows_other_weights(void **state)
{
    (void)state;
    fixture_focus(response);
    fixture_environment.weight = weigh;
    static char seven[] = "7";
    fixture_environment.context = seven;
    CHECK({"answers().value.ordinal().sum()", "8.5"},
          {"item.where(linkId = 'd').answer.value.weight()", "7"});
}

static void
variables_come_from_the_caller(void **state)
{
    (void)state;
    fixture_focus(response);
    struct fhirpath_variable variables[] = {
        {"limit", fhirpath_of_json(fixture_arena, fixture_json("2"))},
        {"qitem", fhirpath_of_json(fixture_arena, fixture_json("{'linkId':'a','text':'How many?'}"))},
        {"nothing", {NULL, 0}},
    };
    fixture_environment.variables = variables;
    fixture_environment.variable_count = 3;
    CHECK({"item.where(linkId = %qitem.linkId).answer.value.where($this > %limit)", "3"},
          {"%qitem.text", "How many?"}, {"%nothing.exists()", "false"}, {"%context.status", "completed"},
          {"%ucum", "http://unitsofmeasure.org"}, {"%`ext-x`", "http://hl7.org/fhir/StructureDefinition/x"},
          {"%other", "<unknown-variable>"}, {"item.first().select(%resource.status)", "completed"});
}

static void
what_stands_beside_and_is_no_object_says_nothing(void **state)
{
    (void)state;
    fixture_focus("{'resourceType':'Patient','_gender':3.5,'birthDate':'1974-12-25','_birthDate':'x','_name':"
                  "[1,'a',null]}");
    CHECK({"gender.extension", ""}, {"gender.id", ""}, {"birthDate.extension", ""},
          {"birthDate", "1974-12-25"}, {"name.family", ""}, {"descendants().weight()", ""},
          {"gender.hasValue()", "false"}, {"descendants().where(id = 'a').count()", "0"});
}

static void
primitives_have_extensions(void **state)
{
    (void)state;
    fixture_focus("{'resourceType':'Patient','birthDate':'1974-12-25','_birthDate':{'extension':[{'url':'u',"
                  "'valueDateTime':'1974-12-25T14:35:45-05:00'}]},'_gender':{'extension':[{'url':'v'}]},"
                  "'name':[{'given':[null,'Ada'],'_given':[{'extension':[{'url':'w'}]},null]}]}");
    CHECK({"birthDate.extension('u').value", "1974-12-25T14:35:45-05:00"}, {"birthDate.hasValue()", "true"},
          {"gender.exists()", "true"}, {"gender.hasValue()", "false"}, {"gender.extension('v').url", "v"},
          {"name.given.select(hasValue())", "false,true"}, {"name.given.first().extension.url", "w"},
          {"birthDate.extension('x').empty()", "true"}, {"name.given.where(hasValue())", "Ada"});
}

static void
what_an_expression_depends_on_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *links;
        const char *uses;
    } cases[] = {
        {"1 + 1", "", "$this-"},
        {"%resource.item.where(linkId = 'a').answer.value", "a", "$this- resource-"},
        {"%resource.descendants().where(linkId = 'a' and answer.exists()).answer.value.ordinal().sum()", "a",
         "$this- resource-"},
        {"%resource.item.where(linkId = 'a').answer.value + %resource.item.where('b' = linkId).answer.value",
         "a b", "$this- resource-"},
        {"%resource.repeat(item).where(linkId = 'a' or linkId in ('b' | 'c')).answer", "a b c",
         "$this- resource-"},
        {"%resource.item.where(linkId = 'a' or answer.exists())", "", "$this- resource+"},
        {"%resource.item.answer.count()", "", "$this- resource+"},
        {"item.where(linkId = 'a').exists() and %score > 3", "a", "$this- score+"},
        {"answer.value > 3", "", "$this+"},
        {"iif(item.where(linkId = 'a').exists(), item.where(linkId = 'b').answer.value, %x)", "a b",
         "$this- x+"},
        {"item.where(linkId = %qitem.linkId).answer", "", "$this+ qitem+"},
        {"item.select(answer)", "", "$this+"},
        /* What only leads to others below it does not count; what is looked into does. */
        {"%resource.item.where(linkId = 'a').item.where(linkId = 'b').answer.value", "b", "$this- resource-"},
        {"%resource.item.where(linkId = 'a').answer.item.where(linkId = 'b').exists()", "b",
         "$this- resource-"},
        {"item.where(linkId in ('a' | 'b')).descendants().where(linkId = 'c').answer", "c", "$this-"},
        {"item.where(linkId = 'a').item", "a", "$this-"},
        {"item.where(linkId = 'a').first().item.where(linkId = 'b').answer", "a b", "$this-"},
        {"item.where(linkId = 'a' and answer.exists()).item.where(linkId = 'b').answer", "a b", "$this-"},
        {"item.where(linkId = 'a').where(answer.exists()).item.where(linkId = 'b').answer", "a b", "$this-"},
        {"item.where(linkId = 'a').item.where(linkId = 'b') | item.where(linkId = 'a').answer.value", "b a",
         "$this-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fhirpath *expression = fixture_compile(cases[i].text);
        const char *links = "";
        const char *uses = "";
        for (size_t j = 0; fhirpath_link_id(expression, j) != NULL; j++) {
            links = arena_format(fixture_arena, "%s%s%s", links, j > 0 ? " " : "",
                                 fhirpath_link_id(expression, j));
        }
        for (size_t j = 0; fhirpath_variable_use(expression, j).name != NULL; j++) {
            struct fhirpath_use use = fhirpath_variable_use(expression, j);
            uses = arena_format(fixture_arena, "%s%s%s%c", uses, j > 0 ? " " : "", use.name,
                                use.whole ? '+' : '-');
        }
        assert_string_equal(links, cases[i].links);
        assert_string_equal(uses, cases[i].uses);
    }
    assert_true(fhirpath_uses_clock(fixture_compile("today() > @2026")));
    assert_false(fhirpath_uses_clock(fixture_compile("@2025 > @2026")));
}

static void
answers_to(const char *expression, const char *member, const char *json)
{
    struct fhirpath_list list;
    struct fhirpath_fault fault;
    const char *got = NULL;
    assert_true(fhirpath_evaluate(fixture_compile(expression), fixture_list, &fixture_environment,
                                  fixture_arena, &list, &fault));
    assert_int_equal(list.count, 1);
    struct json_object *answer = fhirpath_answer(fixture_arena, list.values[0], &got);
    if (member == NULL) {
        assert_null(answer);
        assert_null(got);
        return;
    }
    assert_string_equal(got, member);
    assert_string_equal(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN), json);
}

static void
results_become_answers(void **state)
{
    (void)state;
    fixture_focus(response);
    answers_to("1 + 1", "valueInteger", "2");
    answers_to("1.10 + 1", "valueDecimal", "2.10");
    answers_to("4.0 / 2", "valueDecimal", "2");
    answers_to("1 = 1", "valueBoolean", "true");
    answers_to("'a' & 'b'", "valueString", "\"ab\"");
    answers_to("today()", "valueDate", "\"2026-03-14\"");
    answers_to("now()", "valueDateTime", "\"2026-03-14T09:26:53.589Z\"");
    answers_to("@T10:00:00", "valueTime", "\"10:00:00\"");
    answers_to("2 'kg'", "valueQuantity",
               "{\"value\":2,\"unit\":\"kg\",\"system\":\"http:\\/\\/unitsofmeasure.org\",\"code\":\"kg\"}");
    answers_to("item.where(linkId = 'd').answer.value", "valueCoding", "{\"code\":\"y\"}");
    answers_to("item.where(linkId = 'a').answer.value.last()", "valueInteger", "3");
    answers_to("status", "valueString", "\"completed\"");
    answers_to("item.where(linkId = 'a')", NULL, NULL);
    answers_to("1.type()", NULL, NULL);
}

static void
results_know_their_path(void **state)
{
    (void)state;
    struct fhirpath_list list;
    struct fhirpath_fault fault;
    fixture_focus(response);
    assert_true(fhirpath_evaluate(fixture_compile("descendants().where(linkId = 'c').answer.value"),
                                  fixture_list, &fixture_environment, fixture_arena, &list, &fault));
    assert_string_equal(fhirpath_path(fixture_arena, list.values[0].as.node),
                        "QuestionnaireResponse.item[1].item[0].answer[0].item[0].answer[0].value");
}

static void
a_condition_is_one_element(void **state)
{
    (void)state;
    struct fhirpath_value truth[2] = {{.type = FHIRPATH_BOOLEAN}, {.type = FHIRPATH_STRING}};
    assert_int_equal(fhirpath_truth((struct fhirpath_list){truth, 0}), FHIRPATH_EMPTY);
    assert_int_equal(fhirpath_truth((struct fhirpath_list){truth, 1}), FHIRPATH_FALSE);
    truth[0].as.boolean = true;
    assert_int_equal(fhirpath_truth((struct fhirpath_list){truth, 1}), FHIRPATH_TRUE);
    assert_int_equal(fhirpath_truth((struct fhirpath_list){truth + 1, 1}), FHIRPATH_TRUE);
    assert_int_equal(fhirpath_truth((struct fhirpath_list){truth, 2}), FHIRPATH_NO_TRUTH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operators_bind_as_the_grammar_says, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(literals_are_what_they_say, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told_with_its_place, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(ways_lead_through_choices_and_arrays, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(names_may_be_odd, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(answers_have_weights, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(the_caller_knows_other_weights, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(variables_come_from_the_caller, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(what_stands_beside_and_is_no_object_says_nothing, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(primitives_have_extensions, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(what_an_expression_depends_on_is_known, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(results_become_answers, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(results_know_their_path, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_condition_is_one_element, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
