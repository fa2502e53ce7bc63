/*
 * Decimals: whole numbers over a power of ten, exact. Sums and products are exact as long as they have at
 * most DECIMAL_DIGITS_MAX digits; then fraction digits are rounded away. A quotient has
 * DECIMAL_QUOTIENT_DIGITS significant digits. What does not fit at all is told by false. For numbers that are
 * calculated with; the form engine compares the numbers of answers by their texts, which have no such limits.
 */
#ifndef ANAMNESIS_BASE_DECIMAL_H
#define ANAMNESIS_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

enum {
    DECIMAL_DIGITS_MAX = 37,
    DECIMAL_SCALE_MAX = 28,
    DECIMAL_QUOTIENT_DIGITS = 28,
    DECIMAL_TEXT_SIZE = 80
};

/* coefficient / 10^scale. At most DECIMAL_DIGITS_MAX digits, DECIMAL_SCALE_MAX of them behind the point. */
__extension__ typedef __int128 decimal_int128;
struct decimal {
    decimal_int128 coefficient;
    unsigned scale;
};

/* Reads [+-]digits[.digits], and an exponent when `exponent`; nothing else, blanks neither. */
bool decimal_parse(const char *text, size_t size, bool exponent, struct decimal *decimal);

/* Writes all digits that its scale asks for; returns the length. */
size_t decimal_print(struct decimal decimal, char text[DECIMAL_TEXT_SIZE]);

struct decimal decimal_of_integer(int64_t integer);

bool decimal_add(struct decimal a, struct decimal b, struct decimal *sum);
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *rest);
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *product);

/* False for a division by zero, too. `whole` cuts the quotient at the point (div). */
bool decimal_divide(struct decimal a, struct decimal b, bool whole, struct decimal *quotient);

/* What is left of a after the whole quotient; it has a's sign (mod). */
bool decimal_remainder(struct decimal a, struct decimal b, struct decimal *rest);

/* Less than, equal to, or greater than 0, as a is less than, equal to, or greater than b. Exact. */
int decimal_compare(struct decimal a, struct decimal b);

enum decimal_rounding { DECIMAL_HALF_AWAY, DECIMAL_DOWN, DECIMAL_FLOOR, DECIMAL_CEILING };

/* To at most `scale` digits behind the point; fewer stay as they are. DECIMAL_DOWN is towards zero. */
struct decimal decimal_round(struct decimal decimal, unsigned scale, enum decimal_rounding rounding);

/* Exactly `scale` digits behind the point: rounded, or with zeros added. False when they do not fit. */
bool decimal_rescale(struct decimal decimal, unsigned scale, enum decimal_rounding rounding,
                     struct decimal *rescaled);

/* Without zeros at the end of the fraction. */
struct decimal decimal_plain(struct decimal decimal);

/* Whole, and within 64 bits. */
bool decimal_to_integer(struct decimal decimal, int64_t *integer);

/* A new JSON number with the decimal's own digits; NULL when there is no memory. */
struct json_object *decimal_json(struct decimal decimal);

/* For what is no decimal by itself: 15 significant digits. False for what is not a number, or does not fit. */
double decimal_to_double(struct decimal decimal);
bool decimal_of_double(double number, struct decimal *decimal);

#endif
