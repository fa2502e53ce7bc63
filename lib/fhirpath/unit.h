/*
 * Units of UCUM (https://ucum.org, case sensitive): prefixes, products, quotients, exponents and annotations
 * over the atoms that questionnaires meet. Special units (Cel, [degF]) are kinds of their own: they are not
 * converted. Private to lib/fhirpath.
 */
#ifndef ANAMNESIS_FHIRPATH_UNIT_H
#define ANAMNESIS_FHIRPATH_UNIT_H

#include "lib/base/span.h"
#include "lib/fhirpath/fhirpath.h"

enum unit_base {
    UNIT_METRE,
    UNIT_GRAM,
    UNIT_SECOND,
    UNIT_MOLE,
    UNIT_KELVIN,
    UNIT_CANDELA,
    UNIT_COULOMB,
    UNIT_RADIAN,
    UNIT_INTERNATIONAL, /* [iU] */
    UNIT_CELSIUS,
    UNIT_FAHRENHEIT,
    UNIT_MONTH, /* of the calendar */
    UNIT_BASES
};

struct unit {
    struct decimal factor; /* base units in one of it */
    int8_t exponents[UNIT_BASES];
};

/* False when it is not known. The empty text is 1. */
bool unit_parse(struct span text, struct unit *unit);

/* Months of the calendar: their own kind. */
void unit_calendar_months(int64_t months, struct unit *unit);

bool unit_same_kind(const struct unit *a, const struct unit *b);

/* Whether the text is that of no unit: "", "1". */
bool unit_is_one(struct span text);

/* The text of the product (or quotient) in base units: "m2", "g/m" as "g.m-1"; "1" when all cancels. In the
 * arena. */
struct span unit_product(struct arena *arena, const struct unit *a, const struct unit *b, bool divide);

#endif
