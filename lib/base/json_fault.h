/* What can be wrong with a JSON text, and where. */
#ifndef ANAMNESIS_BASE_JSON_FAULT_H
#define ANAMNESIS_BASE_JSON_FAULT_H

#include <stddef.h>

enum json_fault_code {
    JSON_FINE,
    JSON_EMPTY,
    JSON_SYNTAX,
    JSON_CUT_SHORT,
    JSON_TRAILING_BYTES,
    JSON_BYTE_ORDER_MARK,
    JSON_TOO_DEEP,
    JSON_DUPLICATE_MEMBER,
    JSON_BAD_UTF8,
    JSON_BAD_ESCAPE,
    JSON_LONE_SURROGATE,
    JSON_NUL_CHARACTER,
    JSON_CONTROL_CHARACTER,
    JSON_BAD_NUMBER,
    JSON_NUMBER_TOO_LARGE,
    JSON_TOO_MANY_MEMBERS,
    JSON_TOO_LONG, /* of 2^32 bytes or more */
    JSON_NO_MEMORY /* json_read only */
};

struct json_fault {
    enum json_fault_code code;
    size_t offset; /* bytes before the fault */
    size_t line;   /* from 1 */
    size_t column; /* from 1, in bytes */
};

/* A code for programs ("duplicate-member") and a sentence for people. */
const char *json_fault_name(enum json_fault_code code);
const char *json_fault_text(enum json_fault_code code);

#endif
