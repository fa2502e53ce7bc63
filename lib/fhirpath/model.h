/* What is known of FHIR R4's types: enough for resources around questionnaires. Private to lib/fhirpath. */
#ifndef ANAMNESIS_FHIRPATH_MODEL_H
#define ANAMNESIS_FHIRPATH_MODEL_H

#include "lib/fhirpath/fhirpath.h"
#include "lib/fhirpath/model_types.h"

/* The type of that name; MODEL_UNKNOWN when FHIR has none. */
enum model model_by_name(const char *name, size_t size);

/* Its name; that of "Patient.contact" is BackboneElement, of MODEL_UNKNOWN "Element". Never NULL. */
const char *model_name(enum model type);

/* Whether it is that type, or derives from it. */
bool model_is(enum model type, enum model ancestor);

bool model_is_primitive(enum model type);
bool model_is_resource(enum model type);

/* The system type that a primitive's value has; false for other types. */
bool model_system_type(enum model type, enum fhirpath_type *system);

/* The type of a parent's element: MODEL_CHOICE for value[x], MODEL_UNKNOWN when it is not known. */
enum model model_element(enum model parent, const char *name);

/*
 * When `member` ("valueQuantity") is `name` ("value", of `size` bytes) with a data type's name behind it:
 * that type. MODEL_UNKNOWN otherwise.
 */
enum model model_choice(const char *member, const char *name, size_t size);

#endif
