/* Findings as an OperationOutcome, and what stands around the items of a response. */
#include "lib/form/issues.h"
#include "lib/form/items/envelope.h"
#include "lib/form/outcome.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OUTPUT_MAX = 4 * 1024 * 1024 };

#define ENVELOPE "'resourceType':'QuestionnaireResponse','status':'completed'"

/* The outcome of the fixture's issues, parsed. */
static struct json_object *
outcome(struct form_fixture *fixture)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    form_outcome(&fixture->issues, &out);
    assert_false(buf.failed);
    struct json_object *json = form_json(fixture, buf_string(&buf));
    buf_free(&buf);
    return json;
}

static void
a_finding_has_severity_type_code_sentence_and_place(void **state)
{
    struct form_fixture *fixture = *state;
    issues_add(&fixture->issues, FORM_ERROR, "required", "m[1]/dose", "QuestionnaireResponse.item[2]",
               "Please answer.");
    form_same(fixture, outcome(fixture),
              "{'resourceType':'OperationOutcome','issue':[{"
              "'extension':[{'url':'urn:anamnesis:extension:item-path','valueString':'m[1]/dose'}],"
              "'severity':'error','code':'required',"
              "'details':{'coding':[{'system':'urn:anamnesis:issue-code','code':'required'}],"
              "'text':'Please answer.'},'diagnostics':'m[1]/dose',"
              "'expression':['QuestionnaireResponse.item[2]']}]}");
}

/* The last issue of the outcome. */
static struct json_object *
last_issue(struct form_fixture *fixture, size_t count)
{
    struct json_object *issues = NULL;
    assert_true(json_object_object_get_ex(outcome(fixture), "issue", &issues));
    assert_int_equal(json_object_array_length(issues), count);
    return json_object_array_get_idx(issues, count - 1);
}

static void
is_of(struct json_object *issue, const char *severity, const char *code)
{
    const char *text = json_object_to_json_string_ext(issue, JSON_C_TO_STRING_PLAIN);
    assert_non_null(strstr(text, severity));
    assert_non_null(strstr(text, code));
}

static void
more_than_are_listed_are_said_with_the_severity_of_the_worst(void **state)
{
    struct form_fixture *fixture = *state;
    for (size_t i = 0; i < FORM_ISSUES_MAX; i++) {
        issues_add(&fixture->issues, FORM_WARNING, "no-options", "", "", "No options.");
    }
    is_of(last_issue(fixture, FORM_ISSUES_MAX), "warning", "no-options"); /* nothing more to say */
    issues_add(&fixture->issues, FORM_WARNING, "no-options", "", "", "No options.");
    is_of(last_issue(fixture, FORM_ISSUES_MAX + 1), "\"severity\":\"warning\"", "more-issues");
    issues_add(&fixture->issues, FORM_ERROR, "required", "", "", "Please answer.");
    is_of(last_issue(fixture, FORM_ISSUES_MAX + 1), "\"severity\":\"error\"", "more-issues");
}

static void
a_place_in_a_definition_is_a_json_pointer(void **state)
{
    struct form_fixture *fixture = *state;
    assert_false(
        form_try(fixture, "{'resourceType':'Questionnaire','status':'draft','item':[{'linkId':''}]}"));
    struct json_object *issues = NULL;
    struct json_object *extension = NULL;
    assert_true(json_object_object_get_ex(outcome(fixture), "issue", &issues));
    assert_true(json_object_object_get_ex(json_object_array_get_idx(issues, 0), "extension", &extension));
    form_same(fixture, extension,
              "[{'url':'urn:anamnesis:extension:json-pointer','valueString':'/item/0/linkId'}]");
}

static void
no_finding_is_said_too_because_fhir_demands_an_issue(void **state)
{
    struct form_fixture *fixture = *state;
    form_same(fixture, outcome(fixture),
              "{'resourceType':'OperationOutcome','issue':[{'severity':'information','code':'informational',"
              "'details':{'coding':[{'system':'urn:anamnesis:issue-code','code':'all-fine'}],"
              "'text':'Nothing is wrong.'}}]}");
}

