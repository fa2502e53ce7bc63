/*
 * The reader of a DOCX's directory. Scanners look into what they can unpack, and pass what they cannot: so what
 * may be in such a file is decided here, by its directory alone, and nothing is unpacked.
 */
#ifndef ANAMNESIS_MEDIA_DOCX_H
#define ANAMNESIS_MEDIA_DOCX_H

#include "lib/base/span.h"
#include "lib/media/verdict.h"

enum {
    DOCX_MEMBERS_MAX = 1000,
    DOCX_RATIO_MAX = 100,        /* unpacked to packed, of the whole and of each member of more than: */
    DOCX_RATIO_FROM = 64 * 1024, /* bytes: a small file of blanks packs tighter, and harms nobody */
    DOCX_UNPACKED_MAX = 200 * 1000 * 1000
};

/*
 * Judges a ZIP (APPNOTE 6.3) that begins with a member. Fine is one with members that lie one behind the other from
 * the first byte to the directory, which ends the file: each stored or deflated, its two headers saying the same,
 * with a name of the kinds that a text document is made of, among them the two that make it one. Otherwise:
 * encrypted       a member is;
 * active-content  macros, embedded objects, ActiveX, parts of a user interface, or other binary parts;
 * too-deep        more members, or packed tighter, than the limits above;
 * wrong-type      an archive of something else, or a second directory;
 * not-understood  ZIP64, several disks, a comment, other methods, or names that no text document has;
 * damaged         cut off, or against its own numbers.
 * What stands in the members is not seen: links to templates and pictures elsewhere are in their XML.
 */
enum media_verdict media_docx_judge(struct span file);

#endif
