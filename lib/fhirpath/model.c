/*
 * What FHIR R4 says of types: their names, what they derive from, and the types of their elements, looked up
 * in the table of model_table.inc. Names and each type's elements stand in byte order there, for binary
 * searches; an element that a type does not have itself is looked for in its base. An element with a
 * structure of its own (Patient.contact) is a type with a point in its name.
 *
 * The model is closed: what it does not know is MODEL_UNKNOWN, and navigation goes on by JSON alone.
 */
#include "lib/fhirpath/model.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { NO_SYSTEM = -1, TYPE_NAME_MAX = 64 };

struct element {
    const char *name;
    uint16_t type;
};

struct type {
    const char *name;
    uint16_t base;
    int8_t system; /* enum fhirpath_type, or NO_SYSTEM */
    const struct element *elements;
    size_t count;
};

#include "lib/fhirpath/model_table.inc"

enum model
model_by_name(const char *name, size_t size)
{
    size_t low = 0;
    size_t high = COUNT(by_name);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = types[by_name[middle]].name;
        int order = strncmp(name, other, size);
        if (order == 0 && other[size] == '\0') {
            return by_name[middle];
        }
        if (order > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return MODEL_UNKNOWN;
}

const char *
model_name(enum model type)
{
    if (type == MODEL_UNKNOWN || type == MODEL_CHOICE) {
        return "Element";
    }
    return strchr(types[type].name, '.') == NULL ? types[type].name : "BackboneElement";
}

bool
model_is(enum model type, enum model ancestor)
{
    while (type != ancestor && type != MODEL_UNKNOWN) {
        type = types[type].base;
    }
    return type == ancestor && type != MODEL_UNKNOWN;
}

bool
model_system_type(enum model type, enum fhirpath_type *system)
{
    while (type != MODEL_UNKNOWN && type != MODEL_CHOICE) {
        if (types[type].system != NO_SYSTEM) {
            *system = (enum fhirpath_type)types[type].system;
            return true;
        }
        type = types[type].base;
    }
    return false;
}

bool
model_is_primitive(enum model type)
{
    enum fhirpath_type system;
    return model_system_type(type, &system);
}

bool
model_is_resource(enum model type)
{
    return model_is(type, MODEL_RESOURCE);
}

/* Among a type's own elements. */
static enum model
own_element(const struct type *type, const char *name)
{
    size_t low = 0;
    size_t high = type->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, type->elements[middle].name);
        if (order == 0) {
            return type->elements[middle].type;
        }
        if (order > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return MODEL_UNKNOWN;
}

enum model
model_element(enum model parent, const char *name)
{
    while (parent != MODEL_UNKNOWN && parent != MODEL_CHOICE) {
        enum model found = own_element(&types[parent], name);
        if (found != MODEL_UNKNOWN) {
            return found;
        }
        parent = types[parent].base;
    }
    return MODEL_UNKNOWN;
}

enum model
model_choice(const char *member, const char *name, size_t size)
{
    char type[TYPE_NAME_MAX];
    if (strncmp(member, name, size) != 0 || member[size] < 'A' || member[size] > 'Z') {
        return MODEL_UNKNOWN;
    }
    size_t length = strlen(member + size);
    if (length >= sizeof type) {
        return MODEL_UNKNOWN;
    }
    memcpy(type, member + size, length + 1);
    enum model found = model_by_name(type, length);
    if (found == MODEL_UNKNOWN) {
        type[0] = (char)(type[0] - 'A' + 'a'); /* valueDateTime: dateTime */
        found = model_by_name(type, length);
    }
    return model_is(found, MODEL_ELEMENT) ? found : MODEL_UNKNOWN;
}
