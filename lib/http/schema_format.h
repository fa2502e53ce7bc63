/* The string formats of JSON Schema 2020-12 (section 7.3) that the contract uses, and two of its own for
 * short texts that are shown on one line: display-text and display-name (lib/base/display.h). */
#ifndef ANAMNESIS_HTTP_SCHEMA_FORMAT_H
#define ANAMNESIS_HTTP_SCHEMA_FORMAT_H

#include "lib/http/schema.h"

/* Whether the text has the format: RFC 3339 (date, date-time), RFC 9562, RFC 6531 (idn-email, by
 * lib/base/email.h), RFC 3986 (uri). */
bool format_matches(enum schema_format format, const char *text, size_t size);

#endif
