#include "lib/http/schema_value.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

struct schema_scalar
schema_scalar_of(struct json_object *value)
{
    struct schema_scalar scalar = {.type = SCHEMA_NULL};
    switch (json_object_get_type(value)) {
    case json_type_null:
        break;
    case json_type_boolean:
        scalar.type = SCHEMA_BOOLEAN;
        scalar.integer = json_object_get_boolean(value) != 0;
        break;
    case json_type_int:
        scalar.type = SCHEMA_INTEGER;
        scalar.integer = json_object_get_int64(value);
        scalar.number = (double)scalar.integer;
        break;
    case json_type_double:
        scalar.type = SCHEMA_NUMBER;
        scalar.number = json_object_get_double(value);
        break;
    case json_type_string:
        scalar.type = SCHEMA_STRING;
        scalar.text = json_object_get_string(value);
        scalar.size = (size_t)json_object_get_string_len(value);
        break;
    case json_type_array:
        scalar.type = SCHEMA_ARRAY;
        break;
    case json_type_object:
        scalar.type = SCHEMA_OBJECT;
        break;
    }
    return scalar;
}

static bool
is_number(enum schema_type type)
{
    return type == SCHEMA_INTEGER || type == SCHEMA_NUMBER;
}

/* An int64_t and a double that is whole and in its range are compared as integers: a double has only 53 bits.
 */
static bool
numbers_equal(const struct schema_scalar *a, const struct schema_scalar *b)
{
    if (a->type == b->type) {
        return a->type == SCHEMA_INTEGER ? a->integer == b->integer
                                         : !(a->number < b->number) && !(a->number > b->number);
    }
    const struct schema_scalar *whole = a->type == SCHEMA_INTEGER ? a : b;
    double other = a->type == SCHEMA_INTEGER ? b->number : a->number;
    if (other < -0x1p63 || other >= 0x1p63 || rint(other) < other || rint(other) > other) {
        return false;
    }
    return (int64_t)other == whole->integer;
}

bool
scalars_equal(const struct schema_scalar *a, const struct schema_scalar *b)
{
    if (is_number(a->type) && is_number(b->type)) {
        return numbers_equal(a, b);
    }
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case SCHEMA_NULL:
        return true;
    case SCHEMA_BOOLEAN:
        return a->integer == b->integer;
    case SCHEMA_STRING:
        return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
    default:
        return false;
    }
}

bool
value_equals_scalar(const struct schema_value *wanted, const struct schema_scalar *value)
{
    struct schema_scalar scalar = {.type = wanted->type,
                                   .text = wanted->text,
                                   .size = wanted->size,
                                   .integer = wanted->integer,
                                   .number = wanted->number};
    return scalars_equal(&scalar, value);
}

bool
value_equals(const struct schema *schema, const struct schema_value *wanted, struct json_object *value)
{
    struct schema_scalar scalar = schema_scalar_of(value);
    const struct schema_value *child = &schema->values[wanted->children.first];
    size_t count = (size_t)wanted->children.count;
    if (wanted->type != SCHEMA_ARRAY && wanted->type != SCHEMA_OBJECT) {
        return value_equals_scalar(wanted, &scalar);
    }
    if (scalar.type != wanted->type) {
        return false;
    }
    bool is_array = wanted->type == SCHEMA_ARRAY;
    if (count != (is_array ? json_object_array_length(value) : (size_t)json_object_object_length(value))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *found = NULL;
        if (is_array) {
            found = json_object_array_get_idx(value, i);
        } else if (!json_object_object_get_ex(value, child[i].name, &found)) {
            return false;
        }
        if (!value_equals(schema, &child[i], found)) {
            return false;
        }
    }
    return true;
}

static bool
objects_equal(struct json_object *a, struct json_object *b)
{
    if (json_object_object_length(a) != json_object_object_length(b)) {
        return false;
    }
    json_object_object_foreach(a, name, value)
    {
        struct json_object *other = NULL;
        if (!json_object_object_get_ex(b, name, &other) || !schema_values_equal(value, other)) {
            return false;
        }
    }
    return true;
}

bool
schema_values_equal(struct json_object *a, struct json_object *b)
{
    struct schema_scalar left = schema_scalar_of(a);
    struct schema_scalar right = schema_scalar_of(b);
    if (left.type == SCHEMA_OBJECT && right.type == SCHEMA_OBJECT) {
        return objects_equal(a, b);
    }
    if (left.type != SCHEMA_ARRAY || right.type != SCHEMA_ARRAY) {
        return scalars_equal(&left, &right);
    }
    size_t count = json_object_array_length(a);
    if (count != json_object_array_length(b)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!schema_values_equal(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i))) {
            return false;
        }
    }
    return true;
}
