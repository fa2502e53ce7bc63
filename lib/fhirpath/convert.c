/*
 * Conversions (N1, 5.5): toX() and convertsToX(), which ask the same question. A value that does not convert
 * gives empty or false and is no fault, so an author can ask first; several elements are a fault.
 */
#include "lib/base/decimal.h"
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/quantity.h"
#include "lib/fhirpath/run.h"

#include <string.h>

#define CALL(name)                                                                                           \
    struct fhirpath_list name(struct run *run, const struct operation *call, const struct scope *scope,      \
                              struct fhirpath_list input)

static bool
is_word(struct fhirpath_value text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == text.size && strncasecmp(words[i], text.as.text, text.size) == 0) {
            return true;
        }
    }
    return false;
}

static bool
to_boolean(struct fhirpath_value value, struct fhirpath_value *converted)
{
    static const char *const yes[] = {"true", "t", "yes", "y", "1", "1.0"};
    static const char *const no[] = {"false", "f", "no", "n", "0", "0.0"};
    struct decimal number;
    bool truth = false;
    if (value.type == FHIRPATH_BOOLEAN) {
        truth = value.as.boolean;
    } else if (fhirpath_decimal_of(value, &number)) {
        truth = decimal_compare(number, decimal_of_integer(1)) == 0;
        if (!truth && number.coefficient != 0) {
            return false;
        }
    } else if (value.type == FHIRPATH_STRING) {
        truth = is_word(value, yes, sizeof yes / sizeof yes[0]);
        if (!truth && !is_word(value, no, sizeof no / sizeof no[0])) {
            return false;
        }
    } else {
        return false;
    }
    *converted = (struct fhirpath_value){.type = FHIRPATH_BOOLEAN};
    converted->as.boolean = truth;
    return true;
}

static bool
to_integer(struct fhirpath_value value, struct fhirpath_value *converted)
{
    struct decimal number = {0, 0};
    int64_t integer = 0;
    if (value.type == FHIRPATH_INTEGER) {
        *converted = value;
        return true;
    }
    if (value.type == FHIRPATH_BOOLEAN) {
        integer = value.as.boolean ? 1 : 0;
    } else if (value.type != FHIRPATH_STRING || memchr(value.as.text, '.', value.size) != NULL ||
               !decimal_parse(value.as.text, value.size, false, &number) ||
               !decimal_to_integer(number, &integer) || integer > INT32_MAX || integer < INT32_MIN) {
        return false;
    }
    *converted = (struct fhirpath_value){.type = FHIRPATH_INTEGER};
    converted->as.integer = integer;
    return true;
}

static bool
to_decimal(struct fhirpath_value value, struct fhirpath_value *converted)
{
    struct decimal number = {0, 0};
    if (value.type == FHIRPATH_BOOLEAN) {
        number = (struct decimal){value.as.boolean ? 10 : 0, 1};
    } else if (!fhirpath_decimal_of(value, &number) &&
               (value.type != FHIRPATH_STRING || !decimal_parse(value.as.text, value.size, false, &number))) {
        return false;
    }
    *converted = (struct fhirpath_value){.type = FHIRPATH_DECIMAL, .scale = (uint8_t)number.scale};
    converted->as.coefficient = number.coefficient;
    return true;
}

static bool
to_moment(struct fhirpath_value value, enum fhirpath_type type, struct fhirpath_value *converted)
{
    struct moment moment = {0};
    bool fine = false;
    if (value.type == FHIRPATH_STRING) {
        const char *text = value.as.text;
        fine = type == FHIRPATH_TIME   ? fhirpath_moment_parse_time(text, value.size, &moment)
               : type == FHIRPATH_DATE ? fhirpath_moment_parse_date(text, value.size, &moment) ||
                                             fhirpath_moment_parse_date_time(text, value.size, &moment)
                                       : fhirpath_moment_parse_date_time(text, value.size, &moment);
    } else if (value.type == type ||
               (type != FHIRPATH_TIME && (value.type == FHIRPATH_DATE || value.type == FHIRPATH_DATE_TIME))) {
        moment = value.as.moment;
        fine = true;
    }
    if (!fine) {
        return false;
    }
    if (type == FHIRPATH_DATE && moment.precision > MOMENT_DAY) { /* the time falls off */
        moment = (struct moment){.year = moment.year,
                                 .month = moment.month,
                                 .day = moment.day,
                                 .precision = MOMENT_DAY,
                                 .offset = MOMENT_NO_OFFSET};
    }
    *converted = (struct fhirpath_value){.type = (uint8_t)type};
    converted->as.moment = moment;
    return true;
}

/* number, number 'unit', number word */
static bool
quantity_text(struct fhirpath_value value, struct fhirpath_quantity *quantity)
{
    const char *text = value.as.text;
    size_t size = 0;
    while (size < value.size && text[size] != ' ' && text[size] != '\'') {
        size++;
    }
    if (!decimal_parse(text, size, false, &quantity->number)) {
        return false;
    }
    while (size < value.size && text[size] == ' ') {
        size++;
    }
    const char *unit = text + size;
    size_t rest = value.size - size;
    quantity->calendar = false;
    quantity->unit = (struct span){(const unsigned char *)"1", 1};
    if (rest == 0) {
        return true;
    }
    if (unit[0] == '\'') {
        quantity->unit = (struct span){(const unsigned char *)unit + 1, rest > 2 ? rest - 2 : 0};
        return rest > 2 && unit[rest - 1] == '\'' && memchr(unit + 1, '\'', rest - 2) == NULL;
    }
    const char *word = quantity_calendar_word(unit, rest);
    quantity->calendar = true;
    quantity->unit = word == NULL ? quantity->unit : (struct span){(const unsigned char *)word, strlen(word)};
    return word != NULL;
}

