/*
 * What evaluations cost, for tests/fhirpath/test_price.py, which runs it under callgrind with
 * --toggle-collect=fhirpath_evaluate. Each line of the input is an object: {"variables": {...}} is what
 * expressions see from then on; {"expression": "..."} is worked out once, and callgrind writes down what that
 * took. For each of these a line comes: {"steps": N, "fault": code or null}. With --functions it prints the
 * functions that there are: name, least and most arguments, what they are charged by.
 */
#include "lib/base/json_read.h"
#include "lib/base/pattern.h"
#include "lib/fhirpath/fhirpath.h"
#include "lib/fhirpath/functions.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

enum { ARENA_MAX = 256 * 1024 * 1024, VARIABLES_MAX = 64 };

struct world {
    struct arena *arena;
    struct fhirpath_variable variables[VARIABLES_MAX];
    size_t count;
};

static void
print_functions(void)
{
    static const char *const prices[] = {
        [PRICE_ONE] = "one",           [PRICE_VALUE] = "value",     [PRICE_TEXT] = "text",
        [PRICE_ELEMENTS] = "elements", [PRICE_CONTENT] = "content", [PRICE_TREE] = "tree",
        [PRICE_LAMBDA] = "lambda",
    };
    for (unsigned i = 0; i < function_count(); i++) {
        const struct function *function = function_at(i);
        if (function->call != NULL) {
            (void)printf("%s %d %d %s\n", function->name, function->least, function->most,
                         prices[function->price]);
        }
    }
}

static bool
weight(void *context, const char *link_id, struct json_object *element, const char **text)
{
    (void)link_id;
    (void)element;
    *text = context;
    return false;
}

static void
see(struct world *world, struct json_object *variables)
{
    world->count = 0;
    json_object_object_foreach(variables, name, value)
    {
        if (world->count < VARIABLES_MAX) {
            world->variables[world->count++] =
                (struct fhirpath_variable){name, fhirpath_of_json(world->arena, value)};
        }
    }
}

static void
evaluate(const struct world *world, struct arena *arena, const char *text)
{
    struct fhirpath_fault fault;
    struct fhirpath_list result;
    struct fhirpath_budget budget = {FHIRPATH_STEPS_MAX, PATTERN_PURSE, NULL};
    const struct fhirpath_environment environment = {
        .variables = world->variables, .variable_count = world->count, .weight = weight, .budget = &budget};
    const struct fhirpath_list none = {NULL, 0};
    struct span source = {(const unsigned char *)text, strlen(text)};
    const struct fhirpath *expression = fhirpath_compile(arena, source, &fault);
    if (expression != NULL) {
        CALLGRIND_ZERO_STATS;
        (void)fhirpath_evaluate(expression, none, &environment, arena, &result, &fault);
    }
    CALLGRIND_DUMP_STATS;
    bool fine = fault.code == FHIRPATH_FINE;
    (void)printf("{\"steps\": %u, \"fault\": %s%s%s}\n", FHIRPATH_STEPS_MAX - budget.steps, fine ? "" : "\"",
                 fine ? "null" : fhirpath_fault_name(fault.code), fine ? "" : "\"");
}

int
main(int argc, char **argv)
{
    char *line = NULL;
    size_t room = 0;
    struct json_fault fault;
    struct world world = {.arena = arena_create(ARENA_MAX, NULL, NULL)};
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    if (argc > 1 && strcmp(argv[1], "--functions") == 0) {
        print_functions();
        return EXIT_SUCCESS;
    }
    for (ssize_t size = getline(&line, &room, stdin); size > 0; size = getline(&line, &room, stdin)) {
        struct span text = {(const unsigned char *)line, (size_t)size - 1};
        struct json_object *variables = NULL;
        struct json_object *json = json_read(world.arena, text, &fault);
        if (json == NULL) {
            (void)fprintf(stderr, "a line is wrong: %s\n", json_fault_text(fault.code));
            return EXIT_FAILURE;
        }
        if (json_object_object_get_ex(json, "variables", &variables)) {
            see(&world, variables);
        } else {
            evaluate(&world, arena, json_object_get_string(json_object_object_get(json, "expression")));
            arena_reset(arena);
        }
    }
    free(line);
    arena_destroy(arena);
    arena_destroy(world.arena);
    return EXIT_SUCCESS;
}
