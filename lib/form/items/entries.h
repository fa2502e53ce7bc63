/*
 * Lists of QuestionnaireResponse.item in the definition's order: finding the place of an item, adding and
 * taking away. Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_ITEMS_ENTRIES_H
#define ANAMNESIS_FORM_ITEMS_ENTRIES_H

#include "lib/form/definition/compiled.h"

/* The linkId of an entry as a JSON string, or NULL. */
struct json_object *entry_link_id(struct json_object *entry);

/* Whether an entry is of that item. */
bool entry_is_of(const struct form *form, uint32_t item, struct json_object *entry);

/* A member of an object that is a list, or NULL. */
struct json_object *entry_list(struct json_object *object, const char *name);

/* What follows returns NULL or false when memory is short. */

/* { linkId }. The caller owns it. */
struct json_object *entry_new(const struct form *form, uint32_t item);

/* The same list, made when it is not there. Borrowed. */
struct json_object *entry_ensure_list(struct json_object *object, const char *name);

/* The position after the last entry whose item stands before, or is, this one. */
size_t entries_position(const struct form *form, struct json_object *list, uint32_t item);

/* The first entry of an item, or NULL. Borrowed. */
struct json_object *entries_find(const struct form *form, struct json_object *list, uint32_t item);

/* Puts a value at a position and moves what follows. Takes the value over. */
bool entries_insert(struct json_object *list, size_t position, struct json_object *value);

/* Gives a question these answers (shared, not copied). NULL or none: takes its entry away. */
bool entries_answer(const struct form *form, struct json_object *list, uint32_t item,
                    struct json_object *answers);

#endif
