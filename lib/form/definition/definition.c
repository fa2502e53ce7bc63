/* What an item is, and the invariants of R4 Questionnaire (que-1 to que-13) that concern one item. */
#include "lib/form/definition/builder.h"
#include "lib/form/value/value.h"

#include <string.h>

static const struct {
    const char *name;
    enum form_type type;
    unsigned kinds; /* of an answer; a choice also takes what its options are */
} types[] = {
    {"group", FORM_TYPE_GROUP, FORM_KIND_NONE},
    {"display", FORM_TYPE_DISPLAY, FORM_KIND_NONE},
    {"boolean", FORM_TYPE_BOOLEAN, FORM_KIND_BOOLEAN},
    {"decimal", FORM_TYPE_DECIMAL, FORM_KIND_DECIMAL},
    {"integer", FORM_TYPE_INTEGER, FORM_KIND_INTEGER},
    {"date", FORM_TYPE_DATE, FORM_KIND_DATE},
    {"string", FORM_TYPE_STRING, FORM_KIND_STRING},
    {"text", FORM_TYPE_TEXT, FORM_KIND_STRING},
    {"choice", FORM_TYPE_CHOICE, FORM_KIND_CODING},
    {"open-choice", FORM_TYPE_OPEN_CHOICE, FORM_KIND_CODING | FORM_KIND_STRING},
    {"dateTime", FORM_TYPE_DATE_TIME, FORM_KIND_DATE_TIME},
    {"time", FORM_TYPE_TIME, FORM_KIND_TIME},
    {"url", FORM_TYPE_URL, FORM_KIND_URI},
    {"attachment", FORM_TYPE_ATTACHMENT, FORM_KIND_ATTACHMENT},
    {"reference", FORM_TYPE_REFERENCE, FORM_KIND_REFERENCE},
    {"quantity", FORM_TYPE_QUANTITY, FORM_KIND_QUANTITY},
};

static struct spot
at(uint32_t item, const char *member)
{
    return (struct spot){item, member, -1, NULL};
}

static void
refuse(struct builder *builder, uint32_t item, const char *member, const char *code, const char *text)
{
    builder_note(builder, FORM_ERROR, at(item, member), code, text);
}

static void
read_link_id(struct builder *builder, uint32_t item)
{
    size_t size = 0;
    const char *link_id = member_string(builder->json[item], "linkId", &size);
    if (link_id == NULL || size == 0) {
        refuse(builder, item, "linkId", "missing-link-id", "Every item must have a linkId.");
        return;
    }
    if (size > FORM_LINK_ID_MAX) {
        refuse(builder, item, "linkId", "link-id-too-long", "A linkId may have 255 bytes.");
        return;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)link_id[i] < ' ') {
            refuse(builder, item, "linkId", "control-character",
                   "A linkId must not have control characters.");
            return;
        }
    }
    builder->items[item].link_id = builder_text(builder, link_id, size);
    builder->items[item].hash = form_hash(link_id, size);
}

static void
read_type(struct builder *builder, uint32_t item)
{
    size_t size = 0;
    const char *name = member_string(builder->json[item], "type", &size);
    struct form_item *self = &builder->items[item];
    self->type = FORM_TYPE_UNKNOWN;
    self->kinds = FORM_KIND_ANY;
    if (name == NULL) {
        refuse(builder, item, "type", "missing-type", "Every item must have a type.");
        return;
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            self->type = (uint8_t)types[i].type;
            self->kinds = (uint16_t)types[i].kinds;
            return;
        }
    }
    refuse(builder, item, "type", "unknown-type",
           strcmp(name, "question") == 0 ? "The type question is abstract: name the kind of answer."
                                         : "FHIR R4 has no such item type.");
}

static void
read_flags(struct builder *builder, uint32_t item)
{
    struct json_object *json = builder->json[item];
    struct form_item *self = &builder->items[item];
    unsigned flags = 0;
    size_t size = 0;
    flags |= member_true(json, "required") ? FORM_REQUIRED : 0U;
    flags |= member_true(json, "repeats") ? FORM_REPEATS : 0U;
    flags |= member_true(json, "readOnly") ? FORM_READ_ONLY : 0U;
    const char *behavior = member_string(json, "enableBehavior", &size);
    if (behavior != NULL && strcmp(behavior, "any") == 0) {
        flags |= FORM_ANY;
    } else if (behavior != NULL && strcmp(behavior, "all") != 0) {
        refuse(builder, item, "enableBehavior", "invalid-code", "enableBehavior is all or any.");
    }
    self->flags = (uint16_t)flags;
    struct json_object *length = NULL;
    if (json_object_object_get_ex(json, "maxLength", &length) && json_object_is_type(length, json_type_int)) {
        int64_t most = json_object_get_int64(length);
        if (most < 1 || most > INT32_MAX) {
            refuse(builder, item, "maxLength", "out-of-range", "maxLength must be at least 1.");
        } else {
            self->max_length = (uint32_t)most;
        }
    }
    if ((flags & FORM_REQUIRED) != 0 && (flags & FORM_READ_ONLY) != 0) {
        builder_note(builder, FORM_WARNING, at(item, "readOnly"), "required-read-only",
                     "Patients cannot answer a read-only item: its answer is not demanded of them.");
    }
}

