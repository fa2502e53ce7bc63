/*
 * What FHIRPath's texts of moments may be (lib/base/moment.h reads them), their order (N1, 6.2), and what is
 * added to them (N1, 6.7). Private to lib/fhirpath.
 */
#ifndef ANAMNESIS_FHIRPATH_MOMENT_H
#define ANAMNESIS_FHIRPATH_MOMENT_H

#include "lib/fhirpath/fhirpath.h"

/*
 * Read the whole text; false when it is not one, or names no real day or time. A date is YYYY, YYYY-MM or
 * YYYY-MM-DD. A date and time is a date, or one with T and a time; and an offset after an hour. A time is hh,
 * hh:mm, hh:mm:ss or hh:mm:ss.fff.
 */
bool fhirpath_moment_parse_date(const char *text, size_t size, struct moment *moment);
bool fhirpath_moment_parse_date_time(const char *text, size_t size, struct moment *moment);
bool fhirpath_moment_parse_time(const char *text, size_t size, struct moment *moment);

/* The type that a literal behind @ has, or a text: fhirpath_type, or -1 when it reads as none. */
int fhirpath_moment_parse_literal(const char *text, size_t size, struct moment *moment);

/* Writes what is given of it, as the type asks for; returns the length. */
size_t fhirpath_moment_print(const struct moment *moment, enum fhirpath_type type,
                             char text[MOMENT_TEXT_SIZE]);

enum moment_order { MOMENT_BEFORE, MOMENT_SAME, MOMENT_AFTER, MOMENT_UNKNOWN };

/*
 * The order of two moments of one type (a date beside a date and time counts as one without a time). Unknown
 * when one is less precise and they agree as far as both go, or when only one has an offset.
 */
enum moment_order fhirpath_moment_compare(struct moment a, struct moment b, enum fhirpath_type type);

enum moment_unit {
    MOMENT_YEARS,
    MOMENT_MONTHS,
    MOMENT_DAYS, /* weeks are seven */
    MOMENT_HOURS,
    MOMENT_MINUTES,
    MOMENT_MICROSECONDS
};

/*
 * Adds a whole number of units (N1, 6.7): the last day of a shorter month stays its last day, and the
 * amount is first cut to the moment's own precision. A time goes round the clock. False when the year leaves
 * 1 to 9999.
 */
bool fhirpath_moment_add(struct moment *moment, enum fhirpath_type type, int64_t amount,
                         enum moment_unit unit);

#endif
