/*
 * Drafts judged by what changed: thousands of random edits of random forms come to the same as judging them
 * anew. The seed is fixed.
 */
#include "lib/base/buf.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FORMS = 120, EDITS = 80, ITEMS = 24, TEXT_MAX = 1024 * 1024, ARENA_MAX = 64 * 1024 * 1024 };

#define SDC  "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
#define CORE "http://hl7.org/fhir/StructureDefinition/"

static uint64_t seed;

static unsigned
chance(unsigned sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % sides;
}

/* ---- A random form ---- */

struct maker {
    struct buf text;
    char paths[ITEMS][64]; /* of questions; "*" stands for the index of a repetition */
    unsigned kinds[ITEMS]; /* 0: integer, 1: string, 2: choice, 3: calculated */
    unsigned count;
    unsigned number;
};

static void
write_expression(struct maker *maker, const char *extension, const char *text)
{
    buf_format(&maker->text,
               "{\"url\":\"" SDC
               "%s\",\"valueExpression\":{\"language\":\"text/fhirpath\",\"expression\":\"%s\"}}",
               extension, text);
}

/* The way to the items of an earlier one, below the items that a path leads through. */
static void
write_way(const char *path, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%%resource");
    while (*path != '\0') {
        size_t name = strcspn(path, "[/");
        used += (size_t)snprintf(text + used, size - used, ".item.where(linkId='%.*s')", (int)name, path);
        path += strcspn(path, "/");
        path += *path == '/';
    }
}

/* Something that reads an earlier item, wherever it stands: looked for everywhere, or by the way to it. */
static void
write_reading(struct maker *maker, const char *extension, const char *more)
{
    char way[512];
    char text[640];
    unsigned earlier = maker->number == 0 ? 0 : chance(maker->number);
    (void)snprintf(way, sizeof way, "%%resource.descendants().where(linkId='i%u')", earlier);
    if (maker->count != 0 && chance(2) == 0) {
        write_way(maker->paths[chance(maker->count)], way, sizeof way);
    }
    (void)snprintf(text, sizeof text, "%s.answer.value%s", way, more);
    write_expression(maker, extension, text);
}

static void
write_constraint(struct maker *maker)
{
    buf_format(
        &maker->text,
        "{\"url\":\"" CORE "questionnaire-constraint\",\"extension\":[{\"url\":\"key\",\"valueId\":\"k\"},"
        "{\"url\":\"severity\",\"valueCode\":\"%s\"},{\"url\":\"human\",\"valueString\":\"No %u.\"},"
        "{\"url\":\"expression\",\"valueString\":\"%%resource.descendants().where(linkId='i%u').count() < "
        "2\"}]}",
        chance(2) == 0 ? "error" : "warning", maker->number, maker->number == 0 ? 0 : chance(maker->number));
}

static void
write_extensions(struct maker *maker, bool calculated)
{
    bool first = true;
    buf_text(&maker->text, ",\"extension\":[");
    if (calculated) {
        static const char *const results[] = {".count()", ".ofType(integer).sum() + 1",
                                              ".ofType(integer).first() + 1", ".ofType(string).first() + 1"};
        if (chance(30) == 0) {
            write_expression(maker, "calculatedExpression",
                             "%resource.descendants().where(answer.exists()).count() mod 2");
        } else if (chance(30) == 0) {
            write_expression(maker, "calculatedExpression", "(today() - 1 day).toString().length()");
        } else {
            write_reading(maker, "calculatedExpression", results[chance(4)]);
        }
        first = false;
    }
    if (chance(5) == 0) {
        buf_text(&maker->text, first ? "" : ",");
        write_reading(maker, "enableWhenExpression",
                      chance(2) == 0 ? ".exists()" : ".ofType(integer).first() < 6");
        first = false;
    }
    if (chance(5) == 0) {
        buf_text(&maker->text, first ? "" : ",");
        write_constraint(maker);
        first = false;
    }
    if (first) {
        buf_text(&maker->text, "{\"url\":\"urn:nothing\",\"valueBoolean\":true}");
    }
    buf_text(&maker->text, "]");
}

static void
write_condition(struct maker *maker)
{
    unsigned earlier = maker->count == 0 ? 0 : chance(maker->count);
    if (maker->count != 0 && chance(3) == 0) {
        const char *path = maker->paths[earlier];
        const char *last = strrchr(path, '/');
        buf_format(&maker->text,
                   ",\"enableWhen\":[{\"question\":\"%s\",\"operator\":\"exists\",\"answerBoolean\":%s}]",
                   last == NULL ? path : last + 1, chance(4) == 0 ? "false" : "true");
    }
}

