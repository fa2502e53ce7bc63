/*
 * The table of functions: everything that a name in front of a bracket may be.
 *
 * The parser finds a function by its name with a binary search, checks the number of arguments, and stores
 * the index; the evaluator calls by it. So rows stand in the order of their names, bytes as they are. The
 * traits tell the parser and uses.c what a function may look at: a wrong one makes auto-save miss a change.
 * The price is what tests/fhirpath/test_price.py measures the function by.
 */
#include "lib/fhirpath/functions.h"

#include "lib/fhirpath/calls.h"

#include <string.h>

enum { ANY = 8 /* arguments of what is not supported anyway */ };

/* In order of their names. NULL: of FHIR or the specification, but it needs terminology, profiles or a
 * server. */
static const struct function functions[] = {
    {"abs", 0, 0, 0, PRICE_VALUE, call_abs},
    {"aggregate", 1, 2, FUNCTION_LAMBDA, PRICE_LAMBDA, call_aggregate},
    {"all", 1, 1, FUNCTION_LAMBDA, PRICE_LAMBDA, call_all},
    {"allFalse", 0, 0, 0, PRICE_ELEMENTS, call_all_false},
    {"allTrue", 0, 0, 0, PRICE_ELEMENTS, call_all_true},
    {"answers", 0, 0, FUNCTION_STRUCTURE, PRICE_TREE, call_answers},
    {"anyFalse", 0, 0, 0, PRICE_ELEMENTS, call_any_false},
    {"anyTrue", 0, 0, 0, PRICE_ELEMENTS, call_any_true},
    {"avg", 0, 0, 0, PRICE_ELEMENTS, call_avg},
    {"ceiling", 0, 0, 0, PRICE_VALUE, call_ceiling},
    {"checkModifiers", 1, ANY, 0, PRICE_ONE, NULL},
    {"children", 0, 0, FUNCTION_STRUCTURE, PRICE_TREE, call_children},
    {"combine", 1, 1, 0, PRICE_ELEMENTS, call_combine},
    {"comparable", 1, 1, 0, PRICE_TEXT, call_comparable},
    {"conformsTo", 1, 1, 0, PRICE_ONE, NULL},
    {"contains", 1, 1, 0, PRICE_TEXT, call_contains},
    {"convertsToBoolean", 0, 0, 0, PRICE_TEXT, call_converts_to_boolean},
    {"convertsToDate", 0, 0, 0, PRICE_TEXT, call_converts_to_date},
    {"convertsToDateTime", 0, 0, 0, PRICE_TEXT, call_converts_to_date_time},
    {"convertsToDecimal", 0, 0, 0, PRICE_TEXT, call_converts_to_decimal},
    {"convertsToInteger", 0, 0, 0, PRICE_TEXT, call_converts_to_integer},
    {"convertsToQuantity", 0, 1, 0, PRICE_TEXT, call_converts_to_quantity},
    {"convertsToString", 0, 0, 0, PRICE_TEXT, call_converts_to_string},
    {"convertsToTime", 0, 0, 0, PRICE_TEXT, call_converts_to_time},
    {"count", 0, 0, 0, PRICE_ONE, call_count},
    {"decode", 1, 1, 0, PRICE_TEXT, call_decode},
    {"descendants", 0, 0, FUNCTION_STRUCTURE, PRICE_TREE, call_descendants},
    {"distinct", 0, 0, 0, PRICE_CONTENT, call_distinct},
    {"elementDefinition", 0, 0, 0, PRICE_ONE, NULL},
    {"empty", 0, 0, 0, PRICE_ONE, call_empty},
    {"encode", 1, 1, 0, PRICE_TEXT, call_encode},
    {"endsWith", 1, 1, 0, PRICE_TEXT, call_ends_with},
    {"escape", 1, 1, 0, PRICE_TEXT, call_escape},
    {"exclude", 1, 1, 0, PRICE_CONTENT, call_exclude},
    {"exists", 0, 1, FUNCTION_LAMBDA, PRICE_LAMBDA, call_exists},
    {"exp", 0, 0, 0, PRICE_VALUE, call_exp},
    {"expand", 0, 2, 0, PRICE_ONE, NULL},
    {"extension", 1, 1, 0, PRICE_TREE, call_extension},
    {"first", 0, 0, 0, PRICE_ONE, call_first},
    {"floor", 0, 0, 0, PRICE_VALUE, call_floor},
    {"getValue", 0, 0, 0, PRICE_VALUE, call_get_value},
    {"hasValue", 0, 0, 0, PRICE_ONE, call_has_value},
    {"highBoundary", 0, 1, 0, PRICE_VALUE, call_high_boundary},
    {"htmlChecks", 0, 0, 0, PRICE_ONE, NULL},
    {"iif", 2, 3, FUNCTION_LAMBDA, PRICE_LAMBDA, call_iif},
    {"indexOf", 1, 1, 0, PRICE_TEXT, call_index_of},
    {"intersect", 1, 1, 0, PRICE_CONTENT, call_intersect},
    {"isDistinct", 0, 0, 0, PRICE_CONTENT, call_is_distinct},
    {"join", 0, 1, 0, PRICE_TEXT, call_join},
    {"last", 0, 0, 0, PRICE_ONE, call_last},
    {"lastIndexOf", 1, 1, 0, PRICE_TEXT, call_last_index_of},
    {"length", 0, 0, 0, PRICE_TEXT, call_length},
    {"ln", 0, 0, 0, PRICE_VALUE, call_ln},
    {"log", 1, 1, 0, PRICE_VALUE, call_log},
    {"lookup", 1, 2, 0, PRICE_ONE, NULL},
    {"lowBoundary", 0, 1, 0, PRICE_VALUE, call_low_boundary},
    {"lower", 0, 0, 0, PRICE_TEXT, call_lower},
    {"matches", 1, 1, FUNCTION_PATTERN, PRICE_TEXT, call_matches},
    {"matchesFull", 1, 1, FUNCTION_PATTERN | FUNCTION_WHOLE, PRICE_TEXT, call_matches_full},
    {"max", 0, 0, 0, PRICE_CONTENT, call_max},
    {"memberOf", 1, 1, 0, PRICE_ONE, NULL},
    {"min", 0, 0, 0, PRICE_CONTENT, call_min},
    {"not", 0, 0, 0, PRICE_ONE, call_not},
    {"now", 0, 0, FUNCTION_CLOCK, PRICE_ONE, call_now},
    {"ordinal", 0, 0, 0, PRICE_ELEMENTS, call_weight},
    {"power", 1, 1, 0, PRICE_VALUE, call_power},
    {"precision", 0, 0, 0, PRICE_VALUE, call_precision},
    {"repeat", 1, 1, FUNCTION_STRUCTURE | FUNCTION_LAMBDA, PRICE_CONTENT, call_repeat},
    {"replace", 2, 2, 0, PRICE_TEXT, call_replace},
    {"replaceMatches", 2, 2, FUNCTION_PATTERN | FUNCTION_REPLACES, PRICE_TEXT, call_replace_matches},
    {"resolve", 0, 0, 0, PRICE_TREE, call_resolve},
    {"round", 0, 1, 0, PRICE_VALUE, call_round},
    {"select", 1, 1, FUNCTION_LAMBDA, PRICE_LAMBDA, call_select},
    {"single", 0, 0, 0, PRICE_ONE, call_single},
    {"skip", 1, 1, 0, PRICE_ONE, call_skip},
    {"sort", 0, 8, FUNCTION_LAMBDA, PRICE_CONTENT, call_sort},
    {"split", 1, 1, 0, PRICE_TEXT, call_split},
    {"sqrt", 0, 0, 0, PRICE_VALUE, call_sqrt},
    {"startsWith", 1, 1, 0, PRICE_TEXT, call_starts_with},
    {"subsetOf", 1, 1, 0, PRICE_CONTENT, call_subset_of},
    {"substring", 1, 2, 0, PRICE_TEXT, call_substring},
    {"subsumedBy", 1, 1, 0, PRICE_ONE, NULL},
    {"subsumes", 1, 1, 0, PRICE_ONE, NULL},
    {"sum", 0, 0, 0, PRICE_ELEMENTS, call_sum},
    {"supersetOf", 1, 1, 0, PRICE_CONTENT, call_superset_of},
    {"tail", 0, 0, 0, PRICE_ONE, call_tail},
    {"take", 1, 1, 0, PRICE_ONE, call_take},
    {"timeOfDay", 0, 0, FUNCTION_CLOCK, PRICE_ONE, call_time_of_day},
    {"toBoolean", 0, 0, 0, PRICE_TEXT, call_to_boolean},
    {"toChars", 0, 0, 0, PRICE_TEXT, call_to_chars},
    {"toDate", 0, 0, 0, PRICE_TEXT, call_to_date},
    {"toDateTime", 0, 0, 0, PRICE_TEXT, call_to_date_time},
    {"toDecimal", 0, 0, 0, PRICE_TEXT, call_to_decimal},
    {"toInteger", 0, 0, 0, PRICE_TEXT, call_to_integer},
    {"toQuantity", 0, 1, 0, PRICE_TEXT, call_to_quantity},
    {"toString", 0, 0, 0, PRICE_TEXT, call_to_string},
    {"toTime", 0, 0, 0, PRICE_TEXT, call_to_time},
    {"today", 0, 0, FUNCTION_CLOCK, PRICE_ONE, call_today},
    {"trace", 1, 2, FUNCTION_LAMBDA, PRICE_LAMBDA, call_trace},
    {"translate", 1, 2, 0, PRICE_ONE, NULL},
    {"trim", 0, 0, 0, PRICE_TEXT, call_trim},
    {"truncate", 0, 0, 0, PRICE_VALUE, call_truncate},
    {"type", 0, 0, 0, PRICE_ELEMENTS, call_type},
    {"unescape", 1, 1, 0, PRICE_TEXT, call_unescape},
    {"union", 1, 1, 0, PRICE_CONTENT, call_union},
    {"upper", 0, 0, 0, PRICE_TEXT, call_upper},
    {"validateCS", 1, 2, 0, PRICE_ONE, NULL},
    {"validateVS", 1, 2, 0, PRICE_ONE, NULL},
    {"weight", 0, 0, 0, PRICE_ELEMENTS, call_weight},
    {"where", 1, 1, FUNCTION_STRUCTURE | FUNCTION_LAMBDA, PRICE_LAMBDA, call_where},
};

enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

unsigned
function_count(void)
{
    return FUNCTIONS;
}

const struct function *
function_at(unsigned index)
{
    return &functions[index];
}

int
function_by_name(const char *name, size_t size)
{
    int low = 0;
    int high = FUNCTIONS;
    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = strncmp(name, functions[middle].name, size);
        if (order == 0 && functions[middle].name[size] == '\0') {
            return middle;
        }
        if (order > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}
