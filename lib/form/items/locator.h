/*
 * A locator is an item path that was resolved against a form: for each step of the path the item that it
 * names. With it the answers at that path are read, written or removed in the items of a response
 * (QuestionnaireResponse.item as JSON).
 *
 * Lists of a response are kept in the definition's order, with the instances of one item beside each other;
 * locator_set and locator_clear keep them so, and assume that they are. An index names an instance of a
 * repeating group or an answer of a repeating question, from 0. Clearing never renumbers instances that
 * others may be writing to: an instance that has later ones loses its content and stays.
 *
 * A locator borrows the form and must not outlive it. It is about 9 KiB, so deep recursion should not hold
 * many. Resolving costs a look-up for each step; everything else walks the lists above the target once.
 * Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_ITEMS_LOCATOR_H
#define ANAMNESIS_FORM_ITEMS_LOCATOR_H

#include "lib/form/definition/compiled.h"
#include "lib/form/items/path.h"

struct locator {
    const struct form *form;
    const struct form_item *all;
    struct path path;
    uint32_t items[FORM_DEPTH_MAX]; /* the item of each step */
};

/*
 * Resolves a path. False when it is malformed, names no item, a step's item does not stand directly below the
 * one before, or an index above 0 is given to what does not repeat; the locator must not be used then.
 */
bool locator_resolve(struct locator *locator, const struct form *form, const char *path);

/* The item that the path's last step names. */
const struct form_item *locator_item(const struct locator *locator);

/*
 * Whether an index above the last step is neither there nor the next free one: nothing may be written there.
 */
bool locator_has_gap(const struct locator *locator, struct json_object *items);

/*
 * The answers of the question, or the items of the group's instance; NULL when the response has none.
 * Borrowed.
 */
struct json_object *locator_value(const struct locator *locator, struct json_object *items);

/*
 * Replaces the answers of the question by these (already judged), and makes the entries above it that are
 * missing. Values are shared, not copied; items below an answer stay unless the new answer has its own. False
 * when memory is short; some of the entries above may then have been made.
 */
bool locator_set(const struct locator *locator, struct json_object *items, struct json_object *answers);

/*
 * Removes the answers or the group's instance (without an index: all instances), and what becomes empty by
 * that.
 */
void locator_clear(const struct locator *locator, struct json_object *items);

#endif
