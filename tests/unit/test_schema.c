#include "tests/unit/http_fixture.h"

#include "lib/http/schema.h"

#include <json-c/json.h>

/* Every keyword is tested by the JSON Schema suite (tests/tools/test_schema_vectors.py); here, what it does
 * not say. */

#define NODE(types_, ref_, items_, additional_, pattern_)                                                    \
    .types = (types_), .ref = (ref_), .items = (items_), .additional = (additional_), .pattern = (pattern_), \
    .earliest = SCHEMA_NONE, .latest = SCHEMA_NONE, .max_length = INT64_MAX, .max_items = INT64_MAX,         \
    .max_properties = INT64_MAX

enum { TREE, TREES, NOTHING, LOOP, WORD, NAMES_MAX = 16 };

/* A tree of {"value": text, "children": [tree]}; a reference to itself; text like "aab". */
static const struct schema_node nodes[] = {
    [TREE] = {NODE(SCHEMA_OBJECT, -1, -1, NOTHING, -1), .properties = {0, 2}, .required = {0, 1}},
    [TREES] = {NODE(SCHEMA_ARRAY, -1, TREE, -1, -1)},
    [NOTHING] = {NODE(0, -1, -1, -1, -1)},
    [LOOP] = {NODE(SCHEMA_ANY, LOOP, -1, -1, -1)},
    [WORD] = {NODE(SCHEMA_STRING, -1, -1, -1, 0)},
};
static const struct schema_property properties[] = {{"children", TREES}, {"value", WORD}};
static const char *const names[] = {"value"};
static struct schema_pattern patterns[] = {{"^(?:a+)+b$", NULL, NULL}};
static const struct schema schema = {nodes, properties, names, NULL, NULL, NULL, patterns, 1};

struct seen {
    char pointers[NAMES_MAX][SCHEMA_POINTER_MAX + 1];
    char codes[NAMES_MAX][32];
    size_t count;
};

static void
keep(void *context, const char *pointer, const char *code, const char *detail)
{
    struct seen *seen = context;
    assert_true(detail[0] != '\0');
    if (seen->count < NAMES_MAX) {
        (void)snprintf(seen->pointers[seen->count], sizeof seen->pointers[0], "%s", pointer);
        (void)snprintf(seen->codes[seen->count], sizeof seen->codes[0], "%s", code);
    }
    seen->count++;
}

static bool
check(int node, const char *text, struct seen *seen)
{
    struct json_object *value = json_tokener_parse(text);
    memset(seen, 0, sizeof *seen);
    bool quiet = schema_check(&schema, node, value, NULL, NULL);
    bool loud = schema_check(&schema, node, value, keep, seen);
    assert_int_equal(quiet, loud);
    assert_int_equal(loud, seen->count == 0);
    (void)json_object_put(value);
    return loud;
}

static void
a_recursive_schema_is_followed_to_every_violation(void **state)
{
    (void)state;
    struct seen seen;
    assert_true(check(TREE, "{\"value\":\"ab\",\"children\":[{\"value\":\"aab\",\"children\":[]}]}", &seen));
    assert_false(check(
        TREE, "{\"value\":1,\"children\":[{\"value\":\"ab\"},{\"children\":[{\"value\":\"ab\",\"x/y\":0}]}]}",
        &seen));
    assert_int_equal(seen.count, 3);
    assert_string_equal(seen.pointers[0], "/value");
    assert_string_equal(seen.codes[0], "type");
    assert_string_equal(seen.pointers[1], "/children/1/value");
    assert_string_equal(seen.codes[1], "required");
    assert_string_equal(seen.pointers[2], "/children/1/children/0/x~1y");
    assert_string_equal(seen.codes[2], "unknown");
}

static void
a_reference_to_itself_ends(void **state)
{
    (void)state;
    struct seen seen;
    assert_false(check(LOOP, "1", &seen));
    assert_string_equal(seen.codes[0], "depth");
}

static void
a_pattern_that_needs_too_many_steps_does_not_match(void **state)
{
    (void)state;
    static char text[50000];
    struct schema_scalar value = {.type = SCHEMA_STRING, .text = text, .size = sizeof text};
    memset(text, 'a', sizeof text);
    assert_false(schema_check_scalar(&schema, WORD, &value, "", NULL, NULL));
    value.size = 3;
    memcpy(text, "aab", 3);
    assert_true(schema_check_scalar(&schema, WORD, &value, "", NULL, NULL));
}

static void
a_long_name_is_cut_in_the_pointer_at_a_whole_character(void **state)
{
    (void)state;
    struct seen seen;
    char text[4 * SCHEMA_POINTER_MAX];
    size_t size = (size_t)snprintf(text, sizeof text, "{\"value\":\"ab\",\"");
    while (size < 2 * SCHEMA_POINTER_MAX) {
        memcpy(text + size, "\xe2\x82\xac", 3);
        size += 3;
    }
    memcpy(text + size, "\":1}", 5);
    assert_false(check(TREE, text, &seen));
    size_t length = strlen(seen.pointers[0]);
    assert_true(length > SCHEMA_POINTER_MAX - 4 && length <= SCHEMA_POINTER_MAX);
    assert_int_equal((length - 1) % 3, 0);
}

static void
every_pattern_of_the_contract_compiles(void **state)
{
    (void)state;
    const char *wrong = NULL;
    bool fine = schema_patterns_compile(&api_schema, &wrong);
    if (!fine) {
        fail_msg("%s does not compile", wrong);
    }
    schema_patterns_free(&api_schema);
}

static void
values_are_equal_by_what_they_mean(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } samples[] = {{"1", "1.0", true},
                   {"9007199254740993", "9007199254740992.0", false},
                   {"true", "1", false},
                   {"null", "false", false},
                   {"{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true},
                   {"{\"a\":1}", "{\"a\":1,\"b\":null}", false},
                   {"[1,2]", "[2,1]", false},
                   {"\"a\"", "\"a\"", true}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct json_object *a = json_tokener_parse(samples[i].a);
        struct json_object *b = json_tokener_parse(samples[i].b);
        assert_int_equal(schema_values_equal(a, b), samples[i].equal);
        assert_int_equal(schema_values_equal(b, a), samples[i].equal);
        (void)json_object_put(a);
        (void)json_object_put(b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recursive_schema_is_followed_to_every_violation),
        cmocka_unit_test(a_reference_to_itself_ends),
        cmocka_unit_test(a_pattern_that_needs_too_many_steps_does_not_match),
        cmocka_unit_test(a_long_name_is_cut_in_the_pointer_at_a_whole_character),
        cmocka_unit_test(every_pattern_of_the_contract_compiles),
        cmocka_unit_test(values_are_equal_by_what_they_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