static bool
to_quantity(struct run *run, struct fhirpath_value value, struct fhirpath_value *converted)
{
    struct fhirpath_quantity quantity = {.unit = {(const unsigned char *)"1", 1}};
    if (value.type == FHIRPATH_QUANTITY) {
        *converted = value;
        return true;
    }
    if (value.type == FHIRPATH_BOOLEAN) {
        quantity.number = (struct decimal){value.as.boolean ? 10 : 0, 1};
    } else if (!fhirpath_decimal_of(value, &quantity.number) &&
               (value.type != FHIRPATH_STRING || !quantity_text(value, &quantity))) {
        return false;
    }
    *converted = run_quantity(run, quantity).values[0];
    return true;
}

bool
convert_value(struct run *run, struct fhirpath_value value, enum fhirpath_type type,
              struct fhirpath_value *converted)
{
    struct span text;
    if (value.type == FHIRPATH_STRING && type != FHIRPATH_STRING) {
        run_bytes(run, value.size);
    }
    switch (type) {
    case FHIRPATH_BOOLEAN:
        return to_boolean(value, converted);
    case FHIRPATH_INTEGER:
        return to_integer(value, converted);
    case FHIRPATH_DECIMAL:
        return to_decimal(value, converted);
    case FHIRPATH_STRING:
        run_check_memory(run);
        if (value.type == FHIRPATH_QUANTITY) {
            run_bytes(run, 2 * value.as.quantity->unit.size);
        }
        if (!convert_text(run->arena, value, &text)) {
            return false;
        }
        *converted = (struct fhirpath_value){.type = FHIRPATH_STRING, .size = (uint32_t)text.size};
        converted->as.text = (const char *)text.data;
        return true;
    case FHIRPATH_DATE:
    case FHIRPATH_DATE_TIME:
    case FHIRPATH_TIME:
        return to_moment(value, type, converted);
    case FHIRPATH_QUANTITY:
        return to_quantity(run, value, converted);
    default:
        return false;
    }
}

/* toX(), and convertsToX(). */
static struct fhirpath_list
convert(struct run *run, struct fhirpath_list input, enum fhirpath_type type, bool only_ask)
{
    struct fhirpath_value value;
    struct fhirpath_value converted;
    if (!run_single(run, input, &value)) {
        return run_empty;
    }
    bool fine = convert_value(run, value, type, &converted);
    if (only_ask) {
        return run_boolean(run, fine);
    }
    return fine ? run_one(run, converted) : run_empty;
}

#define CONVERSION(name, type, only_ask)                                                                     \
    CALL(name)                                                                                               \
    {                                                                                                        \
        (void)call;                                                                                          \
        (void)scope;                                                                                         \
        return convert(run, input, type, only_ask);                                                          \
    }

CONVERSION(call_to_boolean, FHIRPATH_BOOLEAN, false)
CONVERSION(call_converts_to_boolean, FHIRPATH_BOOLEAN, true)
CONVERSION(call_to_integer, FHIRPATH_INTEGER, false)
CONVERSION(call_converts_to_integer, FHIRPATH_INTEGER, true)
CONVERSION(call_to_decimal, FHIRPATH_DECIMAL, false)
CONVERSION(call_converts_to_decimal, FHIRPATH_DECIMAL, true)
CONVERSION(call_to_string, FHIRPATH_STRING, false)
CONVERSION(call_converts_to_string, FHIRPATH_STRING, true)
CONVERSION(call_to_date, FHIRPATH_DATE, false)
CONVERSION(call_converts_to_date, FHIRPATH_DATE, true)
CONVERSION(call_to_date_time, FHIRPATH_DATE_TIME, false)
CONVERSION(call_converts_to_date_time, FHIRPATH_DATE_TIME, true)
CONVERSION(call_to_time, FHIRPATH_TIME, false)
CONVERSION(call_converts_to_time, FHIRPATH_TIME, true)

/* toQuantity(unit): in that unit, when it converts to it. */
static struct fhirpath_list
quantity_in(struct run *run, struct fhirpath_list quantity, struct span unit)
{
    struct fhirpath_quantity zero = {.number = {0, 0}, .unit = unit};
    struct fhirpath_quantity sum;
    const char *word = quantity_calendar_word((const char *)unit.data, unit.size);
    if (word != NULL) {
        zero.calendar = true;
        zero.unit = (struct span){(const unsigned char *)word, strlen(word)};
    }
    if (quantity.count > 0) {
        run_quantities(run, quantity.values[0].as.quantity, &zero);
    }
    if (quantity.count == 0 || !quantity_add(&zero, quantity.values[0].as.quantity, false, &sum)) {
        return run_empty;
    }
    return run_quantity(run, sum);
}

CALL(call_to_quantity)
{
    struct fhirpath_list quantity = convert(run, input, FHIRPATH_QUANTITY, false);
    struct span unit;
    if (call->count > 0 && run_single_text(run, run_argument(run, call, 0, scope), &unit)) {
        return quantity_in(run, quantity, unit);
    }
    return quantity;
}

CALL(call_converts_to_quantity)
{
    if (call->count == 0) {
        return convert(run, input, FHIRPATH_QUANTITY, true);
    }
    return input.count == 0 ? run_empty
                            : run_boolean(run, call_to_quantity(run, call, scope, input).count > 0);
}
