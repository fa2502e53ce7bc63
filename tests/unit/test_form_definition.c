/* What a definition must be: R4 Questionnaire, its invariants, our limits. Each refusal stands beside what is
 * taken. */
#include "lib/base/buf.h"
#include "lib/form/definition/expressions.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOT               "'resourceType':'Questionnaire','status':'draft'"
#define Q(members)         "{" ROOT "," members "}"
#define ONE(members)       Q("'item':[{'linkId':'a'," members "}]")
#define TWO(first, second) Q("'item':[{'linkId':'a'," first "},{'linkId':'b'," second "}]")
#define YES_NO                                                                                               \
    "'answerOption':[{'valueCoding':{'system':'s','code':'y'}},{'valueCoding':{'system':'s','code':'n'}}]"

struct definition_case {
    const char *code; /* NULL: no error */
    const char *path;
    const char *text;
};

static void
check_cases(void **state, const struct definition_case *cases, size_t count)
{
    struct form_fixture *fixture = *state;
    for (size_t i = 0; i < count; i++) {
        bool good = form_try(fixture, cases[i].text);
        if (good != (cases[i].code == NULL)) {
            fail_msg("%s: %s", good ? "taken" : "refused", cases[i].text);
        }
        if (cases[i].code != NULL && !form_noted(fixture, cases[i].code, cases[i].path)) {
            fail_msg("not %s at %s: %s", cases[i].code, cases[i].path, cases[i].text);
        }
    }
}

#define CHECK(state, cases) check_cases((state), (cases), sizeof(cases) / sizeof(cases)[0])

static void
the_resource_is_examined(void **state)
{
    static const struct definition_case cases[] = {
        {NULL, NULL, ONE("'type':'string'")},
        {"not-a-questionnaire", "", "[]"},
        {"not-a-questionnaire", "/resourceType", "{'resourceType':'Patient','status':'draft'}"},
        {"not-a-questionnaire", "/resourceType", "{'status':'draft'}"},
        {"missing-element", "/status", "{'resourceType':'Questionnaire'}"},
        {"invalid-code", "/status", "{'resourceType':'Questionnaire','status':'on-hold'}"},
        {NULL, NULL, "{'resourceType':'Questionnaire','status':'active'}"},
        {NULL, NULL, "{'resourceType':'Questionnaire','status':'retired'}"},
        {NULL, NULL, "{'resourceType':'Questionnaire','status':'unknown'}"},
        {"unknown-element", "/questions", Q("'questions':[]")},
        {"unknown-element", "/a~1b~0c", Q("'a/b~c':1")},
        {"wrong-type", "/title", Q("'title':5")},
        {"wrong-type", "/item", Q("'item':{'linkId':'a'}")},
        {"wrong-type", "/item", Q("'item':['a']")},
        {"wrong-type", "/experimental", Q("'experimental':'true'")},
        {"wrong-type", "/subjectType", Q("'subjectType':[1]")},
        {"empty-element", "/item", Q("'item':[]")},
        {"empty-element", "/title", Q("'title':''")},
        {"empty-element", "/title", Q("'title':null")},
        {"empty-element", "/meta", Q("'meta':{}")},
        {"modifier-element", "/implicitRules", Q("'implicitRules':'http://example.org/rules'")},
        {"modifier-extension", "/modifierExtension",
         Q("'modifierExtension':[{'url':'u','valueBoolean':true}]")},
        {NULL, NULL, Q("'extension':[{'url':'http://example.org/unheard-of','valueFoo':{'x':[1]}}]")},
        {"extension-without-url", "/extension", Q("'extension':[{'valueBoolean':true}]")},
        {NULL, NULL, Q("'_title':{'extension':[{'url':'u','valueString':'x'}]},'title':'T'")},
        {"unknown-element", "/_meta", Q("'_meta':{'id':'x'}")},
        {"unknown-element", "/_title", Q("'_title':'x'")},
        {NULL, NULL,
         Q("'url':'u','version':'1','name':'Name','derivedFrom':['x'],'identifier':[{'value':'v'}],"
           "'date':'2020','publisher':'p','contact':[{'name':'n'}],'effectivePeriod':{'start':'2020'},"
           "'code':[{'code':'c'}],'language':'de','text':{'status':'generated','div':'<div/>'}")},
    };
    CHECK(state, cases);
}

