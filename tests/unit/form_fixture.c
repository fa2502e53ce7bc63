#include "tests/unit/form_fixture.h"

#include "lib/base/json_own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_MAX = 256 * 1024 * 1024, JSON_DEPTH = 100 };

int
form_setup(void **state)
{
    struct form_fixture *fixture = calloc(1, sizeof *fixture);
    if (fixture == NULL) {
        return -1;
    }
    fixture->arena = arena_create(ARENA_MAX, NULL, NULL);
    fixture->items = form_json(fixture, "[]");
    form_issues_init(&fixture->issues, fixture->arena);
    *state = fixture;
    return 0;
}

int
form_teardown(void **state)
{
    struct form_fixture *fixture = *state;
    form_free(fixture->form);
    arena_destroy(fixture->arena);
    free(fixture);
    return 0;
}

struct json_object *
form_json(struct form_fixture *fixture, const char *text)
{
    char *copy = arena_text(fixture->arena, text);
    for (char *at = copy; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
    struct json_object *json = json_tokener_parse_ex(tokener, copy, (int)strlen(copy) + 1);
    if (json_tokener_get_error(tokener) != json_tokener_success) {
        json_tokener_free(tokener);
        fail_msg("not JSON: %s", copy);
    }
    json_tokener_free(tokener);
    return json_own(fixture->arena, json);
}

bool
form_try(struct form_fixture *fixture, const char *questionnaire)
{
    form_free(fixture->form);
    form_issues_init(&fixture->issues, fixture->arena);
    fixture->form = form_compile(form_json(fixture, questionnaire), fixture->value_sets, &fixture->issues);
    return fixture->form != NULL;
}

const char *
form_quoted(struct form_fixture *fixture, const char *text)
{
    char *copy = arena_alloc(fixture->arena, strlen(text) * sizeof "\\u0027");
    char *at = copy;
    for (; *text != '\0'; text++) {
        if (*text == '`') {
            memcpy(at, "\\u0027", strlen("\\u0027"));
            at += strlen("\\u0027");
        } else {
            *at++ = *text;
        }
    }
    return copy;
}

void
form_of(struct form_fixture *fixture, const char *items)
{
    if (!form_try(fixture,
                  arena_format(fixture->arena,
                               "{'resourceType':'Questionnaire','status':'draft','item':[%s]}", items))) {
        for (size_t i = 0; i < fixture->issues.count; i++) {
            const struct form_issue *issue = &fixture->issues.items[i];
            print_error("%s at %s: %s\n", issue->code, issue->path, issue->text);
        }
        fail_msg("the form does not compile");
    }
}

bool
form_judge(struct form_fixture *fixture, enum form_mode mode, const char *items)
{
    form_issues_init(&fixture->issues, fixture->arena);
    return form_check(fixture->form, items == NULL ? NULL : form_json(fixture, items), mode, FORM_NOON,
                      fixture->arena, &fixture->issues, &fixture->progress);
}

enum form_merged
form_save(struct form_fixture *fixture, const char *path, const char *answers)
{
    form_issues_init(&fixture->issues, fixture->arena);
    return form_merge(fixture->form, fixture->items, path,
                      answers == NULL ? NULL : form_json(fixture, answers), fixture->arena, &fixture->issues);
}

bool
form_noted(const struct form_fixture *fixture, const char *code, const char *path)
{
    for (size_t i = 0; i < fixture->issues.count; i++) {
        const struct form_issue *issue = &fixture->issues.items[i];
        if (strcmp(issue->code, code) == 0 && strcmp(issue->path, path) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < fixture->issues.count; i++) {
        const struct form_issue *issue = &fixture->issues.items[i];
        print_message("noted instead: %s at %s (%s)\n", issue->code, issue->path, issue->expression);
    }
    return false;
}

size_t
form_notes(const struct form_fixture *fixture)
{
    return fixture->issues.count;
}

void
form_same(struct form_fixture *fixture, struct json_object *json, const char *text)
{
    struct json_object *wanted = form_json(fixture, text);
    /* As texts: json_object_equal would not see a changed order of members. */
    assert_string_equal(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
                        json_object_to_json_string_ext(wanted, JSON_C_TO_STRING_PLAIN));
}
