/* Type specifiers: names in the System and FHIR name spaces. Private to lib/fhirpath. */
#ifndef ANAMNESIS_FHIRPATH_TYPENAME_H
#define ANAMNESIS_FHIRPATH_TYPENAME_H

#include "lib/fhirpath/fhirpath.h"

/* A specifier is an enum model, or one of these. */
enum {
    TYPE_SYSTEM = 0x10000,   /* added to an enum fhirpath_type */
    TYPE_NOTHING = 0x20000,  /* a name that System does not have: nothing is of it */
    TYPE_QUANTITY = 0x30000, /* Quantity without a name space: either one */
    TYPE_ANY = 0x40000
};

/*
 * The specifier of a name. `space` is "FHIR", "System" or NULL: then FHIR's name counts before System's.
 * False when there is no such type.
 */
bool type_of_name(const char *space, const char *name, uint32_t *type);

/* "Integer", "DateTime" ...; NULL for types that System does not have. */
const char *type_system_name(enum fhirpath_type type);

#endif