/* Elements are what FHIR R4 says they are, also where the engine has no use for them. */
static void
shapes_of_elements(void **state)
{
    static const struct definition_case cases[] = {
        {NULL, NULL,
         Q("'id':'a-B.1','language':'de-CH-1996','url':'http://x/"
           "q','version':'1|2','date':'2020-01-01T10:00:00Z',"
           "'approvalDate':'2020-01','lastReviewDate':'2020','subjectType':['Patient'],'derivedFrom':['http:/"
           "/x/p|1'],"
           "'identifier':[{'system':'http://"
           "x','value':'1'}],'effectivePeriod':{'start':'2020','end':'2021-01-01'}")},
        {"invalid-id", "/id", Q("'id':'a b'")},
        {"invalid-id", "/id", Q("'id':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'")},
        {"wrong-type", "/id", Q("'id':5")},
        {"invalid-code", "/language", Q("'language':'de_CH'")},
        {"invalid-code", "/language", Q("'language':'de-'")},
        {"invalid-code", "/language", Q("'language':'languages-x'")},
        {"invalid-url", "/url", Q("'url':'http://x/a b'")},
        {"invalid-url", "/derivedFrom", Q("'derivedFrom':['http://x','a b']")},
        {"invalid-date-time", "/date", Q("'date':'2020-02-30'")},
        {"invalid-date-time", "/date", Q("'date':'2020-01-01T10:00'")},
        {"invalid-date", "/approvalDate", Q("'approvalDate':'2020-01-01T10:00:00Z'")},
        {"wrong-type", "/approvalDate", Q("'approvalDate':2020")},
        {"invalid-code", "/subjectType", Q("'subjectType':[' Patient']")},
        {"wrong-type", "/identifier", Q("'identifier':[{'values':'1'}]")},
        {"invalid-date-time", "/effectivePeriod", Q("'effectivePeriod':{'start':'20'}")},
        {"wrong-type", "/effectivePeriod", Q("'effectivePeriod':{'from':'2020'}")},
        {"no-code", "/code", Q("'code':[{'system':'http://x'}]")},
        {"wrong-type", "/code", Q("'code':[{'kode':'x'}]")},
        {"no-code", "/item/0/code", ONE("'type':'string','code':[{'system':'http://x'}]")},
        {"empty-element", "/item/0/text", ONE("'type':'string','text':' '")},
        {"control-character", "/item/0/prefix", ONE("'type':'string','prefix':'\\u0001'")},
        {"invalid-url", "/item/0/definition", ONE("'type':'string','definition':'a b'")},
        {"invalid-url", "/item/0/answerValueSet", ONE("'type':'choice','answerValueSet':'a b'")},
        {NULL, NULL, Q("'contained':[{'resourceType':'Patient','id':'p'}]")},
        {"missing-element", "/contained", Q("'contained':[{'id':'p'}]")},
        {"wrong-type", "/contained", Q("'contained':['p']")},
        {"dom-2", "/contained",
         Q("'contained':[{'resourceType':'Patient','id':'p','contained':[{'resourceType':'Patient'}]}]")},
        {"duplicate-contained", "/contained",
         Q("'contained':[{'resourceType':'ValueSet','id':'v'},{'resourceType':'ValueSet','id':'v'}]")},
    };
    CHECK(state, cases);
}

#define TRANSLATION(parts)                                                                                   \
    Q("'title':'T','_title':{'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/translation',"     \
      "'extension':[" parts "]}]}")

static void
extensions_and_twins(void **state)
{
    static const struct definition_case cases[] = {
        {NULL, NULL,
         Q("'extension':[{'url':'u','extension':[{'url':'a','valueInteger':1},{'url':'b','valueX':{}}]}]")},
        {NULL, NULL,
         Q("'extension':[{'url':'u','_valueDate':{'extension':[{'url':'c','valueString':'x'}]}}]")},
        {"invalid-extension", "/extension", Q("'extension':[{'url':'u'}]")},
        {"invalid-extension", "/extension", Q("'extension':[{'url':'u','valueString':'x','valueCode':'y'}]")},
        {"invalid-extension", "/extension",
         Q("'extension':[{'url':'u','valueString':'x','extension':[{'url':'a','valueInteger':1}]}]")},
        {"invalid-extension", "/extension", Q("'extension':[{'url':'u','extension':[{'url':'a'}]}]")},
        {"invalid-extension", "/extension", Q("'extension':[{'url':'u','extension':[{'valueInteger':1}]}]")},
        {"invalid-extension", "/extension", Q("'extension':[{'url':'u','valueString':'x','kind':'y'}]")},
        {"extension-without-url", "/item/0/extension",
         ONE("'type':'string','extension':[{'url':'','valueString':'x'}]")},
        {"invalid-extension", "/item/0/answerOption/0/extension",
         ONE("'type':'choice','answerOption':[{'valueString':'x','extension':[{'url':'u'}]}]")},
        {"unknown-element", "/_title", Q("'title':'T','_title':{'value':'x'}")},
        {"unknown-element", "/_title", Q("'title':'T','_title':[{'id':'x'},5]")},
        {"invalid-extension", "/_title", Q("'title':'T','_title':{'extension':[{'url':'u'}]}")},
        {NULL, NULL, Q("'subjectType':['Patient','Group'],'_subjectType':[null,{'id':'x'}]")},
        {NULL, NULL, ONE("'type':'string','_text':{'extension':[{'url':'u','valueString':'x'}]}")},
        {NULL, NULL, ONE("'type':'string','initial':[{'valueString':'x','_valueString':{'id':'i'}}]")},
        {NULL, NULL, TRANSLATION("{'url':'lang','valueCode':'fr'},{'url':'content','valueString':'U'}")},
        {"invalid-extension", "/_title", TRANSLATION("{'url':'lang','valueCode':'fr'}")},
        {"invalid-extension", "/_title",
         TRANSLATION("{'url':'lang','valueCode':'f r'},{'url':'content','valueString':'U'}")},
        {"invalid-extension", "/_title",
         TRANSLATION("{'url':'lang','valueCode':'fr'},{'url':'content','valueInteger':5}")},
    };
    CHECK(state, cases);
}

