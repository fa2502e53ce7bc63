/*
 * Decimals: whole numbers over a power of ten, exact. Sums and products are exact as long as they have at
 * most FHIRPATH_DIGITS_MAX digits; then fraction digits are rounded away. A quotient has
 * DECIMAL_QUOTIENT_DIGITS significant digits. What does not fit at all is told by false. Private to
 * lib/fhirpath.
 */
#ifndef ANAMNESIS_FHIRPATH_DECIMAL_H
#define ANAMNESIS_FHIRPATH_DECIMAL_H

#include "lib/fhirpath/fhirpath.h"

enum { DECIMAL_QUOTIENT_DIGITS = 28, DECIMAL_TEXT_SIZE = 80 };

/* Reads [+-]digits[.digits], and an exponent when `exponent`; nothing else, blanks neither. */
bool fhirpath_decimal_parse(const char *text, size_t size, bool exponent, struct fhirpath_decimal *decimal);

/* Writes all digits that its scale asks for; returns the length. */
size_t fhirpath_decimal_print(struct fhirpath_decimal decimal, char text[DECIMAL_TEXT_SIZE]);

struct fhirpath_decimal fhirpath_decimal_of_integer(int64_t integer);

bool fhirpath_decimal_add(struct fhirpath_decimal a, struct fhirpath_decimal b, struct fhirpath_decimal *sum);
bool fhirpath_decimal_subtract(struct fhirpath_decimal a, struct fhirpath_decimal b,
                               struct fhirpath_decimal *rest);
bool fhirpath_decimal_multiply(struct fhirpath_decimal a, struct fhirpath_decimal b,
                               struct fhirpath_decimal *product);

/* False for a division by zero, too. `whole` cuts the quotient at the point (div). */
bool fhirpath_decimal_divide(struct fhirpath_decimal a, struct fhirpath_decimal b, bool whole,
                             struct fhirpath_decimal *quotient);

/* What is left of a after the whole quotient; it has a's sign (mod). */
bool fhirpath_decimal_remainder(struct fhirpath_decimal a, struct fhirpath_decimal b,
                                struct fhirpath_decimal *rest);

/* Less than, equal to, or greater than 0, as a is less than, equal to, or greater than b. Exact. */
int fhirpath_decimal_compare(struct fhirpath_decimal a, struct fhirpath_decimal b);

enum decimal_rounding { DECIMAL_HALF_AWAY, DECIMAL_DOWN, DECIMAL_FLOOR, DECIMAL_CEILING };

/* To at most `scale` digits behind the point; fewer stay as they are. DECIMAL_DOWN is towards zero. */
struct fhirpath_decimal fhirpath_decimal_round(struct fhirpath_decimal decimal, unsigned scale,
                                               enum decimal_rounding rounding);

/* Exactly `scale` digits behind the point: rounded, or with zeros added. False when they do not fit. */
bool fhirpath_decimal_rescale(struct fhirpath_decimal decimal, unsigned scale, enum decimal_rounding rounding,
                              struct fhirpath_decimal *rescaled);

/* Without zeros at the end of the fraction. */
struct fhirpath_decimal fhirpath_decimal_plain(struct fhirpath_decimal decimal);

/* Whole, and within 64 bits. */
bool fhirpath_decimal_to_integer(struct fhirpath_decimal decimal, int64_t *integer);

/* For exp, ln, log, power and sqrt only: 15 significant digits. False for what is not a number. */
double fhirpath_decimal_to_double(struct fhirpath_decimal decimal);
bool fhirpath_decimal_of_double(double number, struct fhirpath_decimal *decimal);

#endif
