/* The Range field of a request (RFC 9110 section 14): one range of bytes. Pure. */
#ifndef ANAMNESIS_STORE_RANGE_H
#define ANAMNESIS_STORE_RANGE_H

#include "lib/base/span.h"

#include <stdint.h>

enum range_kind {
    RANGE_WHOLE, /* everything: no field, one that is not understood, or several ranges */
    RANGE_PART,
    RANGE_NONE /* nothing of it is there: 416 */
};

/* From the first byte to the last one, both of them, counted from 0. */
struct range {
    int64_t first;
    int64_t last;
};

/*
 * What a field asks of `size` bytes. `field` without data: no field. `*range` is set with RANGE_PART, and
 * then 0 <= first <= last < size.
 */
enum range_kind range_read(struct span field, int64_t size, struct range *range);

#endif