static void
names_are_examined(void **state)
{
    struct form_fixture *fixture = *state;
    char name[257] = "Q";
    memset(name + 1, 'x', 254);
    assert_true(
        form_try(fixture, arena_format(fixture->arena,
                                       Q("'name':'%s','item':[{'linkId':'a','type':'string'}]"), name)));
    assert_int_equal(form_notes(fixture), 0);
    name[255] = 'x';
    assert_true(form_try(fixture, arena_format(fixture->arena, Q("'name':'%s'"), name)));
    assert_true(form_noted(fixture, "que-0", "/name"));
    assert_true(form_try(fixture, Q("'name':'two words'")));
    assert_true(form_noted(fixture, "que-0", "/name"));
    assert_true(form_try(fixture, Q("'name':'lower'")));
    assert_true(form_noted(fixture, "que-0", "/name"));
}

static void
items_are_examined(void **state)
{
    static const struct definition_case cases[] = {
        {"missing-link-id", "/item/0/linkId", Q("'item':[{'type':'string'}]")},
        {"missing-link-id", "/item/0/linkId", Q("'item':[{'linkId':7,'type':'string'}]")},
        {"control-character", "/item/0/linkId", Q("'item':[{'linkId':'a\\nb','type':'string'}]")},
        {NULL, NULL, Q("'item':[{'linkId':'/[]% \\u00e9','type':'string'}]")},
        {"missing-type", "/item/0/type", Q("'item':[{'linkId':'a'}]")},
        {"unknown-type", "/item/0/type", ONE("'type':'strnig'")},
        {"unknown-type", "/item/0/type", ONE("'type':'question'")},
        {NULL, NULL, ONE("'type':'dateTime'")},
        {NULL, NULL, ONE("'type':'time'")},
        {NULL, NULL, ONE("'type':'url'")},
        {NULL, NULL, ONE("'type':'open-choice'")},
        {NULL, NULL, ONE("'type':'quantity'")},
        {NULL, NULL, ONE("'type':'attachment'")},
        {NULL, NULL, ONE("'type':'reference'")},
        {"unknown-element", "/item/0/enableWen", ONE("'type':'string','enableWen':[]")},
        {"wrong-type", "/item/0/required", ONE("'type':'string','required':'yes'")},
        {"modifier-extension", "/item/0/modifierExtension",
         ONE("'type':'string','modifierExtension':[{'url':'u'}]")},
        {NULL, NULL,
         ONE("'type':'string','extension':[{'url':'u','valueCode':'x'}],'_text':{'id':'t'},'prefix':'1',"
             "'definition':'d','code':[{'code':'c'}],'readOnly':false,'required':true,'maxLength':10")},
        {"que-2", "/item/1/linkId",
         Q("'item':[{'linkId':'a','type':'string'},{'linkId':'a','type':'string'}]")},
        {"que-2", "/item/0/item/0/linkId",
         Q("'item':[{'linkId':'a','type':'group','item':[{'linkId':'a','type':'string'}]}]")},
        {NULL, NULL, Q("'item':[{'linkId':'a','type':'string'},{'linkId':'A','type':'string'}]")},
        {"out-of-range", "/item/0/maxLength", ONE("'type':'string','maxLength':0")},
        {"wrong-type", "/item/0/maxLength", ONE("'type':'string','maxLength':1.5")},
        {"invalid-code", "/item/0/enableBehavior", ONE("'type':'string','enableBehavior':'some'")},
    };
    CHECK(state, cases);
}

