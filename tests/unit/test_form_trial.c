/* lib/form: what a definition's expressions take is told before patients meet it, and ends when they do. */
#include "lib/form/review/trial.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <string.h>

/* More than a million steps. */
#define TEN  "(1|2|3|4|5|6|7|8|9|10)"
#define DEAR TEN ".all(" TEN ".all(" TEN ".all(" TEN ".all(" TEN ".count() = 10))))"

/* A question a, and in a group a calculated n: dear when a's answer is as the condition says. */
static struct json_object *
definition(struct form_fixture *fixture, const char *condition)
{
    struct json_object *json = form_json(
        fixture,
        "{'resourceType':'Questionnaire','status':'draft','item':[{'linkId':'a','type':'string'},"
        "{'linkId':'g','type':'group','item':[{'linkId':'n','type':'boolean','readOnly':true,"
        "'extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/"
        "sdc-questionnaire-calculatedExpression','valueExpression':{'language':'text/fhirpath'}}]}]}]}");
    struct json_object *group = json_object_array_get_idx(json_object_object_get(json, "item"), 1);
    struct json_object *item = json_object_array_get_idx(json_object_object_get(group, "item"), 0);
    struct json_object *extension = json_object_array_get_idx(json_object_object_get(item, "extension"), 0);
    const char *text = arena_format(
        fixture->arena, "iif(%%resource.item.where(linkId = 'a').answer%s, %s, false)", condition, DEAR);
    json_object_object_add(json_object_object_get(extension, "valueExpression"), "expression",
                           json_object_new_string(text));
    form_free(fixture->form);
    form_issues_init(&fixture->issues, fixture->arena);
    fixture->form = form_compile(json, NULL, &fixture->issues);
    assert_non_null(fixture->form);
    return json;
}

static int looks;

static int64_t
slow_clock(void)
{
    looks++;
    return looks * INT64_C(50000);
}

static void
rehearse(struct form_fixture *fixture, struct json_object *json, fhirpath_clock *clock)
{
    struct form_work work = form_work(0, clock);
    looks = 0;
    form_rehearse(fixture->form, json, &work, fixture->arena, &fixture->issues);
}

static void
what_is_cheap_is_not_told(void **state)
{
    struct form_fixture *fixture = *state;
    rehearse(fixture, definition(fixture, ".empty() and false"), slow_clock);
    assert_int_equal(form_notes(fixture), 0);
    assert_int_equal(looks, 0);
}

static void
what_is_dear_is_told_at_its_item_with_its_text(void **state)
{
    struct form_fixture *fixture = *state;
    static const char *const conditions[] = {".empty()",
                                             ".exists()"}; /* without answers, and with made ones */
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        rehearse(fixture, definition(fixture, conditions[i]), NULL);
        assert_int_equal(form_notes(fixture), 1);
        assert_true(form_noted(fixture, "expression-costly", "/item/1/item/0/extension"));
        assert_int_equal(fixture->issues.items[0].severity, FORM_WARNING);
    }
}

static void
what_takes_too_long_is_an_error(void **state)
{
    struct form_fixture *fixture = *state;
    rehearse(fixture, definition(fixture, ".exists()"), slow_clock);
    assert_true(form_noted(fixture, "form-too-costly", "/item/1/item/0/extension"));
    assert_int_equal(fixture->issues.items[0].severity, FORM_ERROR);
    assert_string_equal(fixture->issues.items[0].expression, "Questionnaire.item[1].item[0].extension");
    assert_non_null(strstr(fixture->issues.items[0].text, "calculatedExpression of n"));
    assert_non_null(strstr(fixture->issues.items[0].text, "iif(%resource.item"));
}

static void
a_review_that_takes_too_long_is_broken_off(void **state)
{
    struct form_fixture *fixture = *state;
    struct form_work work = form_work(0, slow_clock);
    looks = 0;
    (void)definition(fixture, ".value = 'go'");
    struct json_object *items = form_json(fixture, "[{'linkId':'a','answer':[{'valueString':'go'}]}]");
    assert_false(form_check(fixture->form, items, FORM_DRAFT, &work, fixture->arena, &fixture->issues, NULL));
    assert_true(work.watch.over);
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, "too-costly", ""));
    struct form_draft draft = {.items = items};
    form_issues_init(&fixture->issues, fixture->arena);
    assert_null(form_update(fixture->form, &draft, &work, fixture->arena, &fixture->issues, NULL));
    assert_true(form_noted(fixture, "too-costly", ""));
    form_issues_init(&fixture->issues, fixture->arena);
    assert_ptr_equal(form_submit(fixture->form, items, &work, fixture->arena, &fixture->issues, NULL), items);
    assert_true(form_noted(fixture, "too-costly", ""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_cheap_is_not_told, form_setup, form_teardown),
        cmocka_unit_test_setup_teardown(what_is_dear_is_told_at_its_item_with_its_text, form_setup,
                                        form_teardown),
        cmocka_unit_test_setup_teardown(what_takes_too_long_is_an_error, form_setup, form_teardown),
        cmocka_unit_test_setup_teardown(a_review_that_takes_too_long_is_broken_off, form_setup,
                                        form_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
