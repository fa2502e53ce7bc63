/* Values: what JSON becomes, their types, their texts. */
#include "lib/base/decimal.h"
#include "lib/fhirpath/model.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/run.h"
#include "lib/fhirpath/typename.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define UCUM_SYSTEM "http://unitsofmeasure.org"

/* What reading a value takes, in bytes that are read in the same time (see run_step). */
enum {
    NUMBER_READ = 2 * RUN_STEP_BYTES,
    MOMENT_READ = 2 * RUN_STEP_BYTES,
    QUANTITY_READ = 4 * RUN_STEP_BYTES
};

static struct span
string_of(struct json_object *json)
{
    return (struct span){(const unsigned char *)json_object_get_string(json),
                         (size_t)json_object_get_string_len(json)};
}

bool
fhirpath_decimal_of(struct fhirpath_value value, struct decimal *decimal)
{
    if (value.type == FHIRPATH_INTEGER) {
        *decimal = decimal_of_integer(value.as.integer);
    } else if (value.type == FHIRPATH_DECIMAL) {
        *decimal = (struct decimal){value.as.coefficient, value.scale};
    } else {
        return false;
    }
    return true;
}

static struct fhirpath_value
decimal_value(struct decimal decimal)
{
    struct fhirpath_value value = {.type = FHIRPATH_DECIMAL, .scale = (uint8_t)decimal.scale};
    value.as.coefficient = decimal.coefficient;
    return value;
}

/* A JSON number: an integer when it is whole, fits, and is not said to be a decimal. Adds the bytes that it
 * read. */
static bool
number_of(struct json_object *json, uint16_t type, struct fhirpath_value *value, size_t *read)
{
    struct decimal decimal;
    if (json_object_is_type(json, json_type_int)) {
        int64_t integer = json_object_get_int64(json);
        if (type == MODEL_DECIMAL || integer > INT32_MAX || integer < INT32_MIN) {
            *value = decimal_value(decimal_of_integer(integer));
        } else {
            *value = (struct fhirpath_value){.type = FHIRPATH_INTEGER};
            value->as.integer = integer;
        }
        return true;
    }
    const char *text = json_object_get_string(json); /* the digits that the reader saw */
    *read += text == NULL ? 0 : NUMBER_READ + strlen(text);
    if (text == NULL || !decimal_parse(text, strlen(text), true, &decimal)) {
        return false;
    }
    *value = decimal_value(decimal);
    return true;
}

/* A JSON string, by the type that FHIR gives it; one that does not read as that stays a string. */
static struct fhirpath_value
text_value(struct json_object *json, uint16_t type)
{
    struct fhirpath_value value = {.type = FHIRPATH_STRING};
    struct span text = string_of(json);
    enum fhirpath_type system = FHIRPATH_STRING;
    struct moment moment;
    bool read = false;
    (void)model_system_type((enum model)type, &system);
    if (system == FHIRPATH_DATE) {
        read = fhirpath_moment_parse_date((const char *)text.data, text.size, &moment);
    } else if (system == FHIRPATH_DATE_TIME) {
        read = fhirpath_moment_parse_date_time((const char *)text.data, text.size, &moment);
    } else if (system == FHIRPATH_TIME) {
        read = fhirpath_moment_parse_time((const char *)text.data, text.size, &moment);
    }
    if (read) {
        value.type = (uint8_t)system;
        value.as.moment = moment;
    } else {
        value.as.text = (const char *)text.data;
        value.size = (uint32_t)text.size;
    }
    return value;
}

