/* enableWhen: what each condition asks, and an order in which all of them can be decided in one pass. */
#include "lib/form/definition/builder.h"
#include "lib/form/value/number.h"
#include "lib/form/value/value.h"

#include <string.h>

static const char *const relations[] = {
    [FORM_EXISTS] = "exists", [FORM_EQUAL] = "=",     [FORM_NOT_EQUAL] = "!=", [FORM_GREATER] = ">",
    [FORM_LESS] = "<",        [FORM_AT_LEAST] = ">=", [FORM_AT_MOST] = "<=",
};

enum { RELATIONS = sizeof relations / sizeof relations[0] };

static struct spot
spot_of(uint32_t item, size_t index, const char *sub)
{
    return (struct spot){item, "enableWhen", (int)index, sub};
}

static int
relation_named(const char *name)
{
    int found = -1;
    for (int i = 0; name != NULL && i < RELATIONS && found < 0; i++) {
        found = strcmp(relations[i], name) == 0 ? i : -1;
    }
    return found;
}

/* Levels from the container of `item` up to the first one that also holds `question`, or that is its answer.
 */
static uint8_t
rises_to(const struct builder *builder, uint32_t item, uint32_t question)
{
    uint8_t rises = 0;
    uint32_t container = builder->items[item].parent;
    while (container != FORM_NO_ITEM && container != question &&
           !(container < question && question < builder->items[container].end)) {
        container = builder->items[container].parent;
        rises++;
    }
    return rises;
}

enum {
    NUMBERS = FORM_KIND_INTEGER | FORM_KIND_DECIMAL,
    DATES = FORM_KIND_DATE | FORM_KIND_DATE_TIME,
    ORDERED = NUMBERS | DATES | FORM_KIND_TIME | FORM_KIND_STRING | FORM_KIND_QUANTITY,
    /* what FHIR lets enableWhen.answer[x] be */
    EXPECTED = ORDERED | FORM_KIND_BOOLEAN | FORM_KIND_CODING | FORM_KIND_REFERENCE
};

/* The value's kind must be one that the question's answers can have. Whole numbers and others compare, and so
 * do dates with and without a time; an address is compared as text, for FHIR has no answerUri. */
static bool
kinds_match(const struct form_item *question, unsigned kind)
{
    return (question->kinds & kind) != 0 || ((question->kinds & NUMBERS) != 0 && (kind & NUMBERS) != 0) ||
           ((question->kinds & DATES) != 0 && (kind & DATES) != 0) ||
           ((question->kinds & FORM_KIND_URI) != 0 && kind == FORM_KIND_STRING);
}

static void
keep_expected(struct builder *builder, struct form_condition *condition, struct json_object *value)
{
    char room[NUMBER_WHOLE_SIZE];
    size_t size = 0;
    const char *text = NULL;
    struct json_object *number = value;
    switch ((enum form_kind)condition->kind) {
    case FORM_KIND_BOOLEAN:
        condition->truth = json_object_get_boolean(value) != 0;
        return;
    case FORM_KIND_QUANTITY:
        text = value_unit_key(value, builder->arena, &size);
        condition->unit = builder_text(builder, text, size);
        (void)json_object_object_get_ex(value, "value", &number);
        text = number_text(number, room);
        size = strlen(text);
        break;
    case FORM_KIND_INTEGER:
    case FORM_KIND_DECIMAL:
        condition->is_whole = json_object_is_type(value, json_type_int) ? 1 : 0;
        condition->whole = condition->is_whole != 0 ? json_object_get_int64(value) : 0;
        text = number_text(value, room);
        size = strlen(text);
        break;
    case FORM_KIND_CODING:
    case FORM_KIND_REFERENCE:
        text = value_key((enum form_kind)condition->kind, value, builder->arena, &size);
        break;
    default:
        text = json_object_get_string(value);
        size = (size_t)json_object_get_string_len(value);
        break;
    }
    condition->text = builder_text(builder, text, size);
}

/* A Quantity that is compared must say a number, exactly. */
static bool
is_exact(unsigned kind, struct json_object *value)
{
    return kind != FORM_KIND_QUANTITY || (json_object_object_get_ex(value, "value", NULL) &&
                                          !json_object_object_get_ex(value, "comparator", NULL));
}

