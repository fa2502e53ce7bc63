/* What the tests of lib/form share: JSON written with single quotes, forms of a few items, looking for
 * issues. */
#ifndef ANAMNESIS_TESTS_UNIT_FORM_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_FORM_FIXTURE_H

#include "lib/form/form.h"

/* Noon of 2026-01-15, UTC: when tests judge answers. */
#define FORM_NOON (&(struct form_work){.now = INT64_C(1768478400000000)})

struct form_fixture {
    struct arena *arena;
    struct form *form;
    struct form_issues issues; /* of the last call */
    struct form_progress progress;
    struct json_object *items;      /* a response's */
    struct json_object *value_sets; /* stored ones, for the forms compiled next; NULL: none */
};

/* cmocka's setup and teardown: *state is a struct form_fixture. */
int form_setup(void **state);
int form_teardown(void **state);

/* JSON with ' for "; the arena owns it. Fails the test when it is none. */
struct json_object *form_json(struct form_fixture *fixture, const char *text);

/* The text with what FHIRPath's quotes are in JSON for each `. */
const char *form_quoted(struct form_fixture *fixture, const char *text);

/* Compiles { resourceType, status, item: [items] }; fails the test when there are errors. */
void form_of(struct form_fixture *fixture, const char *items);

/* Compiles a whole Questionnaire; true when there is no error. */
bool form_try(struct form_fixture *fixture, const char *questionnaire);

/* Judges a response's items; true when there is no error. Leaves issues and progress in the fixture. */
bool form_judge(struct form_fixture *fixture, enum form_mode mode, const char *items);

/* Merges into fixture->items; an "answers" of NULL clears. */
enum form_merged form_save(struct form_fixture *fixture, const char *path, const char *answers);

/* Whether the last call noted that code at that path; how many issues it noted. */
bool form_noted(const struct form_fixture *fixture, const char *code, const char *path);
size_t form_notes(const struct form_fixture *fixture);

/* Fails the test unless the JSON is the same as the text's (with ' for "). */
void form_same(struct form_fixture *fixture, struct json_object *json, const char *text);

#endif
