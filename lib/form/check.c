/* Judging answers: types, rules, what is required, how much is done. */
#include "lib/form/answers.h"
#include "lib/form/review.h"

static void judge_frame(struct review *review, uint32_t frame);

/* Whether the response has an answer's value anywhere below a slot, enabled or not. */
static bool
slot_has_answers(const struct review *review, const struct slot *slot)
{
    bool found = slot->answered;
    for (uint32_t frame = slot->first; frame != REVIEW_NONE && !found; frame = review->frames[frame].next) {
        uint32_t container = review->frames[frame].container;
        for (uint32_t i = 0; i < review->items[container].children && !found; i++) {
            found = slot_has_answers(review, &review->slots[review->frames[frame].slots + i]);
        }
    }
    return found;
}

static void
judge_disabled(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    if (review->submit && slot_has_answers(review, slot)) {
        review_note(review, FORM_INFORMATION, frame, item, -1, "disabled-dropped",
                    "This does not apply after the other answers: its answer is not kept.");
    }
}

static void
judge_required(struct review *review, uint32_t frame, uint32_t item, const char *text)
{
    const struct form_item *self = &review->items[item];
    if ((self->flags & FORM_REQUIRED) == 0 || (self->flags & FORM_READ_ONLY) != 0) {
        return;
    }
    review->progress.required_missing++;
    if (review->submit) {
        review_note(review, FORM_ERROR, frame, item, -1, "required", text);
    }
}

static void
judge_group(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    bool repeats = (review->items[item].flags & FORM_REPEATS) != 0;
    bool filled = false;
    int64_t missing = review->progress.required_missing;
    for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
        filled = filled || review->frames[below].filled;
        /* An instance that was begun and left empty asks for nothing: it is not kept. */
        if (!repeats || review->frames[below].filled) {
            judge_frame(review, below);
        }
    }
    /* When questions inside are missing, saying so for the group too would tell nothing more. */
    if (!filled && missing == review->progress.required_missing) {
        judge_required(review, frame, item, "Please fill in this section.");
    }
}

static void
judge_answer(struct review *review, uint32_t frame, uint32_t item, struct json_object *answer, int index)
{
    const struct form_item *self = &review->items[item];
    struct json_object *value = NULL;
    unsigned kind = FORM_KIND_NONE;
    const struct value_fault *fault = answer_fault(self, answer, &kind, &value);
    if (fault == NULL && kind != FORM_KIND_NONE) {
        fault = answer_breach(review->form, self, (enum form_kind)kind, value, review->arena);
    }
    if (fault != NULL) {
        review_note(review, FORM_ERROR, frame, item, index, fault->code, fault->text);
    }
}

static void
judge_question(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    const struct form_item *self = &review->items[item];
    struct json_object *answers = slot->json == NULL ? NULL : answers_of(slot->json);
    size_t count = answers == NULL ? 0 : json_object_array_length(answers);
    if ((self->flags & FORM_READ_ONLY) == 0) {
        review->progress.total++;
        review->progress.answered += slot->answered;
    }
    if (!slot->answered) {
        judge_required(review, frame, item, "Please answer this question.");
    }
    if (count > 1 && (self->flags & FORM_REPEATS) == 0) {
        review_note(review, FORM_ERROR, frame, item, -1, "too-many-answers",
                    "This question takes one answer.");
    }
    for (size_t i = 0; i < count; i++) {
        judge_answer(review, frame, item, json_object_array_get_idx(answers, i), (int)i);
    }
    for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
        if (review->frames[below].filled || answer_has_value(review->frames[below].json)) {
            judge_frame(review, below);
        }
    }
}

static void
judge_frame(struct review *review, uint32_t frame)
{
    uint32_t container = review->frames[frame].container;
    uint32_t end = review_end(review, container);
    for (uint32_t item = review_first_child(container); item < end; item = review->items[item].end) {
        const struct slot *slot = review_slot(review, frame, item);
        if (!slot->enabled) {
            judge_disabled(review, frame, item, slot);
        } else if (review->items[item].type == FORM_TYPE_GROUP) {
            judge_group(review, frame, item, slot);
        } else if (form_is_question(&review->items[item])) {
            judge_question(review, frame, item, slot);
        }
    }
}

void
review_judge(struct review *review)
{
    judge_frame(review, 0);
}

bool
form_check(const struct form *form, struct json_object *items, enum form_mode mode, struct arena *arena,
           struct form_issues *issues, struct form_progress *progress)
{
    struct review review;
    size_t errors = issues->errors;
    review_start(&review, form, arena, issues);
    review.submit = mode == FORM_SUBMIT;
    review.strict = review.submit;
    review_lay(&review, items);
    if (!review.stopped) {
        review_enable(&review);
    }
    if (!review.stopped) {
        review_judge(&review);
    }
    if (progress != NULL) {
        *progress = review.progress;
    }
    return issues->errors == errors;
}