static void
invariants_of_fhir_are_examined(void **state)
{
    static const struct definition_case cases[] = {
        {"que-1", "/item/0", ONE("'type':'group'")},
        {"que-1", "/item/0/item", ONE("'type':'display','item':[{'linkId':'b','type':'string'}]")},
        {NULL, NULL, ONE("'type':'string','item':[{'linkId':'b','type':'string'}]")},
        {"que-3", "/item/0/code", ONE("'type':'display','code':[{'code':'x'}]")},
        {"que-4", "/item/0/answerValueSet", ONE("'type':'choice'," YES_NO ",'answerValueSet':'http://x'")},
        {"que-5", "/item/0", ONE("'type':'boolean'," YES_NO)},
        {"que-5", "/item/0", ONE("'type':'text','answerOption':[{'valueString':'x'}]")},
        {"que-5", "/item/0", ONE("'type':'display','answerValueSet':'http://x'")},
        {NULL, NULL, ONE("'type':'string','answerOption':[{'valueString':'x'}]")},
        {"que-6", "/item/0", ONE("'type':'display','required':true")},
        {"que-6", "/item/0", ONE("'type':'display','repeats':false")},
        {"que-8", "/item/0/initial",
         Q("'item':[{'linkId':'a','type':'group','initial':[{'valueString':'x'}],"
           "'item':[{'linkId':'b','type':'string'}]}]")},
        {"que-8", "/item/0/initial", ONE("'type':'display','initial':[{'valueString':'x'}]")},
        {NULL, NULL, ONE("'type':'string','initial':[{'valueString':'x'}]")},
        {"wrong-type", "/item/0/initial/0", ONE("'type':'string','initial':[{'valueInteger':1}]")},
        {"wrong-type", "/item/0/initial/0", ONE("'type':'date','initial':[{'valueDate':'2020-02-30'}]")},
        {"one-value", "/item/0/initial/0", ONE("'type':'string','initial':[{'id':'x'}]")},
        {"que-9", "/item/0/readOnly", ONE("'type':'display','readOnly':true")},
        {"que-10", "/item/0/maxLength", ONE("'type':'choice','maxLength':5")},
        {"que-10", "/item/0/maxLength", ONE("'type':'date','maxLength':5")},
        {NULL, NULL, ONE("'type':'text','maxLength':5")},
        {NULL, NULL, ONE("'type':'url','maxLength':5")},
        {NULL, NULL, ONE("'type':'open-choice','maxLength':5")},
        {NULL, NULL, ONE("'type':'boolean','maxLength':5")},
        {"que-10", "/item/0/maxLength", ONE("'type':'quantity','maxLength':5")},
        {"que-10", "/item/0/maxLength", ONE("'type':'attachment','maxLength':5")},
        {"que-10", "/item/0/maxLength", ONE("'type':'display','maxLength':5")},
        {"que-5", "/item/0", ONE("'type':'url','answerOption':[{'valueString':'x'}]")},
        {"que-5", "/item/0", ONE("'type':'attachment','answerValueSet':'http://x'")},
        {NULL, NULL, ONE("'type':'time','answerOption':[{'valueTime':'10:00:00'}]")},
        {"que-11", "/item/0/initial",
         ONE("'type':'choice'," YES_NO ",'initial':[{'valueCoding':{'system':'s','code':'y'}}]")},
        {"que-13", "/item/0/initial",
         ONE("'type':'string','initial':[{'valueString':'x'},{'valueString':'y'}]")},
        {NULL, NULL,
         ONE("'type':'string','repeats':true,'initial':[{'valueString':'x'},{'valueString':'y'}]")},
    };
    CHECK(state, cases);
}

static void
initial_values(void **state)
{
    static const struct definition_case cases[] = {
        {NULL, NULL, ONE("'type':'boolean','initial':[{'valueBoolean':false}]")},
        {NULL, NULL, ONE("'type':'decimal','initial':[{'valueDecimal':1.5}]")},
        {NULL, NULL, ONE("'type':'dateTime','initial':[{'valueDateTime':'2020'}]")},
        {NULL, NULL, ONE("'type':'time','initial':[{'valueTime':'10:00:00'}]")},
        {NULL, NULL, ONE("'type':'url','initial':[{'valueUri':'http://x'}]")},
        {NULL, NULL, ONE("'type':'attachment','initial':[{'valueAttachment':{'url':'u'}}]")},
        {NULL, NULL, ONE("'type':'reference','initial':[{'valueReference':{'reference':'Patient/1'}}]")},
        {NULL, NULL,
         ONE("'type':'quantity','initial':[{'valueQuantity':{'unit':'kg'}}]")}, /* a unit to begin with */
        {NULL, NULL, ONE("'type':'open-choice','initial':[{'valueString':'x'}]")},
        {"wrong-type", "/item/0/initial/0", ONE("'type':'choice','initial':[{'valueString':'x'}]")},
        {"wrong-type", "/item/0/initial/0", ONE("'type':'decimal','initial':[{'valueInteger':1}]")},
        {"wrong-type", "/item/0/initial/0", ONE("'type':'time','initial':[{'valueTime':'10:00'}]")},
        {"wrong-type", "/item/0/initial/0", ONE("'type':'url','initial':[{'valueUri':'a b'}]")},
        {"wrong-type", "/item/0/initial/1",
         ONE("'type':'integer','repeats':true,'initial':[{'valueInteger':1},{'valueString':'x'}]")},
        {NULL, NULL,
         ONE("'type':'choice','repeats':true,'answerOption':[{'valueString':'x','initialSelected':true},{'"
             "valueString':'y','initialSelected':true}]")},
        {"initial-selected", "/item/0/answerOption",
         ONE("'type':'choice','answerOption':[{'valueString':'x','initialSelected':true},{'valueString':'y','"
             "initialSelected':true}]")},
        {"wrong-type", "/item/0/answerOption/0/initialSelected",
         ONE("'type':'choice','answerOption':[{'valueString':'x','initialSelected':'yes'}]")},
        {"que-11", "/item/0/initial",
         ONE("'type':'string','answerOption':[{'valueString':'x'}],'initial':[{'valueString':'x'}]")},
    };
    CHECK(state, cases);
    struct form_fixture *fixture = *state;
    const char *set = Q("'contained':[{'resourceType':'ValueSet','id':'v','compose':{'include':[{'system':'s'"
                        ",'concept':[{'code':'x'}]}]}}],"
                        "'item':[{'linkId':'a','type':'choice','answerValueSet':'#v','initial':[{'"
                        "valueCoding':{'system':'s','code':'%s'}}]}]");
    assert_true(form_try(fixture, arena_format(fixture->arena, set, "x")));
    assert_int_equal(form_notes(fixture), 0);
    assert_true(form_try(fixture, arena_format(fixture->arena, set, "y")));
    assert_true(form_noted(fixture, "initial-not-an-option", "/item/0/initial/0"));
}

