/* What a request's body is, as its Content-Type says. Only JSON is taken, so only JSON is known. */
#ifndef ANAMNESIS_HTTP_MEDIA_TYPE_H
#define ANAMNESIS_HTTP_MEDIA_TYPE_H

#include <stdbool.h>

/*
 * Whether the value of a Content-Type is application/json, in any case, with any parameters (RFC 9110 section
 * 8.3); a charset must be UTF-8 ("utf8" is taken too, which many clients write). Empty parameters are passed
 * over. False for NULL, which is no header, for application/problem+json and its like, and for what is
 * malformed.
 */
bool media_type_is_json(const char *value);

#endif
