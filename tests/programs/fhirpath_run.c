/*
 * Evaluates expressions for the Python tests. Each line of the input is an object: `expression`; `resource`,
 * what it is evaluated on (not there: nothing); `variables`, by name. Each line of the output is one:
 * `result`, an array of {type, text, answer, path, json}; or `fault`, with {code, offset, text}; and `uses`
 * when `uses` is asked for.
 */
#include "lib/base/json_out.h"
#include "lib/base/json_read.h"
#include "lib/fhirpath/fhirpath.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 256 * 1024 * 1024, OUT_MAX = 64 * 1024 * 1024, VARIABLES_MAX = 32 };

/* 2026-03-14T09:26:53.589Z: whatever the day, now() is this. */
static const int64_t now = INT64_C(1773480413589000);

static void
write_fault(struct json_out *out, const struct fhirpath_fault *fault)
{
    json_object_key(out, "fault");
    json_text(out, "code", fhirpath_fault_name(fault->code));
    json_int(out, "offset", fault->offset);
    json_text(out, "text", fault->text);
    json_end_object(out);
}

static void
write_value(struct json_out *out, struct arena *arena, struct fhirpath_value value)
{
    const char *member = NULL;
    struct json_object *answer = fhirpath_answer(arena, value, &member);
    json_begin_object(out);
    json_text(out, "type", fhirpath_type_name(value));
    json_text(out, "text", fhirpath_text(arena, value));
    if (answer != NULL) {
        json_object_key(out, "answer");
        json_raw(out, member, json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
        json_end_object(out);
    }
    if (value.type == FHIRPATH_NODE) {
        json_text(out, "path", fhirpath_path(arena, value.as.node));
        json_raw(out, "json", json_object_to_json_string_ext(value.as.node->json, JSON_C_TO_STRING_PLAIN));
    }
    json_end_object(out);
}

static void
write_uses(struct json_out *out, const struct fhirpath *expression)
{
    json_array_key(out, "links");
    for (size_t i = 0; fhirpath_link_id(expression, i) != NULL; i++) {
        json_value_text(out, fhirpath_link_id(expression, i));
    }
    json_end_array(out);
    json_object_key(out, "variables");
    for (size_t i = 0; fhirpath_variable_use(expression, i).name != NULL; i++) {
        struct fhirpath_use use = fhirpath_variable_use(expression, i);
        json_flag(out, use.name, use.whole);
    }
    json_end_object(out);
    json_flag(out, "clock", fhirpath_uses_clock(expression));
}

/* The weight of a code is its number, when it has one in `weights`. */
static bool
weight(void *context, const char *link_id, struct json_object *coding, const char **text)
{
    struct json_object *weights = context;
    struct json_object *code = NULL;
    struct json_object *found = NULL;
    (void)link_id;
    if (json_object_is_type(coding, json_type_object)) {
        (void)json_object_object_get_ex(coding, "code", &code);
    }
    if (code != NULL && weights != NULL) {
        (void)json_object_object_get_ex(weights, json_object_get_string(code), &found);
    }
    *text = found == NULL ? NULL : json_object_get_string(found);
    return found != NULL;
}

static void
evaluate(struct json_out *out, struct arena *arena, struct json_object *task,
         const struct fhirpath *expression)
{
    struct fhirpath_variable variables[VARIABLES_MAX];
    struct fhirpath_environment environment = {.now = now, .variables = variables, .weight = weight};
    struct fhirpath_list result;
    struct fhirpath_fault fault;
    struct json_object *given = json_object_object_get(task, "variables");
    if (given != NULL) {
        json_object_object_foreach(given, name, value)
        {
            if (environment.variable_count < VARIABLES_MAX) {
                variables[environment.variable_count++] =
                    (struct fhirpath_variable){name, fhirpath_of_json(arena, value)};
            }
        }
    }
    environment.context = json_object_object_get(task, "weights");
    struct fhirpath_list focus = fhirpath_of_json(arena, json_object_object_get(task, "resource"));
    if (!fhirpath_evaluate(expression, focus, &environment, arena, &result, &fault)) {
        write_fault(out, &fault);
        return;
    }
    json_array_key(out, "result");
    for (size_t i = 0; i < result.count; i++) {
        write_value(out, arena, result.values[i]);
    }
    json_end_array(out);
}

static bool
run_line(struct arena *arena, struct span line, struct buf *buf)
{
    struct json_fault json_fault;
    struct fhirpath_fault fault;
    struct json_out out;
    struct json_object *task = json_read(arena, line, &json_fault);
    const char *text =
        task == NULL ? NULL : json_object_get_string(json_object_object_get(task, "expression"));
    if (text == NULL) {
        (void)fprintf(stderr, "a line is wrong: %s\n", json_fault_text(json_fault.code));
        return false;
    }
    json_start(&out, buf);
    json_begin_object(&out);
    struct span source = {(const unsigned char *)text, strlen(text)};
    const struct fhirpath *expression = fhirpath_compile(arena, source, &fault);
    if (expression == NULL) {
        write_fault(&out, &fault);
    } else {
        /* As a form keeps it: copied to another place. */
        void *copy = arena_alloc(arena, fhirpath_bytes(expression));
        memcpy(copy, expression, fhirpath_bytes(expression));
        evaluate(&out, arena, task, copy);
        if (json_object_get_boolean(json_object_object_get(task, "uses"))) {
            write_uses(&out, copy);
        }
    }
    json_end_object(&out);
    return !buf->failed;
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;
    bool fine = true;
    struct buf buf;
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    buf_init(&buf, OUT_MAX);
    for (ssize_t size = getline(&line, &room, stdin); fine && size > 0; size = getline(&line, &room, stdin)) {
        fine = run_line(arena, (struct span){(const unsigned char *)line, (size_t)size - 1}, &buf);
        (void)printf("%s\n", buf_string(&buf));
        buf_reset(&buf);
        arena_reset(arena);
    }
    free(line);
    buf_free(&buf);
    arena_destroy(arena);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
