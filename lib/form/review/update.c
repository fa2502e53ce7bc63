/*
 * A draft after an auto-save. Calculated answers are worked out and written into the draft, and only what the
 * change may have made wrong or right is judged again (increment.h).
 *
 * What was found is remembered between saves as a text, which the caller keeps with the draft: the version of
 * the rules, the definition's fingerprint, and the indexes of the items with which something is wrong. A text
 * of another engine or another definition is ignored, and everything is judged anew. The text is at most 64
 * KiB; when more is wrong, nothing is remembered.
 */
#include "lib/base/buf.h"
#include "lib/form/issues.h"
#include "lib/form/items/locator.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/review/increment.h"
#include "lib/form/review/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RULES_VERSION = 2, /* of this engine: another one may judge otherwise */
    MEMORY_MAX = 64 * 1024,
    HEX = 16
};

/* Reads what was remembered. False: it is of another definition or engine, or of none. */
static bool
recall(const struct form *form, const char *before, struct increment *increment)
{
    char start[32];
    if (before == NULL) {
        return false;
    }
    int size = snprintf(start, sizeof start, "%x %x", (unsigned)RULES_VERSION, form->fingerprint);
    if (strncmp(before, start, (size_t)size) != 0) {
        return false;
    }
    for (const char *at = before + size; *at != '\0';) {
        char *end = NULL;
        unsigned long item = *at == ' ' ? strtoul(at + 1, &end, HEX) : form->item_count + 1UL;
        if (item > form->item_count || end == at + 1) {
            return false;
        }
        increment->suspect[item] = true;
        at = end;
    }
    return true;
}

/* NULL: too much is wrong to be remembered; everything will be judged again. */
static const char *
remember(const struct form *form, const struct increment *increment, struct arena *arena)
{
    struct buf text;
    buf_init(&text, MEMORY_MAX);
    buf_format(&text, "%x %x", (unsigned)RULES_VERSION, form->fingerprint);
    for (uint32_t i = 0; i <= form->item_count; i++) {
        if (increment->suspect_now[i]) {
            buf_format(&text, " %x", i);
        }
    }
    const char *kept = text.failed ? NULL : arena_text(arena, buf_string(&text));
    buf_free(&text);
    return kept;
}

/*
 * Notes one changed path: the item, everything below it, and that instances above it may be new. False: a
 * wrong path.
 */
static bool
touch_path(struct review *review, const char *path)
{
    struct locator *locator = arena_alloc(review->arena, sizeof *locator);
    if (!locator_resolve(locator, review->form, path)) {
        return false;
    }
    uint32_t target = locator->items[locator->path.depth - 1];
    for (uint32_t item = target; item < review->items[target].end; item++) {
        increment_touch(review, item);
    }
    for (size_t i = 0; i < locator->path.depth; i++) {
        review->increment->renewed[locator->items[i]] =
            (review->items[locator->items[i]].flags & FORM_REPEATS) != 0;
    }
    return true;
}

/* The first frame in which a calculated item stands; REVIEW_NONE for others. */
static uint32_t
first_frame(const struct review *review, uint32_t item)
{
    const struct form_item *self = &review->items[item];
    return (self->flags & FORM_COMPUTED) == 0 ? REVIEW_NONE
                                              : review->first_alike[review_row(review, self->parent)];
}

/*
 * What was calculated before counts until something that it depends on changes. Where some of it depends on
 * everything, all is calculated anew, from nothing: only so it comes to the same, whatever was there before.
 */
static void
take_over(struct review *review)
{
    for (uint32_t item = 0; item < review->form->item_count; item++) {
        uint32_t frame = first_frame(review, item);
        if (frame != REVIEW_NONE && review->form->late) {
            increment_touch(review, item);
            frame = REVIEW_NONE;
        }
        for (; frame != REVIEW_NONE; frame = review->frames[frame].alike) {
            struct slot *slot = review_slot(review, frame, item);
            slot->computed = slot->json == NULL ? NULL : answers_of(slot->json);
            slot->answered = slot->computed != NULL && json_object_array_length(slot->computed) != 0;
        }
    }
}

/* Writes what was calculated where it is not written yet. */
static bool
write_calculated(struct review *review, struct json_object *items)
{
    bool good = true;
    for (uint32_t item = 0; item < review->form->item_count; item++) {
        uint32_t frame = first_frame(review, item);
        for (; frame != REVIEW_NONE && good; frame = review->frames[frame].alike) {
            const struct slot *slot = review_slot(review, frame, item);
            struct json_object *stored = slot->json == NULL ? NULL : answers_of(slot->json);
            struct json_object *wanted = slot->answered ? slot->computed : NULL;
            if (stored != wanted) {
                good = store_answers(review, items, frame, item, wanted);
            }
        }
    }
    return good;
}

const char *
form_update(const struct form *form, const struct form_draft *draft, struct form_work *work,
            struct arena *arena, struct form_issues *issues, struct form_progress *progress)
{
    struct review review;
    review_start(&review, form, work, arena, issues);
    struct increment *increment = increment_new(form, arena);
    review.increment = increment;
    increment->everything = !recall(form, draft->before, increment);
    for (size_t i = 0; i < draft->changed_count && !increment->everything; i++) {
        increment->everything = !touch_path(&review, draft->changed[i]);
    }
    review_lay(&review, draft->items);
    if (!review.stopped) {
        review_correct(&review);
    }
    if (!review.stopped && !increment->everything) {
        take_over(&review);
    }
    if (!review.stopped) {
        review_enable(&review);
    }
    if (!review.stopped) {
        review_judge(&review);
    }
    if (progress != NULL) {
        *progress = review.progress;
    }
    bool whole = !review.stopped && (review.evaluation == NULL || !review.evaluation->failed);
    if (form->computes && !review.stopped && !write_calculated(&review, draft->items)) {
        whole = false;
        issues_add(issues, FORM_ERROR, "no-memory", "", "QuestionnaireResponse",
                   "There is not enough memory.");
    }
    return whole && issues->dropped == 0 ? remember(form, increment, arena) : NULL;
}
