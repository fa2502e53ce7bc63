/* Item paths as text (see form.h) and taken apart. Private to lib/form. */
#ifndef ANAMNESIS_FORM_ITEMS_PATH_H
#define ANAMNESIS_FORM_ITEMS_PATH_H

#include "lib/base/buf.h"
#include "lib/form/form.h"

struct path_step {
    char link_id[FORM_LINK_ID_MAX + 1]; /* decoded */
    size_t size;
    uint32_t index; /* 0 when not given */
    bool indexed;
};

struct path {
    struct path_step steps[FORM_DEPTH_MAX];
    size_t depth; /* at least 1 */
};

/* Takes a path apart. False when it is malformed, too long or too deep. */
bool path_parse(const char *text, struct path *path);

/* Appends "/" (unless the buffer is empty) and one linkId, encoded; then "[index]" when `indexed`. */
void path_add(struct buf *buf, const char *link_id, size_t size, bool indexed, uint32_t index);

#endif
