/*
 * Makes the items with which a new response begins, in two steps: first what the definition gives (initial
 * values, options that are selected), as a tree of its own; then initialExpressions, evaluated on a review of
 * that tree, in the definition's order, so that a later one sees what an earlier one gave.
 *
 * Groups in which an expression may give something are made beforehand and pruned when they stay empty.
 * Findings of branching are not told here: the response is judged when it is saved. An expression whose
 * result is no answer to its item gives nothing, with a warning.
 */
#include "lib/base/json_own.h"
#include "lib/form/items/answers.h"
#include "lib/form/items/entries.h"
#include "lib/form/review/evaluation.h"
#include "lib/form/review/store.h"

#include <string.h>

enum { JSON_DEPTH = 100 };

struct beginning {
    const struct form *form;
    struct arena *arena;
    uint32_t next; /* of the form's initial answers: they stand in the order of items */
    bool failed;
};

static struct json_object *begin_items(struct beginning *beginning, uint32_t container);

/* The initial answers of an item, or NULL. The caller owns them. */
static struct json_object *
given_answers(struct beginning *beginning, uint32_t item)
{
    const struct form *form = beginning->form;
    const struct form_initial_answers *initials = form_initials(form);
    while (beginning->next < form->initial_count && initials[beginning->next].item < item) {
        beginning->next++;
    }
    if (beginning->next == form->initial_count || initials[beginning->next].item != item) {
        return NULL;
    }
    struct form_text text = initials[beginning->next].answers;
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
    struct json_object *answers =
        tokener == NULL ? NULL : json_tokener_parse_ex(tokener, form_pool(form, text), (int)text.size);
    if (tokener != NULL) {
        json_tokener_free(tokener);
    }
    beginning->failed = beginning->failed || answers == NULL;
    if (answers != NULL && (form_items(form)[item].flags & FORM_REPEATS) == 0) {
        size_t count = json_object_array_length(answers);
        (void)json_object_array_del_idx(answers, 1, count > 1 ? count - 1 : 0);
    }
    return answers;
}

/* Whether an expression may give something in the item's run an initial value. */
static bool
may_begin(const struct form *form, uint32_t item)
{
    const struct form_expression *all = form_expressions(form);
    uint32_t end = form_items(form)[item].end;
    bool found = false;
    for (uint32_t i = form->root_expressions; i < form->expression_count && !found; i++) {
        found = all[i].kind == FORM_INITIAL_BY && all[i].item >= item && all[i].item < end;
    }
    return found;
}

static void
put(struct beginning *beginning, struct json_object *object, const char *name, struct json_object *value)
{
    if (object == NULL || value == NULL || json_object_object_add(object, name, value) != 0) {
        json_object_put(value);
        beginning->failed = true;
    }
}

/* Adds an item to the list when something of it is given, and a group when an expression may give it
 * something. */
static void
begin_item(struct beginning *beginning, struct json_object *list, uint32_t item)
{
    const struct form *form = beginning->form;
    const struct form_item *self = &form_items(form)[item];
    bool group = self->type == FORM_TYPE_GROUP;
    struct json_object *answers = group ? NULL : given_answers(beginning, item);
    struct json_object *below = group || answers != NULL ? begin_items(beginning, item) : NULL;
    bool filled = below != NULL && json_object_array_length(below) != 0;
    struct json_object *entry =
        answers != NULL || filled || (group && may_begin(form, item)) ? entry_new(form, item) : NULL;
    if (entry == NULL) {
        json_object_put(below);
        json_object_put(answers);
        return;
    }
    if (filled) {
        put(beginning, group ? entry : json_object_array_get_idx(answers, 0), "item", below);
    } else {
        json_object_put(below);
    }
    if (answers != NULL) {
        put(beginning, entry, "answer", answers);
    }
    if (json_object_array_add(list, entry) != 0) {
        json_object_put(entry);
        beginning->failed = true;
    }
}

/* The items of a container: each group once. The caller owns them. */
static struct json_object *
begin_items(struct beginning *beginning, uint32_t container)
{
    const struct form *form = beginning->form;
    struct json_object *list = json_object_new_array();
    uint32_t end = container == FORM_NO_ITEM ? form->item_count : form_items(form)[container].end;
    uint32_t item = container == FORM_NO_ITEM ? 0 : container + 1;
    for (; list != NULL && item < end; item = form_items(form)[item].end) {
        begin_item(beginning, list, item);
    }
    beginning->failed = beginning->failed || list == NULL;
    return list;
}

/* One initialExpression, wherever its item is there and has no answer yet. */
static void
begin_by_expression(struct review *review, uint32_t expression, struct json_object *items)
{
    uint32_t item = form_expressions(review->form)[expression].item;
    uint32_t frame = review->first_alike[review_row(review, review->items[item].parent)];
    for (; frame != REVIEW_NONE; frame = review->frames[frame].alike) {
        struct slot *slot = review_slot(review, frame, item);
        struct fhirpath_list result;
        if (slot->answered ||
            !evaluation_run(review->evaluation, expression, (struct context){item, frame, REVIEW_NONE},
                            &result) ||
            result.count == 0) {
            continue;
        }
        struct json_object *answers = result_answers(review, item, result);
        if (answers == NULL) {
            review_note(review, FORM_WARNING, frame, item, -1, "initial-misfit",
                        "What this question should begin with is no answer to it. Please tell those who gave "
                        "you this questionnaire.");
        } else if (store_answers(review, items, frame, item, answers)) {
            slot->answered = true;
            view_answer(review->evaluation, frame, item, answers);
        } else {
            review->evaluation->failed = true;
        }
    }
}

/* Takes away groups that stayed empty. */
static void
prune(struct json_object *list)
{
    for (size_t i = json_object_array_length(list); i > 0; i--) {
        struct json_object *entry = json_object_array_get_idx(list, i - 1);
        struct json_object *below = entry_list(entry, "item");
        if (below != NULL) {
            prune(below);
        }
        if (below != NULL && json_object_array_length(below) == 0) {
            json_object_object_del(entry, "item");
            below = NULL;
        }
        if (below == NULL && answers_of(entry) == NULL) {
            (void)json_object_array_del_idx(list, i - 1, 1);
        }
    }
}

struct json_object *
form_initial(const struct form *form, struct form_work *work, struct arena *arena, struct form_issues *issues)
{
    struct beginning beginning = {.form = form, .arena = arena};
    struct json_object *items = json_own(arena, begin_items(&beginning, FORM_NO_ITEM));
    struct review review;
    struct form_issues unheard; /* the values are judged when the response is */
    if (beginning.failed) {
        return NULL;
    }
    form_issues_init(&unheard, arena);
    review_start(&review, form, work, arena, &unheard);
    if (review.evaluation == NULL) {
        return items;
    }
    review_lay(&review, items);
    if (!review.stopped) {
        review_enable(&review);
    }
    review.issues = issues;
    for (uint32_t i = form->root_expressions; i < form->expression_count && !review.stopped; i++) {
        if (form_expressions(form)[i].kind == FORM_INITIAL_BY) {
            begin_by_expression(&review, i, items);
        }
    }
    prune(items);
    return review.evaluation->failed ? NULL : items;
}
