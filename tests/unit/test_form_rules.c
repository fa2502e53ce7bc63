/* What extensions ask of answers: each limit met and missed, and what a definition may say with them. */
#include "tests/unit/form_fixture.h"

#include "lib/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CORE(name, value) "{'url':'http://hl7.org/fhir/StructureDefinition/" name "'," value "}"
#define SDC(name, value)                                                                                     \
    "{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-" name "'," value "}"
#define ITEM(type, list)  "{'linkId':'a','type':'" type "','extension':[" list "]}"
#define EVERY(type, list) "{'linkId':'a','type':'" type "','repeats':true,'extension':[" list "]}"
#define UCUM(code)        "'system':'http://unitsofmeasure.org','code':'" code "'"
#define KILOGRAMS(number) "'valueQuantity':{'value':" number "," UCUM("kg") "}"

struct answer_case {
    const char *code;  /* NULL: taken */
    const char *value; /* of one answer */
};

static void
check_answers(void **state, const char *item, const struct answer_case *cases, size_t count)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, item);
    for (size_t i = 0; i < count; i++) {
        bool good =
            form_judge(fixture, FORM_DRAFT,
                       arena_format(fixture->arena, "[{'linkId':'a','answer':[{%s}]}]", cases[i].value));
        if (good != (cases[i].code == NULL) || form_notes(fixture) != (good ? 0 : 1)) {
            fail_msg("%s with %zu notes: %s", good ? "taken" : "refused", form_notes(fixture),
                     cases[i].value);
        }
        if (!good && strcmp(fixture->issues.items[0].code, cases[i].code) != 0) {
            fail_msg("%s, not %s: %s", fixture->issues.items[0].code, cases[i].code, cases[i].value);
        }
    }
}

#define CHECK(state, item, cases) check_answers((state), (item), (cases), sizeof(cases) / sizeof(cases)[0])

static void
least_and_most(void **state)
{
    static const struct answer_case whole[] = {
        {NULL, "'valueInteger':18"},
        {NULL, "'valueInteger':120"},
        {"min-value", "'valueInteger':17"},
        {"max-value", "'valueInteger':121"},
    };
    CHECK(state,
          ITEM("integer", CORE("minValue", "'valueInteger':18") "," CORE("maxValue", "'valueDecimal':120.5")),
          whole);
    static const struct answer_case decimals[] = {
        {NULL, "'valueDecimal':0.1"},
        {NULL, "'valueDecimal':0.10000"},
        {"min-value", "'valueDecimal':0.0999999999999999999999"},
        {"max-value", "'valueDecimal':1e3"},
    };
    CHECK(state,
          ITEM("decimal", CORE("minValue", "'valueDecimal':0.1") "," CORE("maxValue", "'valueInteger':999")),
          decimals);
    static const struct answer_case dates[] = {
        {NULL, "'valueDate':'2020-01-31'"},
        {"min-value", "'valueDate':'2020-01-30'"},
        {"min-value", "'valueDate':'2019'"},
        {NULL, "'valueDate':'2020-01'"}, /* may be before or after: nothing is known */
        {NULL, "'valueDate':'2020-12-31'"},
        {"max-value", "'valueDate':'2021'"},
    };
    CHECK(
        state,
        ITEM("date", CORE("minValue", "'valueDate':'2020-01-31'") "," CORE("maxValue", "'valueDate':'2020'")),
        dates);
    static const struct answer_case moments[] = {
        {NULL, "'valueDateTime':'2020-01-01T10:00:00Z'"},
        {NULL, "'valueDateTime':'2020-01-01T12:00:00+02:00'"},
        {"min-value", "'valueDateTime':'2020-01-01T11:59:59+02:00'"},
        {"max-value", "'valueDateTime':'2020-01-02T00:00:00.5Z'"},
    };
    CHECK(state,
          ITEM("dateTime", CORE("minValue", "'valueDateTime':'2020-01-01T10:00:00Z'") "," CORE(
                               "maxValue", "'valueDateTime':'2020-01-02T00:00:00Z'")),
          moments);
    static const struct answer_case times[] = {
        {NULL, "'valueTime':'08:00:00'"},
        {"min-value", "'valueTime':'07:59:59.999'"},
        {"max-value", "'valueTime':'18:00:01'"},
    };
    CHECK(state,
          ITEM("time",
               CORE("minValue", "'valueTime':'08:00:00'") "," CORE("maxValue", "'valueTime':'18:00:00'")),
          times);
}