static void
check_display(struct builder *builder, uint32_t item)
{
    struct json_object *json = builder->json[item];
    if (member_present(json, "item")) {
        refuse(builder, item, "item", "que-1", "Display items cannot have nested items.");
    }
    if (member_present(json, "code")) {
        refuse(builder, item, "code", "que-3", "Display items cannot have a code.");
    }
    if (member_present(json, "required") || member_present(json, "repeats")) {
        refuse(builder, item, NULL, "que-6", "Display items cannot be required or repeat.");
    }
    if (member_present(json, "readOnly")) {
        refuse(builder, item, "readOnly", "que-9", "Display items cannot be read-only.");
    }
}

static void
check_initial(struct builder *builder, uint32_t item)
{
    struct json_object *list = member_array(builder->json[item], "initial");
    const struct form_item *self = &builder->items[item];
    size_t count = list == NULL ? 0 : json_object_array_length(list);
    if (count == 0) {
        return;
    }
    if (!form_is_question(self)) {
        refuse(builder, item, "initial", "que-8", "Groups and display items cannot have initial values.");
        return;
    }
    if (member_present(builder->json[item], "answerOption")) {
        refuse(builder, item, "initial", "que-11",
               "With answerOption, use initialSelected instead of initial.");
    }
    if (count > 1 && (self->flags & FORM_REPEATS) == 0) {
        refuse(builder, item, "initial", "que-13", "Only repeating items can have several initial values.");
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *value = NULL;
        bool several = false;
        struct json_object *entry = json_object_array_get_idx(list, i);
        unsigned kind = json_object_is_type(entry, json_type_object)
                            ? value_of(entry, "value", &value, &several)
                            : self->kinds;
        if (kind != FORM_KIND_NONE && ((kind & self->kinds) == 0 ||
                                       (value != NULL && value_check((enum form_kind)kind, value) != NULL))) {
            struct spot spot = {item, "initial", (int)i, NULL};
            builder_note(builder, FORM_ERROR, spot, "wrong-type",
                         "The initial value is no answer to this item.");
        }
    }
}

/* The types that the expressions of que-5 and que-10 name. What has no type of FHIR's is reported for that.
 */
static const enum form_type optioned_types[] = {
    FORM_TYPE_CHOICE, FORM_TYPE_OPEN_CHOICE, FORM_TYPE_DECIMAL, FORM_TYPE_INTEGER,  FORM_TYPE_DATE,
    FORM_TYPE_TIME,   FORM_TYPE_DATE_TIME,   FORM_TYPE_STRING,  FORM_TYPE_QUANTITY, FORM_TYPE_UNKNOWN,
};
static const enum form_type measured_types[] = {
    FORM_TYPE_BOOLEAN, FORM_TYPE_DECIMAL, FORM_TYPE_INTEGER,     FORM_TYPE_STRING,
    FORM_TYPE_TEXT,    FORM_TYPE_URL,     FORM_TYPE_OPEN_CHOICE, FORM_TYPE_UNKNOWN,
};

static bool
is_among(enum form_type type, const enum form_type *list, size_t count)
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        found = list[i] == type;
    }
    return found;
}

static void
check_invariants(struct builder *builder, uint32_t item)
{
    struct json_object *json = builder->json[item];
    enum form_type type = (enum form_type)builder->items[item].type;
    struct json_object *when = member_array(json, "enableWhen");
    if (type == FORM_TYPE_GROUP && member_array(json, "item") == NULL) {
        refuse(builder, item, NULL, "que-1", "Groups must have nested items.");
    }
    if (type == FORM_TYPE_DISPLAY) {
        check_display(builder, item);
    }
    if (member_present(json, "answerOption") && member_present(json, "answerValueSet")) {
        refuse(builder, item, "answerValueSet", "que-4",
               "An item has answerOption or answerValueSet, not both.");
    }
    if (!is_among(type, optioned_types, sizeof optioned_types / sizeof optioned_types[0]) &&
        (member_present(json, "answerOption") || member_present(json, "answerValueSet"))) {
        refuse(builder, item, NULL, "que-5", "Items of this type cannot have answer options.");
    }
    if (!is_among(type, measured_types, sizeof measured_types / sizeof measured_types[0]) &&
        member_present(json, "maxLength")) {
        refuse(builder, item, "maxLength", "que-10", "Items of this type cannot have a maximum length.");
    }
    if (when != NULL && json_object_array_length(when) > 1 && !member_present(json, "enableBehavior")) {
        refuse(builder, item, "enableBehavior", "que-12",
               "With several conditions, enableBehavior must say whether all or any of them count.");
    }
}

void
definition_read_item(struct builder *builder, uint32_t item)
{
    read_link_id(builder, item);
    read_type(builder, item);
    read_flags(builder, item);
    check_invariants(builder, item);
    check_initial(builder, item);
}