static bool
check_expected(struct builder *builder, struct spot spot, enum form_relation relation, unsigned kind,
               struct json_object *value, const struct form_item *question)
{
    spot.sub = "answer";
    if (relation == FORM_EXISTS) {
        if (kind != FORM_KIND_BOOLEAN || value_check(FORM_KIND_BOOLEAN, value) != NULL) {
            builder_note(builder, FORM_ERROR, spot, "que-7",
                         "With the operator exists, the answer must be a boolean.");
            return false;
        }
        return true;
    }
    if ((kind & EXPECTED) == 0 || !kinds_match(question, kind) ||
        value_check((enum form_kind)kind, value) != NULL || !is_exact(kind, value)) {
        builder_note(builder, FORM_ERROR, spot, "enable-when-type",
                     "The answer of this condition has not the type of the question's answers.");
        return false;
    }
    if (relation != FORM_EQUAL && relation != FORM_NOT_EQUAL && (kind & ORDERED) == 0) {
        spot.sub = "operator";
        builder_note(builder, FORM_ERROR, spot, "enable-when-operator",
                     "Answers of this type have no order.");
        return false;
    }
    return true;
}

/* Warns of a condition that asks for a code which is no option of its question. */
static void
warn_of_impossible(struct builder *builder, struct spot spot, unsigned kind, struct json_object *value,
                   const struct form_item *question)
{
    size_t size = 0;
    if ((question->flags & FORM_CLOSED) == 0 ||
        ((question->flags & FORM_OPEN) != 0 && kind == FORM_KIND_STRING)) {
        return;
    }
    const char *key = value_key((enum form_kind)kind, value, builder->arena, &size);
    if (!options_have(builder, question, key, size)) {
        spot.sub = "answer";
        builder_note(builder, FORM_WARNING, spot, "enable-when-impossible",
                     "The answer of this condition is not among the question's options.");
    }
}

static uint32_t
find_question(struct builder *builder, struct spot spot, struct json_object *json)
{
    size_t size = 0;
    const char *link_id = member_string(json, "question", &size);
    uint32_t question = link_id == NULL ? FORM_NO_ITEM : builder_find(builder, link_id, size);
    spot.sub = "question";
    if (link_id == NULL) {
        builder_note(builder, FORM_ERROR, spot, "missing-element", "A condition must name its question.");
    } else if (question == FORM_NO_ITEM) {
        builder_note(builder, FORM_ERROR, spot, "enable-when-question",
                     "No item has the linkId that this names.");
    } else if (!form_is_question(&builder->items[question])) {
        builder_note(builder, FORM_ERROR, spot, "enable-when-question",
                     "This names a group or display item.");
        question = FORM_NO_ITEM;
    }
    return question;
}

static void
read_condition(struct builder *builder, uint32_t item, size_t index, struct json_object *json)
{
    struct spot spot = spot_of(item, index, NULL);
    struct json_object *value = NULL;
    bool several = false;
    size_t size = 0;
    uint32_t question = find_question(builder, spot, json);
    int relation = relation_named(member_string(json, "operator", &size));
    unsigned kind = value_of(json, "answer", &value, &several);
    if (relation < 0) {
        spot.sub = "operator";
        builder_note(builder, FORM_ERROR, spot, "enable-when-operator",
                     "The operator is exists, =, !=, >, <, >= or <=.");
        return;
    }
    if (question == FORM_NO_ITEM || kind == FORM_KIND_NONE || several) {
        return; /* reported above, or with the elements */
    }
    const struct form_item *asked = &builder->items[question];
    if (asked->type == FORM_TYPE_UNKNOWN ||
        !check_expected(builder, spot, (enum form_relation)relation, kind, value, asked)) {
        return;
    }
    if (relation == FORM_EQUAL || relation == FORM_NOT_EQUAL) {
        warn_of_impossible(builder, spot, kind, value, asked);
    }
    builder->conditions = builder_grow(builder, builder->conditions, builder->condition_count,
                                       &builder->condition_room, sizeof *builder->conditions);
    struct form_condition *condition = &builder->conditions[builder->condition_count++];
    *condition = (struct form_condition){.question = question,
                                         .relation = (uint8_t)relation,
                                         .kind = (uint16_t)kind,
                                         .rises = rises_to(builder, item, question)};
    keep_expected(builder, condition, value);
    builder->items[item].condition_count++;
}

