/* Writing into the items of a draft what was worked out in its review. Private to lib/form. */
#ifndef ANAMNESIS_FORM_REVIEW_STORE_H
#define ANAMNESIS_FORM_REVIEW_STORE_H

#include "lib/form/review/review.h"

/*
 * Gives the item in a frame of its parent these answers (shared), making the groups around it that are not
 * there. NULL or none takes them away, and a group that is there once with what stays empty by that. `items`
 * are those that were laid. False when memory is short.
 */
bool store_answers(struct review *review, struct json_object *items, uint32_t frame, uint32_t item,
                   struct json_object *answers);

#endif
