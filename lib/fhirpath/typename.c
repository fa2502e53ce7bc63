#include "lib/fhirpath/typename.h"

#include "lib/fhirpath/model.h"

#include <string.h>

static const char *const names[] = {
    [FHIRPATH_BOOLEAN] = "Boolean", [FHIRPATH_INTEGER] = "Integer",   [FHIRPATH_DECIMAL] = "Decimal",
    [FHIRPATH_STRING] = "String",   [FHIRPATH_DATE] = "Date",         [FHIRPATH_DATE_TIME] = "DateTime",
    [FHIRPATH_TIME] = "Time",       [FHIRPATH_QUANTITY] = "Quantity",
};

const char *
type_system_name(enum fhirpath_type type)
{
    return type <= FHIRPATH_QUANTITY ? names[type] : NULL;
}

static bool
system_type(const char *name, uint32_t *type)
{
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *type = TYPE_SYSTEM + i;
            return true;
        }
    }
    if (strcmp(name, "Any") == 0) {
        *type = TYPE_ANY;
        return true;
    }
    return false;
}

bool
type_of_name(const char *space, const char *name, uint32_t *type)
{
    bool system = space != NULL && strcmp(space, "System") == 0;
    if (system) {
        if (!system_type(name, type)) {
            *type = TYPE_NOTHING;
        }
        return true;
    }
    *type = strchr(name, '.') != NULL ? MODEL_UNKNOWN : model_by_name(name, strlen(name));
    if (*type != MODEL_UNKNOWN) {
        *type = *type == MODEL_QUANTITY && space == NULL ? TYPE_QUANTITY : *type;
        return true;
    }
    return space == NULL && system_type(name, type);
}