static void
write_question(struct maker *maker, const char *above)
{
    static const char *const types[] = {"integer", "string", "choice", "integer"};
    unsigned kind = chance(4);
    unsigned me = maker->number;
    buf_format(&maker->text, "{\"linkId\":\"i%u\",\"type\":\"%s\",\"required\":%s,\"repeats\":%s", me,
               types[kind], chance(3) == 0 ? "true" : "false",
               kind == 1 && chance(2) == 0 ? "true" : "false");
    if (kind == 1) {
        buf_text(&maker->text, ",\"maxLength\":3");
    } else if (kind == 2) {
        buf_text(&maker->text,
                 ",\"answerOption\":[{\"valueCoding\":{\"code\":\"x\"}},{\"valueCoding\":{\"code\":\"y\"}}]");
    }
    write_condition(maker);
    write_extensions(maker, kind == 3);
    buf_text(&maker->text, "}");
    (void)snprintf(maker->paths[maker->count], sizeof maker->paths[0], "%si%u", above, me);
    maker->kinds[maker->count++] = kind;
    maker->number++;
}

static void
write_items(struct maker *maker, const char *above, unsigned depth, unsigned most)
{
    for (unsigned i = 0; i < most && maker->number < ITEMS; i++) {
        buf_text(&maker->text, i == 0 ? "" : ",");
        if (depth < 3 && maker->number + 2 < ITEMS && chance(4) == 0) {
            char here[64];
            bool repeats = chance(2) == 0;
            (void)snprintf(here, sizeof here, "%si%u%s/", above, maker->number, repeats ? "[*]" : "");
            buf_format(&maker->text, "{\"linkId\":\"i%u\",\"type\":\"group\",\"repeats\":%s", maker->number,
                       repeats ? "true" : "false");
            write_condition(maker);
            maker->number++;
            write_extensions(maker, false);
            buf_text(&maker->text, ",\"item\":[");
            write_items(maker, here, depth + 1, 1 + chance(4));
            buf_text(&maker->text, "]}");
        } else {
            write_question(maker, above);
        }
    }
}

/* ---- An edit ---- */

static const char *
path_of(struct maker *maker, unsigned question, struct arena *arena)
{
    struct buf path;
    buf_init(&path, sizeof maker->paths[0] * 2);
    for (const char *at = maker->paths[question]; *at != '\0'; at++) {
        if (*at == '*') {
            buf_format(&path, "%u", chance(3));
        } else {
            buf_byte(&path, *at);
        }
    }
    /* Sometimes the group that it stands in is meant. */
    char *text = arena_text(arena, buf_string(&path));
    buf_free(&path);
    char *last = strrchr(text, '/');
    if (last != NULL && chance(6) == 0) {
        *last = '\0';
    }
    return text;
}

static const char *
random_answers(unsigned kind)
{
    static const char *const answers[4][4] = {
        {"[{'valueInteger':1}]", "[{'valueInteger':5}]", "[{'valueInteger':9}]", NULL},
        {"[{'valueString':'ab'}]", "[{'valueString':'too long'}]",
         "[{'valueString':'a'},{'valueString':'much too long'}]", NULL},
        {"[{'valueCoding':{'code':'x'}}]", "[{'valueCoding':{'code':'nowhere'}}]",
         "[{'valueCoding':{'code':'y'}}]", NULL},
        {"[{'valueInteger':99}]", "[{'valueInteger':7}]", NULL, NULL},
    };
    return answers[kind][chance(4)];
}

/* ---- Comparing ---- */

struct outcome {
    const char *items;
    const char *before;
    struct form_issues issues;
    struct form_progress progress;
};

static struct outcome
update(struct form_fixture *fixture, const char *items, const char *before, const char *const *changed,
       size_t count)
{
    struct outcome outcome;
    struct form_draft draft = {form_json(fixture, items), before, changed, count};
    form_issues_init(&outcome.issues, fixture->arena);
    outcome.before =
        form_update(fixture->form, &draft, FORM_NOON, fixture->arena, &outcome.issues, &outcome.progress);
    outcome.items =
        arena_text(fixture->arena, json_object_to_json_string_ext(draft.items, JSON_C_TO_STRING_PLAIN));
    return outcome;
}

static void
print_findings(const char *name, const struct form_issues *issues)
{
    for (size_t i = 0; i < issues->count; i++) {
        print_message("%s: %s at %s\n", name, issues->items[i].code, issues->items[i].path);
    }
}

static void
assert_same_findings(const struct form_issues *one, const struct form_issues *other)
{
    if (one->count != other->count) {
        print_findings("one", one);
        print_findings("other", other);
    }
    assert_int_equal(one->count, other->count);
    for (size_t i = 0; i < one->count; i++) {
        assert_string_equal(one->items[i].code, other->items[i].code);
        assert_string_equal(one->items[i].path, other->items[i].path);
        assert_string_equal(one->items[i].text, other->items[i].text);
        assert_int_equal(one->items[i].severity, other->items[i].severity);
    }
}

static void
assert_same(const struct outcome *one, const struct outcome *other)
{
    assert_string_equal(one->items, other->items);
    assert_same_findings(&one->issues, &other->issues);
    assert_memory_equal(&one->progress, &other->progress, sizeof one->progress);
    assert_true((one->before == NULL) == (other->before == NULL));
    if (one->before != NULL) {
        assert_string_equal(one->before, other->before);
    }
}