static void
least_and_most_of_quantities(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, KILOGRAMS("10")},
        {NULL, KILOGRAMS("100.0")},
        {"min-value", KILOGRAMS("9.99")},
        {"max-value", KILOGRAMS("100.01")},
        {"unit-not-allowed", "'valueQuantity':{'value':50,'unit':'kg'}"},
        {NULL, "'valueQuantity':{'comparator':'<','value':9," UCUM("kg") "}"},
    };
    CHECK(state,
          ITEM("quantity", SDC("minQuantity", KILOGRAMS("10")) "," SDC("maxQuantity", KILOGRAMS("100"))),
          cases);
    static const struct answer_case grams[] = {
        {"unit-not-allowed", "'valueQuantity':{'value':50," UCUM("g") "}"},
        {"max-value", KILOGRAMS("101")},
    };
    CHECK(state, ITEM("quantity", CORE("maxValue", KILOGRAMS("100"))), grams);
    static const struct answer_case numbers[] = {
        {NULL, KILOGRAMS("5")},
        {NULL, "'valueQuantity':{'value':5}"},
        {"min-value", "'valueQuantity':{'value':4.9," UCUM("g") "}"},
    };
    CHECK(state, ITEM("quantity", CORE("minValue", "'valueDecimal':5.0")), numbers);
}

static void
lengths_places_and_patterns(void **state)
{
    static const struct answer_case lengths[] = {
        {NULL, "'valueString':'abc'"},
        {NULL, "'valueString':'\\u00e9\\u00e9\\u00e9'"},
        {"min-length", "'valueString':'ab'"},
        {"min-length", "'valueString':'\\u00e9\\u00e9'"},
    };
    CHECK(state, ITEM("string", CORE("minLength", "'valueInteger':3")), lengths);
    CHECK(state, ITEM("text", CORE("minLength", "'valueInteger':3")), lengths);
    static const struct answer_case places[] = {
        {NULL, "'valueDecimal':1.25"},
        {NULL, "'valueDecimal':100"},
        {"max-decimals", "'valueDecimal':1.250"},
        {"max-decimals", "'valueDecimal':1e-3"},
        {NULL, "'valueDecimal':1.2345e2"},
    };
    CHECK(state, ITEM("decimal", CORE("maxDecimalPlaces", "'valueInteger':2")), places);
    static const struct answer_case none[] = {{NULL, "'valueDecimal':1"},
                                              {"max-decimals", "'valueDecimal':1.0"}};
    CHECK(state, ITEM("decimal", CORE("maxDecimalPlaces", "'valueInteger':0")), none);
    static const struct answer_case written[] = {
        {NULL, "'valueString':'AB-12'"},         {"pattern", "'valueString':'AB-123'"},
        {"pattern", "'valueString':'xAB-12'"},   {"pattern", "'valueString':'ab-12'"},
        {"pattern", "'valueString':'AB-12\\n'"},
    };
    CHECK(state, ITEM("string", CORE("regex", "'valueString':'[A-Z]{2}-[0-9]{2}'")), written);
    static const struct answer_case either[] = {
        {NULL, "'valueString':'a'"}, {NULL, "'valueString':'bb'"}, {"pattern", "'valueString':'ab'"}};
    CHECK(state, ITEM("string", CORE("regex", "'valueString':'a|bb'")), either);
    static const struct answer_case digits[] = {{NULL, "'valueInteger':1234"},
                                                {"pattern", "'valueInteger':123"}};
    CHECK(state, ITEM("integer", CORE("regex", "'valueString':'[0-9]{4}'")), digits);
    static const struct answer_case address[] = {{NULL, "'valueUri':'https://x'"},
                                                 {"pattern", "'valueUri':'http://x'"}};
    CHECK(state, ITEM("url", CORE("regex", "'valueString':'https:.*'")), address);
}

/* A text that a pattern takes for ever is refused in time, and what is too long is told so. */
static void
costly_patterns_end(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, ITEM("string", CORE("regex", "'valueString':'([a-z]+)+[0-9]'")));
    assert_false(form_judge(fixture, FORM_DRAFT,
                            "[{'linkId':'a','answer':[{'valueString':'"
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac'}]}]"));
    assert_true(form_noted(fixture, "pattern-too-costly", "a"));
}

/* Some texts may take a pattern long, and are judged in the end; a response made of them is not. */
static void
few_texts_may_be_costly(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, EVERY("string", CORE("regex", "'valueString':'(([a-z])+[a-z]?)+'")));
    const char *one = "{'valueString':'aaaaaaaaaa1'}";
    struct buf text;
    buf_init(&text, 64 * 1024);
    buf_format(&text, "[{'linkId':'a','answer':[%s", one);
    for (int i = 1; i < 12; i++) {
        buf_format(&text, ",%s", one);
    }
    buf_text(&text, ",{'valueString':'b'}]}]");
    assert_false(form_judge(fixture, FORM_DRAFT, buf_string(&text)));
    buf_free(&text);
    assert_int_equal(form_notes(fixture), 12); /* the cheap one is fine */
    for (size_t i = 0; i < 12; i++) {
        assert_string_equal(fixture->issues.items[i].code, i < 10 ? "pattern" : "pattern-too-costly");
    }
}

