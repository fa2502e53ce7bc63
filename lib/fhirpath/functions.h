/* The functions by name, as the parser and the evaluator need them. Private to lib/fhirpath. */
#ifndef ANAMNESIS_FHIRPATH_FUNCTIONS_H
#define ANAMNESIS_FHIRPATH_FUNCTIONS_H

#include "lib/fhirpath/call.h"

/* How many there are; the index of one, or -1. */
unsigned function_count(void);
int function_by_name(const char *name, size_t size);
const struct function *function_at(unsigned index);

#endif
