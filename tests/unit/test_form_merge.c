/* Auto-save by item path: what is made, what stays, what is taken away, what is refused without a change. */
#include "tests/unit/form_fixture.h"

#include "lib/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(value)     "[{'valueString':'" value "'}]"
#define ITEM(id, value) "{'linkId':'" id "','answer':[{'valueString':'" value "'}]}"
#define FLAT            "{'linkId':'a','type':'string'},{'linkId':'b','type':'string'},{'linkId':'c','type':'string'}"
#define ROWS                                                                                                 \
    "{'linkId':'before','type':'string'},{'linkId':'m','type':'group','repeats':true,'item':["               \
    "{'linkId':'name','type':'string'},{'linkId':'dose','type':'string'}]},{'linkId':'after','type':'"       \
    "string'}"
#define ROW(id, value) "{'linkId':'m','item':[" ITEM(id, value) "]}"
#define BELOW                                                                                                \
    "{'linkId':'q','type':'string','repeats':true,'item':[{'linkId':'since','type':'string'},"               \
    "{'linkId':'g','type':'group','item':[{'linkId':'note','type':'string'}]}]}"

static void
saved(struct form_fixture *fixture, const char *path, const char *answers, const char *items)
{
    enum form_merged result = form_save(fixture, path, answers);
    if (result != FORM_MERGED) {
        fail_msg("%s was refused: %s", path, fixture->issues.items[0].code);
    }
    form_same(fixture, fixture->items, items);
}

static void
refused(struct form_fixture *fixture, const char *path, const char *answers, enum form_merged why,
        const char *code)
{
    const char *before =
        arena_text(fixture->arena, json_object_to_json_string_ext(fixture->items, JSON_C_TO_STRING_PLAIN));
    enum form_merged result = form_save(fixture, path, answers);
    if (result != why) {
        fail_msg("%s gave %d, not %d", path, (int)result, (int)why);
    }
    assert_int_equal(form_notes(fixture), 1);
    assert_true(form_noted(fixture, code, path));
    assert_string_equal(json_object_to_json_string_ext(fixture->items, JSON_C_TO_STRING_PLAIN), before);
}

static void
items_are_kept_in_the_definitions_order(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, FLAT);
    saved(fixture, "b", TEXT("2"), "[" ITEM("b", "2") "]");
    saved(fixture, "c", TEXT("3"), "[" ITEM("b", "2") "," ITEM("c", "3") "]");
    saved(fixture, "a", TEXT("1"), "[" ITEM("a", "1") "," ITEM("b", "2") "," ITEM("c", "3") "]");
    saved(fixture, "b", TEXT("9"), "[" ITEM("a", "1") "," ITEM("b", "9") "," ITEM("c", "3") "]");
    saved(fixture, "b", NULL, "[" ITEM("a", "1") "," ITEM("c", "3") "]");
    saved(fixture, "c", "[]", "[" ITEM("a", "1") "]");
    saved(fixture, "c", NULL, "[" ITEM("a", "1") "]");
    saved(fixture, "a", NULL, "[]");
}

static void
ancestors_are_made_and_taken_away(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(
        fixture,
        "{'linkId':'g','type':'group','item':[{'linkId':'h','type':'group','item':["
        "{'linkId':'a','type':'string'},{'linkId':'b','type':'string'}]}]},{'linkId':'z','type':'string'}");
    saved(fixture, "z", TEXT("0"), "[" ITEM("z", "0") "]");
    saved(fixture, "g/h/b", TEXT("2"),
          "[{'linkId':'g','item':[{'linkId':'h','item':[" ITEM("b", "2") "]}]}," ITEM("z", "0") "]");
    saved(fixture, "g/h/a", TEXT("1"),
          "[{'linkId':'g','item':[{'linkId':'h','item':[" ITEM("a", "1") "," ITEM("b", "2") "]}]}," ITEM(
              "z", "0") "]");
    saved(fixture, "g/h/b", NULL,
          "[{'linkId':'g','item':[{'linkId':'h','item':[" ITEM("a", "1") "]}]}," ITEM("z", "0") "]");
    saved(fixture, "g/h/a", NULL, "[" ITEM("z", "0") "]");
    saved(fixture, "g/h/a", TEXT("1"),
          "[{'linkId':'g','item':[{'linkId':'h','item':[" ITEM("a", "1") "]}]}," ITEM("z", "0") "]");
    saved(fixture, "g", NULL, "[" ITEM("z", "0") "]");
}

