#include "lib/form/items/locator.h"

#include "lib/form/items/answers.h"
#include "lib/form/items/entries.h"

#include <string.h>

/* One instance of an item looked up in a list of entries. */
struct entry_match {
    struct json_object *entry; /* NULL: absent */
    size_t position;           /* of the entry; when absent, where it belongs */
    uint32_t instances;        /* of the item in this list, up to the one looked for */
};

bool
locator_resolve(struct locator *locator, const struct form *form, const char *path)
{
    uint32_t parent = FORM_NO_ITEM;
    locator->form = form;
    locator->all = form_items(form);
    if (!path_parse(path, &locator->path)) {
        return false;
    }
    for (size_t i = 0; i < locator->path.depth; i++) {
        const struct path_step *step = &locator->path.steps[i];
        uint32_t item = form_find(form, step->link_id, step->size);
        if (item == FORM_NO_ITEM || locator->all[item].parent != parent) {
            return false;
        }
        /* Only what repeats has an instance after the first. */
        if (step->index != 0 && (locator->all[item].flags & FORM_REPEATS) == 0) {
            return false;
        }
        locator->items[i] = item;
        parent = item;
    }
    return true;
}

const struct form_item *
locator_item(const struct locator *locator)
{
    return &locator->all[locator->items[locator->path.depth - 1]];
}

static bool
is_bare(struct json_object *list)
{
    return list == NULL || json_object_array_length(list) == 0;
}

static struct entry_match
find_entry(const struct locator *locator, struct json_object *list, uint32_t item, uint32_t index)
{
    size_t length = list == NULL ? 0 : json_object_array_length(list);
    struct entry_match match = {.position = 0};
    for (size_t i = 0; i < length; i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        if (entry_is_of(locator->form, item, entry) && match.instances++ == index) {
            match.entry = entry;
            match.position = i;
            return match;
        }
    }
    match.position = list == NULL ? 0 : entries_position(locator->form, list, item);
    return match;
}

static bool
is_group(const struct locator *locator, size_t step)
{
    return locator->all[locator->items[step]].type == FORM_TYPE_GROUP;
}

/*
 * The list of entries below a step's instance: a group's items, or the items below one answer. NULL when
 * absent.
 * `*gap` is set when the index is neither there nor the next free one.
 */
static struct json_object *
list_below(const struct locator *locator, struct json_object *list, size_t step, bool *gap)
{
    uint32_t index = locator->path.steps[step].index;
    if (is_group(locator, step)) {
        struct entry_match match = find_entry(locator, list, locator->items[step], index);
        *gap = match.entry == NULL && index > match.instances;
        return match.entry == NULL ? NULL : entry_list(match.entry, "item");
    }
    struct entry_match match = find_entry(locator, list, locator->items[step], 0);
    struct json_object *answers = match.entry == NULL ? NULL : answers_of(match.entry);
    size_t count = answers == NULL ? 0 : json_object_array_length(answers);
    *gap = index > count;
    return index < count ? entry_list(json_object_array_get_idx(answers, index), "item") : NULL;
}

bool
locator_has_gap(const struct locator *locator, struct json_object *items)
{
    struct json_object *list = items;
    for (size_t i = 0; i + 1 < locator->path.depth; i++) {
        bool gap = false;
        list = list_below(locator, list, i, &gap);
        if (gap) {
            return true;
        }
    }
    return false;
}

struct json_object *
locator_value(const struct locator *locator, struct json_object *items)
{
    struct json_object *list = items;
    size_t last = locator->path.depth - 1;
    bool gap = false;
    for (size_t i = 0; i < last && list != NULL; i++) {
        list = list_below(locator, list, i, &gap);
    }
    if (list == NULL || is_group(locator, last)) {
        return list == NULL ? NULL : list_below(locator, list, last, &gap);
    }
    struct entry_match match = find_entry(locator, list, locator->items[last], 0);
    return match.entry == NULL ? NULL : answers_of(match.entry);
}

/* --- Changing. What follows returns NULL or false when memory is short. --- */

static struct json_object *
ensure_entry(const struct locator *locator, struct json_object *list, uint32_t item, uint32_t index)
{
    struct entry_match match = find_entry(locator, list, item, index);
    if (match.entry != NULL) {
        return match.entry;
    }
    struct json_object *entry = entry_new(locator->form, item);
    return entries_insert(list, match.position, entry) ? entry : NULL;
}

/*
 * The answer at an index, as an object. Anything else at that index is replaced: no items can stand below it.
 */
static struct json_object *
ensure_answer(struct json_object *answers, uint32_t index)
{
    struct json_object *answer = json_object_array_get_idx(answers, index);
    if (!json_object_is_type(answer, json_type_object)) {
        answer = json_object_new_object();
        if (answer != NULL && json_object_array_put_idx(answers, index, answer) != 0) {
            json_object_put(answer);
            return NULL;
        }
    }
    return answer;
}

/* The list that holds the last step's item; lists and entries that are missing above it are made. */
static struct json_object *
ensure_list(const struct locator *locator, struct json_object *items)
{
    struct json_object *list = items;
    for (size_t i = 0; i + 1 < locator->path.depth && list != NULL; i++) {
        uint32_t index = locator->path.steps[i].index;
        struct json_object *entry =
            ensure_entry(locator, list, locator->items[i], is_group(locator, i) ? index : 0);
        if (entry != NULL && !is_group(locator, i)) {
            struct json_object *answers = entry_ensure_list(entry, "answer");
            entry = answers == NULL ? NULL : ensure_answer(answers, index);
        }
        list = entry == NULL ? NULL : entry_ensure_list(entry, "item");
    }
    return list;
}

