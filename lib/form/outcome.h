/* Findings as a FHIR R4 OperationOutcome. https://hl7.org/fhir/R4/operationoutcome.html */
#ifndef ANAMNESIS_FORM_OUTCOME_H
#define ANAMNESIS_FORM_OUTCOME_H

#include "lib/base/json_out.h"
#include "lib/form/form.h"

/*
 * Writes one OperationOutcome, as the next value of `out`. An issue of it has the severity; FHIR's issue
 * type; in `details` our code (system FORM_OUTCOME_SYSTEM) and the sentence; in `expression` the place in
 * FHIRPath; in `diagnostics`, and for programs in an extension, the item path, or the JSON pointer into a
 * definition. An empty list becomes one issue of severity information, `all-fine`, because FHIR demands one;
 * findings that were counted and not listed become one, `more-issues`, as severe as the worst of them.
 * Nothing of a patient's answer is written. When it does not fit, out->buf has failed.
 */
void form_outcome(const struct form_issues *issues, struct json_out *out);

#define FORM_OUTCOME_SYSTEM    "urn:anamnesis:issue-code"
#define FORM_OUTCOME_ITEM_PATH "urn:anamnesis:extension:item-path"
#define FORM_OUTCOME_POINTER   "urn:anamnesis:extension:json-pointer"

/* FHIR's issue type (http://hl7.org/fhir/ValueSet/issue-type) of one of our codes. */
const char *form_issue_type(const char *code, enum form_severity severity);

#endif
