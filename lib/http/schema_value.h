/* Equality of JSON values as JSON Schema means it: numbers by value (1 is 1.0), members in any order. */
#ifndef ANAMNESIS_HTTP_SCHEMA_VALUE_H
#define ANAMNESIS_HTTP_SCHEMA_VALUE_H

#include "lib/http/schema.h"

#include <stdbool.h>

struct json_object;

/* What a value that is no container is; the text is borrowed. `type` is SCHEMA_ARRAY or _OBJECT for a
 * container. */
struct schema_scalar schema_scalar_of(struct json_object *value);

/* A scalar against a scalar. */
bool scalars_equal(const struct schema_scalar *a, const struct schema_scalar *b);

/* A value against one of the schema's own. */
bool value_equals(const struct schema *schema, const struct schema_value *wanted, struct json_object *value);

/* A scalar against one of the schema's own. */
bool value_equals_scalar(const struct schema_value *wanted, const struct schema_scalar *value);

#endif