/* A new answer object with the members of the given one; items below the old answer stay unless it has its
 * own. */
static struct json_object *
renew_answer(struct json_object *given, struct json_object *old)
{
    struct json_object *answer = json_object_new_object();
    struct json_object *below = entry_list(old, "item");
    bool good = answer != NULL;
    json_object_object_foreach(given, name, value)
    {
        good = good && json_object_object_add(answer, name, json_object_get(value)) == 0;
    }
    if (good && below != NULL && !json_object_object_get_ex(given, "item", NULL)) {
        good = json_object_object_add(answer, "item", json_object_get(below)) == 0;
    }
    if (!good) {
        json_object_put(answer);
        return NULL;
    }
    return answer;
}

bool
locator_set(const struct locator *locator, struct json_object *items, struct json_object *given)
{
    size_t last = locator->path.depth - 1;
    struct json_object *list = ensure_list(locator, items);
    struct json_object *entry = list == NULL ? NULL : ensure_entry(locator, list, locator->items[last], 0);
    struct json_object *old = entry == NULL ? NULL : answers_of(entry);
    struct json_object *answers = entry == NULL ? NULL : json_object_new_array();
    bool good = answers != NULL;
    for (size_t i = 0; good && i < json_object_array_length(given); i++) {
        struct json_object *before = old == NULL ? NULL : json_object_array_get_idx(old, i);
        struct json_object *answer = renew_answer(json_object_array_get_idx(given, i), before);
        good = answer != NULL && json_object_array_add(answers, answer) == 0;
    }
    if (!good || json_object_object_add(entry, "answer", answers) != 0) {
        json_object_put(answers);
        return false;
    }
    return true;
}

/* Whether any later entry of the list is the same item. */
static bool
has_later(const struct locator *locator, struct json_object *list, size_t position, uint32_t item)
{
    for (size_t i = position + 1; i < json_object_array_length(list); i++) {
        if (entry_is_of(locator->form, item, json_object_array_get_idx(list, i))) {
            return true;
        }
    }
    return false;
}

/*
 * Takes one group instance away, and the empty ones just before it. One that has others after it only loses
 * its content: the indexes of those others must not change under somebody who is writing to them.
 */
static void
remove_instance(const struct locator *locator, struct json_object *list, uint32_t item, uint32_t index)
{
    struct entry_match match = find_entry(locator, list, item, index);
    size_t first = match.position;
    if (match.entry == NULL) {
        return;
    }
    if (has_later(locator, list, match.position, item)) {
        json_object_object_del(match.entry, "item");
        return;
    }
    while (first > 0) {
        struct json_object *before = json_object_array_get_idx(list, first - 1);
        if (!entry_is_of(locator->form, item, before) || !is_bare(entry_list(before, "item"))) {
            break;
        }
        first--;
    }
    (void)json_object_array_del_idx(list, first, match.position - first + 1);
}

/* Removes every instance: runs of neighbours at once, from the end of the list. */
static void
remove_all(const struct locator *locator, struct json_object *list, uint32_t item)
{
    size_t end = json_object_array_length(list);
    while (end > 0) {
        size_t first = end;
        while (first > 0 && entry_is_of(locator->form, item, json_object_array_get_idx(list, first - 1))) {
            first--;
        }
        if (first < end) {
            (void)json_object_array_del_idx(list, first, end - first);
        }
        end = first == 0 ? 0 : first - 1;
    }
}

/*
 * Removes what is empty around an answer: its list of items, then answers at the end, then the question
 * itself.
 */
static void
tidy_answer(const struct locator *locator, struct json_object *list, size_t step)
{
    struct entry_match match = find_entry(locator, list, locator->items[step], 0);
    struct json_object *answers = match.entry == NULL ? NULL : answers_of(match.entry);
    struct json_object *answer =
        answers == NULL ? NULL : json_object_array_get_idx(answers, locator->path.steps[step].index);
    if (json_object_is_type(answer, json_type_object) && is_bare(entry_list(answer, "item"))) {
        json_object_object_del(answer, "item");
    }
    for (size_t i = answers == NULL ? 0 : json_object_array_length(answers); i > 0; i--) {
        struct json_object *last = json_object_array_get_idx(answers, i - 1);
        if (!json_object_is_type(last, json_type_object) || json_object_object_length(last) != 0) {
            return;
        }
        (void)json_object_array_del_idx(answers, i - 1, 1);
    }
    if (match.entry != NULL && is_bare(answers)) {
        (void)json_object_array_del_idx(list, match.position, 1);
    }
}

void
locator_clear(const struct locator *locator, struct json_object *items)
{
    struct json_object *lists[FORM_DEPTH_MAX];
    size_t last = locator->path.depth - 1;
    bool gap = false;
    lists[0] = items;
    for (size_t i = 0; i < last; i++) {
        lists[i + 1] = list_below(locator, lists[i], i, &gap);
        if (lists[i + 1] == NULL) {
            return; /* nothing is there to clear */
        }
    }
    if (is_group(locator, last) && locator->path.steps[last].indexed) {
        remove_instance(locator, lists[last], locator->items[last], locator->path.steps[last].index);
    } else {
        remove_all(locator, lists[last], locator->items[last]);
    }
    for (size_t i = last; i > 0 && is_bare(lists[i]); i--) {
        if (is_group(locator, i - 1)) {
            remove_instance(locator, lists[i - 1], locator->items[i - 1], locator->path.steps[i - 1].index);
        } else {
            tidy_answer(locator, lists[i - 1], i - 1);
        }
    }
}
