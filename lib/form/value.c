#include "lib/form/value.h"

#include "lib/base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { YEAR_SIZE = 4, MONTH_SIZE = 7, DATE_SIZE = 10 };

static const struct value_fault not_boolean = {"wrong-type", "This must be answered with yes or no."};
static const struct value_fault not_decimal = {"wrong-type", "This must be a number."};
static const struct value_fault not_integer = {"wrong-type", "This must be a whole number."};
static const struct value_fault not_date = {"wrong-type", "This must be a date."};
static const struct value_fault not_string = {"wrong-type", "This must be text."};
static const struct value_fault not_choice = {"wrong-type", "This must be one of the choices offered."};
static const struct value_fault out_of_range = {"out-of-range", "This number is too large or too small."};
static const struct value_fault bad_date = {"invalid-date",
                                            "This date does not exist; write it as year-month-day."};
static const struct value_fault empty = {"empty", "An answer must not be empty; clear it instead."};
static const struct value_fault control = {"control-character",
                                           "This text has characters that cannot be stored."};
static const struct value_fault too_long = {"too-long", "This text is too long."};
static const struct value_fault no_code = {"no-code", "This choice has neither a code nor a text."};

/* `ours` are judged; the others are known names only. */
static const struct {
    const char *suffix;
    unsigned kind;
} kinds[] = {
    {"Coding", FORM_KIND_CODING},      {"String", FORM_KIND_STRING},    {"Boolean", FORM_KIND_BOOLEAN},
    {"Integer", FORM_KIND_INTEGER},    {"Decimal", FORM_KIND_DECIMAL},  {"Date", FORM_KIND_DATE},
    {"DateTime", FORM_KIND_FOREIGN},   {"Time", FORM_KIND_FOREIGN},     {"Uri", FORM_KIND_FOREIGN},
    {"Attachment", FORM_KIND_FOREIGN}, {"Quantity", FORM_KIND_FOREIGN}, {"Reference", FORM_KIND_FOREIGN},
};

unsigned
value_kind(const char *member, const char *prefix)
{
    size_t size = strlen(prefix);
    if (strncmp(member, prefix, size) != 0) {
        return FORM_KIND_NONE;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(member + size, kinds[i].suffix) == 0) {
            return kinds[i].kind;
        }
    }
    return FORM_KIND_NONE;
}

unsigned
value_of(struct json_object *object, const char *prefix, struct json_object **value, bool *several)
{
    unsigned found = FORM_KIND_NONE;
    *value = NULL;
    *several = false;
    json_object_object_foreach(object, name, member)
    {
        unsigned kind = value_kind(name, prefix);
        if (kind != FORM_KIND_NONE && found == FORM_KIND_NONE) {
            found = kind;
            *value = member;
        } else if (kind != FORM_KIND_NONE) {
            *several = true;
        }
    }
    return found;
}

bool
value_is_date(const char *text, size_t size)
{
    if (size != YEAR_SIZE && size != MONTH_SIZE && size != DATE_SIZE) {
        return false;
    }
    /* A partial date is real when its first day is. */
    char whole[DATE_SIZE + 1] = "0000-01-01";
    memcpy(whole, text, size);
    return memcmp(whole, "0000", YEAR_SIZE) != 0 && clock_is_date(whole);
}

enum value_order
value_compare_dates(const char *left, const char *right)
{
    size_t left_size = strlen(left);
    size_t right_size = strlen(right);
    size_t common = left_size < right_size ? left_size : right_size;
    int order = memcmp(left, right, common);
    if (order != 0) {
        return order < 0 ? VALUE_LESS : VALUE_MORE;
    }
    return left_size == right_size ? VALUE_SAME : VALUE_UNKNOWN;
}

size_t
value_characters(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += ((unsigned char)text[i] & 0xc0U) != 0x80U;
    }
    return count;
}

/* FHIR's string: not empty (and more than blanks), no control characters but tab and line ends. */
static const struct value_fault *
check_string(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string)) {
        return &not_string;
    }
    const char *text = json_object_get_string(value);
    size_t size = (size_t)json_object_get_string_len(value);
    bool visible = false;
    if (size > FORM_STRING_MAX) {
        return &too_long;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            return &control;
        }
        visible = visible || byte > ' ';
    }
    return visible ? NULL : &empty;
}

static const struct value_fault *
check_number(enum form_kind kind, struct json_object *value)
{
    bool integer = json_object_is_type(value, json_type_int);
    if (kind == FORM_KIND_DECIMAL) {
        bool number = integer || json_object_is_type(value, json_type_double);
        if (!number) {
            return &not_decimal;
        }
        return isfinite(json_object_get_double(value)) ? NULL : &out_of_range;
    }
    if (!integer) {
        return &not_integer;
    }
    int64_t number = json_object_get_int64(value);
    return number < INT32_MIN || number > INT32_MAX ? &out_of_range : NULL;
}

