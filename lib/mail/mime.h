/* The encodings of a message: RFC 2045 quoted-printable and base64, RFC 2047 words. */
#ifndef ANAMNESIS_MAIL_MIME_H
#define ANAMNESIS_MAIL_MIME_H

#include "lib/base/buf.h"

/*
 * Appends the text for an unstructured header or a display name: as it is when it is short and plain ASCII,
 * else as encoded words on lines of at most 76 characters, given that at most 16 characters are on the line
 * already. The text must be safe.
 */
void mime_words(struct buf *out, const char *text);

/* Appends quoted-printable. "\n" in the text is a line's end and becomes CRLF; lines are at most 76
 * characters. */
void mime_quoted_printable(struct buf *out, const char *text);

/* Appends the text with the five signs that mean something in HTML as references. */
void html_text(struct buf *out, const char *text);

#endif
