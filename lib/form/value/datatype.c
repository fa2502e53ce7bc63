/*
 * The datatypes of answers that have members: Coding, Quantity, Attachment, Reference, and what stands inside
 * them. Members that FHIR R4 does not know are refused: they would be stored and never understood.
 * https://hl7.org/fhir/R4/datatypes.html, references.html
 */
#include "lib/form/value/value.h"

#include <string.h>

enum {
    DATATYPE_DEPTH_MAX = 8,   /* Reference.identifier.assigner is a Reference again */
    EXTENSION_DEPTH_MAX = 16, /* extensions inside extensions */
    BASE64_UNIT = 4,          /* characters for three bytes */
    BASE64_BYTES = 3
};

static const struct value_fault bad_coding = {"wrong-type", "This must be one of the choices offered."};
static const struct value_fault bad_quantity = {"wrong-type", "This must be a number with its unit."};
static const struct value_fault bad_attachment = {"wrong-type", "This must be a file."};
static const struct value_fault bad_reference = {"wrong-type", "This must name a record."};
static const struct value_fault no_code = {"no-code", "This choice has neither a code nor a text."};
static const struct value_fault no_quantity = {"empty", "This must be a number with its unit."};
static const struct value_fault no_attachment = {"empty", "This names no file."};
static const struct value_fault no_reference = {"empty", "This names no record."};
static const struct value_fault code_without_system = {
    "qty-3", "The unit has a code, but not the system that the code is from."};
static const struct value_fault data_without_type = {"att-1", "The file's kind is not given."};
static const struct value_fault bad_base64 = {"invalid-base64", "The content of this file is not readable."};

enum shape {
    STRING,
    CODE,
    URI,
    NUMBER,
    COMPARATOR,
    TRUTH,
    COUNT, /* unsignedInt */
    BASE64,
    DATE_TIME,
    CODING,
    CODINGS,
    CONCEPT,
    PERIOD,
    IDENTIFIER,
    REFERENCE,
    EXTENSIONS
};

struct member {
    const char *name;
    enum shape shape;
};

/* Every one of them also takes `id` and `extension`. */
static const struct member coding_members[] = {
    {"system", URI},     {"code", CODE},          {"display", STRING},
    {"version", STRING}, {"userSelected", TRUTH}, {NULL, STRING},
};
static const struct member quantity_members[] = {
    {"value", NUMBER}, {"comparator", COMPARATOR}, {"unit", STRING}, {"system", URI}, {"code", CODE},
    {NULL, STRING},
};
static const struct member attachment_members[] = {
    {"contentType", CODE}, {"language", CODE}, {"data", BASE64},        {"url", URI},   {"size", COUNT},
    {"hash", BASE64},      {"title", STRING},  {"creation", DATE_TIME}, {NULL, STRING},
};
static const struct member reference_members[] = {
    {"reference", URI}, {"type", URI}, {"identifier", IDENTIFIER}, {"display", STRING}, {NULL, STRING},
};
static const struct member identifier_members[] = {
    {"use", CODE},      {"type", CONCEPT},       {"system", URI}, {"value", STRING},
    {"period", PERIOD}, {"assigner", REFERENCE}, {NULL, STRING},
};
static const struct member concept_members[] = {{"coding", CODINGS}, {"text", STRING}, {NULL, STRING}};
static const struct member period_members[] = {{"start", DATE_TIME}, {"end", DATE_TIME}, {NULL, STRING}};
static const struct member common_members[] = {{"id", STRING}, {"extension", EXTENSIONS}, {NULL, STRING}};

static const struct value_fault *check_shape(enum shape shape, struct json_object *value,
                                             const struct value_fault *bad, int depth);

static const struct member *
member_named(const struct member *members, const char *name)
{
    while (members->name != NULL && strcmp(members->name, name) != 0) {
        members++;
    }
    return members->name == NULL ? NULL : members;
}

/* `_code` carries the id and extensions of the primitive `code`. */
static bool
is_twin(const struct member *members, const char *name, struct json_object *value)
{
    const struct member *member = name[0] == '_' ? member_named(members, name + 1) : NULL;
    return member != NULL && member->shape <= DATE_TIME && value_twin_good(value);
}

