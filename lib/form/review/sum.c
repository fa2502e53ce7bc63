/*
 * Sums of weights: of all enabled answers in the group of the sum. They are exact: a tenth and two tenths are
 * three tenths.
 */
#include "lib/base/json_own.h"
#include "lib/form/definition/weights.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/value/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES_MAX = 9, DIGITS_MAX = 15, ANSWER_PRICE = 4 /* steps */, KEY_STEP = 16 /* bytes */ };

struct sum {
    fhirpath_int128 total; /* times 10^PLACES_MAX */
    size_t places;         /* the most that a weight was written with */
    size_t weights;
    bool missing; /* a required answer */
    bool bad;     /* a weight with more digits than are added here */
};

static void
add_weight(struct sum *sum, const char *text)
{
    bool negative = text[0] == '-';
    fhirpath_int128 number = 0;
    size_t digits = 0;
    size_t places = 0;
    bool fraction = false;
    for (const char *at = text + negative; *at != '\0'; at++) {
        if (*at == '.') {
            fraction = true;
        } else if (*at >= '0' && *at <= '9') {
            number = number * 10 + (*at - '0');
            digits++;
            places += fraction;
        } else {
            sum->bad = true; /* an exponent */
            return;
        }
        if (digits > DIGITS_MAX || places > PLACES_MAX) {
            sum->bad = true;
            return;
        }
    }
    for (size_t i = places; i < PLACES_MAX; i++) {
        number *= 10;
    }
    sum->total += negative ? -number : number;
    sum->places = places > sum->places ? places : sum->places;
    sum->weights++;
}

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
    char text[64];
    fhirpath_int128 unit = 1;
    for (size_t i = sum->places; i < PLACES_MAX; i++) {
        unit *= 10;
    }
    fhirpath_int128 total = sum->total / unit;
    for (size_t i = sum->places; whole && i > 0; i--) {
        if (total % 10 != 0) {
            return NULL;
        }
        total /= 10;
    }
    if (total > INT64_MAX || total < -INT64_MAX || (whole && (total > INT32_MAX || total < INT32_MIN))) {
        return NULL;
    }
    int64_t number = (int64_t)total;
    if (whole || sum->places == 0) {
        return json_object_new_int64(number);
    }
    int64_t scale = 1;
    for (size_t i = 0; i < sum->places; i++) {
        scale *= 10;
    }
    (void)snprintf(text, sizeof text, "%s%lld.%0*lld", number < 0 ? "-" : "",
                   (long long)(llabs(number) / scale), (int)sum->places, (long long)(llabs(number) % scale));
    return json_object_new_double_s(strtod(text, NULL), text);
}

struct json_object *
sum_answers(struct review *review, uint32_t frame, uint32_t item, bool *fits)
{
    struct sum sum = {.total = 0};
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