static void
an_item_has_500_rules(void **state)
{
    struct form_fixture *fixture = *state;
    for (int count = FORM_ITEM_RULES_MAX; count <= FORM_ITEM_RULES_MAX + 1; count++) {
        struct buf text;
        buf_init(&text, 1024 * 1024);
        buf_text(&text, "{'resourceType':'Questionnaire','status':'draft','item':[{'linkId':'a','type':'"
                        "attachment','extension':[");
        for (int i = 0; i < count; i++) {
            buf_format(&text, "%s" CORE("mimeType", "'valueCode':'a/%d'"), i == 0 ? "" : ",", i);
        }
        buf_text(&text, "]}]}");
        assert_int_equal(form_try(fixture, buf_string(&text)), count == FORM_ITEM_RULES_MAX);
        buf_free(&text);
    }
    assert_true(form_noted(fixture, "too-many-rules", "/item/0/extension/500"));
}

static void
several_rules_are_told_at_once(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a','type':'string','maxLength':2,'extension':[" CORE(
                         "minLength", "'valueInteger':1") "," CORE("regex", "'valueString':'[a-z]+'") "]}");
    assert_false(form_judge(fixture, FORM_DRAFT, "[{'linkId':'a','answer':[{'valueString':'1234'}]}]"));
    assert_int_equal(form_notes(fixture), 2);
    assert_true(form_noted(fixture, "max-length", "a"));
    assert_true(form_noted(fixture, "pattern", "a"));
    assert_string_equal(fixture->issues.items[0].expression, "QuestionnaireResponse.item[0].answer[0]");
    assert_null(strstr(fixture->issues.items[1].text, "1234"));
}

#define FILE_OF(type, more) "'valueAttachment':{'url':'u','contentType':'" type "'" more "}"

static void
files_are_limited(void **state)
{
    static const struct answer_case kinds[] = {
        {NULL, FILE_OF("image/png", "")},
        {NULL, FILE_OF("IMAGE/PNG; charset=x", "")},
        {NULL, FILE_OF("video/mp4", "")},
        {"mime-type", FILE_OF("image/jpeg", "")},
        {"mime-type", FILE_OF("videos/mp4", "")},
        {"mime-type", FILE_OF("image/pngx", "")},
        {"mime-type", "'valueAttachment':{'url':'u'}"},
    };
    CHECK(state,
          ITEM("attachment",
               CORE("mimeType", "'valueCode':'image/png'") "," CORE("mimeType", "'valueCode':'video/*'")),
          kinds);
    static const struct answer_case sizes[] = {
        {NULL, FILE_OF("a/b", ",'size':5")},
        {"max-size", FILE_OF("a/b", ",'size':6")},
        {NULL, FILE_OF("a/b", "")}, /* its size is not known */
        {NULL, FILE_OF("a/b", ",'data':'SGVsbG8='")},
        {"max-size", FILE_OF("a/b", ",'data':'SGVsbG8h'")},
        {"max-size", FILE_OF("a/b", ",'data':'SGVsbG8h','size':1")}, /* what is there counts */
    };
    CHECK(state, ITEM("attachment", CORE("maxSize", "'valueDecimal':5.5")), sizes);
}

static void
references_are_limited(void **state)
{
    static const struct answer_case cases[] = {
        {NULL, "'valueReference':{'reference':'Patient/1'}"},
        {NULL, "'valueReference':{'reference':'https://x.org/fhir/Group/1/_history/2'}"},
        {NULL, "'valueReference':{'type':'Patient','display':'D'}"},
        {NULL, "'valueReference':{'type':'http://hl7.org/fhir/StructureDefinition/Group','display':'D'}"},
        {NULL, "'valueReference':{'reference':'#contained'}"},
        {NULL, "'valueReference':{'reference':'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'}"},
        {"reference-type", "'valueReference':{'reference':'Practitioner/1'}"},
        {"reference-type", "'valueReference':{'reference':'MyPatient/1'}"},
        {"reference-type", "'valueReference':{'reference':'Patient'}"},
        {"reference-type", "'valueReference':{'type':'Practitioner','reference':'Patient/1'}"},
    };
    CHECK(state,
          ITEM("reference", CORE("questionnaire-referenceResource", "'valueCode':'Patient'") "," CORE(
                                "questionnaire-referenceResource", "'valueCode':'Group'")),
          cases);
}

