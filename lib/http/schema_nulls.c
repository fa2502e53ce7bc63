#include "lib/http/schema.h"

#include <json-c/json.h>
#include <string.h>

/* What is said of null for a member, by the schemas that apply to one value; the last one wins. */
enum nullness { NULL_UNDECLARED, NULL_REFUSED, NULL_TAKEN };

static const struct schema_property *
property_of(const struct schema *schema, const struct schema_node *node, const char *name)
{
    for (int i = 0; i < node->properties.count; i++) {
        const struct schema_property *property = &schema->properties[node->properties.first + i];
        if (strcmp(property->name, name) == 0) {
            return property;
        }
    }
    return NULL;
}

/* The nodes that apply to the same value as this one, but for itself: what it refers to and combines. */
static int
beside(const struct schema *schema, const struct schema_node *node, int number)
{
    const struct schema_run runs[] = {node->all_of, node->any_of, node->one_of};
    if (node->ref != SCHEMA_NONE && number-- == 0) {
        return node->ref;
    }
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        if (number < runs[i].count) {
            return schema->indexes[runs[i].first + number];
        }
        number -= runs[i].count;
    }
    return SCHEMA_NONE;
}

static enum nullness
nullness_of(const struct schema *schema, int index, const char *name, int depth)
{
    const struct schema_node *node = &schema->nodes[index];
    const struct schema_property *property = property_of(schema, node, name);
    enum nullness found = NULL_UNDECLARED;
    if (property != NULL) {
        found = schema_check(schema, property->node, NULL, NULL, NULL) ? NULL_TAKEN : NULL_REFUSED;
    }
    for (int i = 0; depth < SCHEMA_DEPTH_MAX && beside(schema, node, i) != SCHEMA_NONE; i++) {
        enum nullness other = nullness_of(schema, beside(schema, node, i), name, depth + 1);
        found = other > found ? other : found;
    }
    return found;
}

/* `value` by the node `index`; `whole` is the node by which it was entered, with all that applies to it. */
static void
drop(const struct schema *schema, int whole, int index, struct json_object *value, int depth)
{
    const struct schema_node *node = &schema->nodes[index];
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            const struct schema_property *property = property_of(schema, node, name);
            if (property != NULL && member != NULL) {
                drop(schema, property->node, property->node, member, depth + 1);
            } else if (property != NULL && nullness_of(schema, whole, name, 0) == NULL_REFUSED) {
                json_object_object_del(value, name);
            }
        }
    } else if (json_object_is_type(value, json_type_array) && node->items != SCHEMA_NONE) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            drop(schema, node->items, node->items, json_object_array_get_idx(value, i), depth + 1);
        }
    }
    for (int i = 0; depth < SCHEMA_DEPTH_MAX && beside(schema, node, i) != SCHEMA_NONE; i++) {
        drop(schema, whole, beside(schema, node, i), value, depth + 1);
    }
}

void
schema_drop_nulls(const struct schema *schema, int node, struct json_object *value)
{
    drop(schema, node, node, value, 0);
}
