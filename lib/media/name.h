/*
 * A file's name: text that people read, and nothing else. No path, no type, no key is ever made of it. What
 * makes a name look like another (directions of writing, signs of no width), end a header or mean something to
 * a file system is taken out before it is stored; what it is called when it is taken along depends on the type
 * that was found, so that nobody's computer starts "photo.bat".
 */
#ifndef ANAMNESIS_MEDIA_NAME_H
#define ANAMNESIS_MEDIA_NAME_H

#include "lib/base/span.h"
#include "lib/media/type.h"

#include <stdbool.h>

enum {
    MEDIA_NAME_MAX = 255, /* bytes: what file systems take */
    MEDIA_NAME_SIZE = MEDIA_NAME_MAX + 1,
    MEDIA_NAME_LOOKED_AT = 4096, /* bytes of what is given; the rest is dropped */
    MEDIA_DISPOSITION_SIZE = 64 + 4 * MEDIA_NAME_MAX + 1
};

/*
 * The name as display text: UTF-8 of 1 to 255 bytes. Gone are control characters, whatever Unicode calls default
 * ignorable (signs of no width and of direction among them), noncharacters, and blanks and points at both ends.
 * Bytes that are no UTF-8, separators of paths, what looks like one, and the signs that Windows reserves become
 * "_", runs of white space one blank; a name of one of its devices gets a "_" in front. What is too long is cut
 * before its extension, between characters. "file" when nothing is left to see. Its own output stays as it is.
 */
void media_name_clean(struct span given, char name[MEDIA_NAME_SIZE]);

/*
 * What a clean name is called as a file of the type (one of the table): an extension of that type stays, one of
 * another type of the table is replaced, else the type's own is put behind.
 */
void media_name_as(const char *clean, enum media_type type, char name[MEDIA_NAME_SIZE]);

/*
 * The value of Content-Disposition (RFC 6266) for a clean name: `attachment` or `inline`, a `filename` of ASCII in
 * which other signs are "_" (and "%", which some browsers decode), and, when that is not the same, `filename*`
 * (RFC 8187). It is ASCII without control characters, whatever the name is.
 */
void media_name_disposition(const char *clean, bool attachment, char value[MEDIA_DISPOSITION_SIZE]);

#endif
