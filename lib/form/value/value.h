/*
 * The values of answers, options, conditions and initial values: FHIR R4's datatypes as JSON
 * (https://hl7.org/fhir/R4/datatypes.html).
 *
 * A value is JSON that belongs to somebody else: nothing here changes or keeps it, and texts that are
 * returned are borrowed from it unless an arena is asked for. A check says NULL for a proper value, else what
 * is wrong: a code for programs and a sentence for patients, which never holds the value. Members that FHIR
 * does not know are refused, since they would be stored and never understood.
 *
 * Two values are the same when their keys have the same bytes (value_key); which is less is moment.h's and
 * number.h's. Costs are linear in a value's text. What must not be done: no definition is known here, so
 * nothing asks which values an item allows. Private to lib/form.
 */
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

/* The kind that a member's name says: FORM_KIND_CODING for "valueCoding", where `prefix` is "value"; another
 * prefix is "answer" (of enableWhen). FORM_KIND_NONE for any other name. */
unsigned value_kind(const char *member, const char *prefix);

/*
 * The one value[x] of an object: its kind and, in `*value`, its JSON, which may be of any type.
 * FORM_KIND_NONE, with `*value` NULL, when there is none; the first one when there are several (then
 * `*several` is true).
 */
unsigned value_of(struct json_object *object, const char *prefix, struct json_object **value, bool *several);

/* value_check.c: NULL when the JSON is a proper value of that (single) kind. */
const struct value_fault *value_check(enum form_kind kind, struct json_object *value);

/* What to tell a patient whose answer is of none of these kinds: for a single kind what it is, for several
 * that one of the choices is wanted. Never NULL. */
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

/*
 * datatype.c: Coding, Quantity, Attachment, Reference, with FHIR's own rules (qty-3, att-1, ext-1) and
 * something in it that tells which value it is. No other kinds.
 */
const struct value_fault *value_check_datatype(enum form_kind kind, struct json_object *value);

/* What stands inside of those or beside answers; a fault is told in a Reference's words. */
const struct value_fault *value_check_identifier(struct json_object *value);
const struct value_fault *value_check_period(struct json_object *value);

/* How many bytes a base64 text stands for (RFC 4648 section 4, with its padding, blanks aside); -1: it is
 * none, or empty. Nothing is decoded. */
int64_t value_base64_size(const char *text, size_t size);

/*
 * Whether extensions are well formed, below them too, 16 levels at most: a list of objects, not empty, each
 * with a url and either one value or extensions of its own. What is inside a value is not looked at.
 */
bool value_extensions_good(struct json_object *extensions);

/* Whether this is what stands beside a primitive (`_valueString`): an object with an id, extensions, or both.
 */
bool value_twin_good(struct json_object *twin);

/*
 * The bytes by which two values are the same. For a Coding they are its system and code (display and version
 * do not count; without a code the display does), for a number how large it is, for a Quantity that with its
 * comparator and unit, for a Reference its address, else its identifier, else its display; a date or time as
 * it is written, so that one instant in two zones has two keys. Integers and decimals have keys of one sort,
 * so have dates and dateTimes; all other kinds have their own, but for a Coding and a Reference of which
 * nothing is known but the display. In the arena, or a literal; may hold NULs; `*size` without the NUL that
 * follows. Only for values that passed value_check.
 */
const char *value_key(enum form_kind kind, struct json_object *value, struct arena *arena, size_t *size);

/* The key of a Coding with that system (NULL: none) and code, as value_key makes it. In the arena. */
const char *value_code_key(const char *system, const char *code, struct arena *arena, size_t *size);

/* Whether a Coding has that key, without making one. False for what is no Coding. */
bool value_has_key(struct json_object *coding, const char *key, size_t size);

/* Whether a Reference has that key. False for what is no Reference. */
bool value_is_reference(struct json_object *reference, const char *key, size_t size);

/* By what a Quantity's unit is told: system and code, or else the unit's text; no bytes (`*size` 0) when it
 * has neither. In the arena. */
const char *value_unit_key(struct json_object *quantity, struct arena *arena, size_t *size);

/* Whether a Quantity's unit has that key; one of no bytes is that of a Quantity without a unit. */
bool value_unit_is(struct json_object *quantity, const char *unit, size_t size);

/* Whether a Quantity is of that unit, and says a number and no comparator, so that it can be compared. */
bool value_has_unit(struct json_object *quantity, const char *unit, size_t size);

/* A member that is a text, borrowed, with its bytes in `*size`; NULL and 0 when it is absent or no text. */
const char *value_member(struct json_object *object, const char *name, size_t *size);

/* Unicode characters of a valid UTF-8 text. */
size_t value_characters(const char *text, size_t size);

#endif
