#include "lib/base/decimal.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXPONENT_MAX = 1000, /* of a JSON number; more is no number that we can hold */
    DOUBLE_DIGITS = 15,  /* that a double holds for sure */
    DOUBLE_TEXT_SIZE = 64
};

#define TEN_18 ((decimal_int128)1000000000000000000)
_Static_assert(DECIMAL_DIGITS_MAX == 2 * 18 + 1, "fits() knows the limit");

/* 10^exponent, exponent <= DECIMAL_DIGITS_MAX. */
static decimal_int128
power_of_ten(unsigned exponent)
{
    decimal_int128 power = 1;
    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

static bool
fits(decimal_int128 coefficient)
{
    const decimal_int128 limit = TEN_18 * TEN_18 * 10; /* 10^DECIMAL_DIGITS_MAX */
    return coefficient < limit && coefficient > -limit;
}

struct decimal
decimal_of_integer(int64_t integer)
{
    return (struct decimal){integer, 0};
}

struct decimal
decimal_plain(struct decimal decimal)
{
    while (decimal.scale > 0 && decimal.coefficient % 10 == 0) {
        decimal.coefficient /= 10;
        decimal.scale--;
    }
    return decimal;
}

struct decimal
decimal_round(struct decimal decimal, unsigned scale, enum decimal_rounding rounding)
{
    if (decimal.scale <= scale) {
        return decimal;
    }
    unsigned cut = decimal.scale - scale;
    struct decimal rounded = {0, scale};
    bool negative = decimal.coefficient < 0;
    decimal_int128 size = negative ? -decimal.coefficient : decimal.coefficient;
    decimal_int128 rest = size;
    decimal_int128 unit = power_of_ten(cut);
    rounded.coefficient = size / unit;
    rest = size % unit;
    bool up = false;
    switch (rounding) {
    case DECIMAL_HALF_AWAY:
        up = rest >= unit - rest;
        break;
    case DECIMAL_DOWN:
        break;
    case DECIMAL_FLOOR:
        up = negative && rest != 0;
        break;
    case DECIMAL_CEILING:
        up = !negative && rest != 0;
        break;
    }
    rounded.coefficient += up ? 1 : 0;
    rounded.coefficient = negative ? -rounded.coefficient : rounded.coefficient;
    return rounded;
}

bool
decimal_rescale(struct decimal decimal, unsigned scale, enum decimal_rounding rounding,
                struct decimal *rescaled)
{
    *rescaled = decimal_round(decimal, scale, rounding);
    while (rescaled->scale < scale) {
        decimal_int128 more = 0;
        if (__builtin_mul_overflow(rescaled->coefficient, 10, &more) || !fits(more)) {
            return false;
        }
        rescaled->coefficient = more;
        rescaled->scale++;
    }
    return true;
}

/* Gives both the same scale: the larger one, or as much of it as fits. */
static void
align(struct decimal *a, struct decimal *b)
{
    struct decimal *low = a->scale < b->scale ? a : b;
    struct decimal *high = low == a ? b : a;
    while (low->scale < high->scale && fits(low->coefficient * 10)) {
        low->coefficient *= 10;
        low->scale++;
    }
    *high = decimal_round(*high, low->scale, DECIMAL_HALF_AWAY);
}

bool
decimal_add(struct decimal a, struct decimal b, struct decimal *sum)
{
    align(&a, &b);
    sum->coefficient = a.coefficient + b.coefficient; /* each is below 10^37: no overflow */
    sum->scale = a.scale;
    while (!fits(sum->coefficient) && sum->scale > 0) {
        *sum = decimal_round(*sum, sum->scale - 1, DECIMAL_HALF_AWAY);
    }
    return fits(sum->coefficient);
}

bool
decimal_subtract(struct decimal a, struct decimal b, struct decimal *rest)
{
    b.coefficient = -b.coefficient;
    return decimal_add(a, b, rest);
}

bool
decimal_multiply(struct decimal a, struct decimal b, struct decimal *product)
{
    while (__builtin_mul_overflow(a.coefficient, b.coefficient, &product->coefficient) ||
           !fits(product->coefficient)) {
        struct decimal *longer = a.scale >= b.scale ? &a : &b;
        if (longer->scale == 0) {
            return false;
        }
        *longer = decimal_round(*longer, longer->scale - 1, DECIMAL_HALF_AWAY);
    }
    product->scale = a.scale + b.scale;
    *product = decimal_round(*product, DECIMAL_SCALE_MAX, DECIMAL_HALF_AWAY);
    return true;
}

bool
decimal_divide(struct decimal a, struct decimal b, bool whole, struct decimal *quotient)
{
    if (b.coefficient == 0) {
        return false;
    }
    b = decimal_plain(b);
    bool negative = (a.coefficient < 0) != (b.coefficient < 0);
    decimal_int128 over = a.coefficient < 0 ? -a.coefficient : a.coefficient;
    decimal_int128 under = b.coefficient < 0 ? -b.coefficient : b.coefficient;
    const decimal_int128 enough = power_of_ten(DECIMAL_QUOTIENT_DIGITS - 1);
    int scale = (int)a.scale - (int)b.scale;
    decimal_int128 digits = over / under;
    decimal_int128 rest = over % under;
    /* Long division: below the point while digits are missing, and up to it in any case. One digit more than
     * is wanted, to round by. */
    while (scale < 0 || (rest != 0 && scale <= DECIMAL_SCALE_MAX && digits < enough * 10)) {
        if (!fits(rest * 10) || !fits(digits * 10)) {
            if (scale < 0 && !fits(digits * 10)) {
                return false;
            }
            under /= 10;
            rest /= 10;
            if (under == 0) {
                return false;
            }
            continue;
        }
        rest *= 10;
        digits = digits * 10 + rest / under;
        rest %= under;
        scale++;
    }
    *quotient = (struct decimal){negative ? -digits : digits, (unsigned)scale};
    if (whole) {
        *quotient = decimal_round(*quotient, 0, DECIMAL_DOWN);
        return true;
    }
    while (quotient->scale > 0 && (quotient->scale > DECIMAL_SCALE_MAX || digits >= enough * 10)) {
        *quotient = decimal_round(*quotient, quotient->scale - 1, DECIMAL_HALF_AWAY);
        digits /= 10;
    }
    *quotient = decimal_plain(*quotient);
    return true;
}

bool
decimal_remainder(struct decimal a, struct decimal b, struct decimal *rest)
{
    if (b.coefficient == 0) {
        return false;
    }
    unsigned scale = a.scale > b.scale ? a.scale : b.scale;
    struct decimal over;
    struct decimal under;
    if (!decimal_rescale(a, scale, DECIMAL_DOWN, &over) || !decimal_rescale(b, scale, DECIMAL_DOWN, &under)) {
        return false;
    }
    *rest = (struct decimal){over.coefficient % under.coefficient, scale};
    return true;
}

int
decimal_compare(struct decimal a, struct decimal b)
{
    if (a.scale == b.scale) {
        return a.coefficient < b.coefficient ? -1 : a.coefficient > b.coefficient;
    }
    const decimal_int128 a_unit = power_of_ten(a.scale);
    const decimal_int128 b_unit = power_of_ten(b.scale);
    decimal_int128 left = a.coefficient / a_unit;
    decimal_int128 right = b.coefficient / b_unit;
    if (left == right) { /* the fractions, both in units of the smallest that there is */
        left = a.coefficient % a_unit * power_of_ten(DECIMAL_SCALE_MAX - a.scale);
        right = b.coefficient % b_unit * power_of_ten(DECIMAL_SCALE_MAX - b.scale);
    }
    return left < right ? -1 : left > right;
}

bool
decimal_to_integer(struct decimal decimal, int64_t *integer)
{
    decimal = decimal_plain(decimal);
    if (decimal.scale > 0 || decimal.coefficient > INT64_MAX || decimal.coefficient < INT64_MIN) {
        return false;
    }
    *integer = (int64_t)decimal.coefficient;
    return true;
}

/* Digits up to `*at`'s first other byte; those that cannot be held are counted in the exponent or dropped. */
static bool
read_digits(const char **at, const char *end, bool fraction, struct decimal *decimal)
{
    const char *start = *at;
    while (*at < end && **at >= '0' && **at <= '9') {
        decimal_int128 more = decimal->coefficient * 10 + (**at - '0');
        (*at)++;
        if (!fraction || decimal->scale < DECIMAL_SCALE_MAX) {
            if (!fits(more)) {
                if (!fraction) {
                    return false;
                }
                continue;
            }
            decimal->coefficient = more;
            decimal->scale += fraction ? 1 : 0;
        }
    }
    return *at > start;
}

static bool
read_exponent(const char **at, const char *end, struct decimal *decimal)
{
    bool negative = false;
    int exponent = 0;
    (*at)++;
    if (*at < end && (**at == '-' || **at == '+')) {
        negative = **at == '-';
        (*at)++;
    }
    const char *start = *at;
    while (*at < end && **at >= '0' && **at <= '9') {
        exponent = exponent < EXPONENT_MAX ? exponent * 10 + (**at - '0') : exponent;
        (*at)++;
    }
    if (*at == start) {
        return false;
    }
    for (; exponent > 0 && decimal->coefficient != 0; exponent--) {
        if (!negative && decimal->scale > 0) {
            decimal->scale--;
        } else if (!negative) {
            decimal->coefficient *= 10;
        } else if (decimal->scale < DECIMAL_SCALE_MAX) {
            decimal->scale++;
        } else {
            decimal->coefficient /= 10;
        }
        if (!fits(decimal->coefficient)) {
            return false;
        }
    }
    return true;
}

bool
decimal_parse(const char *text, size_t size, bool exponent, struct decimal *decimal)
{
    const char *at = text;
    const char *end = text + size;
    bool negative = false;
    *decimal = (struct decimal){0, 0};
    if (at < end && (*at == '-' || *at == '+')) {
        negative = *at++ == '-';
    }
    if (!read_digits(&at, end, false, decimal)) {
        return false;
    }
    if (at < end && *at == '.') {
        at++;
        if (!read_digits(&at, end, true, decimal)) {
            return false;
        }
    }
    if (exponent && at < end && (*at == 'e' || *at == 'E') && !read_exponent(&at, end, decimal)) {
        return false;
    }
    decimal->coefficient = negative ? -decimal->coefficient : decimal->coefficient;
    return at == end;
}

size_t
decimal_print(struct decimal decimal, char text[DECIMAL_TEXT_SIZE])
{
    char digits[DECIMAL_TEXT_SIZE];
    size_t count = 0;
    bool negative = decimal.coefficient < 0;
    decimal_int128 rest = negative ? -decimal.coefficient : decimal.coefficient;
    while (rest > 0 || count <= decimal.scale) { /* one digit before the point at least */
        digits[count++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    size_t size = 0;
    if (negative) {
        text[size++] = '-';
    }
    while (count > 0) {
        if (count == decimal.scale) {
            text[size++] = '.';
        }
        text[size++] = digits[--count];
    }
    text[size] = '\0';
    return size;
}

struct json_object *
decimal_json(struct decimal decimal)
{
    char text[DECIMAL_TEXT_SIZE];
    int64_t integer = 0;
    if (decimal.scale == 0 && decimal_to_integer(decimal, &integer)) {
        return json_object_new_int64(integer);
    }
    (void)decimal_print(decimal, text);
    return json_object_new_double_s(strtod(text, NULL), text);
}

double
decimal_to_double(struct decimal decimal)
{
    char text[DECIMAL_TEXT_SIZE];
    (void)decimal_print(decimal, text);
    return strtod(text, NULL);
}

bool
decimal_of_double(double number, struct decimal *decimal)
{
    char text[DOUBLE_TEXT_SIZE];
    if (!isfinite(number)) {
        return false;
    }
    int size = snprintf(text, sizeof text, "%.*g", DOUBLE_DIGITS, number);
    return decimal_parse(text, (size_t)size, true, decimal);
}