void
conditions_read(struct builder *builder)
{
    size_t seen = 0;
    for (uint32_t item = 0; item < builder->count; item++) {
        struct json_object *when = member_array(builder->json[item], "enableWhen");
        size_t count = when == NULL ? 0 : json_object_array_length(when);
        builder->items[item].condition = builder->condition_count;
        seen += count;
        if (seen > FORM_CONDITIONS_MAX) {
            builder_note(builder, FORM_ERROR, spot_of(item, 0, NULL), "too-many-conditions",
                         "A questionnaire may have 20,000 conditions.");
            return;
        }
        for (size_t i = 0; i < count; i++) {
            struct json_object *json = json_object_array_get_idx(when, i);
            if (json_object_is_type(json, json_type_object)) {
                read_condition(builder, item, i, json);
            }
        }
    }
}

/* For each question the items whose conditions ask it, as one array with a start for each question. */
static uint32_t *
index_askers(const struct builder *builder, uint32_t *starts)
{
    uint32_t *askers = arena_array(builder->arena, (size_t)builder->condition_count + 1, sizeof *askers);
    for (uint32_t i = 0; i < builder->condition_count; i++) {
        starts[builder->conditions[i].question + 1]++;
    }
    for (uint32_t i = 0; i < builder->count; i++) {
        starts[i + 1] += starts[i];
    }
    uint32_t *next = arena_array(builder->arena, (size_t)builder->count + 1, sizeof *next);
    memcpy(next, starts, builder->count * sizeof *next);
    for (uint32_t item = 0; item < builder->count; item++) {
        const struct form_item *self = &builder->items[item];
        for (uint32_t i = 0; i < self->condition_count; i++) {
            askers[next[builder->conditions[self->condition + i].question]++] = item;
        }
    }
    return askers;
}

/* From an item that waits for ever, follow what it waits for until an item comes twice: that one is on a
 * cycle. */
static void
report_cycle(struct builder *builder, const uint32_t *waits)
{
    bool *seen = arena_array(builder->arena, builder->count, sizeof *seen);
    uint32_t item = 0;
    while (waits[item] == 0) {
        item++;
    }
    while (!seen[item]) {
        const struct form_item *self = &builder->items[item];
        uint32_t next = self->parent;
        seen[item] = true;
        for (uint32_t i = 0; i < self->condition_count; i++) {
            uint32_t question = builder->conditions[self->condition + i].question;
            next = waits[question] != 0 ? question : next;
        }
        item = next;
    }
    while (builder->items[item].condition_count == 0) {
        item = builder->items[item].parent; /* within a cycle something above has the condition */
    }
    builder_note(builder, FORM_ERROR, spot_of(item, 0, NULL), "enable-when-cycle",
                 "Whether this item is enabled depends on itself.");
}

void
conditions_order(struct builder *builder)
{
    uint32_t *waits = arena_array(builder->arena, (size_t)builder->count + 1, sizeof *waits);
    uint32_t *starts = arena_array(builder->arena, (size_t)builder->count + 2, sizeof *starts);
    uint32_t *askers = index_askers(builder, starts);
    uint32_t ready = 0;
    builder->order = arena_array(builder->arena, (size_t)builder->count + 1, sizeof *builder->order);
    for (uint32_t item = 0; item < builder->count; item++) {
        waits[item] = builder->items[item].condition_count + (builder->items[item].parent != FORM_NO_ITEM);
        if (waits[item] == 0) {
            builder->order[ready++] = item;
        }
    }
    for (uint32_t done = 0; done < ready; done++) {
        uint32_t item = builder->order[done];
        for (uint32_t child = item + 1; child < builder->items[item].end; child = builder->items[child].end) {
            if (--waits[child] == 0) {
                builder->order[ready++] = child;
            }
        }
        for (uint32_t i = starts[item]; i < starts[item + 1]; i++) {
            if (--waits[askers[i]] == 0) {
                builder->order[ready++] = askers[i];
            }
        }
    }
    if (ready != builder->count) {
        report_cycle(builder, waits);
    }
}