#define OPTION(code, name)                                                                                   \
    CORE("questionnaire-unitOption", "'valueCoding':{" UCUM(code) ",'display':'" name "'}")

static void
units_are_limited(void **state)
{
    static const struct answer_case listed[] = {
        {NULL, KILOGRAMS("5")},
        {NULL, "'valueQuantity':{'value':5,'unit':'pound'}"},
        {"unit-not-allowed", "'valueQuantity':{'value':5,'unit':'stone'}"},
        {"unit-not-allowed", "'valueQuantity':{'value':5," UCUM("g") "}"},
        {"unit-not-allowed", "'valueQuantity':{'value':5,'system':'other','code':'kg'}"},
        {"unit-not-allowed", "'valueQuantity':{'value':5}"},
    };
    CHECK(state, ITEM("quantity", OPTION("kg", "kilogram") "," OPTION("[lb_av]", "pound")), listed);
    static const struct answer_case open[] = {
        {NULL, KILOGRAMS("5")},
        {NULL, "'valueQuantity':{'value':5,'unit':'stone'}"},
        {"unit-not-allowed", "'valueQuantity':{'value':5," UCUM("g") "}"},
    };
    CHECK(state,
          ITEM("quantity", OPTION("kg", "kilogram") "," SDC("unitOpen", "'valueCode':'optionsOrString'")),
          open);
    static const struct answer_case any[] = {{NULL, "'valueQuantity':{'value':5," UCUM("g") "}"}};
    CHECK(state,
          ITEM("quantity", OPTION("kg", "kilogram") "," SDC("unitOpen", "'valueCode':'optionsOrType'")), any);
    static const struct answer_case one[] = {
        {NULL, KILOGRAMS("5")}, {"unit-not-allowed", "'valueQuantity':{'value':5," UCUM("g") "}"}};
    CHECK(state, ITEM("quantity", CORE("questionnaire-unit", "'valueCoding':{" UCUM("kg") "}")), one);
    /* On a number the unit says what is meant, and asks nothing. */
    static const struct answer_case number[] = {{NULL, "'valueDecimal':5"}};
    CHECK(state, ITEM("decimal", CORE("questionnaire-unit", "'valueCoding':{" UCUM("kg") "}")), number);
}

static void
units_of_a_value_set(void **state)
{
    struct form_fixture *fixture = *state;
    fixture->value_sets = form_json(
        fixture, "[{'resourceType':'ValueSet','url':'http://x/units','compose':{'include':[{'system':"
                 "'http://unitsofmeasure.org','concept':[{'code':'kg'},{'code':'g'}]}]}}]");
    static const struct answer_case cases[] = {
        {NULL, KILOGRAMS("5")},
        {NULL, "'valueQuantity':{'value':5," UCUM("g") "}"},
        {"unit-not-allowed", "'valueQuantity':{'value':5," UCUM("t") "}"},
        {"unit-not-allowed", "'valueQuantity':{'value':5,'unit':'kg'}"},
    };
    CHECK(state, ITEM("quantity", CORE("questionnaire-unitValueSet", "'valueCanonical':'http://x/units'")),
          cases);
    form_of(fixture,
            ITEM("quantity", CORE("questionnaire-unitValueSet", "'valueCanonical':'http://x/other'")));
    assert_true(form_noted(fixture, "value-set-not-known", "/item/0/extension/0"));
    assert_true(form_judge(fixture, FORM_DRAFT, "[{'linkId':'a','answer':[{" KILOGRAMS("5") "}]}]"));
}

#define TWICE "{'valueInteger':1},{'valueInteger':2}"

