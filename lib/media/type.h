/*
 * The types that patients may give, decided by content. A table of our own rather than libmagic: that one looks
 * at how a file begins; here its structure is followed to its end, and a file that is two things is none.
 *
 * What a file is declared as, and what it is found to be, must agree. Nothing is decoded and nothing allocated;
 * the price is a pass over the file at most. docs/media.md tells what is checked of each type, and what is not.
 */
#ifndef ANAMNESIS_MEDIA_TYPE_H
#define ANAMNESIS_MEDIA_TYPE_H

#include "lib/base/span.h"
#include "lib/media/verdict.h"

#include <stdbool.h>

enum media_type {
    MEDIA_TYPE_NONE,
    MEDIA_JPEG,
    MEDIA_PNG,
    MEDIA_WEBP,
    MEDIA_HEIC,
    MEDIA_PDF,
    MEDIA_DOCX,
    MEDIA_MP4,
    MEDIA_MOV,
    MEDIA_M4A,
    MEDIA_TEXT
};

enum { MEDIA_TYPES = MEDIA_TEXT + 1 };

/* Of a picture, before it is decoded: its pixels, and each of its sides. */
enum { MEDIA_PIXELS_MAX = 50 * 1000 * 1000, MEDIA_SIDE_MAX = 20000 };

struct media_found {
    enum media_type type;   /* by content; none when it was not recognised */
    struct media_size size; /* of a picture, as its header says, not turned; of a film, turned; else zeros */
};

/* The type with this name ("image/jpeg", no parameters, lower case); MEDIA_TYPE_NONE when it is not allowed. */
enum media_type media_type_named(const char *name);

/* Its name; and how a file of it is called, with the point (".jpg"). NULL for MEDIA_TYPE_NONE. */
const char *media_type_name(enum media_type type);
const char *media_type_extension(enum media_type type);

/* Whether the extension (with its point, in any case) is one that files of the type have. */
bool media_type_has_extension(enum media_type type, const char *extension);

/*
 * Whether a file is what it was declared as, and whole. MEDIA_FINE, or:
 * not-allowed-type  declared as what is not in the table;
 * wrong-type        it begins as something else, or is something else as well;
 * damaged           its structure does not lead to its end: cut off, or sizes that are not true;
 * not-understood    a form of the type that nobody here reads;
 * too-large-picture, encrypted, too-deep, active-content.
 * `found` is set in any case.
 */
enum media_verdict media_type_judge(struct span file, const char *declared, struct media_found *found);

#endif
