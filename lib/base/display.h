/*
 * Short texts that are shown on one line: names of practices and people, titles, subjects of messages. What
 * breaks a line, turns the direction of writing or is no character makes such a text say something else
 * where it is shown (and, in a header of a mail, to a machine): it is refused where it comes in.
 */
#ifndef ANAMNESIS_BASE_DISPLAY_H
#define ANAMNESIS_BASE_DISPLAY_H

#include "lib/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * True when all of it may be shown on one line: UTF-8 without control characters (CR, LF, NUL and TAB among
 * them), line and paragraph separators, embeddings, overrides and isolates of direction (UAX #9: U+202A to
 * U+202E, U+2066 to U+2069), and noncharacters. Marks of direction and joiners, which names of some scripts
 * need, are fine.
 */
bool display_is_text(const char *text, size_t size);

/*
 * True when UTF-8 text shows nothing, in any script: white space, control characters, signs of no width,
 * fillers, variation selectors, marks without a letter, and the blank pattern of Braille. Text that is not
 * UTF-8 is not blank.
 */
bool display_is_blank(const char *text, size_t size);

/* Text for display with something to see. */
bool display_is_name(const char *text, size_t size);

/*
 * What display_is_text refuses taken out: line breaks and control characters become one blank, the rest goes;
 * blanks around the whole too. For texts that were stored before they were judged. In arena memory.
 */
char *display_clean(struct arena *arena, const char *text);

#endif
