/* Weights of options. Private to lib/form. */
#ifndef ANAMNESIS_FORM_DEFINITION_WEIGHTS_H
#define ANAMNESIS_FORM_DEFINITION_WEIGHTS_H

#include "lib/form/definition/builder.h"

/* Keeps the weight of the option that was just added from an answerOption or a concept; `count_before` is how
 * many options there were before (nothing is kept when none was added). */
void weights_read(struct builder *builder, uint32_t count_before, struct json_object *entry);

/* Sets FORM_WEIGHTED on an item whose options were read, when one of them has a weight. */
void weights_flag(struct builder *builder, uint32_t item);

/* The text of the weight that an item's option of that key (see value_key) has, or NULL. */
const char *weight_of(const struct form *form, const struct form_item *item, const char *key, size_t size);

/*
 * Whether an answer tells another weight than its option has, anywhere in it but in the items below; for
 * items that offer options: of others nothing is known. With `correct` it is put right in place: the option's
 * weight stands there, or nothing when it has none.
 */
bool weight_differs(const struct form *form, const struct form_item *item, struct json_object *answer,
                    bool correct, struct arena *arena);

#endif
