/* The primitive and Coding values of answers, options and conditions (FHIR R4 datatypes). Private to
 * lib/form. */
#ifndef ANAMNESIS_FORM_VALUE_H
#define ANAMNESIS_FORM_VALUE_H

#include "lib/form/compiled.h"

/* A value[x] that FHIR knows and the engine does not judge yet (valueQuantity, ...). */
enum { FORM_KIND_FOREIGN = 128 };

/* What is wrong with a value. Both are literals. */
struct value_fault {
    const char *code;
    const char *text; /* for patients */
};

/* Two values compared: dates of unlike precision may be neither. */
enum value_order { VALUE_LESS, VALUE_SAME, VALUE_MORE, VALUE_UNKNOWN };

/*
 * The kind that a member name says: `prefix` is "value" or "answer". FORM_KIND_FOREIGN for a type of FHIR's
 * that is not ours, FORM_KIND_NONE for any other name.
 */
unsigned value_kind(const char *member, const char *prefix);

/*
 * The one value[x] of an object: its kind and, in `*value`, its JSON. FORM_KIND_NONE when there is none; the
 * first one when there are several (then `*several` is true).
 */
unsigned value_of(struct json_object *object, const char *prefix, struct json_object **value, bool *several);

/* NULL when the JSON is a proper value of that (single) kind. */
const struct value_fault *value_check(enum form_kind kind, struct json_object *value);

/* What to tell a patient whose answer is of none of these kinds. */
const struct value_fault *value_wrong_type(unsigned kinds);

/*
 * The bytes by which two values are the same: for a Coding its system and code (display and version do not
 * count). In the arena; `*size` without the NUL that follows. Only for values that passed value_check.
 */
const char *value_key(enum form_kind kind, struct json_object *value, struct arena *arena, size_t *size);

/* The key of a Coding with that system (NULL: none) and code. */
const char *value_code_key(const char *system, const char *code, struct arena *arena, size_t *size);

/* Whether a Coding has that key, without making one. False for what is no Coding. */
bool value_has_key(struct json_object *coding, const char *key, size_t size);

/* Real calendar dates only: YYYY, YYYY-MM or YYYY-MM-DD, year 1 to 9999. */
bool value_is_date(const char *text, size_t size);

/* By the digits that both have; equal digits of unlike precision are unknown (FHIRPath's rule). */
enum value_order value_compare_dates(const char *left, const char *right);

/* Unicode characters of a valid UTF-8 text. */
size_t value_characters(const char *text, size_t size);

#endif
