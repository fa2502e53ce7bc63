/*
 * What a submission keeps: answers to enabled items, in the definition's order, without empty groups, with
 * what is calculated. Everything is judged anew, whatever auto-save found before. The given items are not
 * changed: the result shares what is unchanged with them, and is made only when there is no error.
 */
#include "lib/base/json_own.h"
#include "lib/form/issues.h"
#include "lib/form/items/answers.h"
#include "lib/form/items/entries.h"
#include "lib/form/review/review.h"

#include <string.h>

struct keeping {
    struct review review;
    bool failed; /* no memory */
};

static struct json_object *keep_frame(struct keeping *keeping, uint32_t frame);

/* Takes over an element and adds it; NULL, or no memory, makes the whole fail. */
static void
append(struct keeping *keeping, struct json_object *array, struct json_object *value)
{
    if (value == NULL || json_object_array_add(array, value) != 0) {
        json_object_put(value);
        keeping->failed = true;
    }
}

static void
put(struct keeping *keeping, struct json_object *object, const char *name, struct json_object *value)
{
    if (value == NULL || json_object_object_add(object, name, value) != 0) {
        json_object_put(value);
        keeping->failed = true;
    }
}

/* The same object with `member` replaced, or left out when the new value is NULL or an empty array. */
static struct json_object *
copy_with(struct keeping *keeping, struct json_object *object, const char *member, struct json_object *value)
{
    struct json_object *copy = object == NULL ? NULL : json_object_new_object();
    if (copy == NULL) {
        keeping->failed = true;
        json_object_put(value);
        return NULL;
    }
    json_object_object_foreach(object, name, old)
    {
        if (strcmp(name, member) != 0) {
            put(keeping, copy, name, json_object_get(old));
        }
    }
    if (value != NULL && json_object_array_length(value) != 0) {
        put(keeping, copy, member, value);
    } else {
        json_object_put(value);
    }
    return copy;
}

/* The answers of a question; those below which items stand are rebuilt, others shared. */
static struct json_object *
keep_answers(struct keeping *keeping, const struct slot *slot)
{
    struct json_object *kept = json_object_new_array();
    struct json_object *answers = answers_of(slot->json);
    size_t count = answers == NULL ? 0 : json_object_array_length(answers);
    uint32_t below = slot->first;
    for (size_t i = 0; i < count && kept != NULL; i++) {
        struct json_object *answer = json_object_array_get_idx(answers, i);
        bool filled = below != REVIEW_NONE && keeping->review.frames[below].filled;
        if (filled || answer_has_value(answer)) {
            append(keeping, kept,
                   below == REVIEW_NONE ? json_object_get(answer)
                                        : copy_with(keeping, answer, "item", keep_frame(keeping, below)));
        }
        below = below == REVIEW_NONE ? below : keeping->review.frames[below].next;
    }
    keeping->failed = keeping->failed || kept == NULL;
    return kept;
}

/* Keeps a question that has an answer, with its other members as they were sent. */
static void
keep_question(struct keeping *keeping, const struct slot *slot, struct json_object *kept)
{
    if (slot->json == NULL) {
        return;
    }
    struct json_object *answers = keep_answers(keeping, slot);
    if (answers != NULL && json_object_array_length(answers) != 0) {
        append(keeping, kept, copy_with(keeping, slot->json, "answer", answers));
    } else {
        json_object_put(answers);
    }
}

/* What was calculated, whatever was sent in its place. */
static void
keep_calculated(struct keeping *keeping, uint32_t item, const struct slot *slot, struct json_object *kept)
{
    if (slot->answered) {
        struct json_object *entry =
            slot->json != NULL ? json_object_get(slot->json) : entry_new(keeping->review.form, item);
        append(keeping, kept, copy_with(keeping, entry, "answer", json_object_get(slot->computed)));
        json_object_put(entry);
    }
}

/* An instance that somebody filled in; or a group that is there once, with what was calculated in it. */
static void
keep_group(struct keeping *keeping, uint32_t item, uint32_t frame, struct json_object *kept)
{
    const struct frame *self = &keeping->review.frames[frame];
    bool repeats = (keeping->review.items[item].flags & FORM_REPEATS) != 0;
    if (self->filled || (self->computed && !repeats)) {
        struct json_object *entry =
            self->json != NULL ? json_object_get(self->json) : entry_new(keeping->review.form, item);
        append(keeping, kept, copy_with(keeping, entry, "item", keep_frame(keeping, frame)));
        json_object_put(entry);
    }
}

/* A container's items that are kept, in the definition's order. The caller owns them. NULL: no memory. */
static struct json_object *
keep_frame(struct keeping *keeping, uint32_t frame)
{
    struct review *review = &keeping->review;
    struct json_object *kept = json_object_new_array();
    uint32_t container = review->frames[frame].container;
    uint32_t end = review_end(review, container);
    if (kept == NULL) {
        keeping->failed = true;
        return NULL;
    }
    for (uint32_t item = review_first_child(container); item < end; item = review->items[item].end) {
        const struct slot *slot = review_slot(review, frame, item);
        if (!slot->enabled) {
            continue;
        }
        if (review->items[item].type == FORM_TYPE_DISPLAY && slot->json != NULL) {
            append(keeping, kept, json_object_get(slot->json));
        } else if ((review->items[item].flags & FORM_COMPUTED) != 0) {
            keep_calculated(keeping, item, slot, kept);
        } else if (review->items[item].type != FORM_TYPE_GROUP) {
            keep_question(keeping, slot, kept);
        }
        for (uint32_t below = slot->first;
             review->items[item].type == FORM_TYPE_GROUP && below != REVIEW_NONE;
             below = review->frames[below].next) {
            keep_group(keeping, item, below, kept);
        }
    }
    return kept;
}

struct json_object *
form_submit(const struct form *form, struct json_object *items, struct form_work *work, struct arena *arena,
            struct form_issues *issues, struct form_progress *progress)
{
    struct keeping keeping = {.failed = false};
    struct review *review = &keeping.review;
    size_t errors = issues->errors;
    review_start(review, form, work, arena, issues);
    review->submit = true;
    review_run(review, items);
    if (progress != NULL) {
        *progress = review->progress;
    }
    if (issues->errors != errors) {
        return items;
    }
    struct json_object *kept = json_own(arena, keep_frame(&keeping, 0));
    if (keeping.failed) {
        issues_add(issues, FORM_ERROR, "no-memory", "", "QuestionnaireResponse",
                   "There is not enough memory.");
        return items;
    }
    return kept;
}
