#include "lib/base/json_fault.h"

static const struct {
    const char *name;
    const char *text;
} faults[] = {
    [JSON_FINE] = {"fine", "is fine"},
    [JSON_EMPTY] = {"empty", "is empty where a JSON value must be"},
    [JSON_SYNTAX] = {"syntax", "is not what JSON's grammar allows here"},
    [JSON_CUT_SHORT] = {"cut-short", "ends before the JSON value does"},
    [JSON_TRAILING_BYTES] = {"trailing-bytes", "goes on after the JSON value"},
    [JSON_BYTE_ORDER_MARK] = {"byte-order-mark", "starts with a byte order mark"},
    [JSON_TOO_DEEP] = {"too-deep", "is nested more than 32 levels deep"},
    [JSON_DUPLICATE_MEMBER] = {"duplicate-member", "gives the same member of an object twice"},
    [JSON_BAD_UTF8] = {"bad-utf8", "is not UTF-8"},
    [JSON_BAD_ESCAPE] = {"bad-escape", "has an escape that JSON does not know"},
    [JSON_LONE_SURROGATE] = {"lone-surrogate", "has half of a surrogate pair"},
    [JSON_NUL_CHARACTER] = {"nul-character", "has the character U+0000"},
    [JSON_CONTROL_CHARACTER] = {"control-character", "has a control character that is not escaped"},
    [JSON_BAD_NUMBER] = {"bad-number", "has a number that JSON does not allow"},
    [JSON_NUMBER_TOO_LARGE] = {"number-too-large", "has a number that is too large or too long"},
    [JSON_TOO_MANY_MEMBERS] = {"too-many-members", "has too many members"},
    [JSON_TOO_LONG] = {"too-long", "is too long"},
    [JSON_NO_MEMORY] = {"no-memory", "could not be held in memory"},
};

const char *
json_fault_name(enum json_fault_code code)
{
    return faults[code].name;
}

const char *
json_fault_text(enum json_fault_code code)
{
    return faults[code].text;
}
