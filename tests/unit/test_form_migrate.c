/* Answers carried over to another version: what fits, where it goes, and that what does not is listed. */
#include "lib/form/versions/migrate.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(id)           "{'linkId':'" id "','type':'string'}"
#define ANSWER(id, value)  "{'linkId':'" id "','answer':[{'valueString':'" value "'}]}"
#define GROUP(id, items)   "{'linkId':'" id "','type':'group','item':[" items "]}"
#define ROWS(id, items)    "{'linkId':'" id "','type':'group','repeats':true,'item':[" items "]}"
#define ENTRY(id, items)   "{'linkId':'" id "','item':[" items "]}"
#define CODES(more, codes) "{'linkId':'c','type':'choice'" more ",'answerOption':[" codes "]}"
#define CODE(code)         "{'valueCoding':{'code':'" code "'}}"

/* Carries `items` over to a form of `definition`; demands what is kept, and `path reason` of each that is
 * dropped.
 */
static void
carries(struct form_fixture *fixture, const char *definition, const char *items, const char *kept,
        const char *const *dropped)
{
    struct form_migration migration;
    form_of(fixture, definition);
    struct json_object *before = form_json(fixture, items);
    char *text = arena_text(fixture->arena, json_object_to_json_string_ext(before, JSON_C_TO_STRING_PLAIN));
    assert_true(form_migrate(fixture->form, NULL, before, FORM_NOON, fixture->arena, &migration));
    form_same(fixture, migration.items, kept);
    size_t count = 0;
    for (; dropped[count] != NULL; count++) {
        assert_true(count < migration.count);
        const struct form_dropped *it = &migration.dropped[count];
        assert_string_equal(arena_format(fixture->arena, "%s %s", it->path, it->reason), dropped[count]);
        assert_true(it->text[0] != '\0' && json_object_array_length(it->answers) > 0);
    }
    assert_int_equal(migration.count, count);
    /* The older answers are as they were. */
    assert_string_equal(json_object_to_json_string_ext(before, JSON_C_TO_STRING_PLAIN), text);
    struct form_issues issues;
    form_issues_init(&issues, fixture->arena);
    assert_true(
        form_check(fixture->form, migration.items, FORM_DRAFT, FORM_NOON, fixture->arena, &issues, NULL));
}

#define CARRIES(definition, items, kept, ...)                                                                \
    carries(*state, definition, "[" items "]", "[" kept "]", (const char *const[]){__VA_ARGS__ NULL})
#define NOTHING

static void
the_same_questions_keep_their_answers(void **state)
{
    CARRIES(TEXT("a") "," TEXT("b"), ANSWER("a", "1") "," ANSWER("b", "2"),
            ANSWER("a", "1") "," ANSWER("b", "2"), NOTHING);
    CARRIES(TEXT("a"), NOTHING, NOTHING, NOTHING);
}

static void
answers_are_put_into_the_new_order(void **state)
{
    CARRIES(TEXT("b") "," TEXT("new") "," TEXT("a"), ANSWER("a", "1") "," ANSWER("b", "2"),
            ANSWER("b", "2") "," ANSWER("a", "1"), NOTHING);
}

static void
a_question_that_is_gone_is_listed(void **state)
{
    CARRIES(TEXT("a"), ANSWER("a", "1") "," ANSWER("x", "2"), ANSWER("a", "1"), "x unknown-item", );
    CARRIES(TEXT("a"), ENTRY("g", ANSWER("x", "1") "," ANSWER("y", "2")), NOTHING, "g/x unknown-item",
            "g/y unknown-item", );
}

static void
another_type_takes_the_answer_when_it_can(void **state)
{
    CARRIES("{'linkId':'a','type':'text'}", ANSWER("a", "1"), ANSWER("a", "1"), NOTHING);
    CARRIES("{'linkId':'a','type':'integer'}", ANSWER("a", "1"), NOTHING, "a wrong-type", );
    CARRIES(GROUP("a", TEXT("b")), ANSWER("a", "1"), NOTHING, "a not-a-question", );
    CARRIES("{'linkId':'a','type':'display'}", ANSWER("a", "1"), NOTHING, "a not-a-question", );
}

