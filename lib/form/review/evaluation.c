#include "lib/form/review/evaluation.h"

#include "lib/base/pattern.h"

struct evaluation *
evaluation_new(struct review *review)
{
    const struct form *form = review->form;
    if (form->expression_count == 0) {
        return NULL;
    }
    struct evaluation *evaluation = arena_alloc(review->arena, sizeof *evaluation);
    evaluation->review = review;
    evaluation->budget = (struct fhirpath_budget){EVALUATION_STEPS_MAX, PATTERN_PURSE, &review->work->watch};
    evaluation->variables = arena_array(review->arena, form->expression_count, sizeof *evaluation->variables);
    return evaluation;
}

bool
evaluation_charge(struct evaluation *evaluation, uint32_t steps)
{
    uint32_t left = evaluation->budget.steps;
    evaluation->budget.steps = left > steps ? left - steps : 0;
    return fhirpath_watch_count(&evaluation->review->work->watch, steps) && left > steps;
}

void
evaluation_note(struct evaluation *evaluation, struct context context, const struct fhirpath_fault *fault)
{
    struct review *review = evaluation->review;
    if (review->work->watch.over) {
        return; /* that is said once, for all of them */
    }
    const char *text = arena_format(review->issues->arena,
                                    "A rule of this questionnaire could not be worked out (%s, at byte %u of "
                                    "its expression). Please tell "
                                    "those who gave it to you.",
                                    fhirpath_fault_name(fault->code), fault->offset);
    if (context.item == FORM_NO_ITEM) {
        review_note(review, FORM_WARNING, 0, FORM_NO_ITEM, -1, "expression-failed", text);
    } else if (context.inner == REVIEW_NONE) {
        review_note(review, FORM_WARNING, context.outer, context.item, -1, "expression-failed", text);
    } else {
        review_note(review, FORM_WARNING, context.inner, FORM_NO_ITEM, -1, "expression-failed", text);
    }
}
