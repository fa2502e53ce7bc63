/* Members of a definition's JSON. Private to lib/form. */
#ifndef ANAMNESIS_FORM_DEFINITION_MEMBER_H
#define ANAMNESIS_FORM_DEFINITION_MEMBER_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* Members, or NULL when absent or of another JSON type (elements.c reports that). */
struct json_object *member_array(struct json_object *object, const char *name);
const char *member_string(struct json_object *object, const char *name, size_t *size);
bool member_true(struct json_object *object, const char *name);
bool member_present(struct json_object *object, const char *name);

#endif
