/*
 * Branching: decides which items are enabled, and in the same pass what is calculated, since each may ask for
 * the other.
 *
 * Items are decided in the form's order, in which whatever a condition or an expression asks was decided
 * before; the compiler of the form made that order and refused circles. Expressions that read more than can
 * be ordered ("late" ones) are decided after all others; what they change may change everything, so the pass
 * is repeated until nothing changes, EVALUATION_ROUNDS_MAX times at most. Findings of a repeated pass are
 * taken back.
 *
 * A condition looks at the nearest instances of its question: those in the same group instance or, failing
 * that, in the closest container that holds both; below a question, at the very answer that the item stands
 * under. A question that is disabled has no answers
 * (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). Where nothing can
 * be compared, no relation holds: a condition on what nobody answered is not met, but for "!=" and "exists".
 *
 * The cost is one step for each answer that is looked at, more for long values, FORM_STEPS_MAX in all. What a
 * condition gave for one container is kept (struct decided), because all instances below ask the same again.
 * Nothing here reads an item that comes later in the order: a new kind of condition must tell the order's
 * maker what it reads.
 */
#include "lib/form/items/answers.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/review/increment.h"
#include "lib/form/review/review.h"
#include "lib/form/value/moment.h"
#include "lib/form/value/number.h"

#include <string.h>

enum {
    STEP_BYTES = 256, /* of a long value that count as one more step */
    STEPS_TOLD = 1024 /* after so many the clock is told of them */
};

/* What the answers of a question say to a condition. */
struct tally {
    const struct form_condition *condition;
    bool answered;
    bool same;
    bool less;
    bool more;
};

/* Compares a number with the condition's, digit by digit. Long ones cost more steps. */
static enum value_order
compare_numbers(struct review *review, struct json_object *number, const char *expected)
{
    char room[NUMBER_WHOLE_SIZE];
    if (value_check_decimal(number) != NULL) {
        return VALUE_UNKNOWN;
    }
    const char *text = number_text(number, room);
    review->steps += (uint32_t)(strlen(text) / STEP_BYTES);
    return number_compare(text, expected);
}

/* Compares two whole numbers, which most are, without the exact comparison of texts that others need. */
static enum value_order
compare_expected(struct review *review, const struct form_condition *condition, struct json_object *value)
{
    if (condition->is_whole == 0 || !json_object_is_type(value, json_type_int)) {
        return compare_numbers(review, value, form_pool(review->form, condition->text));
    }
    int64_t number = json_object_get_int64(value);
    if (number == condition->whole) {
        return VALUE_SAME;
    }
    return number < condition->whole ? VALUE_LESS : VALUE_MORE;
}

/* Quantities compare only when their units are the same; nothing is converted. */
static enum value_order
compare_quantities(struct review *review, const struct form_condition *condition, struct json_object *value)
{
    struct json_object *number = NULL;
    if (!value_has_unit(value, form_pool(review->form, condition->unit), condition->unit.size)) {
        return VALUE_UNKNOWN;
    }
    (void)json_object_object_get_ex(value, "value", &number);
    return compare_numbers(review, number, form_pool(review->form, condition->text));
}

static enum value_order
compare_texts(const char *left, const char *right)
{
    int order = strcmp(left, right);
    if (order == 0) {
        return VALUE_SAME;
    }
    return order < 0 ? VALUE_LESS : VALUE_MORE;
}

/* Dates, times and texts. What is no proper value is not compared: it is reported elsewhere. */
static enum value_order
compare_strings(struct review *review, unsigned kind, struct json_object *value, const char *expected)
{
    const unsigned texts = FORM_KIND_STRING | FORM_KIND_URI;
    if (!json_object_is_type(value, json_type_string)) {
        return VALUE_UNKNOWN;
    }
    const char *text = json_object_get_string(value);
    review->steps += (uint32_t)json_object_get_string_len(value) / STEP_BYTES;
    if ((kind & texts) != 0) {
        return compare_texts(text, expected);
    }
    if (value_check((enum form_kind)kind, value) != NULL) {
        return VALUE_UNKNOWN;
    }
    return kind == FORM_KIND_TIME ? moment_compare_times(text, expected) : moment_compare(text, expected);
}

/* Kinds that are compared with each other. */
static unsigned
family(unsigned kind)
{
    static const unsigned families[] = {FORM_KIND_INTEGER | FORM_KIND_DECIMAL,
                                        FORM_KIND_DATE | FORM_KIND_DATE_TIME,
                                        FORM_KIND_STRING | FORM_KIND_URI};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if ((families[i] & kind) != 0) {
            return families[i];
        }
    }
    return kind;
}

