/* The values of answers, options, conditions and initial values (FHIR R4 datatypes). Private to lib/form. */
#ifndef ANAMNESIS_FORM_VALUE_VALUE_H
#define ANAMNESIS_FORM_VALUE_VALUE_H

#include "lib/form/form.h"
#include "lib/form/value/kind.h"

#include <json-c/json.h>

/* What is wrong with a value. Both are literals. */
struct value_fault {
    const char *code;
    const char *text; /* for patients */
};

/* The kind that a member name says: `prefix` is "value" or "answer". FORM_KIND_NONE for any other name. */
unsigned value_kind(const char *member, const char *prefix);

/*
 * The one value[x] of an object: its kind and, in `*value`, its JSON. FORM_KIND_NONE when there is none; the
 * first one when there are several (then `*several` is true).
 */
unsigned value_of(struct json_object *object, const char *prefix, struct json_object **value, bool *several);

/* value_check.c: NULL when the JSON is a proper value of that (single) kind. */
const struct value_fault *value_check(enum form_kind kind, struct json_object *value);

/* What to tell a patient whose answer is of none of these kinds. */
const struct value_fault *value_wrong_type(unsigned kinds);

/* The primitives that several datatypes share. NULL: proper. */
const struct value_fault *value_check_string(struct json_object *value);
const struct value_fault *value_check_uri(struct json_object *value);
const struct value_fault *value_check_code(struct json_object *value);
const struct value_fault *value_check_decimal(struct json_object *value);
const struct value_fault *value_check_date_time(struct json_object *value);

/* Those that stand alone. */
const struct value_fault *value_check_integer(struct json_object *value);
const struct value_fault *value_check_date(struct json_object *value);
const struct value_fault *value_check_time(struct json_object *value);

/* datatype.c: Coding, Quantity, Attachment, Reference. */
const struct value_fault *value_check_datatype(enum form_kind kind, struct json_object *value);

const struct value_fault *value_check_identifier(struct json_object *value);
const struct value_fault *value_check_period(struct json_object *value);

/* Bytes that base64 stands for, blanks aside; -1: it is none. */
int64_t value_base64_size(const char *text, size_t size);

/*
 * Whether extensions are well formed, below them too: a list of objects, each with a url and either one value
 * or extensions of its own.
 */
bool value_extensions_good(struct json_object *extensions);

/* Whether this is what stands beside a primitive (`_valueString`): an object with an id, extensions, or both.
 */
bool value_twin_good(struct json_object *twin);

/*
 * The bytes by which two values are the same: for a Coding its system and code (display and version do not
 * count), for a number its size. In the arena; `*size` without the NUL that follows. Only for values that
 * passed value_check.
 */
const char *value_key(enum form_kind kind, struct json_object *value, struct arena *arena, size_t *size);

/* The key of a Coding with that system (NULL: none) and code. */
const char *value_code_key(const char *system, const char *code, struct arena *arena, size_t *size);

/* Whether a Coding has that key, without making one. False for what is no Coding. */
bool value_has_key(struct json_object *coding, const char *key, size_t size);

/* The same for a Reference. */
bool value_is_reference(struct json_object *reference, const char *key, size_t size);

/* By what a Quantity's unit is told: system and code, or else the unit's text; no bytes: it has neither. */
const char *value_unit_key(struct json_object *quantity, struct arena *arena, size_t *size);

/* Whether a Quantity's unit has that key. */
bool value_unit_is(struct json_object *quantity, const char *unit, size_t size);

/* Whether a Quantity is of that unit, and says a number and no comparator, so that it can be compared. */
bool value_has_unit(struct json_object *quantity, const char *unit, size_t size);

/* A member that is a text, or NULL. */
const char *value_member(struct json_object *object, const char *name, size_t *size);

/* Unicode characters of a valid UTF-8 text. */
size_t value_characters(const char *text, size_t size);

#endif
