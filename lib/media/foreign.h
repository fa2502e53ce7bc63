/*
 * What a file is beside its type. Readers of some formats do not ask that a file begins as theirs: ZIP's (and
 * with it JAR's and DOCX's) look from the end, PDF's in the first kilobyte, others have a place of their own.
 * A file that is whole as one type and opens as another is refused, whatever it was made for. Private to
 * lib/media.
 */
#ifndef ANAMNESIS_MEDIA_FOREIGN_H
#define ANAMNESIS_MEDIA_FOREIGN_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* ZIP (APPNOTE 4.3.16): the end of central directory, and how far before the file's end it may begin. */
enum { ZIP_END_SIZE = 22, ZIP_END_REACH = ZIP_END_SIZE + 65535 };

/* True when a reader of ZIP would find a directory at the end of the file: its record, with at least one
 * entry where it says, or with none. */
bool media_foreign_is_zip(struct span file);

/*
 * True when a file of a type that is not ZIP and not text, whose own bytes are the first `own`, would be
 * opened as something else too. Of what follows its own bytes (makers of cameras put further pictures and
 * short films there) nothing may be an archive, a document, a page or a program. One pass over that rest, and
 * over the last 64 KiB.
 */
bool media_foreign_is_there(struct span file, size_t own);

/* True when a ZIP or a text would be opened as a PDF; `own` is not looked at. */
bool media_foreign_is_document(struct span file, size_t own);

/* True when it is an OLE file with an encrypted package: what a DOCX with a password is (MS-OFFCRYPTO 2.3.2). */
bool media_foreign_is_encrypted_office(struct span file);

/* True when text would be taken for a page, a program or a document: it begins so, blanks aside, or has a page's tags
 * in its first 1,024 bytes. */
bool media_foreign_is_markup(struct span text);

#endif
