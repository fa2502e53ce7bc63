/*
 * What a PDF holds, and what its pages look like. libqpdf follows every object from the trailer and takes out the files that are attached,
 * in whatever encoding; poppler draws a page. Both are large, and read what strangers send: a process looks at one file and has nothing else
 * (scan/cell.h), and its pixels are not believed either, but written anew by the picture program (picture.h).
 *
 * Refused is what is encrypted, what libqpdf would have to guess at (`damaged`), what starts a program, a player or a page of the web by itself,
 * has bytes in another file or reaches for one (`active-content`), a form that is drawn by its own program, and pages whose words nobody here
 * can draw, because their font is neither in the document nor on this machine (`not-understood`): they would say nothing. Links that somebody
 * has to press and scripts of forms are let be: nobody here follows or runs them, and what others look at are pictures.
 */
#ifndef ANAMNESIS_SCAN_DOCUMENT_H
#define ANAMNESIS_SCAN_DOCUMENT_H

#include "lib/base/span.h"
#include "scan/cell.h"

struct _PopplerDocument; /* PopplerDocument */

enum {
    DOCUMENT_SIDE = 2048,          /* pixels, the longer side of a page that is drawn */
    DOCUMENT_OBJECTS_MAX = 500000, /* that are followed; of more a file is `too-deep` */
    DOCUMENT_INNER_MAX = 50 * 1000 * 1000
};

/*
 * A cell_work for WIRE_UNPACK and WIRE_DRAW of application/pdf. The first gives the attached files as parts WIRE_INNER, none twice. The
 * second gives the page that was asked for as one part WIRE_PAGE, and says how many there are. A page that takes more than
 * the processor time of the plan is `too-large-picture`, attachments that do are `too-deep`, and what libraries give up on is `not-understood`.
 */
bool document_look(const struct cell_task *task, struct wire_reply *reply);

/* The two, of bytes that are in memory. False: there is no answer. */
bool document_unpack(const struct cell_task *task, struct span file, struct wire_reply *reply);
bool document_draw(const struct cell_task *task, struct span file, struct wire_reply *reply);

/* Before the first process: fonts are those below /usr/share/fonts, which the processes see. False: there is no list of them. */
bool document_fonts_begin(void);

/* Whether all words of the first `pages` pages can be drawn: by fonts of the document's own, or of this machine's. */
bool document_fonts_are_here(struct _PopplerDocument *document, int pages);

/* Writes a part behind what is there, and notes it. False when there is no room in the result, or for one part more. */
bool document_add(const struct cell_task *task, struct wire_reply *reply, struct wire_part part,
                  const void *bytes);

/* What the answer is then. Always true. */
bool document_reject(struct wire_reply *reply, enum wire_reason reason);

#endif
