/* What a body is said to be. */
#ifndef ANAMNESIS_HTTP_MEDIA_TYPE_H
#define ANAMNESIS_HTTP_MEDIA_TYPE_H

#include <stdbool.h>

/*
 * RFC 9110 section 8.3: application/json with any parameters, of which a charset must be UTF-8 ("utf8" is
 * taken too, which many clients write). NULL is none.
 */
bool media_type_is_json(const char *value);

#endif
