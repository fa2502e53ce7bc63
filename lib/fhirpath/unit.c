/*
 * Units of UCUM, read into a factor and exponents of base units: "mg/dL" becomes 10 and g.m-3. Two units
 * convert into each other when their exponents are the same; the factors say how.
 *
 * Only the atoms below are known, those that questionnaires use; a unit that is not known is no fault, but it
 * is equal to itself alone. Temperatures with another zero are bases of their own, since no factor converts
 * them; the calendar's months are, too, since a month has no number of days (UCUM's mo has). Annotations
 * ({score}) are read over, as UCUM has it. Factors are exact decimals; what does not fit is refused rather
 * than rounded to nothing.
 */
#include "lib/fhirpath/unit.h"

#include "lib/base/arena.h"
#include "lib/base/decimal.h"

#include <stdio.h>
#include <string.h>

enum { EXPONENT_LIMIT = 9, TERMS_MAX = 16, PRODUCT_SIZE = 128 };

struct atom {
    const char *code;
    const char *factor;
    bool metric; /* takes prefixes */
    int8_t exponents[UNIT_BASES];
};

#define METRE  [UNIT_METRE]
#define GRAM   [UNIT_GRAM]
#define SECOND [UNIT_SECOND]

static const struct atom atoms[] = {
    {"m", "1", true, {METRE = 1}},
    {"g", "1", true, {GRAM = 1}},
    {"s", "1", true, {SECOND = 1}},
    {"mol", "1", true, {[UNIT_MOLE] = 1}},
    {"K", "1", true, {[UNIT_KELVIN] = 1}},
    {"cd", "1", true, {[UNIT_CANDELA] = 1}},
    {"C", "1", true, {[UNIT_COULOMB] = 1}},
    {"rad", "1", true, {[UNIT_RADIAN] = 1}},
    {"[iU]", "1", true, {[UNIT_INTERNATIONAL] = 1}},
    {"[IU]", "1", true, {[UNIT_INTERNATIONAL] = 1}},
    {"Cel", "1", true, {[UNIT_CELSIUS] = 1}},
    {"[degF]", "1", false, {[UNIT_FAHRENHEIT] = 1}},
    {"1", "1", false, {0}},
    {"%", "0.01", false, {0}},
    {"[ppm]", "0.000001", false, {0}},
    {"l", "0.001", true, {METRE = 3}},
    {"L", "0.001", true, {METRE = 3}},
    {"t", "1000000", true, {GRAM = 1}},
    {"min", "60", false, {SECOND = 1}},
    {"h", "3600", false, {SECOND = 1}},
    {"d", "86400", false, {SECOND = 1}},
    {"wk", "604800", false, {SECOND = 1}},
    {"mo", "2629800", false, {SECOND = 1}},
    {"a", "31557600", false, {SECOND = 1}},
    {"Hz", "1", true, {SECOND = -1}},
    {"N", "1000", true, {METRE = 1, GRAM = 1, SECOND = -2}},
    {"Pa", "1000", true, {METRE = -1, GRAM = 1, SECOND = -2}},
    {"bar", "100000000", true, {METRE = -1, GRAM = 1, SECOND = -2}},
    {"m[Hg]", "133322000", true, {METRE = -1, GRAM = 1, SECOND = -2}},
    {"m[H2O]", "9806650", true, {METRE = -1, GRAM = 1, SECOND = -2}},
    {"J", "1000", true, {METRE = 2, GRAM = 1, SECOND = -2}},
    {"cal", "4184", true, {METRE = 2, GRAM = 1, SECOND = -2}},
    {"[Cal]", "4184000", false, {METRE = 2, GRAM = 1, SECOND = -2}},
    {"W", "1000", true, {METRE = 2, GRAM = 1, SECOND = -3}},
    {"eq", "1", true, {[UNIT_MOLE] = 1}},
    {"osm", "1", true, {[UNIT_MOLE] = 1}},
    {"U", "0.0000000166666666666666666667", true, {[UNIT_MOLE] = 1, SECOND = -1}},
    {"deg", "0.0174532925199432957692369077", false, {[UNIT_RADIAN] = 1}},
    {"[lb_av]", "453.59237", false, {GRAM = 1}},
    {"[oz_av]", "28.349523125", false, {GRAM = 1}},
    {"[stone_av]", "6350.29318", false, {GRAM = 1}},
    {"[in_i]", "0.0254", false, {METRE = 1}},
    {"[ft_i]", "0.3048", false, {METRE = 1}},
    {"[yd_i]", "0.9144", false, {METRE = 1}},
    {"[mi_i]", "1609.344", false, {METRE = 1}},
    {"[foz_us]", "0.0000295735295625", false, {METRE = 3}},
    {"[pt_us]", "0.000473176473", false, {METRE = 3}},
    {"[cup_us]", "0.0002365882365", false, {METRE = 3}},
};

