/*
 * An item path resolved against a form, and what it leads to in the items of a response. The lists of a
 * response are kept in the definition's order, instances of one item beside each other. Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_ITEMS_WAY_H
#define ANAMNESIS_FORM_ITEMS_WAY_H

#include "lib/form/definition/compiled.h"
#include "lib/form/items/path.h"

struct way {
    const struct form *form;
    const struct form_item *all;
    struct path path;
    uint32_t items[FORM_DEPTH_MAX]; /* the item of each step */
};

/* Finds the item of every step; each must stand directly below the one before. False: the path is wrong. */
bool way_resolve(struct way *way, const struct form *form, const char *path);

/* The item that the path names. */
const struct form_item *way_target(const struct way *way);

/* Whether an index on the way is neither there nor the next free one. */
bool way_has_gap(const struct way *way, struct json_object *items);

/* The answers of the question named, or the items of the group instance named; NULL: nothing there. Borrowed.
 */
struct json_object *way_value(const struct way *way, struct json_object *items);

/*
 * Gives the question named these answers (already judged), making what is missing on the way. False when
 * memory is short; the way may then be half made.
 */
bool way_set(const struct way *way, struct json_object *items, struct json_object *answers);

/* Takes away what is named, and what becomes empty by that. */
void way_clear(const struct way *way, struct json_object *items);

#endif