/* One edit: judged by what changed, judged anew, and judged by form_check. */
static void
edit(struct form_fixture *fixture, struct maker *maker, char **items, char **before)
{
    const char *changed[3];
    size_t count = 0;
    fixture->items = form_json(fixture, *items);
    for (unsigned edits = 1 + chance(3); edits > 0; edits--) {
        unsigned question = chance(maker->count);
        const char *path = path_of(maker, question, fixture->arena);
        if (form_save(fixture, path, random_answers(maker->kinds[question])) == FORM_MERGED) {
            changed[count++] = path;
        }
    }
    const char *merged =
        arena_text(fixture->arena, json_object_to_json_string_ext(fixture->items, JSON_C_TO_STRING_PLAIN));
    struct outcome quick = update(fixture, merged, *before, changed, count);
    struct outcome full = update(fixture, merged, NULL, NULL, 0);
    assert_same(&quick, &full);
    struct form_issues issues;
    struct form_progress progress;
    form_issues_init(&issues, fixture->arena);
    (void)form_check(fixture->form, form_json(fixture, quick.items), FORM_DRAFT, FORM_NOON, fixture->arena,
                     &issues, &progress);
    assert_same_findings(&quick.issues, &issues);
    assert_memory_equal(&quick.progress, &progress, sizeof progress);
    free(*items);
    free(*before);
    *items = strdup(quick.items);
    *before = quick.before == NULL ? NULL : strdup(quick.before);
}

static void
renew(struct form_fixture *fixture)
{
    arena_destroy(fixture->arena);
    fixture->arena = arena_create(ARENA_MAX, NULL, NULL);
    form_issues_init(&fixture->issues, fixture->arena);
}

/* Makes forms until one has no circle; returns how many edits it went through. */
static size_t
try_form(struct form_fixture *fixture)
{
    struct maker *maker = calloc(1, sizeof *maker);
    assert_non_null(maker);
    buf_init(&maker->text, TEXT_MAX);
    buf_text(&maker->text, "{\"resourceType\":\"Questionnaire\",\"status\":\"draft\",\"extension\":[");
    write_constraint(maker);
    buf_text(&maker->text, "],\"item\":[");
    write_items(maker, "", 1, ITEMS);
    buf_text(&maker->text, "]}");
    struct json_object *json = json_tokener_parse(buf_string(&maker->text));
    assert_non_null(json);
    form_free(fixture->form);
    fixture->form = form_compile(json, NULL, &fixture->issues);
    json_object_put(json);
    size_t done = 0;
    char *items = strdup("[]");
    char *before = NULL;
    for (; fixture->form != NULL && maker->count != 0 && done < EDITS; done++) {
        edit(fixture, maker, &items, &before);
        renew(fixture);
    }
    renew(fixture);
    free(items);
    free(before);
    buf_free(&maker->text);
    free(maker);
    return done;
}

static void
a_draft_judged_by_what_changed_is_judged_as_anew(void **state)
{
    struct form_fixture *fixture = *state;
    size_t edits = 0;
    seed = 20260115;
    for (unsigned i = 0; i < FORMS; i++) {
        edits += try_form(fixture);
    }
    print_message("%zu edits\n", edits);
    assert_true(edits >= 5000);
}

static void
what_is_remembered_does_not_count_for_another_definition(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a','type':'string','maxLength':9}");
    struct outcome first =
        update(fixture, "[{'linkId':'a','answer':[{'valueString':'12345'}]}]", NULL, NULL, 0);
    assert_int_equal(first.issues.count, 0);
    /* Nothing changed: nothing is looked at. */
    form_of(fixture, "{'linkId':'a','type':'string','maxLength':4}");
    struct outcome second = update(fixture, first.items, first.before, NULL, 0);
    assert_int_equal(second.issues.count, 1);
    assert_string_not_equal(first.before, second.before);
}

static void
what_is_remembered_must_be_ours(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a','type':'string','maxLength':4}");
    const char *items = "[{'linkId':'a','answer':[{'valueString':'12345'}]}]";
    struct outcome right = update(fixture, items, NULL, NULL, 0);
    const char *const wrong[] = {"",
                                 "1",
                                 "x",
                                 arena_format(fixture->arena, "%s 7fffffff", right.before),
                                 arena_format(fixture->arena, "%s ", right.before),
                                 arena_format(fixture->arena, "%sx", right.before)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct outcome again = update(fixture, items, wrong[i], NULL, 0);
        assert_same(&again, &right);
    }
    struct outcome same = update(fixture, items, right.before, NULL, 0);
    assert_same(&same, &right);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_draft_judged_by_what_changed_is_judged_as_anew),
        TEST(what_is_remembered_does_not_count_for_another_definition),
        TEST(what_is_remembered_must_be_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