/* A FHIR Quantity with a number; the unit is its UCUM code, or else its word. */
static bool
quantity_of(struct arena *arena, struct json_object *json, struct fhirpath_value *value, size_t *read)
{
    struct fhirpath_value number;
    struct json_object *digits = json_member(json, "value");
    struct json_object *code = json_member(json, "code");
    struct json_object *system = json_member(json, "system");
    struct json_object *unit = json_member(json, "unit");
    if ((!json_object_is_type(digits, json_type_int) && !json_object_is_type(digits, json_type_double)) ||
        json_member(json, "comparator") != NULL || !number_of(digits, MODEL_DECIMAL, &number, read)) {
        return false;
    }
    bool ucum = json_object_is_type(system, json_type_string) &&
                strcmp(json_object_get_string(system), UCUM_SYSTEM) == 0;
    struct json_object *named = ucum && json_object_is_type(code, json_type_string) ? code : unit;
    struct fhirpath_quantity *quantity = arena_alloc(arena, sizeof *quantity);
    *read += QUANTITY_READ;
    (void)fhirpath_decimal_of(number, &quantity->number);
    if (json_object_is_type(named, json_type_string)) {
        quantity->unit = string_of(named);
    }
    *value = (struct fhirpath_value){.type = FHIRPATH_QUANTITY};
    value->as.quantity = quantity;
    return true;
}

static struct fhirpath_value
simple_of(struct arena *arena, struct fhirpath_value value, size_t *read)
{
    if (value.type != FHIRPATH_NODE || value.as.node->json == NULL) {
        return value;
    }
    struct json_object *json = value.as.node->json;
    uint16_t type = value.as.node->type;
    struct fhirpath_value simple = value;
    switch (json_object_get_type(json)) {
    case json_type_boolean:
        simple = (struct fhirpath_value){.type = FHIRPATH_BOOLEAN};
        simple.as.boolean = json_object_get_boolean(json) != 0;
        break;
    case json_type_int:
    case json_type_double:
        (void)number_of(json, type, &simple, read);
        break;
    case json_type_string:
        simple = text_value(json, type);
        *read += simple.type == FHIRPATH_STRING ? 0 : MOMENT_READ;
        break;
    case json_type_object:
        if (model_is((enum model)type, MODEL_QUANTITY)) {
            (void)quantity_of(arena, json, &simple, read);
        }
        break;
    default:
        break;
    }
    return simple;
}

struct fhirpath_value
value_simple(struct arena *arena, struct fhirpath_value value)
{
    size_t read = 0;
    return simple_of(arena, value, &read);
}

struct fhirpath_value
run_simple(struct run *run, struct fhirpath_value value)
{
    size_t read = 0;
    if (value.type != FHIRPATH_NODE) {
        return value;
    }
    run_check_memory(run);
    value = simple_of(run->arena, value, &read);
    run_bytes(run, read);
    return value;
}

struct fhirpath_value
fhirpath_simple(struct arena *arena, struct fhirpath_value value)
{
    return value_simple(arena, value);
}

/* The FHIR type of a node; what nobody told is guessed from JSON. */
static enum model
node_model(const struct fhirpath_node *node)
{
    if (node->type != MODEL_UNKNOWN) {
        return (enum model)node->type;
    }
    switch (json_object_get_type(node->json)) {
    case json_type_boolean:
        return MODEL_BOOLEAN;
    case json_type_int:
        return MODEL_INTEGER;
    case json_type_double:
        return MODEL_DECIMAL;
    case json_type_string:
        return MODEL_STRING;
    default:
        return MODEL_UNKNOWN;
    }
}

bool
value_is(struct fhirpath_value value, uint32_t type, bool exact)
{
    if (type == TYPE_NOTHING || type == TYPE_ANY) {
        return type == TYPE_ANY;
    }
    if (value.type != FHIRPATH_NODE) {
        return type == TYPE_QUANTITY ? value.type == FHIRPATH_QUANTITY
                                     : type == (uint32_t)TYPE_SYSTEM + value.type;
    }
    enum model own = node_model(value.as.node);
    if (type == TYPE_QUANTITY) {
        return model_is(own, MODEL_QUANTITY);
    }
    if (type >= MODEL_TYPES) {
        return false;
    }
    if (own == MODEL_UNKNOWN) { /* an object: an element at least */
        return type == MODEL_ELEMENT && json_member(value.as.node->json, "resourceType") == NULL;
    }
    return exact && model_is_primitive((enum model)type) ? own == type : model_is(own, (enum model)type);
}