static const struct value_fault *
check_coding(struct json_object *value)
{
    bool named = false;
    if (!json_object_is_type(value, json_type_object)) {
        return &not_choice;
    }
    json_object_object_foreach(value, name, member)
    {
        bool text = strcmp(name, "code") == 0 || strcmp(name, "display") == 0;
        if (text || strcmp(name, "system") == 0 || strcmp(name, "version") == 0) {
            const struct value_fault *fault = check_string(member);
            if (fault != NULL) {
                return fault == &not_string ? &not_choice : fault;
            }
            named = named || text;
        } else if (strcmp(name, "userSelected") == 0) {
            if (!json_object_is_type(member, json_type_boolean)) {
                return &not_choice;
            }
        } else if (strcmp(name, "id") != 0 && strcmp(name, "extension") != 0 && name[0] != '_') {
            return &not_choice;
        }
    }
    return named ? NULL : &no_code;
}

const struct value_fault *
value_check(enum form_kind kind, struct json_object *value)
{
    switch (kind) {
    case FORM_KIND_BOOLEAN:
        return json_object_is_type(value, json_type_boolean) ? NULL : &not_boolean;
    case FORM_KIND_DECIMAL:
    case FORM_KIND_INTEGER:
        return check_number(kind, value);
    case FORM_KIND_DATE:
        if (!json_object_is_type(value, json_type_string)) {
            return &not_date;
        }
        return value_is_date(json_object_get_string(value), (size_t)json_object_get_string_len(value))
                   ? NULL
                   : &bad_date;
    case FORM_KIND_STRING:
        return check_string(value);
    case FORM_KIND_CODING:
        return check_coding(value);
    case FORM_KIND_NONE:
        break;
    }
    return &not_string;
}

const struct value_fault *
value_wrong_type(unsigned wanted)
{
    switch (wanted) {
    case FORM_KIND_BOOLEAN:
        return &not_boolean;
    case FORM_KIND_DECIMAL:
        return &not_decimal;
    case FORM_KIND_INTEGER:
        return &not_integer;
    case FORM_KIND_DATE:
        return &not_date;
    case FORM_KIND_STRING:
        return &not_string;
    default:
        return &not_choice;
    }
}

static const char *
member_text(struct json_object *object, const char *name, size_t *size)
{
    struct json_object *member = NULL;
    if (!json_object_object_get_ex(object, name, &member)) {
        *size = 0;
        return NULL;
    }
    *size = (size_t)json_object_get_string_len(member);
    return json_object_get_string(member);
}

/* A Coding is told by its system and code; one without a code by its text. */
static char
coding_parts(struct json_object *coding, const char **system, size_t *system_size, const char **code,
             size_t *code_size)
{
    *system = member_text(coding, "system", system_size);
    *code = member_text(coding, "code", code_size);
    if (*code != NULL) {
        return 'C';
    }
    *code = member_text(coding, "display", code_size);
    return 'T';
}

/* The key is the mark, the system, NUL and the code. */
static const char *
join_key(struct arena *arena, char mark, const char *system, size_t system_size, const char *code,
         size_t *size)
{
    size_t code_size = *size;
    char *key = arena_alloc(arena, system_size + code_size + 3);
    key[0] = mark;
    if (system_size != 0) {
        memcpy(key + 1, system, system_size);
    }
    if (code_size != 0) {
        memcpy(key + system_size + 2, code, code_size);
    }
    *size = system_size + code_size + 2;
    return key;
}

static const char *
coding_key(struct json_object *coding, struct arena *arena, size_t *size)
{
    size_t system_size = 0;
    const char *system = NULL;
    const char *code = NULL;
    char mark = coding_parts(coding, &system, &system_size, &code, size);
    return join_key(arena, mark, system, system_size, code, size);
}

const char *
value_code_key(const char *system, const char *code, struct arena *arena, size_t *size)
{
    *size = strlen(code);
    return join_key(arena, 'C', system, system == NULL ? 0 : strlen(system), code, size);
}

bool
value_has_key(struct json_object *coding, const char *key, size_t size)
{
    size_t system_size = 0;
    size_t code_size = 0;
    const char *system = NULL;
    const char *code = NULL;
    if (!json_object_is_type(coding, json_type_object)) {
        return false;
    }
    char mark = coding_parts(coding, &system, &system_size, &code, &code_size);
    return size == system_size + code_size + 2 && key[0] == mark && key[system_size + 1] == '\0' &&
           (system_size == 0 || memcmp(key + 1, system, system_size) == 0) &&
           (code_size == 0 || memcmp(key + system_size + 2, code, code_size) == 0);
}

const char *
value_key(enum form_kind kind, struct json_object *value, struct arena *arena, size_t *size)
{
    if (kind == FORM_KIND_CODING) {
        return coding_key(value, arena, size);
    }
    const char *key = NULL;
    switch (kind) {
    case FORM_KIND_INTEGER:
        key = arena_format(arena, "I%lld", (long long)json_object_get_int64(value));
        break;
    case FORM_KIND_DECIMAL:
        key = arena_format(arena, "N%.17g", json_object_get_double(value));
        break;
    case FORM_KIND_BOOLEAN:
        key = json_object_get_boolean(value) ? "B1" : "B0";
        break;
    default:
        key = arena_format(arena, "%c%s", kind == FORM_KIND_DATE ? 'D' : 'S', json_object_get_string(value));
        break;
    }
    *size = strlen(key);
    return key;
}
