/*
 * lowBoundary(), highBoundary() and precision() (FHIRPath 2.1.0, 5.7 and 5.8, as the official tests have
 * them).
 *
 * A value that is written with some precision stands for a span: 1.5 for all from 1.45 to 1.55, 2024-02 for
 * each moment of that month. The boundaries are its ends, written with as many digits as are asked for. A
 * moment without a zone may be meant in any: its span begins where a day starts first (+14:00) and ends where
 * it ends last (-12:00). Digits that no precision of the type has give empty.
 */
#include "lib/base/decimal.h"
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/run.h"

#define CALL(name)                                                                                           \
    struct fhirpath_list name(struct run *run, const struct operation *call, const struct scope *scope,      \
                              struct fhirpath_list input)

enum {
    DECIMAL_DIGITS = 8, /* behind the point, unless the caller says */
    DATE_DIGITS = 8,    /* YYYYMMDD */
    DATE_TIME_DIGITS = 17,
    TIME_DIGITS = 9,
    EAST_MOST = 14 * 60, /* minutes: where a day starts first, */
    WEST_MOST = -12 * 60 /* and ends last */
};

/* The digits of a moment down to a precision: YYYY, YYYYMM, ... */
static unsigned
digits_of(enum fhirpath_type type, unsigned precision)
{
    static const uint8_t digits[] = {4, 6, 8, 10, 12, 17};
    return type == FHIRPATH_TIME ? (precision == MOMENT_SECOND ? TIME_DIGITS : digits[precision] - 8U)
                                 : digits[precision];
}

/* The number less or more half of its last digit, at that many digits. */
static bool
decimal_boundary(struct decimal number, bool high, int64_t digits, struct decimal *boundary)
{
    struct decimal half = {high ? 5 : -5, number.scale + 1};
    if (digits < 0 || digits > DECIMAL_SCALE_MAX || half.scale > DECIMAL_SCALE_MAX) {
        return false;
    }
    return decimal_add(number, half, boundary) &&
           decimal_rescale(*boundary, (unsigned)digits, high ? DECIMAL_CEILING : DECIMAL_FLOOR, boundary);
}

static void
fill_low(struct moment *moment)
{
    moment->microsecond = 0; /* what is not given is the start already */
}

/* Sets what is not given to its last value. */
static void
fill_high(struct moment *moment, enum fhirpath_type type)
{
    unsigned given = moment->precision;
    if (given < MOMENT_MONTH) {
        moment->month = 12;
    }
    if (given < MOMENT_DAY && type != FHIRPATH_TIME) { /* the month's last day */
        struct moment last = *moment;
        last.precision = MOMENT_DAY;
        last.day = 1;
        (void)(fhirpath_moment_add(&last, FHIRPATH_DATE, 1, MOMENT_MONTHS) &&
               fhirpath_moment_add(&last, FHIRPATH_DATE, -1, MOMENT_DAYS));
        moment->day = last.day == 1 ? 31 : last.day; /* December 9999 has no next month */
    }
    if (given < MOMENT_HOUR) {
        moment->hour = 23;
    }
    if (given < MOMENT_HOUR) { /* an hour without minutes is hh:00 in FHIR */
        moment->minute = 59;
    }
    if (given < MOMENT_SECOND) {
        moment->second = 59;
    }
    if (given < MOMENT_SECOND || moment->digits == 0) {
        moment->microsecond = 999000;
    }
}

/* The first or last moment of a span, at the precision that has so many digits; empty: none has. */
static struct fhirpath_list
moment_boundary(struct run *run, struct fhirpath_value value, bool high, int64_t digits)
{
    enum fhirpath_type type = (enum fhirpath_type)value.type;
    struct moment moment = value.as.moment;
    unsigned precision = type == FHIRPATH_TIME ? MOMENT_HOUR : MOMENT_YEAR;
    while (precision < MOMENT_SECOND && digits_of(type, precision) < digits) {
        precision++;
    }
    if (digits_of(type, precision) != digits) {
        return run_empty;
    }
    if (moment.precision < MOMENT_SECOND || moment.digits == 0) {
        if (high) {
            fill_high(&moment, type);
        } else {
            fill_low(&moment);
        }
    }
    moment.precision = (uint8_t)precision;
    moment.digits = precision == MOMENT_SECOND ? 3 : 0;
    if (precision <= MOMENT_DAY && type == FHIRPATH_DATE_TIME) {
        type = FHIRPATH_DATE;
        moment.offset = MOMENT_NO_OFFSET;
    } else if (type == FHIRPATH_DATE_TIME && moment.offset == MOMENT_NO_OFFSET) {
        moment.offset = high ? WEST_MOST : EAST_MOST;
    }
    return run_moment(run, type, moment);
}

static struct fhirpath_list
boundary(struct run *run, const struct operation *call, const struct scope *scope, struct fhirpath_list input,
         bool high)
{
    struct fhirpath_value value;
    struct decimal number;
    int64_t digits = DECIMAL_DIGITS;
    bool asked = false;
    if (!run_single(run, input, &value)) {
        return run_empty;
    }
    if (call->count > 0) {
        asked = run_single_integer(run, run_argument(run, call, 0, scope), &digits);
    }
    if (fhirpath_decimal_of(value, &number)) {
        return decimal_boundary(number, high, digits, &number) ? run_decimal(run, number) : run_empty;
    }
    switch ((enum fhirpath_type)value.type) {
    case FHIRPATH_QUANTITY: {
        struct fhirpath_quantity quantity = *value.as.quantity;
        return decimal_boundary(quantity.number, high, digits, &quantity.number) ? run_quantity(run, quantity)
                                                                                 : run_empty;
    }
    case FHIRPATH_DATE:
        return moment_boundary(run, value, high, asked ? digits : DATE_DIGITS);
    case FHIRPATH_DATE_TIME:
        return moment_boundary(run, value, high, asked ? digits : DATE_TIME_DIGITS);
    case FHIRPATH_TIME:
        return moment_boundary(run, value, high, asked ? digits : TIME_DIGITS);
    default:
        run_fail(run, FHIRPATH_WRONG_TYPE, "a %.60s has no boundaries", fhirpath_type_name(value));
    }
}

CALL(call_low_boundary)
{
    return boundary(run, call, scope, input, false);
}

CALL(call_high_boundary)
{
    return boundary(run, call, scope, input, true);
}

CALL(call_precision)
{
    struct fhirpath_value value;
    struct decimal number;
    (void)call;
    (void)scope;
    if (!run_single(run, input, &value)) {
        return run_empty;
    }
    if (fhirpath_decimal_of(value, &number)) {
        return run_integer(run, (int64_t)number.scale);
    }
    if (value.type != FHIRPATH_DATE && value.type != FHIRPATH_DATE_TIME && value.type != FHIRPATH_TIME) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "a %.60s has no precision", fhirpath_type_name(value));
    }
    unsigned digits = digits_of((enum fhirpath_type)value.type, value.as.moment.precision);
    if (value.as.moment.precision == MOMENT_SECOND && value.as.moment.digits == 0) {
        digits -= 3; /* without milliseconds */
    }
    return run_integer(run, digits);
}
