/*
 * Decides by expressions: whether an item is enabled (enableWhenExpression), and what is calculated for it
 * (calculatedExpression, sums of weights).
 *
 * What is calculated stands in its slot (`computed`) and in the view, so that later expressions see it; into
 * the items it is written only at the end (update.c, submit.c). An expression that fails decides nothing: an
 * item stays enabled and a calculation gives no answer, with a warning for those who wrote it. A patient must
 * not be stopped by an author's mistake.
 *
 * "Late" expressions read what cannot be put into an order (the whole response, for instance). calculate_late
 * evaluates them when everything else is decided, on what was decided then; enable.c repeats until that is
 * stable. Until it was evaluated, a late item counts as enabled and as without answer.
 */
#include "lib/form/review/evaluation.h"
#include "lib/form/review/increment.h"
#include "lib/form/value/value.h"

#include <string.h>

/* The item's expression of a kind, or FORM_EXPRESSIONS_MAX. */
static uint32_t
expression_of(const struct review *review, uint32_t item, enum form_expression_kind kind)
{
    const struct form_item *self = &review->items[item];
    const struct form_expression *all = form_expressions(review->form);
    for (uint32_t i = self->expression; i < self->expression + self->expression_count; i++) {
        if (all[i].kind == (uint8_t)kind) {
            return i;
        }
    }
    return FORM_EXPRESSIONS_MAX;
}

/* Where the expressions of an item stand that decide about it. A group that repeats is meant as a whole. */
static struct context
context_in(const struct review *review, uint32_t frame, uint32_t item)
{
    const struct form_item *self = &review->items[item];
    bool single = self->type == FORM_TYPE_GROUP && (self->flags & FORM_REPEATS) == 0;
    return (struct context){item, frame, single ? review_slot(review, frame, item)->first : REVIEW_NONE};
}

/* What cannot be decided stays enabled: a question too many is better than one that nobody can answer. */
static bool
evaluate_enabled(struct review *review, uint32_t expression, uint32_t frame, uint32_t item)
{
    struct fhirpath_list result;
    struct context context = context_in(review, frame, item);
    if (!evaluation_run(review->evaluation, expression, context, &result)) {
        return true;
    }
    enum fhirpath_truth truth = fhirpath_truth(result);
    if (truth == FHIRPATH_NO_TRUTH) {
        review_note(
            review, FORM_WARNING, frame, item, -1, "expression-failed",
            "Whether this question applies could not be worked out. Please tell those who gave you this "
            "questionnaire.");
    }
    return truth == FHIRPATH_TRUE || truth == FHIRPATH_NO_TRUTH;
}

bool
calculate_enabled(struct review *review, uint32_t frame, uint32_t item)
{
    uint32_t expression = expression_of(review, item, FORM_ENABLED_BY);
    if (expression == FORM_EXPRESSIONS_MAX) {
        return true;
    }
    if ((form_expressions(review->form)[expression].flags & FORM_LATE) != 0) {
        return !review_slot(review, frame, item)->late_disabled;
    }
    return evaluate_enabled(review, expression, frame, item);
}

/* The answers that an item's expression gives. NULL: none. */
static struct json_object *
evaluate_answers(struct review *review, uint32_t expression, uint32_t frame, uint32_t item)
{
    struct fhirpath_list result;
    struct json_object *answers = NULL;
    bool fits = true;
    if (form_expressions(review->form)[expression].kind == FORM_SUM) {
        answers = sum_answers(review, frame, item, &fits);
    } else {
        if (!evaluation_run(review->evaluation, expression, context_in(review, frame, item), &result)) {
            return NULL;
        }
        answers = result_answers(review, item, result);
        fits = answers != NULL;
    }
    if (!fits) {
        review_note(review, FORM_WARNING, frame, item, -1, "calculated-misfit",
                    "What was calculated here is no answer to this question. Please tell those who gave you "
                    "this questionnaire.");
    }
    return answers;
}

/* Whether two lists of answers are the same JSON; NULL and the empty list are. */
static bool
same(struct json_object *left, struct json_object *right)
{
    bool left_none = left == NULL || json_object_array_length(left) == 0;
    bool right_none = right == NULL || json_object_array_length(right) == 0;
    return left_none || right_none ? left_none == right_none : json_object_equal(left, right) != 0;
}

/* Gives an item its calculated answers. True when it had others. */
static bool
take(struct review *review, uint32_t frame, uint32_t item, struct json_object *answers)
{
    struct slot *slot = review_slot(review, frame, item);
    bool changed = !same(slot->computed, answers);
    slot->computed = answers;
    slot->answered = answers != NULL && json_object_array_length(answers) != 0;
    if (changed) {
        view_answer(review->evaluation, frame, item, answers);
        increment_touch(review, item);
    }
    return changed;
}

/* The expression that calculates a computed item: its own, or the sum of weights. */
static uint32_t
calculation_of(const struct review *review, uint32_t item)
{
    uint32_t expression = expression_of(review, item, FORM_CALCULATED);
    return expression != FORM_EXPRESSIONS_MAX ? expression : expression_of(review, item, FORM_SUM);
}

/* Whether the item is calculated by a late expression. */
static bool
calculated_late(const struct review *review, uint32_t item)
{
    return (review->items[item].flags & FORM_COMPUTED) != 0 &&
           (form_expressions(review->form)[calculation_of(review, item)].flags & FORM_LATE) != 0;
}

void
calculate_item(struct review *review, uint32_t frame, uint32_t item)
{
    struct slot *slot = review_slot(review, frame, item);
    uint32_t expression = calculation_of(review, item);
    bool late = calculated_late(review, item);
    if (!slot->enabled) {
        slot->computed = late ? slot->computed : NULL;
        slot->answered = false;
    } else if (late) {
        slot->answered = slot->computed != NULL && json_object_array_length(slot->computed) != 0;
    } else if (increment_must_evaluate(review, expression)) {
        (void)take(review, frame, item, evaluate_answers(review, expression, frame, item));
    }
}

/* An expression that depends on everything, in every frame. True when it decided otherwise than before. */
static bool
decide_late(struct review *review, uint32_t expression)
{
    const struct form_expression *self = &form_expressions(review->form)[expression];
    uint32_t item = self->item;
    uint32_t frame = review->first_alike[review_row(review, review->items[item].parent)];
    bool changed = false;
    for (; frame != REVIEW_NONE; frame = review->frames[frame].alike) {
        struct slot *slot = review_slot(review, frame, item);
        if (self->kind == FORM_ENABLED_BY && review->frames[frame].enabled) {
            bool disabled = !evaluate_enabled(review, expression, frame, item);
            changed = changed || disabled != slot->late_disabled;
            slot->late_disabled = disabled;
        } else if (self->kind != FORM_ENABLED_BY && slot->enabled) {
            changed = take(review, frame, item, evaluate_answers(review, expression, frame, item)) || changed;
        }
    }
    return changed;
}

bool
calculate_late(struct review *review)
{
    const struct form_expression *all = form_expressions(review->form);
    bool changed = false;
    review->evaluation->late = true;
    review->evaluation->epoch++;
    for (uint32_t i = 0; i < review->form->expression_count; i++) {
        if (expression_decides(&all[i]) && (all[i].flags & FORM_LATE) != 0) {
            changed = decide_late(review, i) || changed;
        }
    }
    review->evaluation->late = false;
    return changed;
}
