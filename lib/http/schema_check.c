#include "lib/http/schema.h"

#include "lib/http/schema_pattern.h"
#include "lib/http/schema_scalar.h"
#include "lib/http/schema_value.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is checked: a tree, or a scalar that has none. A violation does not end the walk while somebody
 * listens: `fine` is collected, and `give_up` says when to go on is pointless.
 */
struct subject {
    struct json_object *tree; /* NULL for null and for a scalar without a tree */
    struct schema_scalar scalar;
    bool has_tree;
};

static bool check_node(struct schema_walk *walk, int index, const struct subject *subject,
                       const struct schema_location *location);

static bool
give_up(const struct schema_walk *walk, bool fine)
{
    return !fine && walk->report == NULL;
}

static bool
check_child(struct schema_walk *walk, int index, struct json_object *value,
            const struct schema_location *location)
{
    struct subject subject = {value, schema_scalar_of(value), true};
    return check_node(walk, index, &subject, location);
}

static bool
is_listed(const struct schema *schema, struct schema_run run, const struct subject *subject)
{
    for (int i = 0; i < run.count; i++) {
        const struct schema_value *wanted = &schema->values[run.first + i];
        bool same = subject->has_tree ? value_equals(schema, wanted, subject->tree)
                                      : value_equals_scalar(wanted, &subject->scalar);
        if (same) {
            return true;
        }
    }
    return false;
}

static bool
check_values(const struct schema_walk *walk, const struct schema_node *node, const struct subject *subject,
             const struct schema_location *location)
{
    bool fine = true;
    if (node->values.count > 0 && !is_listed(walk->schema, node->values, subject)) {
        fine = schema_violation(walk, location, "enum", "must be one of the values that the contract lists");
    }
    if (node->constant.count > 0 && !is_listed(walk->schema, node->constant, subject)) {
        fine = schema_violation(walk, location, "const", "must be the value that the contract fixes");
    }
    return fine;
}

static bool
check_count(const struct schema_walk *walk, const struct schema_location *location, const char *what,
            size_t count, int64_t least, int64_t most)
{
    if ((int64_t)count < least) {
        return schema_violation(walk, location, "count", "must have at least %lld %s", (long long)least,
                                what);
    }
    if ((int64_t)count > most) {
        return schema_violation(walk, location, "count", "must have at most %lld %s", (long long)most, what);
    }
    return true;
}

static bool
all_differ(struct json_object *array, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (schema_values_equal(json_object_array_get_idx(array, i),
                                    json_object_array_get_idx(array, j))) {
                return false;
            }
        }
    }
    return true;
}

static bool
check_array(struct schema_walk *walk, const struct schema_node *node, struct json_object *array,
            const struct schema_location *location)
{
    size_t count = json_object_array_length(array);
    if (!check_count(walk, location, "elements", count, node->min_items, node->max_items)) {
        return false; /* too many are not looked at one by one */
    }
    bool fine = true;
    for (size_t i = 0; i < count && !give_up(walk, fine); i++) {
        bool in_prefix = i < (size_t)node->prefix.count;
        int index = in_prefix ? walk->schema->indexes[(size_t)node->prefix.first + i] : node->items;
        struct schema_location inner = {location, NULL, i};
        if (index != SCHEMA_NONE && !check_child(walk, index, json_object_array_get_idx(array, i), &inner)) {
            fine = false;
        }
    }
    if (fine && node->unique && !all_differ(array, count)) {
        fine = schema_violation(walk, location, "unique", "must not have the same element twice");
    }
    return fine;
}

static int
compare_property(const void *name, const void *property)
{
    return strcmp(name, ((const struct schema_property *)property)->name);
}

static int
node_of_member(const struct schema *schema, const struct schema_node *node, const char *name, bool *declared)
{
    const struct schema_property *found = NULL;
    if (node->properties.count > 0) {
        found = bsearch(name, &schema->properties[node->properties.first], (size_t)node->properties.count,
                        sizeof *schema->properties, compare_property);
    }
    *declared = found != NULL;
    return found != NULL ? found->node : node->additional;
}

static bool
check_members(struct schema_walk *walk, const struct schema_node *node, struct json_object *object,
              const struct schema_location *location)
{
    bool fine = true;
    json_object_object_foreach(object, name, value)
    {
        bool declared = false;
        int index = node_of_member(walk->schema, node, name, &declared);
        struct schema_location inner = {location, name, 0};
        if (index == SCHEMA_NONE) {
            continue;
        }
        if (!declared && walk->schema->nodes[index].types == 0) {
            fine = schema_violation(walk, &inner, "unknown", "is not known here");
        } else if (!check_child(walk, index, value, &inner)) {
            fine = false;
        }
        if (give_up(walk, fine)) {
            break;
        }
    }
    return fine;
}

static bool
check_object(struct schema_walk *walk, const struct schema_node *node, struct json_object *object,
             const struct schema_location *location)
{
    size_t count = (size_t)json_object_object_length(object);
    if (!check_count(walk, location, "members", count, node->min_properties, node->max_properties)) {
        return false;
    }
    bool fine = true;
    for (int i = 0; i < node->required.count && !give_up(walk, fine); i++) {
        const char *name = walk->schema->names[node->required.first + i];
        struct schema_location inner = {location, name, 0};
        if (!json_object_object_get_ex(object, name, NULL)) {
            fine = schema_violation(walk, &inner, "required", "is required");
        }
    }
    if (give_up(walk, fine) || (node->properties.count == 0 && node->additional == SCHEMA_NONE)) {
        return fine;
    }
    return check_members(walk, node, object, location) && fine;
}

