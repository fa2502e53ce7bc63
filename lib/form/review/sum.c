/*
 * Sums of weights: of all enabled answers in the group of the sum. They are exact: a tenth and two tenths are
 * three tenths.
 */
#include "lib/base/decimal.h"
#include "lib/base/json_own.h"
#include "lib/form/definition/weights.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/value/value.h"

#include <string.h>

enum { PLACES_MAX = 9, DIGITS_MAX = 15, ANSWER_PRICE = 4 /* steps */, KEY_STEP = 16 /* bytes */ };

struct sum {
    struct decimal total; /* its scale: the most places that a weight was written with */
    size_t weights;
    bool missing; /* a required answer */
    bool bad;     /* a weight with more digits than are added here */
};

/* Adds one weight. One that is too long, or has an exponent, makes the sum bad: an inexact score is worse
 * than none. */
static void
add_weight(struct sum *sum, const char *text)
{
    struct decimal weight;
    size_t size = strlen(text);
    if (!decimal_parse(text, size, false, &weight) || weight.scale > PLACES_MAX ||
        size - (text[0] == '-') - (weight.scale > 0) > DIGITS_MAX ||
        !decimal_add(sum->total, weight, &sum->total)) {
        sum->bad = true; /* also an exponent */
        return;
    }
    sum->weights++;
}

/* Adds the weights of one question's answers. An answer without a weight counts nothing. */
static void
add_answers(struct review *review, struct sum *sum, uint32_t item, const struct slot *slot)
{
    const struct form_item *self = &review->items[item];
    struct json_object *answers = review_answers(review, item, slot);
    size_t count = answers == NULL ? 0 : json_object_array_length(answers);
    if (!slot->answered && (self->flags & FORM_REQUIRED) != 0 && form_is_asked(self)) {
        sum->missing = true;
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *value = NULL;
        bool several = false;
        size_t size = 0;
        struct json_object *answer = json_object_array_get_idx(answers, i);
        unsigned kind = json_object_is_type(answer, json_type_object)
                            ? value_of(answer, "value", &value, &several)
                            : FORM_KIND_NONE;
        if (kind == FORM_KIND_NONE || value_check((enum form_kind)kind, value) != NULL) {
            continue;
        }
        const char *key = value_key((enum form_kind)kind, value, review->arena, &size);
        sum->missing = !evaluation_charge(review->evaluation, ANSWER_PRICE + (uint32_t)(size / KEY_STEP)) ||
                       sum->missing; /* what was not looked at */
        const char *weight = weight_of(review->form, self, key, size);
        if (weight != NULL) {
            add_weight(sum, weight);
        }
    }
}

static void
add_frame(struct review *review, struct sum *sum, uint32_t frame)
{
    uint32_t container = review->frames[frame].container;
    uint32_t end = review_end(review, container);
    for (uint32_t item = review_first_child(container); item < end; item = review->items[item].end) {
        const struct slot *slot = review_slot(review, frame, item);
        if (!slot->enabled || !evaluation_charge(review->evaluation, 1)) {
            continue;
        }
        if ((review->items[item].flags & FORM_WEIGHTED) != 0) {
            add_answers(review, sum, item, slot);
        }
        for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
            add_frame(review, sum, below);
        }
    }
}

/* The total as a JSON number with as many places as its weights have; NULL: the item cannot have it. */
static struct json_object *
total_json(const struct sum *sum, bool whole)
{
    int64_t number = 0;
    struct decimal total = sum->total;
    if (whole) {
        bool fits = decimal_to_integer(total, &number) && number <= INT32_MAX && number >= INT32_MIN;
        return fits ? json_object_new_int64(number) : NULL;
    }
    return total.coefficient > INT64_MAX || total.coefficient < -INT64_MAX ? NULL : decimal_json(total);
}

struct json_object *
sum_answers(struct review *review, uint32_t frame, uint32_t item, bool *fits)
{
    struct sum sum = {.weights = 0};
    bool whole = review->items[item].type == FORM_TYPE_INTEGER;
    add_frame(review, &sum, frame);
    *fits = !sum.bad;
    if (sum.missing || sum.weights == 0 || sum.bad) {
        return NULL;
    }
    struct json_object *number = total_json(&sum, whole);
    struct json_object *answers = json_own(review->arena, json_object_new_array());
    struct json_object *answer = json_object_new_object();
    *fits = number != NULL;
    if (number == NULL || answers == NULL || answer == NULL ||
        json_object_object_add(answer, whole ? "valueInteger" : "valueDecimal", number) != 0) {
        json_object_put(number);
        json_object_put(answer);
        return NULL;
    }
    (void)json_object_array_add(answers, answer);
    return answers;
}
