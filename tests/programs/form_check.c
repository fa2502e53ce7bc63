/*
 * Judges many definitions and answers in one process (tests/form/test_cases.py calls it). Each line of
 * standard input is a JSON object: {"questionnaire", "value_sets"?, "items"? or "response"?, "mode"?:
 * "draft", "save" or "submit"}; each line of output is one too: {"compiled": bool, "issues": [[severity,
 * code, path],
 * ...], "kept"?: items, "scores"?: [[linkId, value, band or null], ...]}. "kept" is what a submission without
 * errors stores, or what a draft becomes that is saved; "scores" what stands in it. Lines are read by json-c
 * itself, so that nesting beyond the strict reader's limit reaches the engine.
 */
#include "lib/form/form.h"
#include "lib/form/items/envelope.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Noon of 2026-01-15, UTC: when answers are judged. */
#define NOON (&(struct form_work){.now = INT64_C(1768478400000000)})

enum { ARENA_MAX = 256 * 1024 * 1024, JSON_DEPTH = 200 };

static struct json_object *
member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    (void)json_object_object_get_ex(object, name, &value);
    return value;
}

static struct json_object *
issues_json(const struct form_issues *issues)
{
    static const char *const severities[] = {
        [FORM_ERROR] = "error", [FORM_WARNING] = "warning", [FORM_INFORMATION] = "information"};
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < issues->count; i++) {
        struct json_object *one = json_object_new_array();
        json_object_array_add(one, json_object_new_string(severities[issues->items[i].severity]));
        json_object_array_add(one, json_object_new_string(issues->items[i].code));
        json_object_array_add(one, json_object_new_string(issues->items[i].path));
        json_object_array_add(list, one);
    }
    return list;
}

static struct json_object *
scores_json(const struct form *form, struct json_object *items, struct arena *arena)
{
    struct json_object *list = json_object_new_array();
    size_t count = 0;
    const struct form_score_value *scores = form_scores(form, items, arena, &count);
    for (size_t i = 0; i < count; i++) {
        const char *band = scores[i].band_code;
        struct json_object *one = json_object_new_array();
        json_object_array_add(one, json_object_new_string(scores[i].link_id));
        json_object_array_add(one, json_object_new_double_s(strtod(scores[i].value, NULL), scores[i].value));
        json_object_array_add(one, band == NULL ? NULL : json_object_new_string(band));
        json_object_array_add(list, one);
    }
    return list;
}

/* Judges the answers of a task. On a submission that is taken, adds what is kept. */
static void
judge(const struct form *form, struct json_object *task, struct arena *arena, struct form_issues *issues,
      struct json_object *verdict)
{
    struct json_object *response = member(task, "response");
    struct json_object *items = response == NULL ? member(task, "items") : member(response, "item");
    const char *mode = json_object_get_string(member(task, "mode"));
    if (response != NULL) {
        (void)form_check_envelope(response, member(task, "questionnaire"), issues);
    }
    if (mode != NULL && strcmp(mode, "save") == 0) {
        (void)form_update(form, &(struct form_draft){.items = items}, NOON, arena, issues, NULL);
        json_object_object_add(verdict, "kept", json_object_get(items));
        json_object_object_add(verdict, "scores", scores_json(form, items, arena));
        return;
    }
    if (mode == NULL || strcmp(mode, "draft") == 0) {
        (void)form_check(form, items, FORM_DRAFT, NOON, arena, issues, NULL);
        return;
    }
    (void)form_check(form, items, FORM_SUBMIT, NOON, arena, issues, NULL);
    struct form_issues again;
    form_issues_init(&again, arena);
    struct json_object *kept = form_submit(form, items, NOON, arena, &again, NULL);
    if (again.errors == 0) {
        json_object_object_add(verdict, "kept", json_object_get(kept));
        json_object_object_add(verdict, "scores", scores_json(form, kept, arena));
    }
}

static struct json_object *
run(struct json_object *task)
{
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    struct form_issues issues;
    struct json_object *verdict = json_object_new_object();
    form_issues_init(&issues, arena);
    struct form *form = form_compile(member(task, "questionnaire"), member(task, "value_sets"), &issues);
    json_object_object_add(verdict, "compiled", json_object_new_boolean(form != NULL));
    if (form != NULL && json_object_object_get_ex(task, "mode", NULL)) {
        judge(form, task, arena, &issues, verdict);
    }
    json_object_object_add(verdict, "issues", issues_json(&issues));
    form_free(form);
    arena_destroy(arena);
    return verdict;
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
    int status = tokener == NULL ? 2 : 0;
    for (ssize_t size = getline(&line, &room, stdin); size > 0 && status == 0;
         size = getline(&line, &room, stdin)) {
        json_tokener_reset(tokener);
        struct json_object *task = json_tokener_parse_ex(tokener, line, (int)size);
        if (json_tokener_get_error(tokener) != json_tokener_success) {
            (void)fprintf(stderr, "not JSON: %s", line);
            status = 2;
        } else {
            struct json_object *verdict = run(task);
            (void)puts(json_object_to_json_string_ext(verdict, JSON_C_TO_STRING_PLAIN));
            (void)fflush(stdout);
            json_object_put(verdict);
        }
        json_object_put(task);
    }
    json_tokener_free(tokener);
    free(line);
    return status;
}
