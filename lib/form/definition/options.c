/* Allowed answers: answerOption, or the codes of a ValueSet. */
#include "lib/form/definition/builder.h"
#include "lib/form/definition/weights.h"
#include "lib/form/value/value.h"

#include <string.h>

static void
read_value_set(struct builder *builder, uint32_t item, const char *url)
{
    struct form_item *self = &builder->items[item];
    struct value_set_state set = value_sets_find(builder, url);
    if (set.fate != VALUE_SET_LISTED) {
        value_sets_note(builder, (struct spot){item, "answerValueSet", -1, NULL}, set.fate);
        return;
    }
    self->option = set.option;
    self->option_count = set.option_count;
    self->flags |= FORM_CLOSED;
}

static bool
is_choice(const struct form_item *item)
{
    return item->type == FORM_TYPE_CHOICE || item->type == FORM_TYPE_OPEN_CHOICE;
}

/* What FHIR R4 lets an option be, as far as it can be an answer to the item. */
static unsigned
option_kinds(const struct form_item *item)
{
    const unsigned kinds = FORM_KIND_INTEGER | FORM_KIND_DATE | FORM_KIND_TIME | FORM_KIND_STRING |
                           FORM_KIND_CODING | FORM_KIND_REFERENCE;
    switch ((enum form_type)item->type) {
    case FORM_TYPE_CHOICE:
    case FORM_TYPE_OPEN_CHOICE:
    case FORM_TYPE_UNKNOWN:
        return kinds;
    case FORM_TYPE_DECIMAL:
        return FORM_KIND_INTEGER; /* whole numbers are numbers too */
    case FORM_TYPE_DATE_TIME:
        return FORM_KIND_DATE;
    default:
        return kinds & item->kinds;
    }
}

/* One answerOption; returns its kind, or FORM_KIND_NONE after a fault. */
static unsigned
read_option(struct builder *builder, uint32_t item, struct json_object *entry, int index)
{
    struct spot spot = {item, "answerOption", index, NULL};
    const struct form_item *self = &builder->items[item];
    struct json_object *value = NULL;
    bool several = false;
    size_t size = 0;
    unsigned kind = value_of(entry, "value", &value, &several);
    bool exclusive = rules_read_option(builder, item, index, entry);
    builder->items[item].flags |= exclusive ? FORM_EXCLUSIVE : 0;
    if (kind == FORM_KIND_NONE || several) {
        return FORM_KIND_NONE; /* reported with the elements */
    }
    if ((kind & option_kinds(self)) == 0 || value_check((enum form_kind)kind, value) != NULL) {
        builder_note(builder, FORM_ERROR, spot, "wrong-type", "This option can be no answer to its item.");
        return FORM_KIND_NONE;
    }
    const char *key = value_key((enum form_kind)kind, value, builder->arena, &size);
    uint32_t count = builder->option_count;
    options_add(builder, key, size, exclusive);
    weights_read(builder, count, entry);
    return kind;
}

/* At most one option is chosen from the start, unless several may be. */
static void
check_selected(struct builder *builder, uint32_t item, struct json_object *list)
{
    size_t selected = 0;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        selected += member_true(json_object_array_get_idx(list, i), "initialSelected");
    }
    if (selected > 1 && (builder->items[item].flags & FORM_REPEATS) == 0) {
        builder_note(builder, FORM_ERROR, (struct spot){item, "answerOption", -1, NULL}, "initial-selected",
                     "Only repeating items can have several options that are selected from the start.");
    }
}

/* Whether the codes that are there from the start can be answered. */
static void
check_initial_codes(struct builder *builder, uint32_t item)
{
    const struct form_item *self = &builder->items[item];
    struct json_object *list = member_array(builder->json[item], "initial");
    for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
        struct json_object *coding = NULL;
        size_t size = 0;
        if (!json_object_object_get_ex(json_object_array_get_idx(list, i), "valueCoding", &coding) ||
            value_check(FORM_KIND_CODING, coding) != NULL) {
            continue;
        }
        const char *key = value_key(FORM_KIND_CODING, coding, builder->arena, &size);
        if (!options_have(builder, self, key, size)) {
            builder_note(builder, FORM_WARNING, (struct spot){item, "initial", (int)i, NULL},
                         "initial-not-an-option",
                         "The initial value is not among the codes of the value set.");
        }
    }
}

static void
read_answer_options(struct builder *builder, uint32_t item, struct json_object *list)
{
    struct form_item *self = &builder->items[item];
    unsigned kinds = FORM_KIND_NONE;
    self->option = builder->option_count;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        if (json_object_is_type(entry, json_type_object)) {
            kinds |= read_option(builder, item, entry, (int)i);
        }
    }
    self->option_count = builder->option_count - self->option;
    self->flags |= FORM_CLOSED;
    if (is_choice(self) && kinds != FORM_KIND_NONE) {
        self->kinds = (uint16_t)(kinds | (self->type == FORM_TYPE_OPEN_CHOICE ? FORM_KIND_STRING : 0U));
    }
    if (options_sort(builder, self->option, &self->option_count)) {
        builder_note(builder, FORM_ERROR, (struct spot){item, "answerOption", -1, NULL}, "duplicate-option",
                     "Two options are the same answer.");
    }
}

void
options_read(struct builder *builder, uint32_t item)
{
    struct json_object *json = builder->json[item];
    struct form_item *self = &builder->items[item];
    struct json_object *list = member_array(json, "answerOption");
    size_t size = 0;
    const char *url = member_string(json, "answerValueSet", &size);
    if (!form_is_question(self) || self->type == FORM_TYPE_UNKNOWN) {
        return;
    }
    if (self->type == FORM_TYPE_OPEN_CHOICE) {
        self->flags |= FORM_OPEN;
    }
    if (list != NULL) {
        read_answer_options(builder, item, list);
        check_selected(builder, item, list);
    } else if (url != NULL && !is_choice(self)) {
        builder_note(builder, FORM_ERROR, (struct spot){item, "answerValueSet", -1, NULL},
                     "item-type-not-supported", "Only choice items can use a value set here.");
    } else if (url != NULL) {
        read_value_set(builder, item, url);
        if ((self->flags & FORM_CLOSED) != 0) {
            check_initial_codes(builder, item);
        }
    } else if (is_choice(self)) {
        builder_note(builder, FORM_WARNING, (struct spot){item, NULL, -1, NULL}, "no-options",
                     "This choice offers no options: any code will be taken as an answer.");
    }
    weights_flag(builder, item);
}
