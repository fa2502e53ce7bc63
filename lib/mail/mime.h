/* The encodings of a message: RFC 2045 quoted-printable and base64, RFC 2047 words, and what may be in a
 * header. */
#ifndef ANAMNESIS_MAIL_MIME_H
#define ANAMNESIS_MAIL_MIME_H

#include "lib/base/buf.h"

#include <stdbool.h>

enum { MAIL_ADDRESS_MAX = 254 }; /* bytes, RFC 5321 section 4.5.3.1.3 */

/* True for local@domain of at most MAIL_ADDRESS_MAX bytes without anything that needs quoting. */
bool mail_address_is_safe(const char *address);

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
