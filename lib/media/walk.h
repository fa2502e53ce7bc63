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

media_walk media_walk_jpeg;  /* ISO/IEC 10918-1: baseline, extended and progressive, Huffman, 8 bits */
media_walk media_walk_png;   /* ISO/IEC 15948; APNG as its first picture */
media_walk media_walk_webp;  /* VP8, VP8L, VP8X, animated or not */
media_walk media_walk_heic;  /* ISO/IEC 23008-12, still pictures */
media_walk media_walk_pdf;   /* ISO 32000: header and trailer; what is between them is a program's to read */
media_walk media_walk_docx;  /* ECMA-376, by its directory: lib/media/docx.h */
media_walk media_walk_film;  /* MP4 and MOV with pictures: lib/media/boxes.h */
media_walk media_walk_sound; /* the same without */
media_walk media_walk_text;  /* UTF-8 */

#endif
