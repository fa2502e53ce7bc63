#include "lib/fhirpath/quantity.h"

#include "lib/base/decimal.h"
#include "lib/fhirpath/unit.h"

#include <string.h>

static const struct {
    const char *singular;
    const char *plural;
    const char *ucum; /* the unit that it is, or is about */
    bool exact;       /* is, in N1's sense: equal to it */
} calendar[] = {
    {"year", "years", "a", false},    {"month", "months", "mo", false},
    {"week", "weeks", "wk", true},    {"day", "days", "d", true},
    {"hour", "hours", "h", true},     {"minute", "minutes", "min", true},
    {"second", "seconds", "s", true}, {"millisecond", "milliseconds", "ms", true},
};

enum { CALENDAR_WORDS = sizeof calendar / sizeof calendar[0] };

static bool
is_text(struct span span, const char *text)
{
    return span.size == strlen(text) && memcmp(span.data, text, span.size) == 0;
}

const char *
quantity_calendar_word(const char *text, size_t size)
{
    struct span word = {(const unsigned char *)text, size};
    for (size_t i = 0; i < CALENDAR_WORDS; i++) {
        if (is_text(word, calendar[i].singular) || is_text(word, calendar[i].plural)) {
            return calendar[i].singular;
        }
    }
    return NULL;
}

/* The unit of a quantity: a calendar year or month is a kind of its own, unless `about`. */
static bool
unit_of(const struct fhirpath_quantity *quantity, bool about, struct unit *unit)
{
    if (!quantity->calendar) {
        return unit_parse(quantity->unit, unit);
    }
    for (size_t i = 0; i < CALENDAR_WORDS; i++) {
        if (is_text(quantity->unit, calendar[i].singular)) {
            const char *ucum = calendar[i].ucum;
            if (calendar[i].exact || about) {
                return unit_parse((struct span){(const unsigned char *)ucum, strlen(ucum)}, unit);
            }
            unit_calendar_months(i == 0 ? 12 : 1, unit);
            return true;
        }
    }
    return false;
}

/* What N1 (5.5.7, toQuantity) makes of the calendar's years and months beside days: 365 and 30. */
static bool
in_days(const struct fhirpath_quantity *quantity, struct unit *unit)
{
    static const struct unit day = {.factor = {86400, 0}, .exponents = {[UNIT_SECOND] = 1}};
    struct decimal days = {is_text(quantity->unit, "year") ? 365 : 30, 0};
    if (!is_text(quantity->unit, "year") && !is_text(quantity->unit, "month")) {
        return unit_of(quantity, false, unit);
    }
    *unit = day;
    return decimal_multiply(unit->factor, days, &unit->factor);
}

/* The units of two quantities that are of one kind. */
static bool
units_of(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b, bool about,
         struct unit *a_unit, struct unit *b_unit)
{
    bool known = unit_of(a, about, a_unit) && unit_of(b, about, b_unit);
    if (known && !unit_same_kind(a_unit, b_unit) && a->calendar && b->calendar) {
        known = in_days(a, a_unit) && in_days(b, b_unit);
    }
    return known && unit_same_kind(a_unit, b_unit);
}

static bool
same_text(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b)
{
    return a->calendar == b->calendar && a->unit.size == b->unit.size &&
           (a->unit.size == 0 || memcmp(a->unit.data, b->unit.data, a->unit.size) == 0);
}

/* Both numbers in the same unit: as they are, or in base units. */
static bool
convert(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b, bool about,
        struct decimal *left, struct decimal *right)
{
    struct unit a_unit;
    struct unit b_unit;
    *left = a->number;
    *right = b->number;
    if (same_text(a, b)) {
        return true;
    }
    return units_of(a, b, about, &a_unit, &b_unit) && decimal_multiply(a->number, a_unit.factor, left) &&
           decimal_multiply(b->number, b_unit.factor, right);
}

bool
quantity_comparable(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b)
{
    struct decimal left;
    struct decimal right;
    return convert(a, b, false, &left, &right);
}

enum quantity_order
quantity_compare(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b)
{
    struct decimal left;
    struct decimal right;
    if (!convert(a, b, false, &left, &right)) {
        return QUANTITY_OTHER_UNIT;
    }
    int order = decimal_compare(left, right);
    return order < 0 ? QUANTITY_LESS : order > 0 ? QUANTITY_MORE : QUANTITY_SAME;
}

