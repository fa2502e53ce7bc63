/*
 * Judges a response that was laid and decided: the answers' types and rules, how many there are, what is
 * required, the author's constraints; and counts how much is done.
 *
 * Only what is enabled is judged. An answer to a disabled item is no error: branching may have disabled it
 * after it was given, and a draft keeps it in case the patient goes back. On submission it is noted, because
 * it is not kept. The same holds for an instance of a repeating group that was begun and left empty.
 *
 * `submit` decides what is an error: in a draft a missing answer only counts in `required_missing`. With an
 * increment (auto-save) an answer's own rules are looked at again only where a change may have touched them
 * (increment_must_look); counting, and what concerns several answers together, is done for all, since it is
 * cheap and the progress must be whole. So the findings of an auto-save are those of a full check.
 *
 * This file judges and changes nothing, but for review_correct, which runs before anything is decided.
 */
#include "lib/form/definition/weights.h"
#include "lib/form/items/answers.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/review/increment.h"
#include "lib/form/review/review.h"

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

/* Says on submission that an answer to a disabled item is not kept. */
static void
judge_disabled(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    if (review->submit && slot_has_answers(review, slot)) {
        review_note(review, FORM_INFORMATION, frame, item, -1, "disabled-dropped",
                    "This does not apply after the other answers: its answer is not kept.");
    }
}

/* Notes answers of an instance that a submission does not keep, because it has no enabled answer. */
static void
judge_dropped(struct review *review, uint32_t frame)
{
    uint32_t container = review->frames[frame].container;
    uint32_t end = review_end(review, container);
    for (uint32_t item = review_first_child(container); item < end; item = review->items[item].end) {
        const struct slot *slot = review_slot(review, frame, item);
        if (!slot->enabled) {
            judge_disabled(review, frame, item, slot);
            continue;
        }
        for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
            judge_dropped(review, below);
        }
    }
}

/* Counts a required item that is missing, an error on submission; not one that a patient cannot answer. */
static void
judge_required(struct review *review, uint32_t frame, uint32_t item, const char *text)
{
    const struct form_item *self = &review->items[item];
    if ((self->flags & FORM_REQUIRED) == 0 || !form_is_asked(self)) {
        return;
    }
    review->progress.required_missing++;
    if (review->submit) {
        review_note(review, FORM_ERROR, frame, item, -1, "required", text);
    }
}

static const char *
how_often(struct review *review, uint32_t item, uint32_t count, const char *bound)
{
    bool group = review->items[item].type == FORM_TYPE_GROUP;
    return arena_format(review->issues->arena, "%s %u %s%s %s.",
                        group ? "Please fill in this section" : "Please give", count,
                        group ? "time" : "answer", count == 1 ? "" : "s", bound);
}

/*
 * minOccurs and maxOccurs: how many instances or answers there may be. Too few are an error only on
 * submission, as missing required answers are; of none at all nothing is said here when the item is required,
 * since that was noted.
 */
static void
judge_number(struct review *review, uint32_t frame, uint32_t item, size_t count)
{
    const struct form_item *self = &review->items[item];
    const struct form_rule *least = form_rule_of(review->form, self, FORM_MIN_OCCURS);
    const struct form_rule *most = form_rule_of(review->form, self, FORM_MAX_OCCURS);
    bool told = count == 0 && (self->flags & FORM_REQUIRED) != 0;
    if (least != NULL && count < least->count && !told && form_is_asked(self)) {
        review->progress.required_missing++;
        if (review->submit) {
            review_note(review, FORM_ERROR, frame, item, -1, "min-occurs",
                        how_often(review, item, least->count, "or more"));
        }
    }
    if (most != NULL && count > most->count) {
        review_note(review, FORM_ERROR, frame, item, -1, "max-occurs",
                    how_often(review, item, most->count, "at most"));
    }
}

