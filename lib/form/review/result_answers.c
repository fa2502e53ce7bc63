/*
 * From the result of an expression to answers of an item: each element becomes { value[x] } of a type that
 * the item takes. A decimal that is whole may answer an integer item, an integer a decimal item, a date a
 * dateTime item; strings and URIs answer each other's. Anything else is refused as a whole, so that no half
 * of a result is ever stored.
 */
#include "lib/base/decimal.h"
#include "lib/base/json_own.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/value/value.h"

#include <string.h>

enum { ANSWER_PRICE = 10 /* steps */, TEXT_STEP = 16 /* bytes */ };

/* A decimal that is a whole number as an integer; NULL: it is not, or it has more than 32 bits. */
static struct json_object *
whole_number(struct arena *arena, struct fhirpath_value value)
{
    struct decimal decimal;
    int64_t number = 0;
    bool whole = fhirpath_decimal_of(value, &decimal) && decimal_to_integer(decimal, &number) &&
                 number >= INT32_MIN && number <= INT32_MAX;
    return whole ? json_own(arena, json_object_new_int64(number)) : NULL;
}

/* The member that an answer of one kind may take when the item wants another. NULL: it cannot. */
static const char *
other_member(unsigned kinds, unsigned kind)
{
    static const struct {
        unsigned from;
        unsigned to;
        const char *member;
    } changes[] = {
        {FORM_KIND_INTEGER, FORM_KIND_DECIMAL, "valueDecimal"},
        {FORM_KIND_DATE, FORM_KIND_DATE_TIME, "valueDateTime"},
        {FORM_KIND_STRING, FORM_KIND_URI, "valueUri"},
        {FORM_KIND_URI, FORM_KIND_STRING, "valueString"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (changes[i].from == kind && (changes[i].to & kinds) != 0) {
            return changes[i].member;
        }
    }
    return NULL;
}

/* One element as { value[x] }; NULL: the item takes no such value. */
static struct json_object *
answer_from(struct review *review, uint32_t item, struct fhirpath_value element)
{
    struct arena *arena = review->arena;
    const struct fhirpath_value value = fhirpath_simple(arena, element);
    const char *member = NULL;
    unsigned kinds = review->items[item].kinds;
    struct json_object *json = fhirpath_answer(arena, value, &member);
    if (json == NULL) {
        return NULL;
    }
    unsigned kind = value_kind(member, "value");
    if (kind == FORM_KIND_NONE && json_object_is_type(json, json_type_string)) {
        kind = FORM_KIND_STRING; /* a code, an id and their like are texts here */
        member = "valueString";
    }
    if ((kind & kinds) == 0 && kind == FORM_KIND_DECIMAL && (kinds & FORM_KIND_INTEGER) != 0) {
        json = whole_number(arena, value);
        kind = FORM_KIND_INTEGER;
        member = "valueInteger";
    } else if ((kind & kinds) == 0) {
        member = other_member(kinds, kind);
        kind = member == NULL ? FORM_KIND_NONE : value_kind(member, "value");
    }
    if (json == NULL || kind == FORM_KIND_NONE || value_check((enum form_kind)kind, json) != NULL) {
        return NULL;
    }
    struct json_object *answer = json_object_new_object();
    if (answer != NULL && json_object_object_add(answer, member, json_object_get(json)) != 0) {
        json_object_put(json);
    }
    return answer;
}

/* What the conversion costs in steps: for each answer that is made, and for its text. */
static uint32_t
price_of(struct fhirpath_list result)
{
    size_t price = 0;
    for (size_t i = 0; i < result.count; i++) {
        const struct fhirpath_value *value = &result.values[i];
        struct json_object *json = value->type == FHIRPATH_NODE ? value->as.node->json : NULL;
        size_t size = value->type == FHIRPATH_STRING ? value->size : 0;
        size += json_object_is_type(json, json_type_string) ? (size_t)json_object_get_string_len(json) : 0;
        price += ANSWER_PRICE + size / TEXT_STEP;
    }
    return price < UINT32_MAX ? (uint32_t)price : UINT32_MAX;
}

struct json_object *
result_answers(struct review *review, uint32_t item, struct fhirpath_list result)
{
    struct json_object *answers = json_own(review->arena, json_object_new_array());
    if (!evaluation_charge(review->evaluation, price_of(result))) {
        return NULL;
    }
    if (result.count > 1 && (review->items[item].flags & FORM_REPEATS) == 0) {
        return NULL;
    }
    for (size_t i = 0; answers != NULL && i < result.count; i++) {
        struct json_object *answer = answer_from(review, item, result.values[i]);
        if (answer == NULL || json_object_array_add(answers, answer) != 0) {
            json_object_put(answer);
            return NULL;
        }
    }
    return answers;
}

/* The key of an answer's value (value_key.c), by which answers are compared; NULL: it is no proper answer. */
static const char *
key_of(struct arena *arena, struct json_object *answer, unsigned *kind, size_t *size)
{
    struct json_object *value = NULL;
    bool several = false;
    *kind = json_object_is_type(answer, json_type_object) ? value_of(answer, "value", &value, &several)
                                                          : FORM_KIND_NONE;
    if (*kind == FORM_KIND_NONE || value_check((enum form_kind) * kind, value) != NULL) {
        return NULL;
    }
    return value_key((enum form_kind) * kind, value, arena, size);
}

bool
answers_equal(struct arena *arena, struct json_object *left, struct json_object *right)
{
    size_t count = left == NULL ? 0 : json_object_array_length(left);
    bool same = count == (right == NULL ? 0 : json_object_array_length(right));
    for (size_t i = 0; i < count && same; i++) {
        unsigned kinds[2];
        size_t sizes[2] = {0, 0};
        const char *one = key_of(arena, json_object_array_get_idx(left, i), &kinds[0], &sizes[0]);
        const char *other = key_of(arena, json_object_array_get_idx(right, i), &kinds[1], &sizes[1]);
        same = one != NULL && other != NULL && sizes[0] == sizes[1] && memcmp(one, other, sizes[0]) == 0;
    }
    return same;
}
