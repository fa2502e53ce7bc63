/* A value of a right type against its item: length, options, and the rules of extensions. */
#include "lib/form/items/answers.h"

static const struct value_fault too_long = {"max-length", "This text is longer than is allowed here."};
static const struct value_fault no_option = {"not-an-option", "This must be one of the choices offered."};
static const struct value_fault no_number = {"empty", "Please give a number, not its unit alone."};
static const struct value_fault no_file = {"empty", "This answer has no file."};

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