static void
options_are_examined(void **state)
{
    static const struct definition_case cases[] = {
        {NULL, NULL, ONE("'type':'choice'," YES_NO)},
        {NULL, NULL,
         ONE("'type':'choice','answerOption':[{'valueString':'x'},{'valueInteger':1},{'valueDate':'2020'}]")},
        {NULL, NULL, ONE("'type':'choice','answerOption':[{'valueCoding':{'display':'only text'}}]")},
        {NULL, NULL, ONE("'type':'choice','answerOption':[{'valueString':'x','initialSelected':true}]")},
        {"duplicate-option", "/item/0/answerOption",
         ONE("'type':'choice','answerOption':[{'valueString':'x'},{'valueString':'x'}]")},
        {"duplicate-option", "/item/0/answerOption",
         ONE("'type':'choice','answerOption':[{'valueCoding':{'code':'x','display':'1'}},{'valueInteger':4},"
             "{'valueCoding':{'code':'x','display':'2'}}]")},
        {NULL, NULL,
         ONE("'type':'choice','answerOption':[{'valueCoding':{'code':'x','system':'1'}},"
             "{'valueCoding':{'code':'x','system':'2'}}]")},
        {"wrong-type", "/item/0/answerOption/1",
         ONE("'type':'integer','answerOption':[{'valueInteger':1},{'valueString':'2'}]")},
        {"wrong-type", "/item/0/answerOption/0",
         ONE("'type':'choice','answerOption':[{'valueInteger':'1'}]")},
        {"wrong-type", "/item/0/answerOption/0", ONE("'type':'choice','answerOption':[{'valueCoding':{}}]")},
        {"one-value", "/item/0/answerOption/0",
         ONE("'type':'choice','answerOption':[{'valueInteger':1,'valueString':'1'}]")},
        {"one-value", "/item/0/answerOption/0",
         ONE("'type':'choice','answerOption':[{'initialSelected':true}]")},
        {"unknown-element", "/item/0/answerOption/0/valueFoo",
         ONE("'type':'choice','answerOption':[{'valueFoo':1}]")},
        {NULL, NULL, ONE("'type':'choice','answerOption':[{'valueTime':'10:00:00'}]")},
        {"value-set-missing", "/item/0/answerValueSet", ONE("'type':'choice','answerValueSet':'#none'")},
        {"item-type-not-supported", "/item/0/answerValueSet",
         ONE("'type':'string','answerValueSet':'http://x'")},
    };
    CHECK(state, cases);
}

/* Choices whose codes cannot be listed here are taken, with a warning: answers to them are not checked. */
static void
value_sets_that_are_not_known_are_said_so(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(form_try(fixture, ONE("'type':'choice','answerValueSet':'http://loinc.org/vs/LL358-3'")));
    assert_true(form_noted(fixture, "value-set-not-known", "/item/0/answerValueSet"));
    assert_true(form_try(fixture, ONE("'type':'choice'")));
    assert_true(form_noted(fixture, "no-options", "/item/0"));
    assert_true(form_try(fixture, Q("'contained':[{'resourceType':'ValueSet','id':'v','compose':{'include':["
                                    "{'system':'http://snomed.info/sct'}]}}],"
                                    "'item':[{'linkId':'a','type':'choice','answerValueSet':'#v'}]")));
    assert_true(form_noted(fixture, "value-set-not-listed", "/item/0/answerValueSet"));
    assert_int_equal(fixture->issues.items[0].severity, FORM_WARNING);
}

