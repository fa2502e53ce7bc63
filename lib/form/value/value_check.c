/* A value against its kind: the primitives are value.c's, what has members is datatype.c's. */
#include "lib/form/value/value.h"

const struct value_fault *
value_check(enum form_kind kind, struct json_object *value)
{
    switch (kind) {
    case FORM_KIND_BOOLEAN:
        return json_object_is_type(value, json_type_boolean) ? NULL : value_wrong_type(kind);
    case FORM_KIND_DECIMAL:
        return value_check_decimal(value);
    case FORM_KIND_INTEGER:
        return value_check_integer(value);
    case FORM_KIND_DATE:
        return value_check_date(value);
    case FORM_KIND_DATE_TIME:
        return value_check_date_time(value);
    case FORM_KIND_TIME:
        return value_check_time(value);
    case FORM_KIND_STRING:
        return value_check_string(value);
    case FORM_KIND_URI:
        return value_check_uri(value);
    case FORM_KIND_CODING:
    case FORM_KIND_QUANTITY:
    case FORM_KIND_ATTACHMENT:
    case FORM_KIND_REFERENCE:
        return value_check_datatype(kind, value);
    case FORM_KIND_NONE:
    case FORM_KIND_ANY:
        break;
    }
    return value_wrong_type(FORM_KIND_STRING);
}
