/*
 * Auto-save: one question is set, or one item cleared. Path and values are judged against the definition
 * first, as far as no later answer could make them right (shape, type); only then is the tree touched, so a
 * refused merge leaves it as it was. Rules, options and branching are not asked here: form_update does, when
 * all changes of a request are merged.
 */
#include "lib/form/issues.h"
#include "lib/form/items/answers.h"
#include "lib/form/items/locator.h"
#include "lib/form/review/evaluation.h"

#include <string.h>

struct merge {
    struct locator locator;
    struct form_issues *issues;
    const char *text; /* the path as given */
};

/* Notes why a change is refused, with the path when it is not too long to be repeated. Returns `result`. */
static enum form_merged
refuse(struct merge *merge, enum form_merged result, const char *code, const char *text)
{
    struct arena *arena = merge->issues->arena;
    bool sayable = merge->text != NULL && strnlen(merge->text, FORM_PATH_MAX) < FORM_PATH_MAX;
    issues_add(merge->issues, FORM_ERROR, code, sayable ? arena_text(arena, merge->text) : "",
               "QuestionnaireResponse", text);
    return result;
}

/* Whether the given answers can be answers to the question at all. */
static enum form_merged
check_given(struct merge *merge, struct json_object *given)
{
    const struct form_item *item = locator_item(&merge->locator);
    if (!json_object_is_type(given, json_type_array)) {
        return refuse(merge, FORM_BAD_VALUE, "wrong-shape", "The answers must be a list.");
    }
    if (json_object_array_length(given) > 1 && (item->flags & FORM_REPEATS) == 0) {
        return refuse(merge, FORM_BAD_VALUE, "too-many-answers", "This question takes one answer.");
    }
    for (size_t i = 0; i < json_object_array_length(given); i++) {
        struct json_object *value = NULL;
        unsigned kind = FORM_KIND_NONE;
        struct json_object *answer = json_object_array_get_idx(given, i);
        const struct value_fault *fault = answer_fault(item, answer, &kind, &value);
        if (fault != NULL) {
            return refuse(merge, FORM_BAD_VALUE, fault->code, fault->text);
        }
        if (kind == FORM_KIND_NONE) {
            return refuse(merge, FORM_BAD_VALUE, "empty", "An answer must have a value; clear it instead.");
        }
        if (json_object_object_get_ex(answer, "item", NULL)) {
            return refuse(merge, FORM_BAD_VALUE, "unknown-element",
                          "Items below an answer are saved by their own paths.");
        }
    }
    return FORM_MERGED;
}

/* Whether the path names something that can be set or cleared. An instance may follow the last one, but leave
 * no gap. */
static enum form_merged
check_target(struct merge *merge, const struct form *form, struct json_object *items, bool setting)
{
    if (!locator_resolve(&merge->locator, form, merge->text)) {
        return refuse(merge, FORM_BAD_PATH, "unknown-item", "This questionnaire has no such item.");
    }
    const struct form_item *item = locator_item(&merge->locator);
    bool indexed = merge->locator.path.steps[merge->locator.path.depth - 1].indexed;
    if (item->type == FORM_TYPE_DISPLAY || (setting && item->type == FORM_TYPE_GROUP)) {
        return refuse(merge, FORM_BAD_PATH, "not-a-question", "This is no question: it has no answer.");
    }
    if (form_is_question(item) && indexed) {
        return refuse(merge, FORM_BAD_PATH, "unexpected-index", "A question's answers are saved together.");
    }
    if (setting && locator_has_gap(&merge->locator, items)) {
        return refuse(merge, FORM_BAD_PATH, "index-gap", "An earlier repetition is missing.");
    }
    if ((item->flags & FORM_READ_ONLY) != 0 && (item->flags & FORM_COMPUTED) == 0) {
        return refuse(merge, FORM_BAD_VALUE, "read-only", "This cannot be changed.");
    }
    return FORM_MERGED;
}

enum form_merged
form_merge(const struct form *form, struct json_object *items, const char *path, struct json_object *answers,
           struct arena *arena, struct form_issues *issues)
{
    bool clearing = answers == NULL ||
                    (json_object_is_type(answers, json_type_array) && json_object_array_length(answers) == 0);
    struct merge *merge = arena_alloc(arena, sizeof *merge);
    merge->issues = issues;
    merge->text = path;
    if (!json_object_is_type(items, json_type_array)) {
        return refuse(merge, FORM_BAD_PATH, "wrong-shape", "The stored items are not a list.");
    }
    enum form_merged result = check_target(merge, form, items, !clearing);
    if (result == FORM_MERGED && (locator_item(&merge->locator)->flags & FORM_COMPUTED) != 0) {
        return FORM_MERGED; /* what is sent for a calculated item does not count */
    }
    if (result == FORM_MERGED && !clearing) {
        result = check_given(merge, answers);
    }
    if (result != FORM_MERGED) {
        return result;
    }
    if (clearing) {
        locator_clear(&merge->locator, items);
    } else if (!locator_set(&merge->locator, items, answers)) {
        return refuse(merge, FORM_NO_MEMORY, "no-memory", "There is not enough memory.");
    }
    return FORM_MERGED;
}

bool
form_is_calculated(const struct form *form, const char *path)
{
    struct locator locator;
    return locator_resolve(&locator, form, path) && (locator_item(&locator)->flags & FORM_COMPUTED) != 0;
}

void
form_note_ignored(const struct form *form, struct json_object *items, const char *path,
                  struct json_object *answers, struct form_issues *issues)
{
    struct json_object *sent = json_object_is_type(answers, json_type_array) ? answers : NULL;
    if (form_is_calculated(form, path) &&
        !answers_equal(issues->arena, sent, form_value_at(form, items, path))) {
        issues_add(issues, FORM_INFORMATION, "calculated-ignored", arena_text(issues->arena, path),
                   "QuestionnaireResponse",
                   "This is calculated from the other answers: what was sent for it does not count.");
    }
}

struct json_object *
form_value_at(const struct form *form, struct json_object *items, const char *path)
{
    struct locator locator;
    if (!json_object_is_type(items, json_type_array) || !locator_resolve(&locator, form, path)) {
        return NULL;
    }
    return locator_value(&locator, items);
}