#define WHEN(members) TWO("'type':'integer'", "'type':'string','enableWhen':[{" members "}]")

static void
conditions_are_examined(void **state)
{
    static const struct definition_case cases[] = {
        {NULL, NULL, WHEN("'question':'a','operator':'=','answerInteger':1")},
        {NULL, NULL, WHEN("'question':'a','operator':'>=','answerDecimal':1.5")},
        {NULL, NULL, WHEN("'question':'a','operator':'exists','answerBoolean':false")},
        {NULL, NULL,
         TWO("'type':'string','enableWhen':[{'question':'b','operator':'=','answerBoolean':true}]",
             "'type':'boolean'")},
        {"que-7", "/item/1/enableWhen/0/answer",
         WHEN("'question':'a','operator':'exists','answerInteger':1")},
        {"missing-element", "/item/1/enableWhen/0/question", WHEN("'operator':'=','answerInteger':1")},
        {"enable-when-question", "/item/1/enableWhen/0/question",
         WHEN("'question':'z','operator':'=','answerInteger':1")},
        {"enable-when-question", "/item/1/enableWhen/0/question",
         TWO("'type':'display'",
             "'type':'string','enableWhen':[{'question':'a','operator':'exists','answerBoolean':true}]")},
        {"enable-when-operator", "/item/1/enableWhen/0/operator",
         WHEN("'question':'a','operator':'==','answerInteger':1")},
        {"enable-when-operator", "/item/1/enableWhen/0/operator", WHEN("'question':'a','answerInteger':1")},
        {"enable-when-type", "/item/1/enableWhen/0/answer",
         WHEN("'question':'a','operator':'=','answerString':'1'")},
        {"enable-when-type", "/item/1/enableWhen/0/answer",
         WHEN("'question':'a','operator':'=','answerInteger':'1'")},
        {"enable-when-type", "/item/1/enableWhen/0/answer",
         WHEN("'question':'a','operator':'=','answerQuantity':{'value':1}")},
        {"enable-when-type", "/item/1/enableWhen/0/answer",
         TWO("'type':'quantity'", "'type':'string','enableWhen':[{'question':'a','operator':'>',"
                                  "'answerQuantity':{'unit':'kg'}}]")},
        {"enable-when-type", "/item/1/enableWhen/0/answer",
         TWO("'type':'url'",
             "'type':'string','enableWhen':[{'question':'a','operator':'=','answerUri':'u'}]")},
        {"enable-when-operator", "/item/1/enableWhen/0/operator",
         TWO("'type':'reference'", "'type':'string','enableWhen':[{'question':'a','operator':'<',"
                                   "'answerReference':{'reference':'Patient/1'}}]")},
        {"enable-when-operator", "/item/1/enableWhen/0/operator",
         TWO("'type':'boolean'",
             "'type':'string','enableWhen':[{'question':'a','operator':'>','answerBoolean':true}]")},
        {"enable-when-operator", "/item/1/enableWhen/0/operator",
         TWO("'type':'choice'," YES_NO, "'type':'string','enableWhen':[{'question':'a','operator':'<','"
                                        "answerCoding':{'system':'s','code':'y'}}]")},
        {"one-value", "/item/1/enableWhen/0", WHEN("'question':'a','operator':'='")},
        {"one-value", "/item/1/enableWhen/0",
         WHEN("'question':'a','operator':'=','answerInteger':1,'answerBoolean':true")},
        {"unknown-element", "/item/1/enableWhen/0/answers",
         WHEN("'question':'a','operator':'=','answerInteger':1,'answers':1")},
        {"modifier-extension", "/item/1/enableWhen/0/modifierExtension",
         WHEN("'question':'a','operator':'=','answerInteger':1,'modifierExtension':[{'url':'u'}]")},
        {"que-12", "/item/1/enableBehavior",
         TWO("'type':'integer'",
             "'type':'string','enableWhen':[{'question':'a','operator':'=','answerInteger':1},"
             "{'question':'a','operator':'=','answerInteger':2}]")},
        {NULL, NULL,
         TWO("'type':'integer'", "'type':'string','enableBehavior':'any','enableWhen':["
                                 "{'question':'a','operator':'=','answerInteger':1},"
                                 "{'question':'a','operator':'=','answerInteger':2}]")},
    };
    CHECK(state, cases);
}