/* Judges the instances of a group, and whether there are enough of them. */
static void
judge_group(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    bool repeats = (review->items[item].flags & FORM_REPEATS) != 0;
    bool filled = false;
    size_t count = 0;
    int64_t missing = review->progress.required_missing;
    for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
        filled = filled || review->frames[below].filled;
        count += review->frames[below].filled;
        /* An instance that was begun and left empty asks for nothing: it is not kept. */
        if (!repeats || review->frames[below].filled) {
            judge_frame(review, below);
        } else {
            judge_dropped(review, below);
        }
    }
    /* When questions inside are missing, saying so for the group too would tell nothing more. */
    if (!filled && missing == review->progress.required_missing) {
        judge_required(review, frame, item, "Please fill in this section.");
    }
    if (review->items[item].rule_count != 0) {
        judge_number(review, frame, item, count);
    }
}

/*
 * Notes that an answer tells another weight than its option has: on submission an error, or a remark where no
 * option of the item has a weight; in a draft a remark, because it is corrected when it is saved.
 */
static void
note_weight(struct review *review, uint32_t frame, uint32_t item, int index)
{
    bool weighted = (review->items[item].flags & FORM_WEIGHTED) != 0;
    if (review->submit && !weighted) {
        review_note(review, FORM_INFORMATION, frame, item, index, "weight-ignored",
                    "This answer says what it counts, which this questionnaire does not: it does not count.");
    } else if (review->submit) {
        review_note(review, FORM_ERROR, frame, item, index, "other-weight",
                    "This answer says that it counts otherwise than this questionnaire has it.");
    } else {
        review_note(review, FORM_INFORMATION, frame, item, index, "weight-corrected",
                    "This answer said that it counts otherwise than this questionnaire has it.");
    }
}

/* Corrects the weights in answers that were changed, before anything is calculated from them. */
static void
correct_item(struct review *review, uint32_t item)
{
    const struct form_item *self = &review->items[item];
    uint32_t frame = review->first_alike[review_row(review, self->parent)];
    for (; frame != REVIEW_NONE; frame = review->frames[frame].alike) {
        const struct slot *slot = review_slot(review, frame, item);
        struct json_object *answers = slot->json == NULL ? NULL : answers_of(slot->json);
        size_t count = answers == NULL ? 0 : json_object_array_length(answers);
        for (size_t i = 0; i < count; i++) {
            struct json_object *answer = json_object_array_get_idx(answers, i);
            if (weight_differs(review->form, self, answer, true, review->arena)) {
                note_weight(review, frame, item, (int)i);
            }
        }
    }
}

void
review_correct(struct review *review)
{
    for (uint32_t item = 0; item < review->form->item_count; item++) {
        if ((review->items[item].flags & FORM_CLOSED) != 0 && increment_must_look(review, item)) {
            correct_item(review, item);
        }
    }
}

/* Judges one answer by itself: its type first, and its rules only when the type is right. */
static void
judge_answer(struct review *review, uint32_t frame, uint32_t item, struct json_object *answer, int index)
{
    const struct form_item *self = &review->items[item];
    struct json_object *value = NULL;
    unsigned kind = FORM_KIND_NONE;
    const struct value_fault *faults[ANSWER_FAULTS_MAX];
    size_t count = 0;
    faults[0] = answer_fault(self, answer, &kind, &value);
    if (faults[0] != NULL) {
        count = 1;
    } else if (kind != FORM_KIND_NONE) {
        count = answer_breaches(&review->judge, self, (enum form_kind)kind, value, faults);
    }
    for (size_t i = 0; i < count; i++) {
        review_note(review, FORM_ERROR, frame, item, index, faults[i]->code, faults[i]->text);
    }
    if (weight_differs(review->form, self, answer, false, review->arena)) {
        note_weight(review, frame, item, index);
    }
}

/* Whether the answer is an option that excludes all others, like "none of these". */
static bool
is_exclusive(struct review *review, const struct form_item *item, struct json_object *answer)
{
    struct json_object *value = NULL;
    unsigned kind = FORM_KIND_NONE;
    size_t size = 0;
    if (answer_fault(item, answer, &kind, &value) != NULL || kind == FORM_KIND_NONE) {
        return false;
    }
    const char *key = value_key((enum form_kind)kind, value, review->arena, &size);
    const struct form_option *option = form_option_of(review->form, item, key, size);
    return option != NULL && option->exclusive != 0;
}