static void
rules_of_the_new_version_count(void **state)
{
    CARRIES("{'linkId':'a','type':'string','maxLength':3}", ANSWER("a", "1234"), NOTHING, "a max-length", );
    CARRIES("{'linkId':'a','type':'string','maxLength':4}", ANSWER("a", "1234"), ANSWER("a", "1234"),
            NOTHING);
    CARRIES(CODES("", CODE("x")), "{'linkId':'c','answer':[" CODE("y") "]}", NOTHING, "c not-an-option", );
    /* Required, and nothing there: a draft may be incomplete. */
    CARRIES("{'linkId':'a','type':'string','required':true}", NOTHING, NOTHING, NOTHING);
}

static void
of_several_answers_only_the_wrong_ones_go(void **state)
{
    CARRIES(CODES(",'repeats':true", CODE("x") "," CODE("z")),
            "{'linkId':'c','answer':[" CODE("w") "," CODE("x") "," CODE("y") "," CODE("z") "]}",
            "{'linkId':'c','answer':[" CODE("x") "," CODE("z") "]}", "c not-an-option", "c not-an-option", );
    CARRIES(CODES("", CODE("x") "," CODE("y")), "{'linkId':'c','answer':[" CODE("x") "," CODE("y") "]}",
            NOTHING, "c too-many-answers", );
}

static void
a_question_moves_where_nothing_repeats(void **state)
{
    CARRIES(GROUP("g", GROUP("h", TEXT("a"))), ANSWER("a", "1"), ENTRY("g", ENTRY("h", ANSWER("a", "1"))),
            NOTHING);
    CARRIES(TEXT("a"), ENTRY("g", ANSWER("a", "1")), ANSWER("a", "1"), NOTHING);
    CARRIES(ROWS("g", TEXT("a")), ANSWER("a", "1"), NOTHING, "a moved", );
    /* Of two repetitions the first one's answer can be meant; the second has no place. */
    CARRIES(TEXT("a"), ENTRY("g", ANSWER("a", "1")) "," ENTRY("g", ANSWER("a", "2")), ANSWER("a", "1"),
            "g[1]/a moved", );
}

static void
repetitions_close_up(void **state)
{
    CARRIES(ROWS("g", TEXT("a")),
            ENTRY("g", ANSWER("x", "0")) "," ENTRY("g", ANSWER("a", "1")) ",{'linkId':'g'}," ENTRY(
                "g", ANSWER("x", "2") "," ANSWER("a", "3")),
            ENTRY("g", ANSWER("a", "1")) "," ENTRY("g", ANSWER("a", "3")), "g/x unknown-item",
            "g[3]/x unknown-item", );
    CARRIES(GROUP("g", TEXT("a")), ENTRY("g", ANSWER("a", "1")) "," ENTRY("g", ANSWER("a", "2")),
            ENTRY("g", ANSWER("a", "1")), "g[1]/a unknown-item", );
}

static void
the_list_names_the_older_places(void **state)
{
    CARRIES(ROWS("g", "{'linkId':'a','type':'string','maxLength':1}"),
            ENTRY("g", ANSWER("x", "0")) "," ENTRY("g", ANSWER("a", "12")) "," ENTRY("g", ANSWER("a", "3")),
            "{'linkId':'g'}," ENTRY("g", ANSWER("a", "3")), "g/x unknown-item", "g[1]/a max-length", );
}

static void
items_below_an_answer_go_with_it(void **state)
{
#define BELOW(value) "{'linkId':'q','answer':[{'valueString':'" value "','item':[" ANSWER("s", "since") "]}]}"
    CARRIES("{'linkId':'q','type':'string','item':[" TEXT("s") "]}", BELOW("1"), BELOW("1"), NOTHING);
    CARRIES("{'linkId':'q','type':'string','maxLength':1,'item':[" TEXT("s") "]}", BELOW("12"), NOTHING,
            "q max-length", "q/s parent-dropped", );
    CARRIES("{'linkId':'q','type':'integer','item':[" TEXT("s") "]}", BELOW("1"), NOTHING, "q wrong-type",
            "q/s parent-dropped", );
    CARRIES(TEXT("s"), BELOW("1"), ANSWER("s", "since"), "q unknown-item", );
    CARRIES(TEXT("q"), BELOW("1"), ANSWER("q", "1"), "q/s unknown-item", );
    CARRIES(
        "{'linkId':'q','type':'string','repeats':true,'item':[" TEXT("s") "]}",
        "{'linkId':'q','answer':[{'valueString':'1'},{'valueString':'2','item':[" ANSWER("s", "since") "]}]}",
        "{'linkId':'q','answer':[{'valueString':'1'},{'valueString':'2','item':[" ANSWER("s", "since") "]}]}",
        NOTHING);
}