static const struct value_fault *
check_members(const struct member *members, struct json_object *object, const struct value_fault *bad,
              int depth)
{
    if (!json_object_is_type(object, json_type_object) || json_object_object_length(object) == 0 ||
        depth > DATATYPE_DEPTH_MAX) {
        return bad;
    }
    json_object_object_foreach(object, name, value)
    {
        const struct member *member = member_named(members, name);
        member = member == NULL ? member_named(common_members, name) : member;
        if (member == NULL && !is_twin(members, name, value)) {
            return bad;
        }
        const struct value_fault *fault =
            member == NULL ? NULL : check_shape(member->shape, value, bad, depth);
        if (fault != NULL) {
            return fault;
        }
    }
    return NULL;
}

static bool
is_base64(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '+' || byte == '/';
}

int64_t
value_base64_size(const char *text, size_t size)
{
    int64_t digits = 0;
    int64_t padding = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '=') {
            padding++;
        } else if (is_base64(byte) && padding == 0) {
            digits++;
        } else if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            return -1;
        }
    }
    bool whole = digits != 0 && (digits + padding) % BASE64_UNIT == 0 && padding < BASE64_BYTES;
    return whole ? (digits + padding) / BASE64_UNIT * BASE64_BYTES - padding : -1;
}

static bool
is_list_of_codings(struct json_object *list, int depth)
{
    bool good = json_object_is_type(list, json_type_array) && json_object_array_length(list) != 0;
    for (size_t i = 0; good && i < json_object_array_length(list); i++) {
        good = check_shape(CODING, json_object_array_get_idx(list, i), &bad_coding, depth) == NULL;
    }
    return good;
}

static bool
is_one_of(struct json_object *value, const char *const *words)
{
    const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
    while (*words != NULL && strcmp(*words, text) != 0) {
        words++;
    }
    return *words != NULL;
}

/* A text of another JSON type makes the whole no such value; what is wrong in a text is told as it is. */
static const struct value_fault *
told(struct json_object *value, const struct value_fault *fault, const struct value_fault *bad)
{
    return fault == NULL || json_object_is_type(value, json_type_string) ? fault : bad;
}

static const struct value_fault *
check_shape(enum shape shape, struct json_object *value, const struct value_fault *bad, int depth)
{
    static const char *const comparators[] = {"<", "<=", ">=", ">", NULL};
    switch (shape) {
    case STRING:
        return told(value, value_check_string(value), bad);
    case CODE:
        return told(value, value_check_code(value), bad);
    case URI:
        return told(value, value_check_uri(value), bad);
    case DATE_TIME:
        return told(value, value_check_date_time(value), bad);
    case NUMBER:
        return value_check_decimal(value);
    case COMPARATOR:
        return is_one_of(value, comparators) ? NULL : bad;
    case TRUTH:
        return json_object_is_type(value, json_type_boolean) ? NULL : bad;
    case COUNT:
        return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 0 &&
                       json_object_get_int64(value) <= INT32_MAX
                   ? NULL
                   : bad;
    case BASE64:
        if (!json_object_is_type(value, json_type_string)) {
            return bad;
        }
        return value_base64_size(json_object_get_string(value), (size_t)json_object_get_string_len(value)) < 0
                   ? &bad_base64
                   : NULL;
    case CODING:
        return check_members(coding_members, value, bad, depth + 1);
    case CODINGS:
        return is_list_of_codings(value, depth + 1) ? NULL : bad;
    case CONCEPT:
        return check_members(concept_members, value, bad, depth + 1);
    case PERIOD:
        return check_members(period_members, value, bad, depth + 1);
    case IDENTIFIER:
        return check_members(identifier_members, value, bad, depth + 1);
    case REFERENCE:
        return check_members(reference_members, value, bad, depth + 1);
    case EXTENSIONS:
        return value_extensions_good(value) ? NULL : bad;
    }
    return bad;
}

static bool
has(struct json_object *object, const char *name)
{
    return json_object_object_get_ex(object, name, NULL) != 0;
}

