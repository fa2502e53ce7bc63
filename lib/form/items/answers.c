#include "lib/form/items/answers.h"

#include "lib/form/value/number.h"

#include <string.h>

static const struct value_fault not_object = {"wrong-shape", "An answer must be an object with one value."};
static const struct value_fault several_values = {"one-value", "An answer has one value."};
static const struct value_fault unknown = {"unknown-element",
                                           "An answer has a member that FHIR does not know."};
static const struct value_fault modifier = {"modifier-extension",
                                            "An answer has a modifier that is not known here."};

static const struct value_fault bad_extension = {"invalid-extension",
                                                 "An extension of this answer is not well formed."};

struct json_object *
answers_of(struct json_object *item)
{
    struct json_object *answers = NULL;
    (void)json_object_object_get_ex(item, "answer", &answers);
    return json_object_is_type(answers, json_type_array) ? answers : NULL;
}

bool
answer_has_value(struct json_object *answer)
{
    struct json_object *value = NULL;
    bool several = false;
    return json_object_is_type(answer, json_type_object) &&
           value_of(answer, "value", &value, &several) != FORM_KIND_NONE;
}

/* What is wrong with a member of an answer that is not its value. */
static const struct value_fault *
other_fault(const char *name, struct json_object *member)
{
    if (strcmp(name, "modifierExtension") == 0) {
        return &modifier;
    }
    if (strcmp(name, "extension") == 0) {
        return value_extensions_good(member) ? NULL : &bad_extension;
    }
    if (name[0] == '_' && value_kind(name + 1, "value") != FORM_KIND_NONE) {
        return value_twin_good(member) ? NULL : &bad_extension;
    }
    return strcmp(name, "item") == 0 || strcmp(name, "id") == 0 ? NULL : &unknown;
}

const struct value_fault *
answer_fault(const struct form_item *item, struct json_object *answer, unsigned *kind,
             struct json_object **value)
{
    *kind = FORM_KIND_NONE;
    *value = NULL;
    if (!json_object_is_type(answer, json_type_object)) {
        return &not_object;
    }
    json_object_object_foreach(answer, name, member)
    {
        unsigned member_kind = value_kind(name, "value");
        const struct value_fault *fault = member_kind == FORM_KIND_NONE ? other_fault(name, member) : NULL;
        if (fault != NULL) {
            return fault;
        }
        if (member_kind != FORM_KIND_NONE && *kind != FORM_KIND_NONE) {
            return &several_values;
        }
        if (member_kind != FORM_KIND_NONE) {
            *kind = member_kind;
            *value = member;
        }
    }
    if (*kind == FORM_KIND_NONE) {
        return NULL;
    }
    if ((*kind & item->kinds) == 0) {
        return value_wrong_type(item->kinds);
    }
    return value_check((enum form_kind) * kind, *value);
}

size_t
answer_length(enum form_kind kind, struct json_object *value)
{
    char room[NUMBER_WHOLE_SIZE];
    if (kind == FORM_KIND_INTEGER || kind == FORM_KIND_DECIMAL) {
        return strlen(number_text(value, room));
    }
    return kind == FORM_KIND_STRING || kind == FORM_KIND_URI
               ? value_characters(json_object_get_string(value), (size_t)json_object_get_string_len(value))
               : 0;
}

struct json_object *
answer_bare(struct json_object *answer)
{
    struct json_object *bare = json_object_new_object();
    bool valued = false;
    if (bare == NULL || !json_object_is_type(answer, json_type_object)) {
        json_object_put(bare);
        return NULL;
    }
    json_object_object_foreach(answer, name, value)
    {
        if (strcmp(name, "item") == 0) {
            continue;
        }
        valued = valued || strncmp(name, "value", strlen("value")) == 0;
        (void)json_object_object_add(bare, name, json_object_get(value));
    }
    if (!valued) {
        json_object_put(bare);
        return NULL;
    }
    return bare;
}
