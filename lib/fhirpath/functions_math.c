/*
 * Functions on numbers (N1, 5.7). They are exact, but for exp, ln, log, sqrt and powers that are not whole,
 * which are the C library's on doubles. A result that does not exist (a root of a negative number) or does
 * not fit is empty.
 */
#include "lib/base/decimal.h"
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/run.h"

#include <math.h>

enum { POWER_MAX = 1024 /* a whole exponent; more overflows anything but 0, 1 and -1 */ };

#define CALL(name)                                                                                           \
    struct fhirpath_list name(struct run *run, const struct operation *call, const struct scope *scope,      \
                              struct fhirpath_list input)

/* A decimal, as an integer when it is whole and fits. */
static struct fhirpath_list
whole(struct run *run, struct decimal decimal)
{
    int64_t integer = 0;
    return decimal_to_integer(decimal, &integer) ? run_integer(run, integer) : run_empty;
}

/* abs(): N1 5.7.1; of quantities, too. */
CALL(call_abs)
{
    struct fhirpath_value value;
    (void)call;
    (void)scope;
    if (!run_single(run, input, &value)) {
        return run_empty;
    }
    bool negative = (value.type == FHIRPATH_INTEGER && value.as.integer < 0) ||
                    (value.type == FHIRPATH_DECIMAL && value.as.coefficient < 0) ||
                    (value.type == FHIRPATH_QUANTITY && value.as.quantity->number.coefficient < 0);
    return operator_sign(run, negative ? '-' : '+', input);
}

static struct fhirpath_list
rounded(struct run *run, struct fhirpath_list input, enum decimal_rounding rounding)
{
    struct decimal number;
    return run_single_decimal(run, input, &number) ? whole(run, decimal_round(number, 0, rounding))
                                                   : run_empty;
}

CALL(call_ceiling)
{
    (void)call;
    (void)scope;
    return rounded(run, input, DECIMAL_CEILING);
}

CALL(call_floor)
{
    (void)call;
    (void)scope;
    return rounded(run, input, DECIMAL_FLOOR);
}

CALL(call_truncate)
{
    (void)call;
    (void)scope;
    return rounded(run, input, DECIMAL_DOWN);
}

/* round([digits]): N1 5.7.8; half goes away from zero. A Decimal, of an Integer too. */
CALL(call_round)
{
    struct decimal number;
    int64_t digits = 0;
    if (!run_single_decimal(run, input, &number)) {
        return run_empty;
    }
    if (call->count > 0 && run_single_integer(run, run_argument(run, call, 0, scope), &digits) &&
        digits < 0) {
        run_fail(run, FHIRPATH_WRONG_ARGUMENTS, "round() takes no negative number of digits");
    }
    unsigned scale = digits > DECIMAL_SCALE_MAX ? DECIMAL_SCALE_MAX : (unsigned)digits;
    return run_decimal(run, decimal_round(number, scale, DECIMAL_HALF_AWAY));
}

/* A double as a Decimal; empty when it is not finite, or too large. */
static struct fhirpath_list
of_double(struct run *run, double number)
{
    struct decimal decimal;
    return decimal_of_double(number, &decimal) ? run_decimal(run, decimal) : run_empty;
}

CALL(call_exp)
{
    struct decimal number;
    (void)call;
    (void)scope;
    return run_single_decimal(run, input, &number) ? of_double(run, exp(decimal_to_double(number)))
                                                   : run_empty;
}

CALL(call_ln)
{
    struct decimal number;
    (void)call;
    (void)scope;
    return run_single_decimal(run, input, &number) ? of_double(run, log(decimal_to_double(number)))
                                                   : run_empty;
}

/* log(base): N1 5.7.6. */
CALL(call_log)
{
    struct decimal number;
    struct decimal base;
    if (!run_single_decimal(run, input, &number) ||
        !run_single_decimal(run, run_argument(run, call, 0, scope), &base)) {
        return run_empty;
    }
    return of_double(run, log(decimal_to_double(number)) / log(decimal_to_double(base)));
}

/* sqrt(): N1 5.7.9; empty below zero. */
CALL(call_sqrt)
{
    struct decimal number;
    (void)call;
    (void)scope;
    return run_single_decimal(run, input, &number) ? of_double(run, sqrt(decimal_to_double(number)))
                                                   : run_empty;
}

/* By squaring. False when it does not fit. */
static bool
power_of(struct decimal base, int64_t exponent, struct decimal *power)
{
    *power = decimal_of_integer(1);
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 != 0 && !decimal_multiply(*power, base, power)) {
            return false;
        }
        if (exponent > 1 && !decimal_multiply(base, base, &base)) {
            return false;
        }
    }
    return true;
}

/* power(exponent): N1 5.7.7; an Integer of an Integer as long as it fits, exact for whole exponents. */
CALL(call_power)
{
    struct decimal base;
    struct decimal exponent;
    struct decimal power;
    int64_t times = 0;
    if (!run_single_decimal(run, input, &base) ||
        !run_single_decimal(run, run_argument(run, call, 0, scope), &exponent)) {
        return run_empty;
    }
    if (!decimal_to_integer(exponent, &times) || times < -POWER_MAX || times > POWER_MAX) {
        return of_double(run, pow(decimal_to_double(base), decimal_to_double(exponent)));
    }
    if (!power_of(base, times < 0 ? -times : times, &power) ||
        (times < 0 && !decimal_divide(decimal_of_integer(1), power, false, &power))) {
        return run_empty;
    }
    bool integer = run_simple(run, input.values[0]).type == FHIRPATH_INTEGER && times >= 0;
    return integer ? whole(run, power) : run_decimal(run, power);
}
