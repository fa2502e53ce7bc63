/*
 * Writes calculated answers into a draft's items. The items are changed in place, and the frames and slots of
 * the review follow (`json`), so that several answers can be written one after the other. Entries are put
 * where the definition's order has them.
 */
#include "lib/form/review/store.h"

#include "lib/form/items/entries.h"

/* The list of a frame's items; made, with what is around it, when `make`. NULL: not there, or no memory. */
static struct json_object *
list_of(struct review *review, struct json_object *items, uint32_t frame, bool make)
{
    struct frame *self = &review->frames[frame];
    if (self->parent == REVIEW_NONE) {
        return items;
    }
    if (self->json == NULL && make) {
        struct json_object *around = list_of(review, items, self->parent, true);
        struct json_object *entry = around == NULL ? NULL : entry_new(review->form, self->container);
        if (entry == NULL ||
            !entries_insert(around, entries_position(review->form, around, self->container), entry)) {
            return NULL;
        }
        self->json = entry;
    }
    if (self->json == NULL) {
        return NULL;
    }
    return make ? entry_ensure_list(self->json, "item") : entry_list(self->json, "item");
}

/* Removes a frame's list when it is empty, and a group that is there once with it. */
static void
tidy(struct review *review, struct json_object *items, uint32_t frame)
{
    struct frame *self = &review->frames[frame];
    struct json_object *list = list_of(review, items, frame, false);
    if (self->parent == REVIEW_NONE || self->json == NULL ||
        (list != NULL && json_object_array_length(list) != 0)) {
        return;
    }
    json_object_object_del(self->json, "item");
    const struct form_item *container = &review->items[self->container];
    if (container->type == FORM_TYPE_GROUP && (container->flags & FORM_REPEATS) == 0) {
        struct json_object *around = list_of(review, items, self->parent, false);
        self->json = NULL;
        (void)entries_answer(review->form, around, self->container, NULL);
        tidy(review, items, self->parent);
    }
}

bool
store_answers(struct review *review, struct json_object *items, uint32_t frame, uint32_t item,
              struct json_object *answers)
{
    bool none = answers == NULL || json_object_array_length(answers) == 0;
    struct json_object *list = list_of(review, items, frame, !none);
    if (list == NULL) {
        return none;
    }
    if (!entries_answer(review->form, list, item, answers)) {
        return false;
    }
    review_slot(review, frame, item)->json = none ? NULL : entries_find(review->form, list, item);
    if (none) {
        tidy(review, items, frame);
    }
    return true;
}
