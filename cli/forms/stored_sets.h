/* The value sets that a practice stores, as far as a definition uses them. */
#ifndef ANAMNESIS_CLI_FORMS_STORED_SETS_H
#define ANAMNESIS_CLI_FORMS_STORED_SETS_H

#include "lib/base/arena.h"

#include <json-c/json.h>
#include <libpq-fe.h>

/*
 * The stored ValueSets that a Questionnaire refers to, and those that they refer to, as an array that the
 * arena owns. What is not stored is left out: the engine says so. NULL after saying on stderr why not.
 */
struct json_object *stored_sets(PGconn *connection, struct arena *arena, const char *practice_id,
                                struct json_object *questionnaire);

#endif