static void
how_often(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, EVERY("integer", CORE("questionnaire-minOccurs", "'valueInteger':2") "," CORE(
                                          "questionnaire-maxOccurs", "'valueInteger':3")));
    /* Too few is unfinished, too many is wrong. */
    assert_true(form_judge(fixture, FORM_DRAFT, NULL));
    assert_int_equal(fixture->progress.required_missing, 1);
    assert_false(form_judge(fixture, FORM_SUBMIT, NULL));
    assert_true(form_noted(fixture, "min-occurs", "a"));
    assert_false(form_judge(fixture, FORM_SUBMIT, "[{'linkId':'a','answer':[{'valueInteger':1}]}]"));
    assert_true(form_noted(fixture, "min-occurs", "a"));
    assert_true(form_judge(fixture, FORM_SUBMIT, "[{'linkId':'a','answer':[" TWICE "]}]"));
    assert_int_equal(fixture->progress.required_missing, 0);
    assert_false(form_judge(fixture, FORM_DRAFT, "[{'linkId':'a','answer':[" TWICE "," TWICE "]}]"));
    assert_true(form_noted(fixture, "max-occurs", "a"));
    /* What is required is told once. */
    form_of(fixture, "{'linkId':'a','type':'integer','repeats':true,'required':true,'extension':[" CORE(
                         "questionnaire-minOccurs", "'valueInteger':2") "]}");
    assert_false(form_judge(fixture, FORM_SUBMIT, NULL));
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, "required", "a"));
}

#define ROW "{'linkId':'g','item':[{'linkId':'b','answer':[{'valueInteger':1}]}]}"

static void
how_often_of_groups(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(
        fixture,
        "{'linkId':'g','type':'group','repeats':true,'extension':[" CORE(
            "questionnaire-minOccurs",
            "'valueInteger':2") "," CORE("questionnaire-maxOccurs",
                                         "'valueInteger':3") "],'item':[{'linkId':'b','type':'integer'}]}");
    assert_false(form_judge(fixture, FORM_SUBMIT, "[" ROW "]"));
    assert_true(form_noted(fixture, "min-occurs", "g"));
    assert_false(form_judge(fixture, FORM_SUBMIT,
                            "[" ROW ",{'linkId':'g','item':[]}]")); /* an empty one does not count */
    assert_true(form_noted(fixture, "min-occurs", "g"));
    assert_true(form_judge(fixture, FORM_SUBMIT, "[" ROW "," ROW "," ROW "]"));
    assert_false(form_judge(fixture, FORM_DRAFT, "[" ROW "," ROW "," ROW "," ROW "]"));
    assert_true(form_noted(fixture, "max-occurs", "g"));
}

#define NONE                                                                                                 \
    "{'valueCoding':{'code':'none'},'extension':[" CORE("questionnaire-optionExclusive",                     \
                                                        "'valueBoolean':true") "]}"

static void
exclusive_options(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a','type':'open-choice','repeats':true,'answerOption':[{'valueCoding':{'"
                     "code':'x'}},{'valueCoding':{'code':'y'}}," NONE "]}");
    assert_true(
        form_judge(fixture, FORM_SUBMIT, "[{'linkId':'a','answer':[{'valueCoding':{'code':'none'}}]}]"));
    assert_true(
        form_judge(fixture, FORM_SUBMIT,
                   "[{'linkId':'a','answer':[{'valueCoding':{'code':'x'}},{'valueCoding':{'code':'y'}}]}]"));
    assert_false(form_judge(
        fixture, FORM_DRAFT,
        "[{'linkId':'a','answer':[{'valueCoding':{'code':'x'}},{'valueCoding':{'code':'none'}}]}]"));
    assert_true(form_noted(fixture, "exclusive-option", "a"));
    assert_false(
        form_judge(fixture, FORM_DRAFT,
                   "[{'linkId':'a','answer':[{'valueCoding':{'code':'none'}},{'valueString':'free'}]}]"));
    assert_true(form_noted(fixture, "exclusive-option", "a"));
}

/* Patients do not see what is hidden, nor what stands in it: nothing there is demanded of them, or counted.
 */
static void
hidden_items(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            "{'linkId':'g','type':'group','extension':[" CORE(
                "questionnaire-hidden",
                "'valueBoolean':true") "],'item':[{'linkId':'b','type':'integer','required':true}]},"
                                       "{'linkId':'c','type':'integer','required':true,'extension':[" CORE(
                                           "questionnaire-hidden", "'valueBoolean':false") "]}");
    assert_true(form_noted(fixture, "required-hidden", "/item/0/item/0/required"));
    assert_int_equal(form_notes(fixture), 1);
    assert_false(form_judge(fixture, FORM_SUBMIT, NULL));
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, "required", "c"));
    assert_int_equal(fixture->progress.total, 1);
    /* An answer that is there is judged as any other. */
    assert_false(form_judge(fixture, FORM_DRAFT,
                            "[{'linkId':'g','item':[{'linkId':'b','answer':[{'valueString':'x'}]}]}]"));
    assert_true(form_noted(fixture, "wrong-type", "g/b"));
}