static void
repeating_groups(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, ROWS);
    saved(fixture, "after", TEXT("z"), "[" ITEM("after", "z") "]");
    saved(fixture, "m[0]/name", TEXT("A"), "[" ROW("name", "A") "," ITEM("after", "z") "]");
    refused(fixture, "m[2]/name", TEXT("C"), FORM_BAD_PATH, "index-gap");
    saved(fixture, "m[1]/dose", TEXT("5"),
          "[" ROW("name", "A") "," ROW("dose", "5") "," ITEM("after", "z") "]");
    saved(fixture, "before", TEXT("y"),
          "[" ITEM("before", "y") "," ROW("name", "A") "," ROW("dose", "5") "," ITEM("after", "z") "]");
    /* Without an index the first instance is meant. */
    saved(fixture, "m/name", TEXT("B"),
          "[" ITEM("before", "y") "," ROW("name", "B") "," ROW("dose", "5") "," ITEM("after", "z") "]");
    /* As a whole, all of them. */
    saved(fixture, "m", NULL, "[" ITEM("before", "y") "," ITEM("after", "z") "]");
}

/* Somebody else may be writing to m[2]: its index must mean the same row before and after. */
static void
taking_a_row_away_does_not_move_the_next(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, ROWS);
    (void)form_save(fixture, "m[0]/name", TEXT("A"));
    (void)form_save(fixture, "m[1]/name", TEXT("B"));
    saved(fixture, "m[2]/name", TEXT("C"),
          "[" ROW("name", "A") "," ROW("name", "B") "," ROW("name", "C") "]");
    saved(fixture, "m[1]", NULL, "[" ROW("name", "A") ",{'linkId':'m'}," ROW("name", "C") "]");
    saved(fixture, "m[0]/name", NULL, "[{'linkId':'m'},{'linkId':'m'}," ROW("name", "C") "]");
    saved(fixture, "m[1]/dose", TEXT("5"), "[{'linkId':'m'}," ROW("dose", "5") "," ROW("name", "C") "]");
    saved(fixture, "m[1]/dose", NULL, "[{'linkId':'m'},{'linkId':'m'}," ROW("name", "C") "]");
    saved(fixture, "m[2]/name", NULL, "[]"); /* the last one takes the empty ones before it along */
}

static void
items_below_answers(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, BELOW);
    saved(fixture, "q", "[{'valueString':'x'},{'valueString':'y'}]",
          "[{'linkId':'q','answer':[{'valueString':'x'},{'valueString':'y'}]}]");
    saved(fixture, "q[1]/since", TEXT("2020"),
          "[{'linkId':'q','answer':[{'valueString':'x'},{'valueString':'y','item':[" ITEM("since",
                                                                                          "2020") "]}]}]");
    saved(fixture, "q/g/note", TEXT("n"),
          "[{'linkId':'q','answer':[{'valueString':'x','item':[{'linkId':'g','item':[" ITEM(
              "note", "n") "]}]},"
                           "{'valueString':'y','item':[" ITEM("since", "2020") "]}]}]");
    /* Another answer to the question keeps what stands below the same position. */
    saved(fixture, "q", "[{'valueString':'z'},{'valueString':'y'}]",
          "[{'linkId':'q','answer':[{'valueString':'z','item':[{'linkId':'g','item':[" ITEM(
              "note", "n") "]}]},"
                           "{'valueString':'y','item':[" ITEM("since", "2020") "]}]}]");
    saved(fixture, "q[0]/g", NULL,
          "[{'linkId':'q','answer':[{'valueString':'z'},{'valueString':'y','item':[" ITEM("since",
                                                                                          "2020") "]}]}]");
    saved(fixture, "q", TEXT("z"), "[{'linkId':'q','answer':[{'valueString':'z'}]}]");
    refused(fixture, "q[2]/since", TEXT("x"), FORM_BAD_PATH, "index-gap");
    saved(fixture, "q", NULL, "[]");
    /* The child may come first. */
    saved(fixture, "q/since", TEXT("2020"),
          "[{'linkId':'q','answer':[{'item':[" ITEM("since", "2020") "]}]}]");
    assert_true(
        form_judge(fixture, FORM_DRAFT, "[{'linkId':'q','answer':[{'item':[" ITEM("since", "2020") "]}]}]"));
    saved(fixture, "q", TEXT("x"),
          "[{'linkId':'q','answer':[{'valueString':'x','item':[" ITEM("since", "2020") "]}]}]");
    saved(fixture, "q/since", NULL, "[{'linkId':'q','answer':[{'valueString':'x'}]}]");
    saved(fixture, "q", NULL, "[]");
    saved(fixture, "q/since", TEXT("2020"),
          "[{'linkId':'q','answer':[{'item':[" ITEM("since", "2020") "]}]}]");
    saved(fixture, "q/since", NULL, "[]");
}

