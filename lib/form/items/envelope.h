/* What stands around the items of a QuestionnaireResponse. https://hl7.org/fhir/R4/questionnaireresponse.html
 */
#ifndef ANAMNESIS_FORM_ITEMS_ENVELOPE_H
#define ANAMNESIS_FORM_ITEMS_ENVELOPE_H

#include "lib/form/form.h"

/*
 * Judges the members of a QuestionnaireResponse but its items: names and shapes, resourceType, id, status,
 * and whether `questionnaire` names the definition that it is judged by (a warning when not: the two may well
 * be meant). `questionnaire` is that definition, or NULL. True when there is no error.
 */
bool form_check_envelope(struct json_object *response, struct json_object *questionnaire,
                         struct form_issues *issues);

/* How strictly a response of that status is judged: completed and amended ones as a submission, others as a
 * draft. */
enum form_mode form_mode_of(struct json_object *response);

#endif