static void
findings_that_are_not_listed_are_as_severe_as_the_worst_of_them(void **state)
{
    struct form_fixture *fixture = *state;
    for (enum form_severity worst = FORM_ERROR; worst <= FORM_WARNING; worst++) {
        form_issues_init(&fixture->issues, fixture->arena);
        for (int i = 0; i <= FORM_ISSUES_MAX; i++) {
            issues_add(&fixture->issues, i == FORM_ISSUES_MAX ? worst : FORM_WARNING, "no-options", "/item/0",
                       "Questionnaire.item[0]", "A warning.");
        }
        struct json_object *issues = NULL;
        struct json_object *severity = NULL;
        assert_true(json_object_object_get_ex(outcome(fixture), "issue", &issues));
        assert_int_equal(json_object_array_length(issues), FORM_ISSUES_MAX + 1);
        assert_true(json_object_object_get_ex(json_object_array_get_idx(issues, FORM_ISSUES_MAX), "severity",
                                              &severity));
        assert_string_equal(json_object_get_string(severity), worst == FORM_ERROR ? "error" : "warning");
    }
}

static void
codes_become_issue_types_of_fhir(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"required", "required"},
        {"missing-link-id", "required"},
        {"que-2", "invariant"},
        {"not-an-option", "code-invalid"},
        {"wrong-type", "structure"},
        {"unknown-item", "not-found"},
        {"duplicate-item", "duplicate"},
        {"max-length", "value"},
        {"invalid-date", "value"},
        {"too-many-items", "too-costly"},
        {"too-many-answers", "business-rule"},
        {"modifier-extension", "extension"},
        {"something-new", "invalid"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_equal(form_issue_type(pairs[i][0], FORM_ERROR), pairs[i][1]);
    }
    assert_string_equal(form_issue_type("something-new", FORM_INFORMATION), "informational");
}

static bool
envelope(struct form_fixture *fixture, const char *response, const char *questionnaire)
{
    form_issues_init(&fixture->issues, fixture->arena);
    return form_check_envelope(form_json(fixture, response),
                               questionnaire == NULL ? NULL : form_json(fixture, questionnaire),
                               &fixture->issues);
}

/* Whether the envelope's only finding has that code and place. */
static bool
only(struct form_fixture *fixture, const char *response, const char *code, const char *expression)
{
    (void)envelope(fixture, response, NULL);
    bool found = fixture->issues.count == 1 && strcmp(fixture->issues.items[0].code, code) == 0 &&
                 strcmp(fixture->issues.items[0].expression, expression) == 0;
    for (size_t i = 0; !found && i < fixture->issues.count; i++) {
        print_message("%s at %s\n", fixture->issues.items[i].code, fixture->issues.items[i].expression);
    }
    return found;
}

static void
a_whole_envelope_is_fine(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(envelope(
        fixture,
        "{" ENVELOPE ",'id':'a-1.B','meta':{'versionId':'1'},'language':'en','text':{'status':'generated'},"
        "'contained':[{}],'extension':[{'url':'x'}],'identifier':{'value':'1'},'basedOn':[{}],'partOf':[{}],"
        "'questionnaire':'http://example.org/q','_questionnaire':{'extension':[{'url':'x'}]},"
        "'subject':{'reference':'Patient/1'},'encounter':{'reference':'Encounter/1'},"
        "'authored':'2026-01-01','author':{'reference':'Patient/1'},'source':{'reference':'Patient/1'},"
        "'item':[{'linkId':'a'}]}",
        NULL));
    assert_int_equal(form_notes(fixture), 0);
}

