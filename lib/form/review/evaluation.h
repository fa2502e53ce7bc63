/*
 * Expressions at work while a response is reviewed: what they see, what they cost, and what becomes of a
 * fault.
 *
 * Expressions do not see the response as it was sent, but a view of it: enabled items in the definition's
 * order, with calculated answers in the place of whatever was sent for them (view.c). The view is made once
 * and then kept up to date as the review decides. All expressions of one check share a budget of steps and
 * memory, and each evaluation costs at least EVALUATION_STEPS_LEAST, so that many cheap ones are bounded too.
 * A fault is a warning at the item: an expression that fails calculates nothing and disables nothing. Private
 * to lib/form.
 */
#ifndef ANAMNESIS_FORM_REVIEW_EVALUATION_H
#define ANAMNESIS_FORM_REVIEW_EVALUATION_H

#include "lib/form/definition/expressions.h"
#include "lib/form/review/review.h"

enum {
    EVALUATION_STEPS_MAX = 20 * 1000 * 1000,  /* of all expressions in one check */
    EVALUATION_MEMORY_MAX = 24 * 1024 * 1024, /* bytes of the arena that they take together */
    EVALUATION_STEPS_LEAST = 64,              /* what one evaluation costs at least */
    EVALUATION_ROUNDS_MAX = 10                /* until what depends on everything changes no more */
};

/* Where an expression stands in a response. */
struct context {
    uint32_t item;  /* FORM_NO_ITEM: the response itself */
    uint32_t outer; /* frame that the item stands in; REVIEW_NONE: of the response itself */
    uint32_t inner; /* frame of the instance, or REVIEW_NONE: the item has no frames, or all are meant */
};

/* A variable's value in one frame. */
struct remembered {
    struct fhirpath_list value;
    uint32_t frame;
    uint32_t epoch;
    bool known;
};

struct evaluation {
    struct review *review;
    struct json_object *resource; /* the QuestionnaireResponse as expressions see it; NULL: not made yet */
    const struct fhirpath_node *root;
    struct json_object *definition; /* the Questionnaire; NULL: not read yet */
    struct remembered *variables;   /* by expression */
    uint32_t epoch;                 /* values of variables from an earlier one do not count any more */
    bool late; /* every change of the view begins an epoch: what was decided may change again */
    struct fhirpath_budget budget; /* what is left of it */
    size_t memory;                 /* that was taken */
    bool failed;                   /* no memory outside the arena */
};

/* For a review that was started; NULL when the form has no expressions. */
struct evaluation *evaluation_new(struct review *review);

/*
 * evaluate.c: evaluates an expression in a context. False when that failed, for want of budget too: the
 * warning `expression-failed` is then noted at the context.
 */
bool evaluation_run(struct evaluation *evaluation, uint32_t expression, struct context context,
                    struct fhirpath_list *result);

/* Takes steps from the budget. False when there are not so many, or no time is left. */
bool evaluation_charge(struct evaluation *evaluation, uint32_t steps);

/* Notes such a warning. */
void evaluation_note(struct evaluation *evaluation, struct context context,
                     const struct fhirpath_fault *fault);

/* ---- view.c: what expressions see: enabled items with their answers and what was calculated ---- */

/* Makes the view when there is none yet. False when memory is short. */
bool view_open(struct evaluation *evaluation);

/* Forgets it: it is made anew, with all that was decided meanwhile. */
void view_forget(struct evaluation *evaluation);

/* An item that was found to be disabled in a frame of its parent leaves the view. */
void view_drop(struct evaluation *evaluation, uint32_t frame, uint32_t item);

/* What was calculated for an item in a frame of its parent; NULL or none takes it away. */
void view_answer(struct evaluation *evaluation, uint32_t frame, uint32_t item, struct json_object *answers);

/*
 * The element of the view that a context stands for. What the response does not have is an element with
 * nothing but its linkId.
 */
const struct fhirpath_node *view_node(struct evaluation *evaluation, struct context context);

/* ---- calculate.c ---- */

/* Whether an item's enableWhenExpression lets it be enabled in a frame of its parent; true without one. */
bool calculate_enabled(struct review *review, uint32_t frame, uint32_t item);

/* Works out the answers of a calculated item in a frame of its parent, where it is enabled. */
void calculate_item(struct review *review, uint32_t frame, uint32_t item);

/* What depends on everything, once everything else is decided. True when something changed. */
bool calculate_late(struct review *review);

/*
 * result_answers.c: a result as answers to an item, an array that the arena owns. NULL: an element is no
 * answer to it, there are several and the item does not repeat, or the budget is spent.
 */
struct json_object *result_answers(struct review *review, uint32_t item, struct fhirpath_list result);

/* Whether two lists of answers hold the same values in the same order. NULL is an empty list. */
bool answers_equal(struct arena *arena, struct json_object *left, struct json_object *right);

/* sum.c: the sum of the weights beside an item; NULL: a required answer is missing, there is none, or it is
 * no number that the item can have (`*fits` is then false). */
struct json_object *sum_answers(struct review *review, uint32_t frame, uint32_t item, bool *fits);

/* constraint_check.c: judges the constraints of an item that is there, or of the response. */
void constraints_judge(struct review *review, struct context context);

#endif
