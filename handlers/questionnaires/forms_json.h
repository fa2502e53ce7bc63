/* Stored questionnaires, value sets and answers as JSON. */
#ifndef ANAMNESIS_HANDLERS_QUESTIONNAIRES_FORMS_JSON_H
#define ANAMNESIS_HANDLERS_QUESTIONNAIRES_FORMS_JSON_H

#include "lib/http/request.h"

#include <json-c/json.h>

/* Compact, decimals as they came, no escaped slashes: how every stored JSON text is written. */
enum { FORMS_JSON_FLAGS = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

/* Reads stored JSON text again; the arena owns the tree. NULL when it is not JSON. */
struct json_object *forms_parse(struct request *rq, const char *text, size_t size);

#endif
