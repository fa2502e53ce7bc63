/* Quantities: calendar durations, and as much of UCUM as questionnaires meet. Private to lib/fhirpath. */
#ifndef ANAMNESIS_FHIRPATH_QUANTITY_H
#define ANAMNESIS_FHIRPATH_QUANTITY_H

#include "lib/fhirpath/fhirpath.h"
#include "lib/fhirpath/moment.h"

/* The singular of a calendar duration's word ("days": "day"), or NULL when it is none. */
const char *quantity_calendar_word(const char *text, size_t size);

enum quantity_order { QUANTITY_LESS, QUANTITY_SAME, QUANTITY_MORE, QUANTITY_OTHER_UNIT };

/* The order of two quantities, after conversion when their units are of one kind and known. */
enum quantity_order quantity_compare(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b);

/* Whether they are the same, after rounding to the less precise one. A year is 'a' here, a month 'mo'. */
bool quantity_equivalent(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b);

/* Whether their units are of one kind, both known or the same text. */
bool quantity_comparable(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b);

/*
 * Sums have a's unit; products and quotients are in base units (2 'cm' * 2 'm' = 0.04 'm2'). The unit's text
 * is in the arena. False when the units do not allow it, or the number does not fit.
 */
bool quantity_add(const struct fhirpath_quantity *a, const struct fhirpath_quantity *b, bool subtract,
                  struct fhirpath_quantity *sum);
bool quantity_multiply(struct arena *arena, const struct fhirpath_quantity *a,
                       const struct fhirpath_quantity *b, bool divide, struct fhirpath_quantity *product);

/* As a duration that can be added to a moment; false for other units, and for 'a' and 'mo'. */
bool quantity_duration(const struct fhirpath_quantity *quantity, int64_t *amount, enum moment_unit *unit);

#endif
