/* Constraints of the author: what must hold between answers. Empty is no "false": it is not known yet. */
#include "lib/form/evaluate.h"
#include "lib/form/increment.h"

/* The frame, from the place upwards, in which the item stands that a constraint tells; REVIEW_NONE: none. */
static uint32_t
frame_for(const struct review *review, struct context place, uint32_t told)
{
    uint32_t frame = place.inner != REVIEW_NONE ? place.inner : place.outer;
    uint32_t parent = told == FORM_NO_ITEM ? FORM_NO_ITEM : review->items[told].parent;
    frame = place.item == FORM_NO_ITEM ? 0 : frame;
    while (frame != REVIEW_NONE && review->frames[frame].container != parent) {
        frame = review->frames[frame].parent;
    }
    return frame;
}

static void
note(struct review *review, const struct form_expression *constraint, struct context place)
{
    const char *text = form_pool(review->form, constraint->name);
    enum form_severity severity = (enum form_severity)constraint->severity;
    uint32_t frame =
        constraint->place == FORM_NO_ITEM ? REVIEW_NONE : frame_for(review, place, constraint->place);
    text = arena_text(review->issues->arena, text); /* issues may outlive the form */
    increment_suspect(review, place.item);
    if (frame != REVIEW_NONE) {
        review_note(review, severity, frame, constraint->place, -1, "constraint", text);
    } else if (place.item == FORM_NO_ITEM) {
        review_note(review, severity, 0, FORM_NO_ITEM, -1, "constraint", text);
    } else if (place.inner == REVIEW_NONE) {
        review_note(review, severity, place.outer, place.item, -1, "constraint", text);
    } else {
        review_note(review, severity, place.inner, FORM_NO_ITEM, -1, "constraint", text);
    }
}

void
constraints_judge(struct review *review, struct context place)
{
    const struct form_expression *all = form_expressions(review->form);
    uint32_t first = place.item == FORM_NO_ITEM ? 0 : review->items[place.item].expression;
    uint32_t count = place.item == FORM_NO_ITEM ? review->form->root_expressions
                                                : review->items[place.item].expression_count;
    for (uint32_t i = first; i < first + count; i++) {
        struct fhirpath_list result;
        if (all[i].kind != FORM_CONSTRAINT || !increment_must_evaluate(review, i) ||
            !evaluation_run(review->evaluation, i, place, &result)) {
            continue;
        }
        if (fhirpath_truth(result) == FHIRPATH_FALSE) {
            note(review, &all[i], place);
        } else if (fhirpath_truth(result) == FHIRPATH_NO_TRUTH) {
            struct fhirpath_fault fault = {.code = FHIRPATH_NOT_SINGLE};
            evaluation_note(review->evaluation, place, &fault);
        }
    }
}
