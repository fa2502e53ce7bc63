/* The string formats of JSON Schema 2020-12 (section 7.3) that the contract uses, and two of its own for
 * short texts that are shown on one line: display-text and display-name (lib/base/display.h). */
#ifndef ANAMNESIS_HTTP_SCHEMA_FORMAT_H
#define ANAMNESIS_HTTP_SCHEMA_FORMAT_H

#include "lib/http/schema.h"

/*
 * Whether `size` bytes of UTF-8 have the format: RFC 3339 (date, date-time), RFC 9562 (uuid, in either case),
 * RFC 6531 (idn-email, by lib/base/email.h), RFC 3986 (uri, with its scheme). FORMAT_NONE: true. The two of
 * our own both ask for one line without signs that cannot be seen; that a display-name is not blank either is
 * asked by the caller (schema_scalar.c), which has words of its own for it. The text needs no NUL.
 */
bool format_matches(enum schema_format format, const char *text, size_t size);

#endif