/* How many alternatives fit, counted up to two; nobody is told why the others do not. */
static int
fitting(const struct schema_walk *walk, struct schema_run run, const struct subject *subject,
        const struct schema_location *location)
{
    struct schema_walk quiet = {walk->schema, NULL, NULL, walk->depth};
    int count = 0;
    for (int i = 0; i < run.count && count < 2; i++) {
        if (check_node(&quiet, walk->schema->indexes[run.first + i], subject, location)) {
            count++;
        }
    }
    return count;
}

/* How many required members of an alternative the object has; -1 when its type is another one. */
static int
likeness(const struct schema *schema, int index, const struct subject *subject)
{
    const struct schema_node *node = &schema->nodes[index];
    if ((node->types & subject->scalar.type) == 0) {
        return -1;
    }
    int count = 0;
    for (int i = 0; subject->scalar.type == SCHEMA_OBJECT && i < node->required.count; i++) {
        const char *name = schema->names[node->required.first + i];
        count += json_object_object_get_ex(subject->tree, name, NULL) ? 1 : 0;
    }
    return count;
}

/*
 * What does not fit any alternative is told what is wrong by the one that it is most like: the only one of
 * its type, or the one of which it has the most required members. When there is no such one, only that none
 * fits.
 */
static bool
explain_misfit(struct schema_walk *walk, struct schema_run run, const struct subject *subject,
               const struct schema_location *location, const char *code, const char *detail)
{
    int most = -1;
    int found = SCHEMA_NONE;
    for (int i = 0; walk->report != NULL && i < run.count; i++) {
        int index = walk->schema->indexes[run.first + i];
        int count = likeness(walk->schema, index, subject);
        if (count > most) {
            most = count;
            found = index;
        } else if (count == most) {
            found = SCHEMA_NONE;
        }
    }
    if (found == SCHEMA_NONE) {
        return schema_violation(walk, location, code, "%s", detail);
    }
    (void)check_node(walk, found, subject, location);
    return false;
}

static bool
check_alternatives(struct schema_walk *walk, const struct schema_node *node, const struct subject *subject,
                   const struct schema_location *location)
{
    static const char no_one[] = "must fit one of the alternatives";
    static const char not_one[] = "must fit exactly one of the alternatives";
    bool fine = true;
    if (node->any_of.count > 0 && fitting(walk, node->any_of, subject, location) == 0) {
        fine = explain_misfit(walk, node->any_of, subject, location, "any-of", no_one);
    }
    int count = node->one_of.count > 0 ? fitting(walk, node->one_of, subject, location) : 1;
    if (count == 0) {
        fine = explain_misfit(walk, node->one_of, subject, location, "one-of", not_one);
    } else if (count > 1) {
        fine = schema_violation(walk, location, "one-of", not_one);
    }
    return fine;
}

static bool
check_combined(struct schema_walk *walk, const struct schema_node *node, const struct subject *subject,
               const struct schema_location *location)
{
    bool fine = node->ref == SCHEMA_NONE || check_node(walk, node->ref, subject, location);
    for (int i = 0; i < node->all_of.count && !give_up(walk, fine); i++) {
        if (!check_node(walk, walk->schema->indexes[node->all_of.first + i], subject, location)) {
            fine = false;
        }
    }
    if (give_up(walk, fine)) {
        return false;
    }
    return check_alternatives(walk, node, subject, location) && fine;
}

static bool
check_node(struct schema_walk *walk, int index, const struct subject *subject,
           const struct schema_location *location)
{
    const struct schema_node *node = &walk->schema->nodes[index];
    if (walk->depth >= SCHEMA_DEPTH_MAX) {
        return schema_violation(walk, location, "depth", "is nested too deeply");
    }
    walk->depth++;
    bool typed = schema_check_plain(walk, node, &subject->scalar, location);
    bool fine = typed;
    if (typed && (node->values.count > 0 || node->constant.count > 0)) {
        fine = check_values(walk, node, subject, location) && fine;
    }
    /* A value of the wrong type is not judged by what its type would have had. */
    if (typed && fine && subject->has_tree && subject->scalar.type == SCHEMA_ARRAY) {
        fine = check_array(walk, node, subject->tree, location);
    } else if (typed && fine && subject->has_tree && subject->scalar.type == SCHEMA_OBJECT) {
        fine = check_object(walk, node, subject->tree, location);
    }
    if (typed && !give_up(walk, fine)) {
        fine = check_combined(walk, node, subject, location) && fine;
    }
    walk->depth--;
    return fine;
}

bool
schema_check(const struct schema *schema, int node, struct json_object *value, schema_report_fn *report,
             void *context)
{
    struct schema_walk walk = {schema, report, context, 0};
    struct schema_location root = {NULL, "", 0};
    return check_child(&walk, node, value, &root);
}

bool
schema_check_scalar(const struct schema *schema, int node, const struct schema_scalar *value,
                    const char *pointer, schema_report_fn *report, void *context)
{
    struct schema_walk walk = {schema, report, context, 0};
    struct schema_location root = {NULL, pointer, 0};
    struct subject subject = {NULL, *value, false};
    return check_node(&walk, node, &subject, &root);
}

bool
schema_patterns_compile(const struct schema *schema, const char **wrong)
{
    for (size_t i = 0; i < schema->pattern_count; i++) {
        if (!schema_pattern_compile(&schema->patterns[i])) {
            *wrong = schema->patterns[i].text;
            return false;
        }
    }
    return true;
}

void
schema_patterns_free(const struct schema *schema)
{
    for (size_t i = 0; i < schema->pattern_count; i++) {
        schema_pattern_free(&schema->patterns[i]);
    }
}