static void
strange_link_ids(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            "{'linkId':'/a/','type':'group','repeats':true,'item':[{'linkId':'b[1]','type':'string'},"
            "{'linkId':'50%','type':'string'},{'linkId':'\\u00e4 .','type':'string'}]}");
    saved(fixture, "%2Fa%2f/b%5B1%5D", TEXT("x"), "[{'linkId':'/a/','item':[" ITEM("b[1]", "x") "]}]");
    saved(fixture, "%2Fa%2F[0]/50%25", TEXT("y"),
          "[{'linkId':'/a/','item':[" ITEM("b[1]", "x") "," ITEM("50%", "y") "]}]");
    saved(fixture, "%2Fa%2F[1]/\xc3\xa4 .", TEXT("z"),
          "[{'linkId':'/a/','item':[" ITEM("b[1]", "x") "," ITEM(
              "50%", "y") "]},{'linkId':'/a/','item':[" ITEM("\\u00e4 .", "z") "]}]");
    saved(fixture, "%2Fa%2F[1]/%C3%A4%20.", NULL,
          "[{'linkId':'/a/','item':[" ITEM("b[1]", "x") "," ITEM("50%", "y") "]}]");
}

static void
bad_paths(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            ROWS ",{'linkId':'d','type':'display'},{'linkId':'g','type':'group','item':["
                 "{'linkId':'in','type':'string'}]},{'linkId':'fixed','type':'string','readOnly':true}");
    static const char *const bad[] = {"",
                                      "/",
                                      "x",
                                      "name",
                                      "before/name",
                                      "m/before",
                                      "m/",
                                      "/m",
                                      "m//name",
                                      "m[/name",
                                      "m[]/name",
                                      "m[x]/name",
                                      "m[-1]/name",
                                      "m[01]/name",
                                      "m[0]x/name",
                                      "m[1000000]/name",
                                      "before]",
                                      "m%/name",
                                      "m%zz/name",
                                      "m%00/name",
                                      "g[1]/in",
                                      "m[99999999999999999999]/name"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refused(fixture, bad[i], TEXT("x"), FORM_BAD_PATH, "unknown-item");
        refused(fixture, bad[i], NULL, FORM_BAD_PATH, "unknown-item");
    }
    refused(fixture, "m", TEXT("x"), FORM_BAD_PATH, "not-a-question");
    refused(fixture, "m[0]", TEXT("x"), FORM_BAD_PATH, "not-a-question");
    refused(fixture, "d", TEXT("x"), FORM_BAD_PATH, "not-a-question");
    refused(fixture, "d", NULL, FORM_BAD_PATH, "not-a-question");
    refused(fixture, "before[0]", TEXT("x"), FORM_BAD_PATH, "unexpected-index");
    refused(fixture, "m[1]/name", TEXT("x"), FORM_BAD_PATH, "index-gap");
    refused(fixture, "fixed", TEXT("x"), FORM_BAD_VALUE, "read-only");
    refused(fixture, "fixed", NULL, FORM_BAD_VALUE, "read-only");
    saved(fixture, "g[0]/in", TEXT("x"), "[{'linkId':'g','item':[" ITEM("in", "x") "]}]");
    saved(fixture, "m[5]/name", NULL, "[{'linkId':'g','item':[" ITEM("in", "x") "]}]");
}

static void
a_path_that_is_too_long_or_deep(void **state)
{
    struct form_fixture *fixture = *state;
    struct buf path;
    form_of(fixture, FLAT);
    buf_init(&path, 1024 * 1024);
    for (int i = 0; i < 100000; i++) {
        buf_text(&path, "a");
    }
    assert_int_equal(form_save(fixture, buf_string(&path), TEXT("x")), FORM_BAD_PATH);
    buf_reset(&path);
    for (int i = 0; i < 17; i++) {
        buf_text(&path, i == 0 ? "a" : "/a");
    }
    assert_int_equal(form_save(fixture, buf_string(&path), TEXT("x")), FORM_BAD_PATH);
    buf_free(&path);
}