struct definition_case {
    const char *code; /* NULL: nothing is noted */
    bool compiles;
    const char *item;
};

static void
rules_of_a_definition_are_examined(void **state)
{
    static const struct definition_case cases[] = {
        {"wrong-type", false, ITEM("integer", CORE("minValue", "'valueString':'5'"))},
        {"wrong-type", false, ITEM("integer", CORE("minValue", "'valueDate':'2020'"))},
        {"wrong-type", false, ITEM("date", CORE("minValue", "'valueInteger':5"))},
        {"wrong-type", false, ITEM("date", CORE("minValue", "'valueDate':'2020-13'"))},
        {"wrong-type", false, ITEM("time", CORE("minValue", "'valueDateTime':'2020'"))},
        {"wrong-type", false, ITEM("quantity", CORE("maxValue", "'valueQuantity':{'unit':'kg'}"))},
        {"wrong-type", false, ITEM("quantity", SDC("maxQuantity", "'valueDecimal':5"))},
        {"wrong-type", false, ITEM("string", CORE("minLength", "'valueDecimal':5"))},
        {"wrong-type", false, ITEM("string", CORE("regex", "'valueCode':'a'"))},
        {"wrong-type", false, ITEM("string", CORE("questionnaire-hidden", "'valueBoolean':'true'"))},
        {"wrong-type", false, ITEM("string", CORE("questionnaire-itemControl", "'valueCode':'drop-down'"))},
        {"wrong-type", false,
         ITEM("string", CORE("entryFormat", "'extension':[{'url':'a','valueCode':'x'}]"))},
        {"wrong-type", false, ITEM("attachment", CORE("mimeType", "'valueCode':' x'"))},
        {"out-of-range", false, ITEM("string", CORE("minLength", "'valueInteger':-1"))},
        {"out-of-range", false, ITEM("attachment", CORE("maxSize", "'valueDecimal':0"))},
        {"out-of-range", false, ITEM("string", CORE("questionnaire-maxOccurs", "'valueInteger':0"))},
        {"min-occurs-not-repeating", false,
         ITEM("string", CORE("questionnaire-minOccurs", "'valueInteger':2"))},
        {NULL, true, ITEM("string", CORE("questionnaire-minOccurs", "'valueInteger':1"))},
        {"invalid-pattern", false, ITEM("string", CORE("regex", "'valueString':'(a'"))},
        {"invalid-pattern", false, ITEM("string", CORE("regex", "'valueString':'(a)\\\\1'"))},
        {"invalid-code", false, ITEM("quantity", SDC("unitOpen", "'valueCode':'closed'"))},
        {"extension-twice", false,
         ITEM("integer", CORE("minValue", "'valueInteger':1") "," CORE("minValue", "'valueInteger':2"))},
        {NULL, true,
         ITEM("attachment", CORE("mimeType", "'valueCode':'a/b'") "," CORE("mimeType", "'valueCode':'a/c'"))},
        {"contradiction", false,
         ITEM("integer", CORE("minValue", "'valueInteger':5") "," CORE("maxValue", "'valueInteger':4"))},
        {NULL, true,
         ITEM("integer", CORE("minValue", "'valueInteger':5") "," CORE("maxValue", "'valueInteger':5"))},
        {"contradiction", false,
         ITEM("date",
              CORE("minValue", "'valueDate':'2021'") "," CORE("maxValue", "'valueDate':'2020-12-31'"))},
        {"contradiction", false,
         ITEM("time",
              CORE("minValue", "'valueTime':'10:00:01'") "," CORE("maxValue", "'valueTime':'10:00:00'"))},
        {"contradiction", false,
         ITEM("quantity", SDC("minQuantity", KILOGRAMS("2")) "," SDC("maxQuantity", KILOGRAMS("1")))},
        {"contradiction", false,
         EVERY("string", CORE("questionnaire-minOccurs",
                              "'valueInteger':3") "," CORE("questionnaire-maxOccurs", "'valueInteger':2"))},
        {"contradiction", false,
         "{'linkId':'a','type':'string','maxLength':2,'extension':[" CORE("minLength",
                                                                          "'valueInteger':3") "]}"},
        /* Where an extension means nothing it is said so, and does nothing. */
        {"extension-not-applicable", true, ITEM("string", CORE("minValue", "'valueInteger':1"))},
        {"extension-not-applicable", true, ITEM("choice", CORE("minLength", "'valueInteger':1"))},
        {"extension-not-applicable", true, ITEM("string", CORE("mimeType", "'valueCode':'a/b'"))},
        {"extension-not-applicable", true,
         ITEM("display", CORE("questionnaire-minOccurs", "'valueInteger':1"))},
        {"extension-not-applicable", true,
         ITEM("string", CORE("questionnaire-optionExclusive", "'valueBoolean':true"))},
        {"extension-not-judged", true,
         ITEM("integer",
              CORE("minValue", "'valueInteger':1,'_valueInteger':{'extension':[" CORE(
                                   "cqf-calculatedValue",
                                   "'valueExpression':{'language':'text/fhirpath','expression':'1'}") "]}"))},
        {"extension-not-judged", true,
         ITEM("date",
              CORE("minValue",
                   "'_valueDate':{'extension':[" CORE(
                       "cqf-calculatedValue",
                       "'valueExpression':{'language':'text/fhirpath','expression':'today()'}") "]}"))},
        {NULL, true,
         ITEM("date", "{'url':'http://example.org/minValue','valueString':'what we do not know'}")},
        {NULL, true,
         ITEM("string", CORE("entryFormat", "'valueString':'nnn'") "," CORE(
                            "questionnaire-itemControl", "'valueCodeableConcept':{'text':'x'}"))},
    };
    struct form_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool good =
            form_try(fixture, arena_format(fixture->arena,
                                           "{'resourceType':'Questionnaire','status':'draft','item':[%s]}",
                                           cases[i].item));
        bool found = cases[i].code == NULL;
        for (size_t k = 0; k < form_notes(fixture); k++) {
            const struct form_issue *issue = &fixture->issues.items[k];
            found = found || (strcmp(issue->code, cases[i].code) == 0 &&
                              strncmp(issue->path, "/item/0/extension", strlen("/item/0/extension")) == 0);
        }
        if (good != cases[i].compiles || !found) {
            fail_msg("%s, %s: %s", good ? "taken" : "refused",
                     form_notes(fixture) == 0 ? "-" : fixture->issues.items[0].code, cases[i].item);
        }
    }
}

