#include "tests/unit/fhirpath_fixture.h"

#include "lib/base/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <json-c/json.h>
#include <string.h>

enum { ARENA_MAX = 256 * 1024 * 1024 };

struct arena *fixture_arena;
struct fhirpath_list fixture_list;
struct fhirpath_environment fixture_environment;

int
fixture_set_up(void **state)
{
    (void)state;
    fixture_arena = arena_create(ARENA_MAX, NULL, NULL);
    fixture_list = (struct fhirpath_list){NULL, 0};
    fixture_environment = (struct fhirpath_environment){.now = FIXTURE_NOW};
    return fixture_arena == NULL ? -1 : 0;
}

int
fixture_tear_down(void **state)
{
    (void)state;
    arena_destroy(fixture_arena);
    fixture_arena = NULL;
    return 0;
}

struct json_object *
fixture_json(const char *text)
{
    struct json_fault fault;
    char *json = arena_text(fixture_arena, text);
    for (char *at = json; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    struct json_object *value =
        json_read(fixture_arena, (struct span){(const unsigned char *)json, strlen(json)}, &fault);
    assert_int_equal(fault.code, JSON_FINE);
    return value;
}

void
fixture_focus(const char *json)
{
    fixture_list = fhirpath_of_json(fixture_arena, fixture_json(json));
}

static struct fhirpath *
compile(const char *text, struct fhirpath_fault *fault)
{
    struct span source = {(const unsigned char *)text, strlen(text)};
    return fhirpath_compile(fixture_arena, source, fault);
}

struct fhirpath *
fixture_compile(const char *text)
{
    struct fhirpath_fault fault;
    struct fhirpath *expression = compile(text, &fault);
    if (expression == NULL) {
        fail_msg("%s: %s", text, fault.text);
    }
    return expression;
}

static bool
evaluate(const char *text, struct fhirpath_list *result, struct fhirpath_fault *fault)
{
    const struct fhirpath *expression = compile(text, fault);
    if (expression == NULL) {
        return false;
    }
    /* As a form keeps it: in another place. */
    void *copy = arena_alloc(fixture_arena, fhirpath_bytes(expression));
    memcpy(copy, expression, fhirpath_bytes(expression));
    return fhirpath_evaluate(copy, fixture_list, &fixture_environment, fixture_arena, result, fault);
}

const char *
fixture_result(const char *expression)
{
    struct fhirpath_list list;
    struct fhirpath_fault fault;
    const char *all = "";
    if (!evaluate(expression, &list, &fault)) {
        assert_string_not_equal(fault.text, "");
        return arena_format(fixture_arena, "<%s>", fhirpath_fault_name(fault.code));
    }
    for (size_t i = 0; i < list.count; i++) {
        const char *text = fhirpath_text(fixture_arena, list.values[i]);
        if (text == NULL && list.values[i].type == FHIRPATH_NODE) {
            text = json_object_to_json_string_ext(list.values[i].as.node->json, JSON_C_TO_STRING_PLAIN);
        }
        all = arena_format(fixture_arena, "%s%s%s", all, i > 0 ? "," : "", text == NULL ? "?" : text);
    }
    return all;
}

enum fhirpath_fault_code
fixture_fault(const char *expression, uint32_t *offset)
{
    struct fhirpath_list list;
    struct fhirpath_fault fault;
    (void)evaluate(expression, &list, &fault);
    if (offset != NULL) {
        *offset = fault.offset;
    }
    return fault.code;
}

void
fixture_check(const struct fixture_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *result = fixture_result(cases[i].expression);
        if (strcmp(result, cases[i].result) != 0) {
            fail_msg("%s gives [%s], not [%s]", cases[i].expression, result, cases[i].result);
        }
    }
}