const char *
fhirpath_type_name(struct fhirpath_value value)
{
    if (value.type == FHIRPATH_TYPE) {
        return "TypeInfo";
    }
    if (value.type != FHIRPATH_NODE) {
        return type_system_name((enum fhirpath_type)value.type);
    }
    const char *own = json_object_get_string(json_member(value.as.node->json, "resourceType"));
    return own != NULL ? own : model_name(node_model(value.as.node));
}

/* Into the arena. */
static struct span
kept(struct arena *arena, const char *text, size_t size)
{
    return (struct span){(const unsigned char *)arena_copy(arena, text, size), size};
}

static struct span
quantity_text(struct arena *arena, const struct fhirpath_quantity *quantity)
{
    char number[DECIMAL_TEXT_SIZE];
    (void)decimal_print(quantity->number, number);
    bool one = quantity->number.scale == 0 &&
               (quantity->number.coefficient == 1 || quantity->number.coefficient == -1);
    const char *text = NULL;
    if (quantity->calendar) {
        text = arena_format(arena, "%s %.*s%s", number, (int)quantity->unit.size,
                            (const char *)quantity->unit.data, one ? "" : "s");
    } else {
        text =
            arena_format(arena, "%s '%.*s'", number, quantity->unit.size == 0 ? 1 : (int)quantity->unit.size,
                         quantity->unit.size == 0 ? "1" : (const char *)quantity->unit.data);
    }
    return (struct span){(const unsigned char *)text, strlen(text)};
}

bool
convert_text(struct arena *arena, struct fhirpath_value value, struct span *text)
{
    char room[DECIMAL_TEXT_SIZE];
    struct decimal decimal;
    value = value_simple(arena, value);
    switch ((enum fhirpath_type)value.type) {
    case FHIRPATH_BOOLEAN:
        *text = value.as.boolean ? (struct span){(const unsigned char *)"true", sizeof "true" - 1}
                                 : (struct span){(const unsigned char *)"false", sizeof "false" - 1};
        return true;
    case FHIRPATH_INTEGER:
    case FHIRPATH_DECIMAL:
        (void)fhirpath_decimal_of(value, &decimal);
        *text = kept(arena, room, decimal_print(decimal, room));
        return true;
    case FHIRPATH_STRING:
        *text = (struct span){(const unsigned char *)value.as.text, value.size};
        return true;
    case FHIRPATH_DATE:
    case FHIRPATH_DATE_TIME:
    case FHIRPATH_TIME:
        *text =
            kept(arena, room, fhirpath_moment_print(&value.as.moment, (enum fhirpath_type)value.type, room));
        return true;
    case FHIRPATH_QUANTITY:
        *text = quantity_text(arena, value.as.quantity);
        return true;
    default:
        return false;
    }
}

const char *
fhirpath_text(struct arena *arena, struct fhirpath_value value)
{
    struct span text;
    return convert_text(arena, value, &text) ? arena_copy(arena, text.data, text.size) : NULL;
}

enum fhirpath_truth
fhirpath_truth(struct fhirpath_list list)
{
    if (list.count != 1) {
        return list.count == 0 ? FHIRPATH_EMPTY : FHIRPATH_NO_TRUTH;
    }
    const struct fhirpath_value *value = &list.values[0];
    bool truth = true;
    if (value->type == FHIRPATH_BOOLEAN) {
        truth = value->as.boolean;
    } else if (value->type == FHIRPATH_NODE && json_object_is_type(value->as.node->json, json_type_boolean)) {
        truth = json_object_get_boolean(value->as.node->json) != 0;
    }
    return truth ? FHIRPATH_TRUE : FHIRPATH_FALSE;
}