static void
members_that_do_not_belong_or_have_another_shape(void **state)
{
    struct form_fixture *fixture = *state;
    assert_true(only(fixture, "{}", "not-a-response", "QuestionnaireResponse.resourceType"));
    assert_true(only(fixture, "{'resourceType':'Questionnaire','status':'draft'}", "not-a-response",
                     "QuestionnaireResponse.resourceType"));
    assert_true(only(fixture, "{'resourceType':'QuestionnaireResponse'}", "missing-element",
                     "QuestionnaireResponse.status"));
    assert_true(only(fixture, "{'resourceType':'QuestionnaireResponse','status':'final'}", "invalid-code",
                     "QuestionnaireResponse.status"));
    assert_true(only(fixture, "{'resourceType':'QuestionnaireResponse','status':true}", "wrong-type",
                     "QuestionnaireResponse.status"));
    assert_true(
        only(fixture, "{" ENVELOPE ",'items':[{}]}", "unknown-element", "QuestionnaireResponse.items"));
    assert_true(only(fixture, "{" ENVELOPE ",'a b':1}", "unknown-element", "QuestionnaireResponse"));
    assert_true(
        only(fixture, "{" ENVELOPE ",'_subject':{'id':'x'}}", "unknown-element", "QuestionnaireResponse"));
    assert_true(only(fixture, "{" ENVELOPE ",'item':{}}", "empty-element", "QuestionnaireResponse.item"));
    assert_true(
        only(fixture, "{" ENVELOPE ",'item':{'linkId':'a'}}", "wrong-type", "QuestionnaireResponse.item"));
    assert_true(only(fixture, "{" ENVELOPE ",'item':null}", "empty-element", "QuestionnaireResponse.item"));
    assert_true(
        only(fixture, "{" ENVELOPE ",'subject':'Patient/1'}", "wrong-type", "QuestionnaireResponse.subject"));
    assert_true(only(fixture, "{" ENVELOPE ",'id':'a_b'}", "invalid-id", "QuestionnaireResponse.id"));
    assert_true(only(fixture, "{" ENVELOPE ",'authored':'yesterday'}", "invalid-date-time",
                     "QuestionnaireResponse.authored"));
    assert_true(only(fixture, "{" ENVELOPE ",'authored':'2026-01-01T10:00:00'}", "invalid-date-time",
                     "QuestionnaireResponse.authored"));
    assert_true(
        only(fixture, "{" ENVELOPE ",'authored':true}", "wrong-type", "QuestionnaireResponse.authored"));
    assert_true(only(fixture, "{" ENVELOPE ",'modifierExtension':[{'url':'x'}]}", "modifier-extension",
                     "QuestionnaireResponse.modifierExtension"));
    assert_true(only(fixture, "{" ENVELOPE ",'implicitRules':'http://example.org/r'}", "modifier-element",
                     "QuestionnaireResponse.implicitRules"));
}

static void
the_definition_that_a_response_names(void **state)
{
    struct form_fixture *fixture = *state;
    static const char definition[] = "{'id':'q1','url':'http://example.org/q','version':'2'}";
    static const char *const same[] = {"http://example.org/q", "http://example.org/q|2", "Questionnaire/q1",
                                       "#q1"};
    static const char *const other[] = {"http://example.org/q|1", "http://example.org/q2",
                                        "http://example.org/", "Questionnaire/q2", "#q2"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        const char *response = arena_format(fixture->arena, "{" ENVELOPE ",'questionnaire':'%s'}", same[i]);
        assert_true(envelope(fixture, response, definition));
        assert_int_equal(form_notes(fixture), 0);
    }
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        const char *response = arena_format(fixture->arena, "{" ENVELOPE ",'questionnaire':'%s'}", other[i]);
        assert_true(envelope(fixture, response, definition)); /* a warning */
        assert_int_equal(form_notes(fixture), 1);
        assert_string_equal(fixture->issues.items[0].code, "other-questionnaire");
    }
    assert_true(envelope(fixture, "{" ENVELOPE "}", definition));
    assert_true(envelope(fixture, "{" ENVELOPE ",'questionnaire':'http://example.org/q|1'}", "{}"));
    assert_int_equal(form_notes(fixture), 0);
}

static void
status_says_how_strictly_a_response_is_judged(void **state)
{
    struct form_fixture *fixture = *state;
    assert_int_equal(form_mode_of(form_json(fixture, "{'status':'completed'}")), FORM_SUBMIT);
    assert_int_equal(form_mode_of(form_json(fixture, "{'status':'amended'}")), FORM_SUBMIT);
    assert_int_equal(form_mode_of(form_json(fixture, "{'status':'in-progress'}")), FORM_DRAFT);
    assert_int_equal(form_mode_of(form_json(fixture, "{'status':'stopped'}")), FORM_DRAFT);
    assert_int_equal(form_mode_of(form_json(fixture, "{}")), FORM_DRAFT);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_finding_has_severity_type_code_sentence_and_place),
        TEST(more_than_are_listed_are_said_with_the_severity_of_the_worst),
        TEST(a_place_in_a_definition_is_a_json_pointer),
        TEST(no_finding_is_said_too_because_fhir_demands_an_issue),
        TEST(findings_that_are_not_listed_are_as_severe_as_the_worst_of_them),
        TEST(codes_become_issue_types_of_fhir),
        TEST(a_whole_envelope_is_fine),
        TEST(members_that_do_not_belong_or_have_another_shape),
        TEST(the_definition_that_a_response_names),
        TEST(status_says_how_strictly_a_response_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
