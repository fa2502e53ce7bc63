/*
 * Equality of JSON values as JSON Schema means it (2020-12 core, section 4.2.2): numbers by value (1 is 1.0),
 * members in any order, texts byte by byte. The contract's enum and const are judged by it, and uniqueItems.
 */
#ifndef ANAMNESIS_HTTP_SCHEMA_VALUE_H
#define ANAMNESIS_HTTP_SCHEMA_VALUE_H

#include "lib/http/schema.h"

#include <stdbool.h>

struct json_object;

/* What a value that is no container is (NULL: null); the text is borrowed from it. For a container only
 * `type` is set. */
struct schema_scalar schema_scalar_of(struct json_object *value);

/* A scalar against a scalar. False when either is a container. */
bool scalars_equal(const struct schema_scalar *a, const struct schema_scalar *b);

/* A value, containers too, against one of the schema's own. Recursion is as deep as the schema's value. */
bool value_equals(const struct schema *schema, const struct schema_value *wanted, struct json_object *value);

/* A scalar against one of the schema's own; false when that is a container. */
bool value_equals_scalar(const struct schema_value *wanted, const struct schema_scalar *value);

#endif