bool
quantity_equivalent(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b)
{
    struct unit a_unit;
    struct unit b_unit;
    struct decimal left = decimal_plain(a->number);
    struct decimal right = decimal_plain(b->number);
    if (!same_text(a, b)) {
        /* In the larger unit of the two, to the digits that the number with the larger unit has. */
        if (!unit_of(a, true, &a_unit) || !unit_of(b, true, &b_unit) || !unit_same_kind(&a_unit, &b_unit)) {
            return false;
        }
        bool a_larger = decimal_compare(a_unit.factor, b_unit.factor) >= 0;
        struct unit larger = a_larger ? a_unit : b_unit;
        struct decimal *smaller = a_larger ? &right : &left;
        if (!decimal_multiply(*smaller, (a_larger ? b_unit : a_unit).factor, smaller) ||
            !decimal_divide(*smaller, larger.factor, false, smaller)) {
            return false;
        }
    }
    unsigned scale = left.scale < right.scale ? left.scale : right.scale;
    return decimal_compare(decimal_round(left, scale, DECIMAL_HALF_AWAY),
                           decimal_round(right, scale, DECIMAL_HALF_AWAY)) == 0;
}

bool
quantity_add(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b, bool subtract,
             struct fhirpath_quantity *sum)
{
    struct unit a_unit;
    struct unit b_unit;
    struct decimal other = b->number;
    if (!same_text(a, b) &&
        (!units_of(a, b, false, &a_unit, &b_unit) || !decimal_multiply(b->number, b_unit.factor, &other) ||
         !decimal_divide(other, a_unit.factor, false, &other))) {
        return false;
    }
    *sum = *a;
    return subtract ? decimal_subtract(a->number, other, &sum->number)
                    : decimal_add(a->number, other, &sum->number);
}

bool
quantity_multiply(struct arena *arena, const struct fhirpath_quantity *a, const struct fhirpath_quantity *b,
                  bool divide, struct fhirpath_quantity *product)
{
    struct unit a_unit;
    struct unit b_unit;
    struct decimal left;
    struct decimal right;
    product->calendar = false;
    if (unit_is_one(b->unit) && !b->calendar) { /* a plain number leaves the unit as it is */
        product->unit = a->unit;
        product->calendar = a->calendar;
        return divide ? decimal_divide(a->number, b->number, false, &product->number)
                      : decimal_multiply(a->number, b->number, &product->number);
    }
    if (!unit_of(a, true, &a_unit) || !unit_of(b, true, &b_unit) ||
        !decimal_multiply(a->number, a_unit.factor, &left) ||
        !decimal_multiply(b->number, b_unit.factor, &right)) {
        return false;
    }
    product->unit = unit_product(arena, &a_unit, &b_unit, divide);
    return divide ? decimal_divide(left, right, false, &product->number)
                  : decimal_multiply(left, right, &product->number);
}

bool
quantity_duration(const struct fhirpath_quantity *quantity, int64_t *amount, enum moment_unit *unit)
{
    static const struct {
        const char *word;
        const char *ucum;
        enum moment_unit unit;
        int64_t factor;
    } durations[] = {
        {"year", NULL, MOMENT_YEARS, 1},
        {"month", NULL, MOMENT_MONTHS, 1},
        {"week", "wk", MOMENT_DAYS, 7},
        {"day", "d", MOMENT_DAYS, 1},
        {"hour", "h", MOMENT_HOURS, 1},
        {"minute", "min", MOMENT_MINUTES, 1},
        {"second", "s", MOMENT_MICROSECONDS, 1000000},
        {"millisecond", "ms", MOMENT_MICROSECONDS, 1000},
    };
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        const char *word = quantity_calendar_word((const char *)quantity->unit.data, quantity->unit.size);
        bool named = word != NULL && strcmp(word, durations[i].word) == 0;
        if (!named && (durations[i].ucum == NULL || !is_text(quantity->unit, durations[i].ucum))) {
            continue;
        }
        struct decimal number = quantity->number;
        struct decimal factor = decimal_of_integer(durations[i].factor);
        if (durations[i].unit != MOMENT_MICROSECONDS) { /* N1, 6.7: a fraction counts in seconds only */
            number = decimal_round(number, 0, DECIMAL_DOWN);
        }
        *unit = durations[i].unit;
        return decimal_multiply(number, factor, &number) &&
               decimal_to_integer(decimal_round(number, 0, DECIMAL_DOWN), amount);
    }
    return false;
}