/* What can never be an answer is refused; what only breaks a rule is kept, and the check reports it. */
static void
values_are_checked(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture,
            "{'linkId':'i','type':'integer'},{'linkId':'s','type':'string','maxLength':2},{'linkId':'c',"
            "'type':'choice','answerOption':[{'valueCoding':{'code':'x'}}]},{'linkId':'d','type':'date'}");
    refused(fixture, "i", "[{'valueString':'1'}]", FORM_BAD_VALUE, "wrong-type");
    refused(fixture, "i", "[{'valueInteger':1.5}]", FORM_BAD_VALUE, "wrong-type");
    refused(fixture, "i", "[{'valueInteger':3000000000}]", FORM_BAD_VALUE, "out-of-range");
    refused(fixture, "i", "[{'valueInteger':1},{'valueInteger':2}]", FORM_BAD_VALUE, "too-many-answers");
    refused(fixture, "i", "[{'valueInteger':1,'valueString':'1'}]", FORM_BAD_VALUE, "one-value");
    refused(fixture, "i", "[{}]", FORM_BAD_VALUE, "empty");
    refused(fixture, "i", "[5]", FORM_BAD_VALUE, "wrong-shape");
    refused(fixture, "i", "{'valueInteger':1}", FORM_BAD_VALUE, "wrong-shape");
    refused(fixture, "i", "[{'valueInteger':1,'foo':1}]", FORM_BAD_VALUE, "unknown-element");
    refused(fixture, "i", "[{'valueInteger':1,'item':[]}]", FORM_BAD_VALUE, "unknown-element");
    refused(fixture, "s", "[{'valueString':''}]", FORM_BAD_VALUE, "empty");
    refused(fixture, "d", "[{'valueDate':'2024-02-30'}]", FORM_BAD_VALUE, "invalid-date");
    refused(fixture, "c", "[{'valueString':'x'}]", FORM_BAD_VALUE, "wrong-type");
    saved(fixture, "s", TEXT("long"), "[" ITEM("s", "long") "]");
    saved(fixture, "c", "[{'valueCoding':{'code':'y'}}]",
          "[" ITEM("s", "long") ",{'linkId':'c','answer':[{'valueCoding':{'code':'y'}}]}]");
    assert_false(form_judge(fixture, FORM_DRAFT,
                            json_object_to_json_string_ext(fixture->items, JSON_C_TO_STRING_PLAIN)));
    assert_true(form_noted(fixture, "max-length", "s"));
    assert_true(form_noted(fixture, "not-an-option", "c"));
}

static void
a_merge_never_touches_the_callers_answers(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, BELOW);
    struct json_object *given = form_json(fixture, TEXT("x"));
    form_issues_init(&fixture->issues, fixture->arena);
    assert_int_equal(form_merge(fixture->form, fixture->items, "q", given, fixture->arena, &fixture->issues),
                     FORM_MERGED);
    assert_int_equal(form_save(fixture, "q/since", TEXT("2020")), FORM_MERGED);
    form_same(fixture, given, TEXT("x"));
}

static void
decimals_keep_their_digits(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'d','type':'decimal'}");
    assert_int_equal(form_save(fixture, "d", "[{'valueDecimal':1.50}]"), FORM_MERGED);
    assert_string_equal(json_object_to_json_string_ext(fixture->items, JSON_C_TO_STRING_PLAIN),
                        "[{\"linkId\":\"d\",\"answer\":[{\"valueDecimal\":1.50}]}]");
}

