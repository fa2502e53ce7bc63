/*
 * The fingerprint of a compiled definition: 32 bits over everything by which answers are judged. What
 * auto-save found out about a draft is kept with the fingerprint (review/update.c) and believed only while
 * the definition still has the same one. It is made field by field, because bytes between the fields of a
 * structure have no value. A field that changes how answers are judged must be added here; a collision of two
 * definitions of one draft would skip judging what did not change, until the submission, which judges
 * everything.
 */
#include "lib/form/definition/expressions.h"

#include <string.h>

static uint32_t
add(uint32_t fingerprint, uint64_t number)
{
    char bytes[sizeof number + sizeof fingerprint];
    memcpy(bytes, &number, sizeof number);
    memcpy(bytes + sizeof number, &fingerprint, sizeof fingerprint);
    return form_hash(bytes, sizeof bytes);
}

static uint32_t
add_item(uint32_t fingerprint, const struct form_item *item)
{
    fingerprint = add(fingerprint, (uint64_t)item->parent << 32 | item->end);
    fingerprint = add(fingerprint, (uint64_t)item->type << 32 | (uint64_t)item->flags << 16 | item->kinds);
    fingerprint = add(fingerprint, (uint64_t)item->condition_count << 32 | item->option_count);
    return add(fingerprint, (uint64_t)item->rule_count << 32 | item->max_length);
}

uint32_t
fingerprint_of(const struct builder *builder)
{
    const struct expression_set *set = builder->expressions;
    uint32_t fingerprint = form_hash(builder->pool.data, builder->pool.size);
    for (uint32_t i = 0; i < builder->count; i++) {
        fingerprint = add_item(fingerprint, &builder->items[i]);
    }
    for (uint32_t i = 0; i < builder->rule_count; i++) {
        const struct form_rule *rule = &builder->rules[i];
        fingerprint = add(fingerprint, (uint64_t)rule->count << 32 | (uint64_t)rule->kind << 8 | rule->what);
    }
    for (uint32_t i = 0; i < builder->condition_count; i++) {
        const struct form_condition *condition = &builder->conditions[i];
        fingerprint = add(fingerprint, (uint64_t)condition->question << 32 |
                                           (uint64_t)condition->relation << 8 | condition->truth);
    }
    for (uint32_t i = 0; i < set->count; i++) {
        struct span text = {NULL, 0};
        if (set->compiled[i] != NULL) {
            text = fhirpath_source(set->compiled[i]);
        }
        fingerprint = add(fingerprint,
                          (uint64_t)set->all[i].kind << 32 | form_hash((const char *)text.data, text.size));
    }
    for (uint32_t i = 0; i < builder->option_count; i++) {
        fingerprint =
            add(fingerprint, (uint64_t)builder->options[i].hash << 32 | builder->options[i].exclusive);
    }
    return add(fingerprint, form_hash(builder->patterns.data, builder->patterns.size));
}