static void
hidden_answers_stay_in_a_draft(void **state)
{
    CARRIES(TEXT("a") ",{'linkId':'b','type':'string','enableWhen':[{'question':'a','operator':'=',"
                      "'answerString':'yes'}]}",
            ANSWER("a", "no") "," ANSWER("b", "2"), ANSWER("a", "no") "," ANSWER("b", "2"), NOTHING);
}

static void
what_the_patient_cannot_change_is_not_taken(void **state)
{
    CARRIES("{'linkId':'a','type':'string','readOnly':true}", ANSWER("a", "1"), NOTHING, "a read-only", );
}

static void
calculated_answers_are_nobodys(void **state)
{
#define TOTAL                                                                                                \
    "{'linkId':'t','type':'string','readOnly':true,'extension':[{'url':'http://hl7.org/fhir/uv/sdc/"         \
    "StructureDefinition/sdc-questionnaire-calculatedExpression','valueExpression':{'language':'text/"       \
    "fhirpath',"                                                                                             \
    "'expression':'%resource.item.count().toString()'}}]}"
    struct form_fixture *fixture = *state;
    struct form_migration migration;
    struct json_object *items = form_json(fixture, "[" ANSWER("a", "1") "," ANSWER("t", "7") "]");
    /* Calculated before: not the patient's, and not missed where it is gone. */
    form_of(fixture, TEXT("a") "," TOTAL);
    struct form *older = fixture->form;
    fixture->form = NULL;
    form_of(fixture, TEXT("a"));
    assert_true(form_migrate(fixture->form, older, items, FORM_NOON, fixture->arena, &migration));
    form_same(fixture, migration.items, "[" ANSWER("a", "1") "]");
    assert_int_equal(migration.count, 0);
    form_free(older);
    /* Given by the patient before, calculated now. */
    CARRIES(TEXT("a") "," TOTAL, ANSWER("a", "1") "," ANSWER("t", "7"), ANSWER("a", "1"),
            "t calculated-ignored", );
}

static void
link_ids_with_bytes_of_paths(void **state)
{
    CARRIES(GROUP("g/1", TEXT("a[0]%")), ENTRY("g/1", ANSWER("a[0]%", "1")),
            ENTRY("g/1", ANSWER("a[0]%", "1")), NOTHING);
    CARRIES(TEXT("b"), ENTRY("g/1", ANSWER("a[0]%", "1")), NOTHING, "g%2F1/a%5B0%5D%25 unknown-item", );
}

static void
many_answers_with_errors_are_all_listed(void **state)
{
    struct form_fixture *fixture = *state;
    enum { MANY = 2500 };
    struct json_object *items = form_json(fixture, "[]");
    char definition[256 * 1024] = "";
    size_t at = 0;
    for (int i = 0; i < MANY; i++) {
        at += (size_t)snprintf(definition + at, sizeof definition - at,
                               "%s{'linkId':'q%d','type':'string','maxLength':1}", i == 0 ? "" : ",", i);
        const char *entry =
            arena_format(fixture->arena, "{'linkId':'q%d','answer':[{'valueString':'ab'}]}", i);
        json_object_array_add(items, json_object_get(form_json(fixture, entry)));
    }
    struct form_migration migration;
    form_of(fixture, definition);
    assert_true(form_migrate(fixture->form, NULL, items, FORM_NOON, fixture->arena, &migration));
    assert_int_equal(migration.count, MANY);
    assert_int_equal(json_object_array_length(migration.items), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_same_questions_keep_their_answers),  TEST(answers_are_put_into_the_new_order),
        TEST(a_question_that_is_gone_is_listed),      TEST(another_type_takes_the_answer_when_it_can),
        TEST(rules_of_the_new_version_count),         TEST(of_several_answers_only_the_wrong_ones_go),
        TEST(a_question_moves_where_nothing_repeats), TEST(repetitions_close_up),
        TEST(the_list_names_the_older_places),        TEST(items_below_an_answer_go_with_it),
        TEST(hidden_answers_stay_in_a_draft),         TEST(what_the_patient_cannot_change_is_not_taken),
        TEST(calculated_answers_are_nobodys),         TEST(link_ids_with_bytes_of_paths),
        TEST(many_answers_with_errors_are_all_listed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
