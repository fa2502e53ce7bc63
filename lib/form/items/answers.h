/* One answer of a question, taken alone. Private to lib/form. */
#ifndef ANAMNESIS_FORM_ITEMS_ANSWERS_H
#define ANAMNESIS_FORM_ITEMS_ANSWERS_H

#include "lib/form/definition/compiled.h"
#include "lib/form/value/value.h"

/* The answer array of a response's item, or NULL. */
struct json_object *answers_of(struct json_object *item);

/* Whether the answer has a value. */
bool answer_has_value(struct json_object *answer);

/* An answer with everything but the items below it, the caller's; NULL for one without a value. */
struct json_object *answer_bare(struct json_object *answer);

/*
 * What makes this no answer to the item at all: its form, several values, another type. NULL: it can be one.
 * An answer without a value can (items may stand below it). `*kind` and `*value` are set when there is a
 * value.
 */
const struct value_fault *answer_fault(const struct form_item *item, struct json_object *answer,
                                       unsigned *kind, struct json_object **value);

enum { ANSWER_FAULTS_MAX = 16 };

/* What judging the answers of one response shares. */
struct answer_judge {
    const struct form *form;
    struct arena *arena;
    struct fhirpath_watch *watch;
    uint32_t costly; /* texts that took a regular expression long; there is a limit to them */
};

/*
 * answer_check.c: what else the definition asks of a value of a right type: maximum length, one of the
 * options, and what the item's extensions say. Returns how many faults were found; their texts may live in
 * the arena.
 */
size_t answer_breaches(struct answer_judge *judge, const struct form_item *item, enum form_kind kind,
                       struct json_object *value, const struct value_fault *faults[ANSWER_FAULTS_MAX]);

/* rule_check.c: adds to `count` faults those against the rules of extensions; returns how many there are
 * then. */
size_t answer_rules_broken(struct answer_judge *judge, const struct form_item *item, enum form_kind kind,
                           struct json_object *value, const struct value_fault *faults[ANSWER_FAULTS_MAX],
                           size_t count);

/* Characters of what is written: a text's, or a number's. 0 for what is neither. */
size_t answer_length(enum form_kind kind, struct json_object *value);

#endif
