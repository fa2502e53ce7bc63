/* Noting findings, and the JSON pointers, FHIRPath expressions and item paths that say where. Private to
 * lib/form. */
#ifndef ANAMNESIS_FORM_ISSUES_H
#define ANAMNESIS_FORM_ISSUES_H

#include "lib/form/form.h"

/*
 * Notes one finding. `code` and `text` are literals or arena memory; path and expression too. Beyond
 * FORM_ISSUES_MAX only counts.
 */
void issues_add(struct form_issues *issues, enum form_severity severity, const char *code, const char *path,
                const char *expression, const char *text);

/* Whether one more would be listed: saves making texts for nobody. */
bool issues_room(const struct form_issues *issues);

#endif
