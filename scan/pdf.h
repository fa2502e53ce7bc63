/*
 * The conductor's way with a PDF. What is attached to it is taken out by one program and looked at by another, one by one, and what is
 * attached to what is attached likewise: the engine alone does not find all of it. Of its pages pictures are made: one program draws
 * them, another, which has not seen the file, makes a JPEG of what was drawn.
 *
 * The first WIRE_PAGES_MAX pages are made, fewer when they take too much processor time or room; how many there are is told. A file with more
 * attachments than are looked at, nested deeper, or that take too much processor time is `too-deep`. What a busy machine does not come to an
 * end with is STEP_AGAIN.
 */
#ifndef ANAMNESIS_SCAN_PDF_H
#define ANAMNESIS_SCAN_PDF_H

#include "scan/ask.h"

enum {
    PDF_PAGES_BYTES = 72 * 1024 * 1024, /* of all pictures together; fifty of dense text have 50 MB */
    PDF_SECONDS = 300 /* the longest that both functions together wait, but for a page that was begun */
};

/* One file, and who is asked about it. */
struct pdf {
    const char *upload_id;
    int engine; /* sockets */
    int documents;
    int pictures;
    uint64_t *asked; /* requests so far */
    int file;        /* sealed */
    uint64_t size;   /* bytes */
};

/* Has all looked at that is attached. The last reply says what is not fine. */
enum step pdf_look_inside(const struct pdf *pdf, struct wire_reply *reply);

/*
 * Has the pages made. STEP_FINE: *reply is as from a program that made a thumbnail of the first page, and pages, of *result, which is the
 * caller's to close. Otherwise *result is -1.
 */
enum step pdf_make_pages(const struct pdf *pdf, struct wire_reply *reply, int *result);

#endif
