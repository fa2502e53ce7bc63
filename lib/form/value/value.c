#include "lib/form/value/value.h"

#include "lib/form/value/moment.h"

#include <math.h>
#include <string.h>

static const struct value_fault not_boolean = {"wrong-type", "This must be answered with yes or no."};
static const struct value_fault not_decimal = {"wrong-type", "This must be a number."};
static const struct value_fault not_integer = {"wrong-type", "This must be a whole number."};
static const struct value_fault not_date = {"wrong-type", "This must be a date."};
static const struct value_fault not_date_time = {"wrong-type", "This must be a date with a time."};
static const struct value_fault not_time = {"wrong-type", "This must be a time of day."};
static const struct value_fault not_string = {"wrong-type", "This must be text."};
static const struct value_fault not_uri = {"wrong-type", "This must be a web address."};
static const struct value_fault not_choice = {"wrong-type", "This must be one of the choices offered."};
static const struct value_fault not_quantity = {"wrong-type", "This must be a number with its unit."};
static const struct value_fault not_attachment = {"wrong-type", "This must be a file."};
static const struct value_fault not_reference = {"wrong-type", "This must name a record."};
static const struct value_fault out_of_range = {"out-of-range", "This number is too large or too small."};
static const struct value_fault bad_date = {"invalid-date",
                                            "This date does not exist; write it as year-month-day."};
static const struct value_fault bad_date_time = {
    "invalid-date-time", "This is not a date, or not one with a time and its time zone, that exists."};
static const struct value_fault bad_time = {"invalid-time",
                                            "This time does not exist; write it as hours:minutes:seconds."};
static const struct value_fault bad_uri = {"invalid-url", "A web address must not be empty or have blanks."};
static const struct value_fault bad_code = {"invalid-code", "A code must not have blanks around it."};
static const struct value_fault empty = {"empty", "An answer must not be empty; clear it instead."};
static const struct value_fault control = {"control-character",
                                           "This text has characters that cannot be stored."};
static const struct value_fault too_long = {"too-long", "This text is too long."};

static const struct {
    const char *suffix;
    unsigned kind;
} kinds[] = {
    {"Coding", FORM_KIND_CODING},
    {"String", FORM_KIND_STRING},
    {"Boolean", FORM_KIND_BOOLEAN},
    {"Integer", FORM_KIND_INTEGER},
    {"Decimal", FORM_KIND_DECIMAL},
    {"Date", FORM_KIND_DATE},
    {"DateTime", FORM_KIND_DATE_TIME},
    {"Time", FORM_KIND_TIME},
    {"Uri", FORM_KIND_URI},
    {"Attachment", FORM_KIND_ATTACHMENT},
    {"Quantity", FORM_KIND_QUANTITY},
    {"Reference", FORM_KIND_REFERENCE},
};

unsigned
value_kind(const char *member, const char *prefix)
{
    size_t size = strlen(prefix);
    if (strncmp(member, prefix, size) != 0) {
        return FORM_KIND_NONE;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        /* The first byte tells most of them apart: this is asked of every member of every answer. */
        if (member[size] == kinds[i].suffix[0] && strcmp(member + size, kinds[i].suffix) == 0) {
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

size_t
value_characters(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += ((unsigned char)text[i] & 0xc0U) != 0x80U;
    }
    return count;
}

static bool
is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* FHIR's string: not empty (and more than blanks), no control characters but tab and line ends. */
const struct value_fault *
value_check_string(struct json_object *value)
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
        if (byte < ' ' && !is_blank(byte)) {
            return &control;
        }
        visible = visible || byte > ' ';
    }
    return visible ? NULL : &empty;
}

/* FHIR's uri: \S*, and not empty. Relative ones and urn: are uris too. */
const struct value_fault *
value_check_uri(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string)) {
        return &not_uri;
    }
    const char *text = json_object_get_string(value);
    size_t size = (size_t)json_object_get_string_len(value);
    if (size > FORM_STRING_MAX) {
        return &too_long;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] <= ' ') {
            return &bad_uri;
        }
    }
    return size == 0 ? &bad_uri : NULL;
}

/* FHIR's code: no blanks at its ends, single ones between words. */
const struct value_fault *
value_check_code(struct json_object *value)
{
    const struct value_fault *fault = value_check_string(value);
    const char *text = fault == NULL ? json_object_get_string(value) : "x";
    bool blank = true; /* also before the first byte */
    for (; *text != '\0'; text++) {
        bool here = is_blank((unsigned char)*text);
        if (here && blank) {
            return &bad_code;
        }
        blank = here;
    }
    return fault != NULL ? fault : (blank ? &bad_code : NULL);
}

const struct value_fault *
value_check_decimal(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double)) {
        return &not_decimal;
    }
    return isfinite(json_object_get_double(value)) ? NULL : &out_of_range;
}

const struct value_fault *
value_check_integer(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_int)) {
        return &not_integer;
    }
    int64_t number = json_object_get_int64(value);
    return number < INT32_MIN || number > INT32_MAX ? &out_of_range : NULL;
}

static const struct value_fault *
check_moment(struct json_object *value, bool (*is_proper)(const char *, size_t),
             const struct value_fault *other, const struct value_fault *bad)
{
    if (!json_object_is_type(value, json_type_string)) {
        return other;
    }
    return is_proper(json_object_get_string(value), (size_t)json_object_get_string_len(value)) ? NULL : bad;
}

const struct value_fault *
value_check_date_time(struct json_object *value)
{
    return check_moment(value, moment_is_date_time, &not_date_time, &bad_date_time);
}

const struct value_fault *
value_check_date(struct json_object *value)
{
    return check_moment(value, moment_is_date, &not_date, &bad_date);
}

const struct value_fault *
value_check_time(struct json_object *value)
{
    return check_moment(value, moment_is_time, &not_time, &bad_time);
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
    case FORM_KIND_DATE_TIME:
        return &not_date_time;
    case FORM_KIND_TIME:
        return &not_time;
    case FORM_KIND_STRING:
        return &not_string;
    case FORM_KIND_URI:
        return &not_uri;
    case FORM_KIND_QUANTITY:
        return &not_quantity;
    case FORM_KIND_ATTACHMENT:
        return &not_attachment;
    case FORM_KIND_REFERENCE:
        return &not_reference;
    default:
        return &not_choice;
    }
}
