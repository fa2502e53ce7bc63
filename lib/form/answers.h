/* One answer of a question, taken alone. Private to lib/form. */
#ifndef ANAMNESIS_FORM_ANSWERS_H
#define ANAMNESIS_FORM_ANSWERS_H

#include "lib/form/compiled.h"
#include "lib/form/value.h"

/* The answer array of a response's item, or NULL. */
struct json_object *answers_of(struct json_object *item);

/* Whether the answer has a value. */
bool answer_has_value(struct json_object *answer);

/*
 * What makes this no answer to the item at all: its form, several values, another type. NULL: it can be one.
 * An answer without a value can (items may stand below it). `*kind` and `*value` are set when there is a
 * value.
 */
const struct value_fault *answer_fault(const struct form_item *item, struct json_object *answer,
                                       unsigned *kind, struct json_object **value);

/* What else the definition asks of a value of a right type: maximum length, one of the options. NULL:
 * nothing. */
const struct value_fault *answer_breach(const struct form *form, const struct form_item *item,
                                        enum form_kind kind, struct json_object *value, struct arena *arena);

#endif