static const struct value_fault *
check_coding(struct json_object *value)
{
    const struct value_fault *fault = check_members(coding_members, value, &bad_coding, 1);
    return fault == NULL && !has(value, "code") && !has(value, "display") ? &no_code : fault;
}

static const struct value_fault *
check_quantity(struct json_object *value)
{
    const struct value_fault *fault = check_members(quantity_members, value, &bad_quantity, 1);
    if (fault == NULL && has(value, "code") && !has(value, "system")) {
        return &code_without_system;
    }
    return fault == NULL && !has(value, "value") && !has(value, "unit") && !has(value, "code") ? &no_quantity
                                                                                               : fault;
}

static const struct value_fault *
check_attachment(struct json_object *value)
{
    const struct value_fault *fault = check_members(attachment_members, value, &bad_attachment, 1);
    if (fault == NULL && has(value, "data") && !has(value, "contentType")) {
        return &data_without_type;
    }
    return fault == NULL && !has(value, "data") && !has(value, "url") && !has(value, "title") ? &no_attachment
                                                                                              : fault;
}

static const struct value_fault *
check_reference(struct json_object *value)
{
    const struct value_fault *fault = check_members(reference_members, value, &bad_reference, 1);
    return fault == NULL && !has(value, "reference") && !has(value, "identifier") && !has(value, "display")
               ? &no_reference
               : fault;
}

const struct value_fault *
value_check_datatype(enum form_kind kind, struct json_object *value)
{
    switch (kind) {
    case FORM_KIND_QUANTITY:
        return check_quantity(value);
    case FORM_KIND_ATTACHMENT:
        return check_attachment(value);
    case FORM_KIND_REFERENCE:
        return check_reference(value);
    default:
        return check_coding(value);
    }
}

const struct value_fault *
value_check_identifier(struct json_object *value)
{
    return check_members(identifier_members, value, &bad_reference, 1);
}

const struct value_fault *
value_check_period(struct json_object *value)
{
    return check_members(period_members, value, &bad_reference, 1);
}

static bool are_extensions(struct json_object *extensions, int depth);

/* Exactly one value, or extensions; and the url (ext-1). The value's own content is not looked at. */
static bool
is_extension(struct json_object *extension, int depth)
{
    size_t values = 0;
    bool url = false;
    bool nested = false;
    if (!json_object_is_type(extension, json_type_object)) {
        return false;
    }
    json_object_object_foreach(extension, name, value)
    {
        if (strcmp(name, "url") == 0) {
            url = value_check_uri(value) == NULL;
        } else if (strcmp(name, "extension") == 0) {
            nested = are_extensions(value, depth + 1);
            if (!nested) {
                return false;
            }
        } else if (strncmp(name, "value", strlen("value")) == 0 && name[strlen("value")] != '\0') {
            values += value != NULL;
        } else if (strncmp(name, "_value", strlen("_value")) == 0) {
            /* A primitive that has extensions only, such as an expression that calculates it. */
            values += !json_object_object_get_ex(extension, name + 1, NULL);
        } else if (strcmp(name, "id") != 0) {
            return false;
        }
    }
    return url && values <= 1 && nested == (values == 0);
}

static bool
are_extensions(struct json_object *extensions, int depth)
{
    bool good = json_object_is_type(extensions, json_type_array) &&
                json_object_array_length(extensions) != 0 && depth <= EXTENSION_DEPTH_MAX;
    for (size_t i = 0; good && i < json_object_array_length(extensions); i++) {
        good = is_extension(json_object_array_get_idx(extensions, i), depth);
    }
    return good;
}

bool
value_extensions_good(struct json_object *extensions)
{
    return are_extensions(extensions, 1);
}

bool
value_twin_good(struct json_object *twin)
{
    if (!json_object_is_type(twin, json_type_object) || json_object_object_length(twin) == 0) {
        return false;
    }
    json_object_object_foreach(twin, name, value)
    {
        bool good = strcmp(name, "id") == 0          ? value_check_string(value) == NULL
                    : strcmp(name, "extension") == 0 ? value_extensions_good(value)
                                                     : false;
        if (!good) {
            return false;
        }
    }
    return true;
}
