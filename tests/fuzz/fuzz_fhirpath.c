/*
 * libFuzzer over lib/fhirpath: the first line is an expression, the rest a JSON resource (when it is one).
 * Nothing may crash, leak, or take long: memory is that of production, steps are an eighth, and the processor
 * time that is spent is within what the steps allow. %big is a long text, %many are long texts. A compiled
 * expression is evaluated where it was copied to, twice, with the same result; its text, when it has one, and
 * its answers are made, too.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/base/clock.h"
#include "lib/base/json_read.h"
#include "lib/base/pattern.h"
#include "lib/fhirpath/fhirpath.h"

#include <string.h>

static char weight_text[] = "3";

enum {
    RESULTS_READ = 16,              /* of a result, are made text and answers */
    STEPS = FHIRPATH_STEPS_MAX / 8, /* of an evaluation: with a sanitizer they take longer */
    BIG_CHARACTERS = 20000,
    MANY = 3000,
    MICROSECONDS_BESIDE = 500000, /* whatever the steps */
    MICROSECONDS_A_STEP = 10
};

static bool
weight(void *context, const char *link_id, struct json_object *coding, const char **text)
{
    (void)link_id;
    *text = json_object_is_type(coding, json_type_object) ? context : NULL;
    return *text != NULL;
}

/* Three bytes a character. */
static struct fhirpath_list
big_text(struct arena *arena)
{
    static const char euro[] = "\xe2\x82\xac";
    char *text = arena_alloc(arena, BIG_CHARACTERS * (sizeof euro - 1) + 1);
    for (size_t i = 0; i < BIG_CHARACTERS; i++) {
        memcpy(text + i * (sizeof euro - 1), euro, sizeof euro - 1);
    }
    return fhirpath_of_text(arena, text);
}

static struct fhirpath_list
many_texts(struct arena *arena, struct fhirpath_list text)
{
    struct fhirpath_value *values = arena_array(arena, MANY, sizeof *values);
    for (size_t i = 0; i < MANY; i++) {
        values[i] = text.values[0];
    }
    return (struct fhirpath_list){values, MANY};
}

/* A sanitizer makes everything slower, several times; what is charged too little is slower by thousands. */
static void
check_time(int64_t began, uint32_t steps)
{
    int64_t spent = clock_processor() - began;
    if (spent > MICROSECONDS_BESIDE + (int64_t)steps * MICROSECONDS_A_STEP) {
        fuzz_fail("%u steps took %lld microseconds", steps, (long long)spent);
    }
}

static void
read_result(struct arena *arena, struct fhirpath_list result)
{
    for (size_t i = 0; i < result.count && i < RESULTS_READ; i++) {
        const char *member = NULL;
        struct json_object *answer = fhirpath_answer(arena, result.values[i], &member);
        if ((answer == NULL) != (member == NULL)) {
            fuzz_fail("an answer without a name, or a name without one");
        }
        (void)fhirpath_text(arena, result.values[i]);
        (void)fhirpath_type_name(result.values[i]);
        if (result.values[i].type == FHIRPATH_NODE) {
            (void)fhirpath_path(arena, result.values[i].as.node);
        }
    }
    (void)fhirpath_truth(result);
}

static void
evaluate(struct arena *arena, const struct fhirpath *expression, struct json_object *resource)
{
    void *copy = arena_alloc(arena, fhirpath_bytes(expression));
    struct fhirpath_list big = big_text(arena);
    const struct fhirpath_variable variables[] = {{"big", big}, {"many", many_texts(arena, big)}};
    struct fhirpath_budget budget = {STEPS, PATTERN_PURSE, NULL};
    struct fhirpath_environment environment = {.now = INT64_C(1773480413589000),
                                               .weight = weight,
                                               .variables = variables,
                                               .variable_count = sizeof variables / sizeof variables[0],
                                               .budget = &budget};
    struct fhirpath_list result[2];
    struct fhirpath_fault fault[2];
    bool fine[2];
    memcpy(copy, expression, fhirpath_bytes(expression));
    environment.context = weight_text;
    struct fhirpath_list focus = fhirpath_of_json(arena, resource);
    int64_t began = clock_processor();
    fine[0] = fhirpath_evaluate(copy, focus, &environment, arena, &result[0], &fault[0]);
    check_time(began, STEPS - budget.steps);
    budget = (struct fhirpath_budget){STEPS, PATTERN_PURSE, NULL};
    bool costly = fault[0].code == FHIRPATH_STEPS || fault[0].code == FHIRPATH_MEMORY ||
                  fault[0].code == FHIRPATH_COSTLY_PATTERN;
    if (costly) { /* once is enough: a hang is to be seen, not two long evaluations */
        return;
    }
    fine[1] = fhirpath_evaluate(copy, focus, &environment, arena, &result[1], &fault[1]);
    if (fine[0] != fine[1] || result[0].count != result[1].count || fault[0].code != fault[1].code ||
        fine[0] != (fault[0].code == FHIRPATH_FINE)) {
        fuzz_fail("the second evaluation is not like the first");
    }
    read_result(arena, result[0]);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct fhirpath_fault fault;
    struct json_fault json_fault;
    const unsigned char *end = memchr(data, '\n', size);
    size_t length = end == NULL ? size : (size_t)(end - data);
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    const struct fhirpath *expression = fhirpath_compile(arena, (struct span){data, length}, &fault);
    if ((expression == NULL) != (fault.code != FHIRPATH_FINE)) {
        fuzz_fail("an expression with a fault, or none without one");
    }
    if (expression != NULL) {
        struct span rest = {end == NULL ? data + size : end + 1, end == NULL ? 0 : size - length - 1};
        evaluate(arena, expression, json_read(arena, rest, &json_fault));
        for (size_t i = 0; fhirpath_link_id(expression, i) != NULL; i++) {
        }
    }
    arena_destroy(arena);
    return 0;
}
