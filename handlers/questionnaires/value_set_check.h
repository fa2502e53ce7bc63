/* What a FHIR ValueSet must be to be stored: named, and listing its codes. */
#ifndef ANAMNESIS_HANDLERS_QUESTIONNAIRES_VALUE_SET_CHECK_H
#define ANAMNESIS_HANDLERS_QUESTIONNAIRES_VALUE_SET_CHECK_H

#include "lib/http/request.h"

#include <json-c/json.h>

/* Everything is in the request's arena. */
struct checked_value_set {
    const char *url;
    const char *version; /* NULL: none */
    const char *title;   /* the resource's title, else its name, else its url */
    const char *text;    /* compact JSON */
};

/*
 * Checks a ValueSet: an absolute url without "|", versions likewise, and codes that are listed: by an
 * expansion, or by a compose whose every include has concepts or names other sets. PROBLEM_INVALID_VALUE_SET
 * with every fault noted, each with a pointer below /resource. Whether sets that are named are there shows
 * when a questionnaire that uses them is published.
 */
enum problem value_set_check(struct request *rq, struct json_object *resource,
                             struct checked_value_set *checked);

#endif
