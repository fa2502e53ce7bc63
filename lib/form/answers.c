#include "lib/form/answers.h"

#include "lib/form/decimal.h"

#include <string.h>

static const struct value_fault not_object = {"wrong-shape", "An answer must be an object with one value."};
static const struct value_fault several_values = {"one-value", "An answer has one value."};
static const struct value_fault unknown = {"unknown-element",
                                           "An answer has a member that FHIR does not know."};
static const struct value_fault modifier = {"modifier-extension",
                                            "An answer has a modifier that is not known here."};
static const struct value_fault too_long = {"max-length", "This text is longer than is allowed here."};
static const struct value_fault no_option = {"not-an-option", "This must be one of the choices offered."};

static const struct value_fault no_number = {"empty", "Please give a number, not its unit alone."};
static const struct value_fault no_file = {"empty", "This answer has no file."};
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
    char room[DECIMAL_WHOLE_SIZE];
    if (kind == FORM_KIND_INTEGER || kind == FORM_KIND_DECIMAL) {
        return strlen(decimal_text(value, room));
    }
    return kind == FORM_KIND_STRING || kind == FORM_KIND_URI
               ? value_characters(json_object_get_string(value), (size_t)json_object_get_string_len(value))
               : 0;
}

/* A unit without a number, or a title without a file, is a proper value of its type, but answers nothing. */
static const struct value_fault *
check_content(enum form_kind kind, struct json_object *value)
{
    if (kind == FORM_KIND_QUANTITY && !json_object_object_get_ex(value, "value", NULL)) {
        return &no_number;
    }
    if (kind == FORM_KIND_ATTACHMENT && !json_object_object_get_ex(value, "data", NULL) &&
        !json_object_object_get_ex(value, "url", NULL)) {
        return &no_file;
    }
    return NULL;
}

/* Whether the value is an option of the item, where its options are all there is. */
static bool
is_allowed(const struct form *form, const struct form_item *item, enum form_kind kind,
           struct json_object *value, struct arena *arena)
{
    size_t size = 0;
    bool free_text = (item->flags & FORM_OPEN) != 0 && kind == FORM_KIND_STRING;
    if ((item->flags & FORM_CLOSED) == 0 || free_text) {
        return true;
    }
    const char *key = value_key(kind, value, arena, &size);
    return form_option_of(form, item, key, size) != NULL;
}

size_t
answer_breaches(struct answer_judge *judge, const struct form_item *item, enum form_kind kind,
                struct json_object *value, const struct value_fault *faults[ANSWER_FAULTS_MAX])
{
    size_t count = 0;
    faults[0] = check_content(kind, value);
    if (faults[0] != NULL) {
        return 1; /* nothing is there that could break another rule */
    }
    if (item->max_length != 0 && answer_length(kind, value) > item->max_length) {
        faults[count++] = &too_long;
    }
    if (!is_allowed(judge->form, item, kind, value, judge->arena)) {
        faults[count++] = &no_option;
    }
    return item->rule_count == 0 ? count : answer_rules_broken(judge, item, kind, value, faults, count);
}