/* The answer compared with what the condition expects; values of other types compare as unknown. */
static enum value_order
compare(struct review *review, const struct form_condition *condition, unsigned kind,
        struct json_object *value)
{
    const char *expected = form_pool(review->form, condition->text);
    bool same = false;
    if (family(kind) != family(condition->kind)) {
        return VALUE_UNKNOWN;
    }
    switch ((enum form_kind)kind) {
    case FORM_KIND_INTEGER:
    case FORM_KIND_DECIMAL:
        return compare_expected(review, condition, value);
    case FORM_KIND_QUANTITY:
        return compare_quantities(review, condition, value);
    case FORM_KIND_BOOLEAN:
        same = json_object_is_type(value, json_type_boolean) &&
               (json_object_get_boolean(value) != 0) == (condition->truth != 0);
        return same ? VALUE_SAME : VALUE_UNKNOWN;
    case FORM_KIND_CODING:
        return value_has_key(value, expected, condition->text.size) ? VALUE_SAME : VALUE_UNKNOWN;
    case FORM_KIND_REFERENCE:
        return value_is_reference(value, expected, condition->text.size) ? VALUE_SAME : VALUE_UNKNOWN;
    default:
        return compare_strings(review, kind, value, expected);
    }
}

/* Adds what one answer says: that there is one, and how it compares. */
static void
tally_answer(struct review *review, struct tally *tally, struct json_object *answer)
{
    struct json_object *value = NULL;
    bool several = false;
    review->steps++;
    unsigned kind = json_object_is_type(answer, json_type_object)
                        ? value_of(answer, "value", &value, &several)
                        : FORM_KIND_NONE;
    if (kind == FORM_KIND_NONE) {
        return;
    }
    enum value_order order = compare(review, tally->condition, kind, value);
    tally->answered = true;
    tally->same = tally->same || order == VALUE_SAME;
    tally->less = tally->less || order == VALUE_LESS;
    tally->more = tally->more || order == VALUE_MORE;
}

/* Walks down from `frame` through chain[depth-1] ... chain[0], the question itself. */
static void
tally_below(struct review *review, struct tally *tally, uint32_t frame, const uint32_t *chain, size_t depth)
{
    const struct slot *slot = review_slot(review, frame, chain[depth - 1]);
    review->steps++;
    if (!slot->enabled || review->steps > FORM_STEPS_MAX) {
        return;
    }
    if (depth > 1) {
        for (uint32_t next = slot->first; next != REVIEW_NONE; next = review->frames[next].next) {
            tally_below(review, tally, next, chain, depth - 1);
        }
        return;
    }
    struct json_object *answers = review_answers(review, chain[0], slot);
    size_t count = answers == NULL ? 0 : json_object_array_length(answers);
    for (size_t i = 0; i < count; i++) {
        tally_answer(review, tally, json_object_array_get_idx(answers, i));
    }
}

/* FHIR's definitions of the operators: "=" and orders ask for at least one answer, "!=" that none is equal.
 */
static bool
verdict(const struct tally *tally)
{
    switch ((enum form_relation)tally->condition->relation) {
    case FORM_EXISTS:
        return tally->answered == (tally->condition->truth != 0);
    case FORM_EQUAL:
        return tally->same;
    case FORM_NOT_EQUAL:
        return !tally->same;
    case FORM_GREATER:
        return tally->more;
    case FORM_LESS:
        return tally->less;
    case FORM_AT_LEAST:
        return tally->more || tally->same;
    case FORM_AT_MOST:
        return tally->less || tally->same;
    }
    return false;
}

/*
 * Whether a condition is met for an item in `frame`. It rises to the container that holds both (`rises`
 * frames up), and from there looks at all instances of the question below, along the chain of items between.
 */
static bool
condition_met(struct review *review, uint32_t frame, uint32_t index)
{
    const struct form_condition *condition = &form_conditions(review->form)[index];
    struct decided *decided = &review->decided[index];
    struct tally tally = {.condition = condition};
    for (unsigned i = 0; i < condition->rises; i++) {
        frame = review->frames[frame].parent;
    }
    if (decided->frame == frame) {
        return decided->met;
    }
    const struct frame *shared = &review->frames[frame];
    if (shared->container == condition->question) {
        tally_answer(review, &tally, shared->json);
    } else {
        uint32_t chain[FORM_DEPTH_MAX];
        size_t depth = 0;
        for (uint32_t item = condition->question; item != shared->container;
             item = review->items[item].parent) {
            chain[depth++] = item;
        }
        tally_below(review, &tally, frame, chain, depth);
    }
    *decided = (struct decided){frame, verdict(&tally)};
    return decided->met;
}

/* Joins the conditions of an item by its enableBehavior. The first that decides ends the work. */
static bool
item_enabled(struct review *review, uint32_t frame, const struct form_item *item)
{
    bool any = (item->flags & FORM_ANY) != 0;
    for (uint32_t i = 0; i < item->condition_count; i++) {
        if (condition_met(review, frame, item->condition + i) == any) {
            return any;
        }
    }
    return item->condition_count == 0 || !any;
}

