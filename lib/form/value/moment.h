/*
 * FHIR's date, dateTime and time: real calendar dates, partial ones (year, or year and month), a second of
 * 60, and in a dateTime a time zone wherever there is a time; a time of day has none.
 * https://hl7.org/fhir/R4/datatypes.html#dateTime. They are read by lib/base/moment.h with FHIR's grammars.
 * Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_VALUE_MOMENT_H
#define ANAMNESIS_FORM_VALUE_MOMENT_H

#include "lib/form/value/order.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether `size` bytes are such a value. Years 1 to 9999, offsets up to 14 hours, any number of decimals of a
 * second. A proper date is a proper dateTime too. The texts need no NUL. */
bool moment_is_date(const char *text, size_t size);
bool moment_is_date_time(const char *text, size_t size);
bool moment_is_time(const char *text, size_t size);

/*
 * Two proper dates or dateTimes, NUL-terminated. With times on both sides the instants count, to the last
 * decimal, whatever their zones; else the digits that both have, as they are written: what is the same so
 * far, but less precise on one side, is unknown (FHIRPath's rule).
 */
enum value_order moment_compare(const char *left, const char *right);

/* Two proper times of day, NUL-terminated; never unknown. */
enum value_order moment_compare_times(const char *left, const char *right);

#endif
