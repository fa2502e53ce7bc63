/*
 * The flags of increment.h: how one change spreads.
 *
 * A change touches an item and is noted at all containers above it (`inside`), since an expression that reads
 * a group reads what is in it. Items are decided in the form's order, so when an item's turn comes, all that
 * its conditions read has its flags already: one look at them tells whether its enablement may have changed
 * (increment_decided), and then the item itself counts as changed, for those that come after it. Calculated
 * answers that changed touch their item in the same way (calculate.c).
 *
 * A flag that is set too often only costs time; one that is missing hides a finding. So all that is not known
 * is taken as changed: the clock, late expressions, instances that were never looked at, items with a
 * finding.
 */
#include "lib/form/review/increment.h"

#include "lib/form/definition/expressions.h"

struct increment *
increment_new(const struct form *form, struct arena *arena)
{
    struct increment *increment = arena_alloc(arena, sizeof *increment);
    size_t size = (size_t)form->item_count + 1;
    bool *marks = arena_array(arena, 6 * size, sizeof *marks);
    increment->changed = marks;
    increment->inside = marks + size;
    increment->shifted = marks + 2 * size;
    increment->renewed = marks + 3 * size;
    increment->suspect = marks + 4 * size;
    increment->suspect_now = marks + 5 * size;
    increment->everything = true;
    return increment;
}

void
increment_touch(struct review *review, uint32_t item)
{
    struct increment *increment = review->increment;
    if (increment == NULL) {
        return;
    }
    increment->changed[item] = true;
    for (; item != FORM_NO_ITEM && !increment->inside[item]; item = review->items[item].parent) {
        increment->inside[item] = true;
    }
}

void
increment_suspect(struct review *review, uint32_t item)
{
    if (review->increment != NULL) {
        review->increment->suspect_now[review_row(review, item)] = true;
    }
}

/* Whether anything that an expression reads may have changed. */
static bool
reads_changed(const struct review *review, const struct form_expression *expression)
{
    const uint32_t *links = form_links(review->form) + expression->dependency;
    bool changed = (expression->flags & (FORM_LATE | FORM_CLOCK)) != 0;
    for (uint32_t i = 0; i < expression->dependency_count && !changed; i++) {
        changed = review->increment->inside[links[i]];
    }
    return changed;
}

/* Whether what decides about an item's enablement may have changed: questions of conditions, or its
 * expression. */
static bool
conditions_changed(const struct review *review, const struct form_item *item)
{
    const struct form_condition *conditions = form_conditions(review->form) + item->condition;
    const struct form_expression *expressions = form_expressions(review->form) + item->expression;
    bool changed = false;
    for (uint32_t i = 0; i < item->condition_count && !changed; i++) {
        changed = review->increment->inside[conditions[i].question];
    }
    for (uint32_t i = 0; i < item->expression_count && !changed; i++) {
        changed = expressions[i].kind == FORM_ENABLED_BY && reads_changed(review, &expressions[i]);
    }
    return changed;
}

void
increment_decided(struct review *review, uint32_t item)
{
    struct increment *increment = review->increment;
    const struct form_item *self = &review->items[item];
    bool above = self->parent != FORM_NO_ITEM && increment->shifted[self->parent];
    if (above || conditions_changed(review, self)) {
        increment->shifted[item] = true;
        increment_touch(review, item);
    }
}

bool
increment_must_look(const struct review *review, uint32_t item)
{
    const struct increment *increment = review->increment;
    return increment == NULL || increment->everything || increment->changed[item] || increment->suspect[item];
}

/* Whether the item, or a group around it, may have instances that were never looked at. */
static bool
is_renewed(const struct review *review, uint32_t item)
{
    bool renewed = false;
    for (; item != FORM_NO_ITEM && !renewed; item = review->items[item].parent) {
        renewed = review->increment->renewed[item];
    }
    return renewed;
}

bool
increment_must_evaluate(const struct review *review, uint32_t expression)
{
    const struct increment *increment = review->increment;
    const struct form_expression *self = &form_expressions(review->form)[expression];
    if (increment == NULL || increment->everything || increment->suspect[review_row(review, self->item)]) {
        return true;
    }
    if (self->kind == FORM_CONSTRAINT && self->item != FORM_NO_ITEM && increment->inside[self->item]) {
        return true; /* it may not have been there to be judged */
    }
    return reads_changed(review, self) || is_renewed(review, self->item) ||
           (self->item != FORM_NO_ITEM && increment->changed[self->item]);
}