/* One item in every frame of its parent: whether it is enabled, then what is calculated for it. */
static void
decide(struct review *review, uint32_t index)
{
    const struct form_item *item = &review->items[index];
    uint32_t frame = review->first_alike[review_row(review, item->parent)];
    if (review->increment != NULL) {
        increment_decided(review, index);
    }
    for (; frame != REVIEW_NONE; frame = review->frames[frame].alike) {
        struct slot *slot = review_slot(review, frame, index);
        slot->enabled = review->frames[frame].enabled && item_enabled(review, frame, item) &&
                        (item->expression_count == 0 || calculate_enabled(review, frame, index));
        if ((item->flags & FORM_COMPUTED) != 0) {
            calculate_item(review, frame, index);
        }
        if (!slot->enabled && review->evaluation != NULL) {
            view_drop(review->evaluation, frame, index);
        }
        for (uint32_t below = slot->first; below != REVIEW_NONE; below = review->frames[below].next) {
            review->frames[below].enabled = slot->enabled;
        }
    }
}

/* Finds out whether enabled answers stand directly in a frame: given ones, calculated ones. */
static void
look_into(struct review *review, struct frame *frame)
{
    uint32_t end = review_end(review, frame->container);
    for (uint32_t item = review_first_child(frame->container); item < end; item = review->items[item].end) {
        const struct slot *slot = &review->slots[frame->slots + review->items[item].ordinal];
        if (slot->enabled && slot->answered && (review->items[item].flags & FORM_COMPUTED) != 0) {
            frame->computed = true;
        } else if (slot->enabled && slot->answered) {
            frame->filled = true;
        }
        if (frame->filled && (frame->computed || !review->form->computes)) {
            return;
        }
    }
}

/* Frames come after their parents, so one pass backwards carries "filled" upwards. What is calculated in an
 * instance of a repeating group counts only when somebody filled that in. */
static void
find_filled(struct review *review)
{
    for (uint32_t i = review->frame_count; i > 0; i--) {
        struct frame *frame = &review->frames[i - 1];
        look_into(review, frame);
        if (!frame->enabled || frame->parent == REVIEW_NONE) {
            continue;
        }
        bool repeats = (review->items[frame->container].flags & FORM_REPEATS) != 0;
        struct frame *above = &review->frames[frame->parent];
        above->filled = above->filled || frame->filled;
        above->computed = above->computed || (frame->computed && (frame->filled || !repeats));
    }
}

/* One pass over all items in the form's order. It ends early when the steps or the time are used up; the
 * caller then notes that, and nothing is judged. */
static void
decide_all(struct review *review)
{
    const struct form *form = review->form;
    const uint32_t *order = form_order(form);
    for (uint32_t i = 0; i < form->condition_count; i++) {
        review->decided[i].frame = REVIEW_NONE;
    }
    for (uint32_t i = 0; i < form->item_count && review->steps <= FORM_STEPS_MAX && !review->work->watch.over;
         i++) {
        decide(review, order[i]);
        if (review->steps - review->steps_told >= STEPS_TOLD) {
            (void)fhirpath_watch_count(&review->work->watch, review->steps - review->steps_told);
            review->steps_told = review->steps;
        }
    }
}

/*
 * Decides everything in one pass; again as long as what depends on everything changes. Findings of a pass
 * that is repeated do not count.
 */
static void
decide_until_stable(struct review *review)
{
    struct form_issues *issues = review->issues;
    const struct form_issues before = *issues;
    bool late = review->form->late;
    decide_all(review);
    for (unsigned round = 1; late && calculate_late(review) && review->steps <= FORM_STEPS_MAX; round++) {
        if (round == EVALUATION_ROUNDS_MAX) {
            review_note(
                review, FORM_ERROR, 0, FORM_NO_ITEM, -1, "calculation-unstable",
                "What is calculated from these answers comes to no end. Please tell those who gave you "
                "this questionnaire.");
            return;
        }
        issues->count = before.count;
        issues->errors = before.errors;
        issues->dropped = before.dropped;
        view_forget(review->evaluation);
        decide_all(review);
    }
}

void
review_enable(struct review *review)
{
    const struct form *form = review->form;
    if (form->condition_count != 0 || form->computes) {
        review->decided =
            arena_array(review->arena, (size_t)form->condition_count + 1, sizeof *review->decided);
        decide_until_stable(review);
    }
    if (review_stops(review)) {
        return;
    }
    if (review->steps > FORM_STEPS_MAX) {
        review_note(review, FORM_ERROR, 0, FORM_NO_ITEM, -1, "too-large",
                    "The conditions of this questionnaire look at too many answers.");
        review->stopped = true;
        return;
    }
    find_filled(review);
}
