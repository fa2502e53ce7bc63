/* Keys of values: two values are the same when their keys have the same bytes (see value.h). */
#include "lib/form/value/number.h"
#include "lib/form/value/value.h"

#include <string.h>

/* The first byte of a key, by which values of different kinds differ; all numbers have one, and all dates. */
enum {
    TAG_CODE = 'C',
    TAG_TEXT = 'X', /* a Coding without a code */
    TAG_DATE = 'D',
    TAG_TIME = 'T',
    TAG_STRING = 'S',
    TAG_URI = 'U',
    TAG_REFERENCE = 'R',
    TAG_IDENTIFIER = 'I',
    TAG_UNIT = 'M', /* a unit that is told by its text */
    TAG_OTHER = 'O'
};

const char *
value_member(struct json_object *object, const char *name, size_t *size)
{
    struct json_object *member = NULL;
    if (!json_object_object_get_ex(object, name, &member) || !json_object_is_type(member, json_type_string)) {
        *size = 0;
        return NULL;
    }
    *size = (size_t)json_object_get_string_len(member);
    return json_object_get_string(member);
}

/* What a key is made of: a tag for the kind of value, the system, NUL, and the code or another text. */
struct parts {
    char tag;
    const char *system;
    size_t system_size;
    const char *code;
    size_t code_size;
};

/* A Coding is told by its system and code; one without a code by its text. A Quantity's unit likewise. */
static struct parts
parts_of(struct json_object *object, const char *text, char text_tag)
{
    struct parts parts = {.tag = TAG_CODE};
    parts.system = value_member(object, "system", &parts.system_size);
    parts.code = value_member(object, "code", &parts.code_size);
    if (parts.code == NULL) {
        parts.tag = text_tag;
        parts.code = value_member(object, text, &parts.code_size);
    }
    return parts;
}

static const char *
join(const struct parts *parts, struct arena *arena, size_t *size)
{
    char *key = arena_alloc(arena, parts->system_size + parts->code_size + 3);
    key[0] = parts->tag;
    if (parts->system_size != 0) {
        memcpy(key + 1, parts->system, parts->system_size);
    }
    if (parts->code_size != 0) {
        memcpy(key + parts->system_size + 2, parts->code, parts->code_size);
    }
    *size = parts->system_size + parts->code_size + 2;
    return key;
}

static bool
are_key(const struct parts *parts, const char *key, size_t size)
{
    return size == parts->system_size + parts->code_size + 2 && key[0] == parts->tag &&
           key[parts->system_size + 1] == '\0' &&
           (parts->system_size == 0 || memcmp(key + 1, parts->system, parts->system_size) == 0) &&
           (parts->code_size == 0 ||
            memcmp(key + parts->system_size + 2, parts->code, parts->code_size) == 0);
}

const char *
value_code_key(const char *system, const char *code, struct arena *arena, size_t *size)
{
    struct parts parts = {TAG_CODE, system, system == NULL ? 0 : strlen(system), code, strlen(code)};
    return join(&parts, arena, size);
}

bool
value_has_key(struct json_object *coding, const char *key, size_t size)
{
    if (!json_object_is_type(coding, json_type_object)) {
        return false;
    }
    struct parts parts = parts_of(coding, "display", TAG_TEXT);
    return are_key(&parts, key, size);
}

const char *
value_unit_key(struct json_object *quantity, struct arena *arena, size_t *size)
{
    struct parts parts = parts_of(quantity, "unit", TAG_UNIT);
    *size = 0;
    return parts.code == NULL ? "" : join(&parts, arena, size);
}

bool
value_unit_is(struct json_object *quantity, const char *unit, size_t size)
{
    struct parts parts = parts_of(quantity, "unit", TAG_UNIT);
    return parts.code == NULL ? size == 0 : are_key(&parts, unit, size);
}