/* What concerns the answers of a question together. */
static void
judge_answers(struct review *review, uint32_t frame, uint32_t item, struct json_object *answers, size_t count)
{
    const struct form_item *self = &review->items[item];
    size_t values = 0;
    bool exclusive = false;
    if (count > 1 && (self->flags & FORM_REPEATS) == 0) {
        review_note(review, FORM_ERROR, frame, item, -1, "too-many-answers",
                    "This question takes one answer.");
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *answer = json_object_array_get_idx(answers, i);
        values += answer_has_value(answer);
        exclusive = exclusive || ((self->flags & FORM_EXCLUSIVE) != 0 && is_exclusive(review, self, answer));
    }
    if (exclusive && values > 1) {
        review_note(review, FORM_ERROR, frame, item, -1, "exclusive-option",
                    "One of these answers cannot be given together with others.");
    }
    if (self->rule_count != 0) {
        judge_number(review, frame, item, values);
    }
}

/*
 * Notes that what was sent for a calculated item is not what was calculated; not of a draft, which has its
 * own from before.
 */
static void
judge_calculated(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    struct json_object *sent = slot->json == NULL ? NULL : answers_of(slot->json);
    if (review->increment == NULL && sent != NULL && !answers_equal(review->arena, sent, slot->computed)) {
        review_note(review, FORM_INFORMATION, frame, item, -1, "calculated-ignored",
                    "This is calculated from the other answers: what was sent for it does not count.");
    }
}

/* Judges a question and what stands below its answers. Answers below one without a value count only when
 * somebody filled them in. */
static void
judge_question(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    const struct form_item *self = &review->items[item];
    struct json_object *answers = slot->json == NULL ? NULL : answers_of(slot->json);
    size_t count = answers == NULL ? 0 : json_object_array_length(answers);
    if ((self->flags & FORM_COMPUTED) != 0) {
        judge_calculated(review, frame, item, slot);
        return;
    }
    if (form_is_asked(self)) {
        review->progress.total++;
        review->progress.answered += slot->answered;
    }
    if (!slot->answered) {
        judge_required(review, frame, item, "Please answer this question.");
    }
    judge_answers(review, frame, item, answers, count);
    bool look = increment_must_look(review, item);
    for (size_t i = 0; i < count && look; i++) {
        judge_answer(review, frame, item, json_object_array_get_idx(answers, i), (int)i);
    }
    for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
        if (review->frames[below].filled || answer_has_value(review->frames[below].json)) {
            judge_frame(review, below);
        } else {
            judge_dropped(review, below);
        }
    }
}

/* Constraints of a group hold for each instance that is filled in, those of a question when it is answered.
 */
static void
judge_constraints(struct review *review, uint32_t frame, uint32_t item, const struct slot *slot)
{
    if (review->items[item].type != FORM_TYPE_GROUP) {
        if (slot->answered) {
            constraints_judge(review, (struct context){item, frame, REVIEW_NONE});
        }
        return;
    }
    for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
        if (review->frames[below].filled) {
            constraints_judge(review, (struct context){item, frame, below});
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
        if (slot->enabled && review->form->constrains && review->items[item].expression_count != 0) {
            judge_constraints(review, frame, item, slot);
        }
    }
}

void
review_judge(struct review *review)
{
    judge_frame(review, 0);
    if (review->form->constrains) {
        constraints_judge(review, (struct context){FORM_NO_ITEM, REVIEW_NONE, 0});
    }
    (void)review_stops(review);
}

void
review_run(struct review *review, struct json_object *items)
{
    review_lay(review, items);
    if (!review->stopped) {
        review_enable(review);
    }
    if (!review->stopped) {
        review_judge(review);
    }
    if (review->evaluation != NULL && review->evaluation->failed) {
        review_note(review, FORM_ERROR, 0, FORM_NO_ITEM, -1, "no-memory", "There is not enough memory.");
    }
}

bool
form_check(const struct form *form, struct json_object *items, enum form_mode mode, struct form_work *work,
           struct arena *arena, struct form_issues *issues, struct form_progress *progress)
{
    struct review review;
    size_t errors = issues->errors;
    review_start(&review, form, work, arena, issues);
    review.submit = mode == FORM_SUBMIT;
    review.strict = review.submit;
    review_run(&review, items);
    if (progress != NULL) {
        *progress = review.progress;
    }
    return issues->errors == errors;
}