static void
conditions_must_not_ask_in_a_circle(void **state)
{
    static const struct definition_case cases[] = {
        {"enable-when-cycle", "/item/0/enableWhen/0",
         ONE("'type':'boolean','enableWhen':[{'question':'a','operator':'=','answerBoolean':true}]")},
        {"enable-when-cycle", "/item/0/enableWhen/0",
         TWO("'type':'boolean','enableWhen':[{'question':'b','operator':'=','answerBoolean':true}]",
             "'type':'boolean','enableWhen':[{'question':'a','operator':'=','answerBoolean':true}]")},
        /* A group that depends on what is inside it can never be opened. */
        {"enable-when-cycle", "/item/0/enableWhen/0",
         Q("'item':[{'linkId':'g','type':'group','enableWhen':[{'question':'a','operator':'=','answerBoolean'"
           ":true}],"
           "'item':[{'linkId':'h','type':'group','item':[{'linkId':'a','type':'boolean'}]}]}]")},
        {NULL, NULL,
         Q("'item':[{'linkId':'g','type':'group','item':[{'linkId':'a','type':'boolean'},"
           "{'linkId':'b','type':'string','enableWhen':[{'question':'a','operator':'=','answerBoolean':true}]"
           "}]}]")},
        {NULL, NULL,
         ONE("'type':'boolean','item':[{'linkId':'b','type':'string','enableWhen':"
             "[{'question':'a','operator':'=','answerBoolean':true}]}]")},
    };
    CHECK(state, cases);
}

static void
an_impossible_condition_is_a_warning(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(form_try(fixture, TWO("'type':'choice'," YES_NO,
                                      "'type':'string','enableWhen':[{'question':'a','operator':'=',"
                                      "'answerCoding':{'system':'other','code':'y'}}]")));
    assert_true(form_noted(fixture, "enable-when-impossible", "/item/1/enableWhen/0/answer"));
}

/* Text of `count` items, each made by one printf format with its number. */
static char *
many_items(struct form_fixture *fixture, size_t count, const char *before, const char *after)
{
    struct buf text;
    buf_init(&text, 16 * 1024 * 1024);
    buf_text(&text, "{" ROOT ",'item':[");
    for (size_t i = 0; i < count; i++) {
        buf_format(&text, "%s%s%zu%s", i == 0 ? "" : ",", before, i, after);
    }
    buf_text(&text, "]}");
    char *copy = arena_text(fixture->arena, buf_string(&text));
    buf_free(&text);
    return copy;
}

static void
items_and_issues_are_bounded(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(form_try(fixture, many_items(fixture, FORM_ITEMS_MAX, "{'linkId':'", "','type':'string'}")));
    assert_int_equal(form_item_count(fixture->form), FORM_ITEMS_MAX);
    assert_false(
        form_try(fixture, many_items(fixture, FORM_ITEMS_MAX + 1, "{'linkId':'", "','type':'string'}")));
    assert_true(form_noted(fixture, "too-many-items", "/item"));
    /* A thousand issues are listed, the others counted. */
    assert_false(form_try(fixture, many_items(fixture, 2000, "{'linkId':'", "','type':'bogus'}")));
    assert_int_equal(form_notes(fixture), FORM_ISSUES_MAX);
    assert_int_equal(fixture->issues.errors, 2000);
    assert_int_equal(fixture->issues.dropped, 1000);
}

/* The element `count` times, between two texts. */
static char *
many_elements(struct form_fixture *fixture, size_t count, const char *before, const char *element,
              const char *after)
{
    struct buf text;
    buf_init(&text, 16 * 1024 * 1024);
    buf_text(&text, before);
    for (size_t i = 0; i < count; i++) {
        buf_format(&text, "%s%s", i == 0 ? "" : ",", element);
    }
    buf_text(&text, after);
    assert_false(text.failed);
    char *copy = arena_text(fixture->arena, buf_string(&text));
    buf_free(&text);
    return copy;
}

static void
conditions_are_limited(void **state)
{
    struct form_fixture *fixture = *state;
    const char *before = "{" ROOT ",'item':[{'linkId':'a','type':'string'},{'linkId':'b','type':'string',"
                         "'enableBehavior':'any','enableWhen':[";
    const char *element = "{'question':'a','operator':'exists','answerBoolean':true}";
    assert_true(form_try(fixture, many_elements(fixture, FORM_CONDITIONS_MAX, before, element, "]}]}")));
    assert_false(form_try(fixture, many_elements(fixture, FORM_CONDITIONS_MAX + 1, before, element, "]}]}")));
    assert_true(form_noted(fixture, "too-many-conditions", "/item/1/enableWhen/0"));
}

static void
options_are_limited(void **state)
{
    struct form_fixture *fixture = *state;
    const char *before = "{" ROOT ",'item':[{'linkId':'a','type':'choice','answerValueSet':'#v'}],"
                         "'contained':[{'resourceType':'ValueSet','id':'v','status':'active','compose':"
                         "{'include':[{'system':'urn:s','concept':[";
    const char *element = "{'code':'x'}";
    assert_true(form_try(fixture, many_elements(fixture, FORM_OPTIONS_MAX, before, element, "]}]}}]}")));
    assert_false(form_try(fixture, many_elements(fixture, FORM_OPTIONS_MAX + 1, before, element, "]}]}}]}")));
    assert_true(form_noted(fixture, "too-many-options", ""));
}

