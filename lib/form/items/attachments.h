/*
 * The files among the answers of a response: where they stand, and what is said of them. Which files there are is not known
 * here (lib/form knows no database): who stores answers looks after that. One walk over the items, and none when the form
 * asks for no file.
 */
#ifndef ANAMNESIS_FORM_ITEMS_ATTACHMENTS_H
#define ANAMNESIS_FORM_ITEMS_ATTACHMENTS_H

#include "lib/form/form.h"

enum { FORM_ATTACHMENTS_MAX = 500 /* of a response; more are counted, not listed */ };

struct form_attachment {
    const char *path;          /* of the item that it answers */
    struct json_object *value; /* the Attachment; borrowed from the items */
};

/*
 * Every valueAttachment of the items (QuestionnaireResponse.item), in their order. The list lives in `arena`. `*count` is how
 * many there are, also when they are more than FORM_ATTACHMENTS_MAX, of which the first ones are listed.
 */
const struct form_attachment *form_attachments(const struct form *form, struct json_object *items,
                                               struct arena *arena, size_t *count);

/* Whether an item path names an item of that linkId; false when it is malformed. */
bool form_path_is_of(const char *path, const char *link_id);

#endif
