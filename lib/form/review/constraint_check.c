/*
 * Constraints of the author: what must hold between answers. One that gives false is noted with the author's
 * sentence and severity, at the item that it names or where it stands. One that gives nothing is not false:
 * what it compares is not answered yet. One that fails hinders nobody, and is a warning.
 */
#include "lib/form/review/evaluation.h"
#include "lib/form/review/increment.h"

/* Whether a frame is another one, or stands somewhere below it. */
static bool
is_within(const struct review *review, uint32_t frame, uint32_t outer)
{
    while (frame != outer && frame != REVIEW_NONE) {
        frame = review->frames[frame].parent;
    }
    return frame == outer;
}

/* The only frame of a container beneath another frame; REVIEW_NONE: there is none, or there are several. */
static uint32_t
only_beneath(const struct review *review, uint32_t outer, uint32_t container)
{
    uint32_t found = REVIEW_NONE;
    uint32_t frame = review->first_alike[review_row(review, container)];
    for (; frame != REVIEW_NONE; frame = review->frames[frame].alike) {
        if (is_within(review, frame, outer)) {
            if (found != REVIEW_NONE) {
                return REVIEW_NONE;
            }
            found = frame;
        }
    }
    return found;
}

/*
 * The frame in which the item stands that a constraint tells: from the context upwards, else beneath it where
 * there is only one. REVIEW_NONE: which one is meant cannot be told.
 */
static uint32_t
frame_for(const struct review *review, struct context context, uint32_t told)
{
    uint32_t start = context.inner != REVIEW_NONE ? context.inner : context.outer;
    uint32_t parent = review->items[told].parent;
    start = context.item == FORM_NO_ITEM ? 0 : start;
    uint32_t frame = start;
    while (frame != REVIEW_NONE && review->frames[frame].container != parent) {
        frame = review->frames[frame].parent;
    }
    return frame != REVIEW_NONE ? frame : only_beneath(review, start, parent);
}

static void
note(struct review *review, const struct form_expression *constraint, struct context context)
{
    const char *text = form_pool(review->form, constraint->name);
    enum form_severity severity = (enum form_severity)constraint->severity;
    uint32_t frame =
        constraint->location == FORM_NO_ITEM ? REVIEW_NONE : frame_for(review, context, constraint->location);
    text = arena_text(review->issues->arena, text); /* issues may outlive the form */
    increment_suspect(review, context.item);
    if (frame != REVIEW_NONE) {
        review_note(review, severity, frame, constraint->location, -1, "constraint", text);
    } else if (context.item == FORM_NO_ITEM) {
        review_note(review, severity, 0, FORM_NO_ITEM, -1, "constraint", text);
    } else if (context.inner == REVIEW_NONE) {
        review_note(review, severity, context.outer, context.item, -1, "constraint", text);
    } else {
        review_note(review, severity, context.inner, FORM_NO_ITEM, -1, "constraint", text);
    }
}

void
constraints_judge(struct review *review, struct context context)
{
    const struct form_expression *all = form_expressions(review->form);
    uint32_t first = context.item == FORM_NO_ITEM ? 0 : review->items[context.item].expression;
    uint32_t count = context.item == FORM_NO_ITEM ? review->form->root_expressions
                                                  : review->items[context.item].expression_count;
    for (uint32_t i = first; i < first + count; i++) {
        struct fhirpath_list result;
        if (all[i].kind != FORM_CONSTRAINT || !increment_must_evaluate(review, i) ||
            !evaluation_run(review->evaluation, i, context, &result)) {
            continue;
        }
        if (fhirpath_truth(result) == FHIRPATH_FALSE) {
            note(review, &all[i], context);
        } else if (fhirpath_truth(result) == FHIRPATH_NO_TRUTH) {
            struct fhirpath_fault fault = {.code = FHIRPATH_NOT_SINGLE};
            evaluation_note(review->evaluation, context, &fault);
        }
    }
}
