/*
 * Runs lib/http/schema_check.c over schemas that tools/contract/schema.py compiled
 * (tests/tools/schema_check.py calls it):
 *
 *     schema_check TABLES INSTANCE   checks a file, read as strictly as a request's body; prints violations;
 *                                    exits 0 (valid), 1 (not), 2 (could not read)
 *     schema_check TABLES            prints `valid` or `invalid` for each of the tables' "cases"
 *
 * TABLES is Compiler.tables() as JSON with "node", or with "cases": [{"node", "data"}]. Cases are read by
 * json-c itself: the test suite has values, such as U+0000, that a request never gets past the strict reader.
 */
#include "lib/base/json_read.h"
#include "lib/http/schema.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTANCE_MAX = 16 * 1024 * 1024, ARENA_MAX = 256 * 1024 * 1024, EXIT_UNREADABLE = 2 };

static struct json_object *
member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(object, name, &value)) {
        (void)fprintf(stderr, "the tables have no `%s`\n", name);
        exit(EXIT_UNREADABLE);
    }
    return value;
}

static int64_t
integer(struct json_object *object, const char *name)
{
    return json_object_get_int64(member(object, name));
}

static struct schema_run
run(struct json_object *object, const char *name)
{
    struct json_object *pair = member(object, name);
    return (struct schema_run){json_object_get_int(json_object_array_get_idx(pair, 0)),
                               json_object_get_int(json_object_array_get_idx(pair, 1))};
}

/* An array of `size` byte elements for a table, which may be empty. It lives as long as the program. */
static void *
rows(struct json_object *table, size_t size)
{
    void *memory = calloc(json_object_array_length(table) + 1, size);
    if (memory == NULL) {
        (void)fprintf(stderr, "out of memory\n");
        exit(EXIT_UNREADABLE);
    }
    return memory;
}

static void
load_node(struct schema_node *node, struct json_object *row)
{
    node->types = (unsigned)integer(row, "types");
    node->bounds = (unsigned)integer(row, "bounds");
    node->format = (enum schema_format)integer(row, "format");
    node->unique = integer(row, "unique") != 0;
    node->ref = (int)integer(row, "ref");
    node->items = (int)integer(row, "items");
    node->additional = (int)integer(row, "additional");
    node->pattern = (int)integer(row, "pattern");
    node->earliest = (int)integer(row, "earliest");
    node->latest = (int)integer(row, "latest");
    node->properties = run(row, "properties");
    node->required = run(row, "required");
    node->prefix = run(row, "prefix");
    node->all_of = run(row, "all_of");
    node->any_of = run(row, "any_of");
    node->one_of = run(row, "one_of");
    node->values = run(row, "values");
    node->constant = run(row, "constant");
    node->min_length = integer(row, "min_length");
    node->max_length = integer(row, "max_length");
    node->min_items = integer(row, "min_items");
    node->max_items = integer(row, "max_items");
    node->min_properties = integer(row, "min_properties");
    node->max_properties = integer(row, "max_properties");
    node->minimum = json_object_get_double(member(row, "minimum"));
    node->maximum = json_object_get_double(member(row, "maximum"));
    node->exclusive_minimum = json_object_get_double(member(row, "exclusiveMinimum"));
    node->exclusive_maximum = json_object_get_double(member(row, "exclusiveMaximum"));
    node->multiple_of = json_object_get_double(member(row, "multipleOf"));
}

static void
load_moment(struct schema_moment *moment, struct json_object *row)
{
    moment->from_now = integer(row, "from_now") != 0;
    moment->years = (int)integer(row, "years");
    moment->days = (int)integer(row, "days");
    moment->moment = integer(row, "moment");
}

static void
load_value(struct schema_value *value, struct json_object *row)
{
    struct json_object *text = member(row, "text");
    value->name = json_object_get_string(member(row, "name"));
    value->type = (enum schema_type)integer(row, "type");
    value->text = json_object_get_string(text);
    value->size = text == NULL ? 0 : (size_t)json_object_get_string_len(text);
    value->integer = integer(row, "integer");
    value->number = json_object_get_double(member(row, "number"));
    value->children = run(row, "children");
}

