/*
 * The walkers of single types: each reads one file from its first byte to its last. Private to lib/media.
 *
 * A walker is given a file that begins as its type does. It says MEDIA_FINE only when the file's own structure
 * leads to its end, and gives width and height out of the header. It allocates nothing, decodes nothing, and
 * its time is bounded by the file's size.
 */
#ifndef ANAMNESIS_MEDIA_WALK_H
#define ANAMNESIS_MEDIA_WALK_H

#include "lib/base/span.h"
#include "lib/media/verdict.h"

#include <stddef.h>

/*
 * `own`: bytes that belong to the type; what follows them is for the caller to judge (lib/media/foreign.h).
 */
typedef enum media_verdict media_walk(struct span file, struct media_size *size, size_t *own);

media_walk media_walk_jpeg; /* ISO/IEC 10918-1: baseline, extended and progressive, Huffman, 8 bits */

#endif
