/* For the tests of lib/fhirpath: a resource, expressions, and what they give as text. */
#ifndef ANAMNESIS_TESTS_UNIT_FHIRPATH_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_FHIRPATH_FIXTURE_H

#include "lib/fhirpath/fhirpath.h"

/* 2026-03-14T09:26:53.589Z: now() of all tests. */
#define FIXTURE_NOW INT64_C(1773480413589000)

extern struct arena *fixture_arena;

/* For cmocka: an arena for each test; until the next one, expressions are evaluated on nothing. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* Reads JSON into the arena; single quotes stand for double ones. A test fails when it is wrong. */
struct json_object *fixture_json(const char *text);

/* What expressions are evaluated on from now on; the environment's parts may be changed by a test. */
void fixture_focus(const char *json);
extern struct fhirpath_list fixture_list;
extern struct fhirpath_environment fixture_environment;

struct fhirpath *fixture_compile(const char *text);

/*
 * The texts of the results, separated by commas; an element with members is its JSON. A fault is its name in
 * angle brackets: "<syntax>". In the arena.
 */
const char *fixture_result(const char *expression);

/* The fault's code, which is FHIRPATH_FINE when there is none, of compiling or evaluating; and its place. */
enum fhirpath_fault_code fixture_fault(const char *expression, uint32_t *offset);

/* An expression and the results that it must have. */
struct fixture_case {
    const char *expression;
    const char *result;
};

/* Fails, with the expression, at the first one that gives something else. */
void fixture_check(const struct fixture_case *cases, size_t count);

#define CHECK(...)                                                                                           \
    fixture_check((const struct fixture_case[]){__VA_ARGS__},                                                \
                  sizeof((const struct fixture_case[]){__VA_ARGS__}) / sizeof(struct fixture_case))

#endif