static struct schema
load(struct json_object *tables)
{
    struct json_object *table = member(tables, "nodes");
    struct schema_node *nodes = rows(table, sizeof *nodes);
    for (size_t i = 0; i < json_object_array_length(table); i++) {
        load_node(&nodes[i], json_object_array_get_idx(table, i));
    }
    table = member(tables, "properties");
    struct schema_property *properties = rows(table, sizeof *properties);
    for (size_t i = 0; i < json_object_array_length(table); i++) {
        struct json_object *row = json_object_array_get_idx(table, i);
        properties[i].name = json_object_get_string(json_object_array_get_idx(row, 0));
        properties[i].node = json_object_get_int(json_object_array_get_idx(row, 1));
    }
    table = member(tables, "names");
    const char **names = rows(table, sizeof *names);
    for (size_t i = 0; i < json_object_array_length(table); i++) {
        names[i] = json_object_get_string(json_object_array_get_idx(table, i));
    }
    table = member(tables, "indexes");
    int *indexes = rows(table, sizeof *indexes);
    for (size_t i = 0; i < json_object_array_length(table); i++) {
        indexes[i] = json_object_get_int(json_object_array_get_idx(table, i));
    }
    table = member(tables, "values");
    struct schema_value *values = rows(table, sizeof *values);
    for (size_t i = 0; i < json_object_array_length(table); i++) {
        load_value(&values[i], json_object_array_get_idx(table, i));
    }
    table = member(tables, "moments");
    struct schema_moment *moments = rows(table, sizeof *moments);
    for (size_t i = 0; i < json_object_array_length(table); i++) {
        load_moment(&moments[i], json_object_array_get_idx(table, i));
    }
    table = member(tables, "patterns");
    struct schema_pattern *patterns = rows(table, sizeof *patterns);
    for (size_t i = 0; i < json_object_array_length(table); i++) {
        patterns[i].text = json_object_get_string(json_object_array_get_idx(table, i));
    }
    return (struct schema){nodes,  properties, names,    indexes,
                           values, moments,    patterns, json_object_array_length(table)};
}

static void
print_violation(void *context, const char *pointer, const char *code, const char *detail)
{
    (void)context;
    (void)printf("%s: %s: %s\n", pointer[0] == '\0' ? "/" : pointer, code, detail);
}

static void
check_cases(const struct schema *schema, struct json_object *cases)
{
    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        struct json_object *one = json_object_array_get_idx(cases, i);
        int node = (int)integer(one, "node");
        struct json_object *data = member(one, "data");
        bool quick = schema_check(schema, node, data, NULL, NULL);
        (void)puts(quick ? "valid" : "invalid");
    }
}

static int
check_file(const struct schema *schema, int node, const char *path)
{
    static unsigned char text[INSTANCE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return EXIT_UNREADABLE;
    }
    size_t size = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    struct json_fault fault;
    struct json_object *tree = json_read(arena, (struct span){text, size}, &fault);
    int status = EXIT_UNREADABLE;
    if (fault.code != JSON_FINE) {
        (void)printf("%s:%zu:%zu: %s\n", path, fault.line, fault.column, json_fault_text(fault.code));
    } else {
        status = schema_check(schema, node, tree, print_violation, NULL) ? 0 : 1;
    }
    arena_destroy(arena);
    return status;
}

int
main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        (void)fprintf(stderr, "usage: schema_check TABLES [INSTANCE]\n");
        return EXIT_UNREADABLE;
    }
    struct json_object *tables = json_object_from_file(argv[1]);
    if (tables == NULL) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], json_util_get_last_err());
        return EXIT_UNREADABLE;
    }
    static struct schema schema; /* static: what it points to stays reachable */
    schema = load(tables);
    int status = 0;
    if (argc == 3) {
        status = check_file(&schema, (int)integer(tables, "node"), argv[2]);
    } else {
        check_cases(&schema, member(tables, "cases"));
    }
    schema_patterns_free(&schema);
    (void)json_object_put(tables);
    return status;
}