static const struct {
    const char *code;
    int8_t power; /* of ten */
} prefixes[] = {
    {"da", 1}, {"T", 12}, {"G", 9},  {"M", 6},  {"k", 3},   {"h", 2},   {"d", -1},
    {"c", -2}, {"m", -3}, {"u", -6}, {"n", -9}, {"p", -12}, {"f", -15},
};

static struct decimal
power_of_ten(int power)
{
    struct decimal factor = {1, power < 0 ? (unsigned)-power : 0};
    for (; power > 0; power--) {
        factor.coefficient *= 10;
    }
    return factor;
}

static const struct atom *
find_atom(struct span code)
{
    for (size_t i = 0; i < sizeof atoms / sizeof atoms[0]; i++) {
        if (strlen(atoms[i].code) == code.size && memcmp(atoms[i].code, code.data, code.size) == 0) {
            return &atoms[i];
        }
    }
    return NULL;
}

/* An atom, or a prefix and an atom that takes one. */
static const struct atom *
find_simple(struct span code, struct decimal *prefix)
{
    const struct atom *atom = find_atom(code);
    *prefix = power_of_ten(0);
    for (size_t i = 0; atom == NULL && i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t size = strlen(prefixes[i].code);
        if (code.size > size && memcmp(code.data, prefixes[i].code, size) == 0) {
            atom = find_atom((struct span){code.data + size, code.size - size});
            atom = atom != NULL && atom->metric ? atom : NULL;
            *prefix = power_of_ten(prefixes[i].power);
        }
    }
    return atom;
}

/* Multiplies `unit` by `atom` (with its prefix) to a power. */
static bool
multiply_by(struct unit *unit, const struct atom *atom, struct decimal prefix, int exponent)
{
    struct decimal factor;
    bool fine = decimal_parse(atom->factor, strlen(atom->factor), false, &factor) &&
                decimal_multiply(factor, prefix, &factor);
    for (int i = 0; fine && i < (exponent < 0 ? -exponent : exponent); i++) {
        fine = exponent < 0 ? decimal_divide(unit->factor, factor, false, &unit->factor)
                            : decimal_multiply(unit->factor, factor, &unit->factor);
    }
    for (int i = 0; i < UNIT_BASES; i++) {
        unit->exponents[i] = (int8_t)(unit->exponents[i] + atom->exponents[i] * exponent);
    }
    return fine && unit->factor.coefficient != 0;
}

/* The end of a simple unit's code: brackets may hold anything, an exponent and an operator end it. */
static size_t
code_end(struct span text, size_t at)
{
    bool inside = false;
    while (at < text.size) {
        unsigned char byte = text.data[at];
        inside = byte == '[' || (inside && byte != ']');
        bool ends = strchr("./{}()+-0123456789", byte) != NULL;
        if (!inside && ends) {
            break;
        }
        at++;
    }
    return at;
}