static void
expressions_are_limited(void **state)
{
    struct form_fixture *fixture = *state;
    const char *before = "{" ROOT ",'item':[{'linkId':'a','type':'string','extension':[";
    const char *element =
        "{'url':'http://hl7.org/fhir/StructureDefinition/questionnaire-constraint','extension':[{'url':'key',"
        "'valueId':'k'},{'url':'severity','valueCode':'error'},{'url':'human','valueString':'No.'},"
        "{'url':'expression','valueString':'true'}]}";
    assert_true(form_try(fixture, many_elements(fixture, FORM_EXPRESSIONS_MAX, before, element, "]}]}")));
    assert_false(
        form_try(fixture, many_elements(fixture, FORM_EXPRESSIONS_MAX + 1, before, element, "]}]}")));
    assert_true(form_noted(fixture, "too-many-expressions", "/item/0/extension/2000"));
}

static char *
nested(struct form_fixture *fixture, int depth)
{
    struct buf text;
    buf_init(&text, 1024 * 1024);
    buf_text(&text, "{" ROOT);
    for (int i = 1; i <= depth; i++) {
        buf_format(&text, ",'item':[{'linkId':'%d','type':'%s'", i, i == depth ? "string" : "group");
    }
    for (int i = 0; i < depth; i++) {
        buf_text(&text, "}]");
    }
    buf_text(&text, "}");
    char *copy = arena_text(fixture->arena, buf_string(&text));
    buf_free(&text);
    return copy;
}

static void
depth_is_bounded(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(form_try(fixture, nested(fixture, FORM_DEPTH_MAX)));
    assert_false(form_try(fixture, nested(fixture, FORM_DEPTH_MAX + 1)));
    assert_int_equal(form_notes(fixture), 1);
    assert_string_equal(fixture->issues.items[0].code, "too-deep");
}

static void
a_link_id_has_255_bytes(void **state)
{
    struct form_fixture *fixture = *state;
    char id[FORM_LINK_ID_MAX + 2];
    memset(id, 'x', sizeof id);
    id[FORM_LINK_ID_MAX + 1] = '\0';
    assert_false(
        form_try(fixture, arena_format(fixture->arena, Q("'item':[{'linkId':'%s','type':'string'}]"), id)));
    assert_true(form_noted(fixture, "link-id-too-long", "/item/0/linkId"));
    id[FORM_LINK_ID_MAX] = '\0';
    assert_true(
        form_try(fixture, arena_format(fixture->arena, Q("'item':[{'linkId':'%s','type':'string'}]"), id)));
}

static void
all_faults_are_told_at_once_with_their_place(void **state)
{
    struct form_fixture *fixture = *state;
    assert_false(form_try(
        fixture, "{'resourceType':'Questionnaire','status':'x','item':[{'linkId':'g','type':'group',"
                 "'item':[{'linkId':'a','type':'nope'},{'linkId':'b','type':'string','required':1}]}]}"));
    assert_int_equal(form_notes(fixture), 3);
    assert_true(form_noted(fixture, "invalid-code", "/status"));
    assert_true(form_noted(fixture, "unknown-type", "/item/0/item/0/type"));
    assert_true(form_noted(fixture, "wrong-type", "/item/0/item/1/required"));
    assert_string_equal(fixture->issues.items[1].expression, "Questionnaire.item[0].item[0].type");
}

static void
a_definition_without_a_title_is_called_by_its_name(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(form_try(fixture, Q("'title':'T','name':'N'")));
    assert_string_equal(form_title(fixture->form), "T");
    assert_true(form_try(fixture, Q("'name':'N'")));
    assert_string_equal(form_title(fixture->form), "N");
    assert_true(form_try(fixture, "{" ROOT "}"));
    assert_string_equal(form_title(fixture->form), "");
    assert_true(form_bytes(fixture->form) > 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_resource_is_examined),
        TEST(shapes_of_elements),
        TEST(extensions_and_twins),
        TEST(names_are_examined),
        TEST(items_are_examined),
        TEST(initial_values),
        TEST(invariants_of_fhir_are_examined),
        TEST(options_are_examined),
        TEST(value_sets_that_are_not_known_are_said_so),
        TEST(conditions_are_examined),
        TEST(conditions_must_not_ask_in_a_circle),
        TEST(an_impossible_condition_is_a_warning),
        TEST(items_and_issues_are_bounded),
        TEST(conditions_are_limited),
        TEST(options_are_limited),
        TEST(expressions_are_limited),
        TEST(depth_is_bounded),
        TEST(a_link_id_has_255_bytes),
        TEST(all_faults_are_told_at_once_with_their_place),
        TEST(a_definition_without_a_title_is_called_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
