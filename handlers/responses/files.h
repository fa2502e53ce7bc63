/*
 * Files as answers. An answer of type attachment names an upload of the response's own assignment
 * (`urn:uuid:<id>`; an amendment keeps the files of what it amends), and nothing else: what stands in the answer itself, or
 * at an address elsewhere, nobody has looked at. Type and size are the upload's, whatever the answer says, so that the
 * question's limits hold for the file that there is.
 */
#ifndef ANAMNESIS_HANDLERS_RESPONSES_FILES_H
#define ANAMNESIS_HANDLERS_RESPONSES_FILES_H

#include "lib/form/form.h"
#include "lib/http/request.h"

#include <json-c/json.h>

/*
 * Looks at the files in what auto-save is to set (item path -> answers), and puts their type and size right in it.
 * PROBLEM_INVALID_FORM, with a violation for each answer that cannot be stored. A trip when there is a file at all.
 */
enum problem files_set(struct request *rq, const char *response_id, struct json_object *set);

/*
 * Looks at the files of answers that are submitted, and notes that the response shows them: from now on they stay.
 * PROBLEM_INVALID_FORM, with a violation for each that is not there, was refused, or is still awaited; what is still being looked
 * at is no hindrance. `*uploads` is what becomes of each, as JSON; it stays as it is without any file. Two trips when there is one.
 */
enum problem files_submit(struct request *rq, const char *response_id, const struct form *form,
                          struct json_object *items, const char **uploads);

#endif
