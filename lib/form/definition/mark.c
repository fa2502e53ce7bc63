/*
 * What was found out about a draft's answers holds as long as the definition that judged them is the same.
 * The mark tells definitions apart: it is made of everything that judging depends on, field by field (bytes
 * between fields have no value).
 */
#include "lib/form/definition/expressions.h"

#include <string.h>

static uint32_t
add(uint32_t mark, uint64_t number)
{
    char bytes[sizeof number + sizeof mark];
    memcpy(bytes, &number, sizeof number);
    memcpy(bytes + sizeof number, &mark, sizeof mark);
    return form_hash(bytes, sizeof bytes);
}

static uint32_t
add_item(uint32_t mark, const struct form_item *item)
{
    mark = add(mark, (uint64_t)item->parent << 32 | item->end);
    mark = add(mark, (uint64_t)item->type << 32 | (uint64_t)item->flags << 16 | item->kinds);
    mark = add(mark, (uint64_t)item->condition_count << 32 | item->option_count);
    return add(mark, (uint64_t)item->rule_count << 32 | item->max_length);
}

uint32_t
mark_of(const struct builder *builder)
{
    const struct expression_set *set = builder->expressions;
    uint32_t mark = form_hash(builder->pool.data, builder->pool.size);
    for (uint32_t i = 0; i < builder->count; i++) {
        mark = add_item(mark, &builder->items[i]);
    }
    for (uint32_t i = 0; i < builder->rule_count; i++) {
        const struct form_rule *rule = &builder->rules[i];
        mark = add(mark, (uint64_t)rule->count << 32 | (uint64_t)rule->kind << 8 | rule->what);
    }
    for (uint32_t i = 0; i < builder->condition_count; i++) {
        const struct form_condition *condition = &builder->conditions[i];
        mark = add(mark, (uint64_t)condition->question << 32 | (uint64_t)condition->relation << 8 |
                             condition->truth);
    }
    for (uint32_t i = 0; i < set->count; i++) {
        struct span text = {NULL, 0};
        if (set->compiled[i] != NULL) {
            text = fhirpath_source(set->compiled[i]);
        }
        mark = add(mark, (uint64_t)set->all[i].kind << 32 | form_hash((const char *)text.data, text.size));
    }
    for (uint32_t i = 0; i < builder->option_count; i++) {
        mark = add(mark, (uint64_t)builder->options[i].hash << 32 | builder->options[i].exclusive);
    }
    return add(mark, form_hash(builder->patterns.data, builder->patterns.size));
}
