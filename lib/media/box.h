/* The boxes of ISO/IEC 14496-12 and of QuickTime. Private to lib/media. */
#ifndef ANAMNESIS_MEDIA_BOX_H
#define ANAMNESIS_MEDIA_BOX_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Places in the file: of the box, of what follows its header, and behind it. */
struct media_box {
    uint32_t code;
    size_t at;
    size_t body;
    size_t end;
};

/*
 * The box at `*at`, which then stands behind it. False when none is there that ends by `end`. A size of 64 bits is
 * read; one of 0, "to the end of the file", is taken when `end` is that.
 */
bool media_box_next(struct span file, size_t *at, size_t end, struct media_box *box);

/* The first box with this code among those from `at` to `end`. */
bool media_box_find(struct span file, size_t at, size_t end, uint32_t code, struct media_box *box);

/* How many bytes follow its header. */
static inline size_t
media_box_size(const struct media_box *box)
{
    return box->end - box->body;
}

/* The major brand of `ftyp`, when the file begins with that; else 0. And whether it names a compatible one. */
uint32_t media_box_brand(struct span file);
bool media_box_has_brand(struct span file, uint32_t brand);

#endif