static void
a_value_is_found_at_its_path(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, ROWS "," BELOW);
    (void)form_save(fixture, "m[0]/name", TEXT("A"));
    (void)form_save(fixture, "m[1]/name", TEXT("B"));
    (void)form_save(fixture, "q", "[{'valueString':'x'},{'valueString':'y'}]");
    (void)form_save(fixture, "q[1]/since", TEXT("2020"));
    const struct form *form = fixture->form;
    form_same(fixture, form_value_at(form, fixture->items, "m[1]/name"), TEXT("B"));
    form_same(fixture, form_value_at(form, fixture->items, "m/name"), TEXT("A"));
    form_same(fixture, form_value_at(form, fixture->items, "q[1]/since"), TEXT("2020"));
    form_same(fixture, form_value_at(form, fixture->items, "m[1]"), "[" ITEM("name", "B") "]");
    assert_null(form_value_at(form, fixture->items, "m[2]/name"));
    assert_null(form_value_at(form, fixture->items, "before"));
    assert_null(form_value_at(form, fixture->items, "q/since"));
    assert_null(form_value_at(form, fixture->items, "nowhere"));
    assert_null(form_value_at(form, NULL, "before"));
}

static void
paths_overlap_when_one_begins_the_other(void **state)
{
    static const struct {
        const char *left;
        const char *right;
        bool overlap;
    } cases[] = {
        {"a", "a", true},
        {"a", "b", false},
        {"a", "ab", false},
        {"g", "g/a", true},
        {"g/a", "g/b", false},
        {"g/a", "a", false},
        {"m[1]/a", "m[1]/a", true},
        {"m[1]/a", "m[2]/a", false},
        {"m[1]", "m[1]/a", true},
        {"m[1]", "m[2]/a", false},
        {"m", "m[7]/a", true},   /* all instances */
        {"m/a", "m[0]/a", true}, /* the first one */
        {"m/a", "m[1]/a", false},
        {"q", "q[1]/child", true},
        {"q/child", "q[1]/child", false},
        {"%61", "a", true}, /* two spellings of one linkId */
        {"x%2Fy", "x/y", false},
        {"x%2fy", "x%2Fy", true},
        {"a[", "b", true}, /* not a path: better a conflict too many */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (form_paths_overlap(cases[i].left, cases[i].right) != cases[i].overlap ||
            form_paths_overlap(cases[i].right, cases[i].left) != cases[i].overlap) {
            fail_msg("%s and %s", cases[i].left, cases[i].right);
        }
    }
}

/* Any order of saving gives the same response. */
static void
many_saves_in_any_order(void **state)
{
    struct form_fixture *fixture = *state;
    enum { COUNT = 1000, STEP = 389 };
    struct buf text;
    buf_init(&text, 1024 * 1024);
    for (int i = 0; i < COUNT; i++) {
        buf_format(&text, "%s{'linkId':'%d','type':'integer'}", i == 0 ? "" : ",", i);
    }
    form_of(fixture, buf_string(&text));
    for (int i = 0, at = 0; i < COUNT; i++, at = (at + STEP) % COUNT) {
        assert_int_equal(form_save(fixture, arena_format(fixture->arena, "%d", at),
                                   arena_format(fixture->arena, "[{'valueInteger':%d}]", at)),
                         FORM_MERGED);
    }
    form_issues_init(&fixture->issues, fixture->arena);
    assert_true(form_check(fixture->form, fixture->items, FORM_SUBMIT, FORM_NOON, fixture->arena,
                           &fixture->issues, &fixture->progress));
    assert_int_equal(fixture->progress.answered, COUNT);
    buf_free(&text);
}

/* Nothing that we store looks like this; a tree from elsewhere may. */
static void
what_is_no_answer_gives_way_or_stays(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, BELOW);
    fixture->items =
        form_json(fixture, "[{'linkId':'q','answer':['x',{'item':[" ITEM("since", "1") "]},7]}]");
    saved(fixture, "q[1]/since", NULL, "[{'linkId':'q','answer':['x',{},7]}]");
    saved(fixture, "q[0]/since", TEXT("2"),
          "[{'linkId':'q','answer':[{'item':[" ITEM("since", "2") "]},{},7]}]");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(items_are_kept_in_the_definitions_order),
        TEST(ancestors_are_made_and_taken_away),
        TEST(repeating_groups),
        TEST(taking_a_row_away_does_not_move_the_next),
        TEST(items_below_answers),
        TEST(strange_link_ids),
        TEST(bad_paths),
        TEST(a_path_that_is_too_long_or_deep),
        TEST(values_are_checked),
        TEST(a_merge_never_touches_the_callers_answers),
        TEST(decimals_keep_their_digits),
        TEST(a_value_is_found_at_its_path),
        TEST(what_is_no_answer_gives_way_or_stays),
        cmocka_unit_test(paths_overlap_when_one_begins_the_other),
        TEST(many_saves_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
