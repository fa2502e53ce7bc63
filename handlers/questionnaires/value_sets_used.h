/* The stored value sets that a definition uses: what it is judged by, and what is frozen with its version. */
#ifndef ANAMNESIS_HANDLERS_QUESTIONNAIRES_VALUE_SETS_USED_H
#define ANAMNESIS_HANDLERS_QUESTIONNAIRES_VALUE_SETS_USED_H

#include "lib/http/request.h"

#include <json-c/json.h>

struct used_value_sets {
    struct json_object *array; /* of the resources, those stored last at the end; owned by the arena */
    const char *text;          /* the same as compact JSON */
};

/*
 * Loads the practice's value sets that the definition refers to, those that these refer to, and so on: one
 * trip for each step. What is not stored is left out (the compiler says so). PROBLEM_INVALID_FORM when there
 * are more than 200 or over 4 MiB of them.
 */
enum problem value_sets_used(struct request *rq, struct json_object *definition,
                             struct used_value_sets *used);

#endif