bool
value_has_unit(struct json_object *quantity, const char *unit, size_t size)
{
    struct json_object *number = NULL;
    if (!json_object_is_type(quantity, json_type_object) ||
        json_object_object_get_ex(quantity, "comparator", NULL) ||
        !json_object_object_get_ex(quantity, "value", &number) || value_check_decimal(number) != NULL) {
        return false;
    }
    return value_unit_is(quantity, unit, size);
}

static const char *
quantity_key(struct json_object *quantity, struct arena *arena, size_t *size)
{
    char room[NUMBER_WHOLE_SIZE];
    struct json_object *number = NULL;
    struct parts parts = parts_of(quantity, "unit", TAG_UNIT);
    const char *comparator = value_member(quantity, "comparator", size);
    const char *amount = json_object_object_get_ex(quantity, "value", &number)
                             ? number_key(number_text(number, room), arena)
                             : "";
    const char *before = arena_format(arena, "%s %s ", comparator == NULL ? "" : comparator, amount);
    const char *unit = join(&parts, arena, size);
    size_t front = strlen(before);
    char *key = arena_alloc(arena, front + *size + 1);
    memcpy(key, before, front);
    memcpy(key + front, unit, *size);
    *size += front;
    return key;
}

/* A Reference is told by its address, else by its identifier, else by its text. */
static struct parts
parts_of_reference(struct json_object *reference)
{
    struct parts parts = {.tag = TAG_REFERENCE};
    struct json_object *identifier = NULL;
    parts.code = value_member(reference, "reference", &parts.code_size);
    if (parts.code == NULL && json_object_object_get_ex(reference, "identifier", &identifier)) {
        parts.tag = TAG_IDENTIFIER;
        parts.system = value_member(identifier, "system", &parts.system_size);
        parts.code = value_member(identifier, "value", &parts.code_size);
    } else if (parts.code == NULL) {
        parts.tag = TAG_TEXT;
        parts.code = value_member(reference, "display", &parts.code_size);
    }
    return parts;
}

bool
value_is_reference(struct json_object *reference, const char *key, size_t size)
{
    if (!json_object_is_type(reference, json_type_object)) {
        return false;
    }
    struct parts parts = parts_of_reference(reference);
    return are_key(&parts, key, size);
}

static const char *
text_key(struct arena *arena, char tag, const char *text, size_t *size)
{
    const char *key = arena_format(arena, "%c%s", tag, text);
    *size = strlen(key);
    return key;
}

const char *
value_key(enum form_kind kind, struct json_object *value, struct arena *arena, size_t *size)
{
    char room[NUMBER_WHOLE_SIZE];
    const char *key = NULL;
    struct parts parts;
    switch (kind) {
    case FORM_KIND_CODING:
        parts = parts_of(value, "display", TAG_TEXT);
        return join(&parts, arena, size);
    case FORM_KIND_QUANTITY:
        return quantity_key(value, arena, size);
    case FORM_KIND_REFERENCE:
        parts = parts_of_reference(value);
        return join(&parts, arena, size);
    case FORM_KIND_INTEGER:
    case FORM_KIND_DECIMAL:
        key = number_key(number_text(value, room), arena);
        *size = strlen(key);
        return key;
    case FORM_KIND_BOOLEAN:
        *size = 2;
        return json_object_get_boolean(value) ? "B1" : "B0";
    case FORM_KIND_DATE:
    case FORM_KIND_DATE_TIME:
        return text_key(arena, TAG_DATE, json_object_get_string(value), size);
    case FORM_KIND_TIME:
        return text_key(arena, TAG_TIME, json_object_get_string(value), size);
    case FORM_KIND_STRING:
        return text_key(arena, TAG_STRING, json_object_get_string(value), size);
    case FORM_KIND_URI:
        return text_key(arena, TAG_URI, json_object_get_string(value), size);
    case FORM_KIND_ATTACHMENT:
    case FORM_KIND_NONE:
    case FORM_KIND_ANY:
        break;
    }
    return text_key(arena, TAG_OTHER, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN), size);
}