static void
extensions_of_options(void **state)
{
    struct form_fixture *fixture = *state;
    const char *with = "{'resourceType':'Questionnaire','status':'draft','item':[{'linkId':'a','type':'"
                       "choice','answerOption':"
                       "[{'valueCoding':{'code':'x'},'extension':[%s]}]}]}";
    assert_true(form_try(fixture, arena_format(fixture->arena, with,
                                               CORE("ordinalValue", "'valueDecimal':1") "," CORE(
                                                   "questionnaire-optionPrefix", "'valueString':'a)'"))));
    assert_int_equal(form_notes(fixture), 0);
    assert_false(
        form_try(fixture, arena_format(fixture->arena, with,
                                       CORE("questionnaire-optionExclusive", "'valueString':'yes'"))));
    assert_true(form_noted(fixture, "wrong-type", "/item/0/answerOption/0/extension"));
    assert_false(
        form_try(fixture, arena_format(fixture->arena, with, CORE("ordinalValue", "'valueString':'1'"))));
    assert_true(form_noted(fixture, "wrong-type", "/item/0/answerOption/0/extension"));
    assert_false(form_try(fixture, arena_format(fixture->arena, with,
                                                CORE("ordinalValue", "'valueDecimal':1") "," CORE(
                                                    "ordinalValue", "'valueDecimal':2"))));
    assert_true(form_noted(fixture, "extension-twice", "/item/0/answerOption/0/extension"));
}

static void
add_item(struct buf *items, struct buf *answers, int number)
{
    static const struct {
        const char *item;
        const char *answer;
    } kinds[] = {
        {"'type':'integer','extension':[" CORE("minValue", "'valueInteger':0") "," CORE(
             "maxValue", "'valueInteger':99") "]",
         "'valueInteger':7"},
        {"'type':'string','maxLength':40,'extension':[" CORE("regex",
                                                             "'valueString':'[a-z]+ [a-z]{2,5}'") "]",
         "'valueString':'hello world'"},
        {"'type':'choice','answerValueSet':'#v'", "'valueCoding':{'system':'s','code':'c7'}"},
        {"'type':'open-choice','answerOption':[{'valueString':'x'},{'valueCoding':{'system':'s','code':'y'}}"
         "]",
         "'valueCoding':{'system':'s','code':'y'}"},
        {"'type':'dateTime'", "'valueDateTime':'2024-02-29T10:00:00Z'"},
        {"'type':'quantity','extension':[" CORE("questionnaire-unitOption",
                                                "'valueCoding':{" UCUM("kg") "}") "]",
         KILOGRAMS("70.5")},
        {"'type':'attachment','extension':[" CORE("mimeType", "'valueCode':'image/png'") "]",
         "'valueAttachment':{'url':'u','contentType':'image/png'}"},
    };
    const size_t kind = (size_t)number % (sizeof kinds / sizeof kinds[0]);
    buf_format(items, "%s{'linkId':'q%d','required':true,%s", number == 0 ? "" : ",", number,
               kinds[kind].item);
    if (number != 0) {
        buf_format(items, ",'enableWhen':[{'question':'q%d','operator':'exists','answerBoolean':true}]",
                   number - 1);
    }
    buf_text(items, "}");
    buf_format(answers, "%s{'linkId':'q%d','answer':[{%s}]}", number == 0 ? "" : ",", number,
               kinds[kind].answer);
}