/* "2", "-1", "+3" behind a unit; 1 when nothing is there; 0 when it is too large. */
static int
read_exponent(struct span text, size_t *at)
{
    int sign = 1;
    int exponent = 0;
    size_t start = *at;
    if (*at < text.size && (text.data[*at] == '-' || text.data[*at] == '+')) {
        sign = text.data[(*at)++] == '-' ? -1 : 1;
    }
    size_t digits = *at;
    while (*at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9' && exponent <= EXPONENT_LIMIT) {
        exponent = exponent * 10 + (text.data[(*at)++] - '0');
    }
    if (*at == digits) {
        return *at == start ? 1 : 0;
    }
    return exponent > EXPONENT_LIMIT ? 0 : sign * exponent;
}

/* One factor: a unit with its exponent, an annotation, or 1. */
static bool
read_factor(struct span text, size_t *at, bool divide, struct unit *unit)
{
    size_t start = *at;
    struct decimal prefix;
    if (text.data[start] == '1' && (start + 1 == text.size || strchr("./{", text.data[start + 1]) != NULL)) {
        *at = start + 1;
    } else if (text.data[start] != '{') {
        *at = code_end(text, start);
        const struct atom *atom = find_simple((struct span){text.data + start, *at - start}, &prefix);
        int exponent = read_exponent(text, at);
        if (atom == NULL || exponent == 0 ||
            !multiply_by(unit, atom, prefix, divide ? -exponent : exponent)) {
            return false;
        }
    }
    if (*at < text.size && text.data[*at] == '{') {
        const unsigned char *close = memchr(text.data + *at, '}', text.size - *at);
        if (close == NULL) {
            return false;
        }
        *at = (size_t)(close - text.data) + 1;
    }
    return *at > start;
}

bool
unit_parse(struct span text, struct unit *unit)
{
    size_t at = 0;
    bool divide = false;
    *unit = (struct unit){.factor = {1, 0}};
    if (text.size == 0) {
        return true;
    }
    if (text.data[0] == '/') {
        divide = true;
        at++;
    }
    for (int terms = 0; terms < TERMS_MAX; terms++) {
        if (at >= text.size || !read_factor(text, &at, divide, unit)) {
            return false;
        }
        if (at == text.size) {
            return true;
        }
        if (text.data[at] != '.' && text.data[at] != '/') {
            return false;
        }
        divide = text.data[at++] == '/';
    }
    return false;
}

void
unit_calendar_months(int64_t months, struct unit *unit)
{
    *unit = (struct unit){.factor = decimal_of_integer(months), .exponents = {[UNIT_MONTH] = 1}};
}

bool
unit_same_kind(const struct unit *a, const struct unit *b)
{
    return memcmp(a->exponents, b->exponents, sizeof a->exponents) == 0;
}

bool
unit_is_one(struct span text)
{
    return text.size == 0 || (text.size == 1 && text.data[0] == '1');
}

struct span
unit_product(struct arena *arena, const struct unit *a, const struct unit *b, bool divide)
{
    static const char *const names[UNIT_BASES] = {"m", "g",   "s",    "mol", "K",      "cd",
                                                  "C", "rad", "[iU]", "Cel", "[degF]", "mo"};
    char text[PRODUCT_SIZE];
    size_t size = 0;
    for (int i = 0; i < UNIT_BASES; i++) {
        int exponent = divide ? a->exponents[i] - b->exponents[i] : a->exponents[i] + b->exponents[i];
        if (exponent == 0) {
            continue;
        }
        const char *point = size > 0 ? "." : "";
        int more = exponent == 1
                       ? snprintf(text + size, sizeof text - size, "%s%s", point, names[i])
                       : snprintf(text + size, sizeof text - size, "%s%s%d", point, names[i], exponent);
        size += more > 0 && (size_t)more < sizeof text - size ? (size_t)more : 0;
    }
    const char *kept = arena_copy(arena, size == 0 ? "1" : text, size == 0 ? 1 : size);
    return (struct span){(const unsigned char *)kept, strlen(kept)};
}