/* The largest definition, each question waiting for the one before it, and all of its answers. */
static void
the_largest_definition_stays_small(void **state)
{
    struct form_fixture *fixture = *state;
    struct buf items;
    struct buf answers;
    buf_init(&items, 4 * 1024 * 1024);
    buf_init(&answers, 4 * 1024 * 1024);
    buf_text(&items, "{'resourceType':'Questionnaire','status':'draft','contained':[{'resourceType':'"
                     "ValueSet','id':'v','compose':"
                     "{'include':[{'system':'s','concept':[{'code':'c6'},{'code':'c7'}]}]}}],'item':[");
    buf_text(&answers, "[");
    for (int i = 0; i < FORM_ITEMS_MAX; i++) {
        add_item(&items, &answers, i);
    }
    buf_text(&items, "]}");
    buf_text(&answers, "]");
    size_t before = arena_used(fixture->arena);
    assert_true(form_try(fixture, buf_string(&items)));
    assert_int_equal(form_notes(fixture), 0);
    assert_true(form_judge(fixture, FORM_SUBMIT, buf_string(&answers)));
    assert_int_equal(form_notes(fixture), 0);
    assert_int_equal(fixture->progress.answered, FORM_ITEMS_MAX);
    assert_true(form_bytes(fixture->form) < 4 * 1024 * 1024);
    assert_true(arena_used(fixture->arena) - before < 16 * 1024 * 1024);
    buf_free(&items);
    buf_free(&answers);
}

/* What a patient wants to send is judged before it is sent. */
static void
files_are_asked_for_beforehand(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(
        fixture,
        "{'linkId':'a','type':'attachment','extension':[" CORE(
            "mimeType",
            "'valueCode':'image/"
            "png'") "," CORE("mimeType",
                             "'valueCode':'video/*'") "," CORE("maxSize",
                                                               "'valueDecimal':5") "]},"
                                                                                   "{'linkId':'any','type':'"
                                                                                   "attachment'},{'linkId':'"
                                                                                   "text'"
                                                                                   ",'type':'string'},"
                                                                                   "{'linkId':'shown','type':"
                                                                                   "'"
                                                                                   "attachment','readOnly':"
                                                                                   "true}");
    const struct {
        enum form_file found;
        const char *link_id;
        const char *type;
        int64_t size;
    } cases[] = {
        {FORM_FILE_TAKEN, "a", "image/png", 5},          {FORM_FILE_TOO_LARGE, "a", "image/png", 6},
        {FORM_FILE_TAKEN, "a", "video/mp4", 1},          {FORM_FILE_WRONG_TYPE, "a", "image/jpeg", 1},
        {FORM_FILE_TAKEN, "any", "image/jpeg", 1 << 30}, {FORM_FILE_NO_QUESTION, "text", "image/png", 1},
        {FORM_FILE_NO_QUESTION, "b", "image/png", 1},    {FORM_FILE_NO_QUESTION, "shown", "image/png", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(form_takes_file(fixture->form, cases[i].link_id, cases[i].type, cases[i].size),
                         cases[i].found);
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(least_and_most),
        TEST(least_and_most_of_quantities),
        TEST(lengths_places_and_patterns),
        TEST(costly_patterns_end),
        TEST(few_texts_may_be_costly),
        TEST(an_item_has_500_rules),
        TEST(several_rules_are_told_at_once),
        TEST(files_are_limited),
        TEST(files_are_asked_for_beforehand),
        TEST(references_are_limited),
        TEST(units_are_limited),
        TEST(units_of_a_value_set),
        TEST(how_often),
        TEST(how_often_of_groups),
        TEST(exclusive_options),
        TEST(hidden_items),
        TEST(rules_of_a_definition_are_examined),
        TEST(extensions_of_options),
        TEST(the_largest_definition_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
