/*
 * Operators (N1, 6): arithmetic, comparison, membership, and three-valued logic.
 *
 * Empty is "not known": an operator with an empty operand gives empty, and N1 says where not: `&` takes it
 * for the empty text, and unions, equivalence, membership in nothing, and logic where the other side decides
 * have a result. An operation that has no result (a division by zero, a number that does not fit) gives
 * empty, too, and not a fault: an answer may make it so, which no author can exclude. Types that do not go
 * together are the author's mistake and a fault: the whole expression then gives nothing.
 *
 * Numbers are exact: an Integer has 32 bits, a Decimal 37 digits (lib/base/decimal.h); `/` of two numbers
 * always gives a Decimal. Quantities are added when their units convert into each other (quantity.h). Which
 * operator a sign is was decided by the parser; here both operands are worked out already.
 */
#include "lib/base/decimal.h"
#include "lib/fhirpath/moment.h"
#include "lib/fhirpath/quantity.h"
#include "lib/fhirpath/run.h"

#include <limits.h>
#include <string.h>

static bool
is_moment(struct fhirpath_value value)
{
    return value.type == FHIRPATH_DATE || value.type == FHIRPATH_DATE_TIME || value.type == FHIRPATH_TIME;
}

_Noreturn static void
no_such_operation(struct run *run, struct fhirpath_value a, struct fhirpath_value b)
{
    run_fail(run, FHIRPATH_WRONG_TYPE, "this operator does not take %.60s and %.60s", fhirpath_type_name(a),
             fhirpath_type_name(b));
}

/* Two texts in one, charged by their bytes. */
static struct fhirpath_list
add_texts(struct run *run, struct span a, struct span b)
{
    if (a.size + b.size > FHIRPATH_STRING_MAX) {
        run_fail(run, FHIRPATH_COLLECTION, "the string would be too long");
    }
    char *text = run_alloc(run, a.size + b.size + 1);
    run_compared(run, a.size + b.size);
    if (a.size > 0) {
        memcpy(text, a.data, a.size);
    }
    if (b.size > 0) {
        memcpy(text + a.size, b.data, b.size);
    }
    return run_text(run, text, a.size + b.size);
}

static struct fhirpath_list
integers(struct run *run, enum binary binary, int64_t a, int64_t b)
{
    switch (binary) { /* of 32 bits: 64 hold every result */
    case BINARY_PLUS:
        return run_integer(run, a + b);
    case BINARY_MINUS:
        return run_integer(run, a - b);
    case BINARY_TIMES:
        return run_integer(run, a * b);
    case BINARY_DIV:
        return b == 0 ? run_empty : run_integer(run, a / b);
    default:
        return b == 0 ? run_empty : run_integer(run, a % b);
    }
}

/* Arithmetic of decimals. Empty when the result does not fit, or the divisor is zero. */
static struct fhirpath_list
decimals(struct run *run, enum binary binary, struct decimal a, struct decimal b)
{
    struct decimal result = {0, 0};
    int64_t integer = 0;
    bool fine = false;
    switch (binary) {
    case BINARY_PLUS:
        fine = decimal_add(a, b, &result);
        break;
    case BINARY_MINUS:
        fine = decimal_subtract(a, b, &result);
        break;
    case BINARY_TIMES:
        fine = decimal_multiply(a, b, &result);
        break;
    case BINARY_DIVIDED:
        fine = decimal_divide(a, b, false, &result);
        break;
    case BINARY_MOD:
        fine = decimal_remainder(a, b, &result);
        break;
    default:
        fine = decimal_divide(a, b, true, &result) && decimal_to_integer(result, &integer);
        return fine ? run_integer(run, integer) : run_empty;
    }
    return fine ? run_decimal(run, result) : run_empty;
}

/* Arithmetic of quantities. Empty when their units do not go together. */
static struct fhirpath_list
quantities(struct run *run, enum binary binary, const struct fhirpath_quantity *a,
           const struct fhirpath_quantity *b)
{
    struct fhirpath_quantity result = {.calendar = false};
    bool fine = false;
    run_quantities(run, a, b);
    switch (binary) {
    case BINARY_PLUS:
    case BINARY_MINUS:
        fine = quantity_add(a, b, binary == BINARY_MINUS, &result);
        break;
    case BINARY_TIMES:
    case BINARY_DIVIDED:
        run_check_memory(run);
        fine = quantity_multiply(run->arena, a, b, binary == BINARY_DIVIDED, &result);
        break;
    default:
        run_fail(run, FHIRPATH_WRONG_TYPE, "div and mod do not take quantities");
    }
    return fine ? run_quantity(run, result) : run_empty;
}

/* A moment and a duration. Empty when the result is outside of the years that there are. */
static struct fhirpath_list
move_moment(struct run *run, enum binary binary, struct fhirpath_value moment,
            const struct fhirpath_quantity *quantity)
{
    int64_t amount = 0;
    enum moment_unit unit = MOMENT_DAYS;
    run_quantities(run, quantity, quantity);
    if ((binary != BINARY_PLUS && binary != BINARY_MINUS) || !quantity_duration(quantity, &amount, &unit)) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "only a duration can be added to a date or time");
    }
    amount = binary == BINARY_MINUS ? -amount : amount;
    if (!fhirpath_moment_add(&moment.as.moment, (enum fhirpath_type)moment.type, amount, unit)) {
        return run_empty;
    }
    return run_one(run, moment);
}

struct fhirpath_list
operator_arithmetic(struct run *run, enum binary binary, struct fhirpath_value a, struct fhirpath_value b)
{
    struct decimal left;
    struct decimal right;
    struct fhirpath_value quantity;
    if (a.type == FHIRPATH_INTEGER && b.type == FHIRPATH_INTEGER && binary != BINARY_DIVIDED) {
        return integers(run, binary, a.as.integer, b.as.integer);
    }
    if (fhirpath_decimal_of(a, &left) && fhirpath_decimal_of(b, &right)) {
        return decimals(run, binary, left, right);
    }
    if (a.type == FHIRPATH_STRING && b.type == FHIRPATH_STRING && binary == BINARY_PLUS) {
        return add_texts(run, (struct span){(const unsigned char *)a.as.text, a.size},
                         (struct span){(const unsigned char *)b.as.text, b.size});
    }
    if (is_moment(a) && b.type == FHIRPATH_QUANTITY) {
        return move_moment(run, binary, a, b.as.quantity);
    }
    if (a.type == FHIRPATH_QUANTITY && b.type == FHIRPATH_QUANTITY) {
        return quantities(run, binary, a.as.quantity, b.as.quantity);
    }
    bool scaled = binary == BINARY_TIMES || binary == BINARY_DIVIDED;
    if (scaled && a.type == FHIRPATH_QUANTITY && convert_value(run, b, FHIRPATH_QUANTITY, &quantity)) {
        return quantities(run, binary, a.as.quantity, quantity.as.quantity);
    }
    if (scaled && b.type == FHIRPATH_QUANTITY && fhirpath_decimal_of(a, &left)) {
        (void)convert_value(run, a, FHIRPATH_QUANTITY, &quantity);
        return binary == BINARY_TIMES ? quantities(run, binary, b.as.quantity, quantity.as.quantity)
                                      : quantities(run, binary, quantity.as.quantity, b.as.quantity);
    }
    no_such_operation(run, a, b);
}

struct fhirpath_list
operator_sign(struct run *run, char sign, struct fhirpath_list operand)
{
    struct fhirpath_value value;
    if (!run_single(run, operand, &value)) {
        return run_empty;
    }
    if (value.type == FHIRPATH_QUANTITY) {
        struct fhirpath_quantity quantity = *value.as.quantity;
        quantity.number.coefficient =
            sign == '-' ? -quantity.number.coefficient : quantity.number.coefficient;
        return run_quantity(run, quantity);
    }
    if (value.type == FHIRPATH_INTEGER) {
        return run_integer(run, sign == '-' ? -value.as.integer : value.as.integer);
    }
    if (value.type != FHIRPATH_DECIMAL) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "a sign stands before a number, not a %.60s",
                 fhirpath_type_name(value));
    }
    value.as.coefficient = sign == '-' ? -value.as.coefficient : value.as.coefficient;
    return run_one(run, value);
}

/* Both operands; false when one is empty, whatever the other is. */
static bool
both_single(struct run *run, struct fhirpath_list a, struct fhirpath_list b, struct fhirpath_value *left,
            struct fhirpath_value *right)
{
    return a.count > 0 && b.count > 0 && run_single(run, a, left) && run_single(run, b, right);
}

static struct fhirpath_list
compared(struct run *run, enum binary binary, struct fhirpath_list a, struct fhirpath_list b)
{
    struct fhirpath_value left;
    struct fhirpath_value right;
    if (!both_single(run, a, b, &left, &right)) {
        return run_empty;
    }
    int order = compare_values(run, a.values[0], b.values[0]);
    if (order == INT_MIN) {
        return run_empty;
    }
    switch (binary) {
    case BINARY_LESS:
        return run_boolean(run, order < 0);
    case BINARY_AT_MOST:
        return run_boolean(run, order <= 0);
    case BINARY_GREATER:
        return run_boolean(run, order > 0);
    default:
        return run_boolean(run, order >= 0);
    }
}

static struct fhirpath_list
is_member(struct run *run, struct fhirpath_list element, struct fhirpath_list list)
{
    if (element.count > 1) {
        run_fail(run, FHIRPATH_NOT_SINGLE, "only one element can be looked for");
    }
    if (element.count == 0) {
        return run_empty;
    }
    for (size_t i = 0; i < list.count; i++) {
        run_step(run, 1);
        if (equal_values(run, element.values[0], list.values[i]) == FHIRPATH_TRUE) {
            return run_boolean(run, true);
        }
    }
    return run_boolean(run, false);
}

static struct fhirpath_list
united(struct run *run, struct fhirpath_list a, struct fhirpath_list b)
{
    struct value_set set;
    value_set_start(&set, run, a.count + b.count);
    for (size_t i = 0; i < a.count; i++) {
        (void)value_set_add(&set, a.values[i]);
    }
    for (size_t i = 0; i < b.count; i++) {
        (void)value_set_add(&set, b.values[i]);
    }
    return (struct fhirpath_list){set.values, set.count};
}

static struct fhirpath_list
logic(struct run *run, enum binary binary, enum fhirpath_truth a, enum fhirpath_truth b)
{
    bool known = a != FHIRPATH_EMPTY && b != FHIRPATH_EMPTY;
    switch (binary) {
    case BINARY_AND:
        if (a == FHIRPATH_FALSE || b == FHIRPATH_FALSE) {
            return run_boolean(run, false);
        }
        return known ? run_boolean(run, true) : run_empty;
    case BINARY_OR:
        if (a == FHIRPATH_TRUE || b == FHIRPATH_TRUE) {
            return run_boolean(run, true);
        }
        return known ? run_boolean(run, false) : run_empty;
    case BINARY_XOR:
        return known ? run_boolean(run, a != b) : run_empty;
    default: /* implies */
        if (a == FHIRPATH_FALSE || b == FHIRPATH_TRUE) {
            return run_boolean(run, true);
        }
        return known ? run_boolean(run, false) : run_empty;
    }
}

static struct fhirpath_list
joined(struct run *run, struct fhirpath_list a, struct fhirpath_list b)
{
    struct span left = {NULL, 0};
    struct span right = {NULL, 0};
    (void)run_single_text(run, a, &left);
    (void)run_single_text(run, b, &right);
    return add_texts(run, left, right);
}

static struct fhirpath_list
arithmetic(struct run *run, enum binary binary, struct fhirpath_list a, struct fhirpath_list b)
{
    struct fhirpath_value left;
    struct fhirpath_value right;
    return both_single(run, a, b, &left, &right) ? operator_arithmetic(run, binary, left, right) : run_empty;
}

/* A truth, or its opposite; empty stays. */
static struct fhirpath_list
told(struct run *run, enum fhirpath_truth truth, bool opposite)
{
    return truth == FHIRPATH_EMPTY ? run_empty : run_boolean(run, (truth == FHIRPATH_TRUE) != opposite);
}

struct fhirpath_list
operator_binary(struct run *run, enum binary binary, struct fhirpath_list a, struct fhirpath_list b)
{
    switch (binary) {
    case BINARY_TIMES:
    case BINARY_DIVIDED:
    case BINARY_DIV:
    case BINARY_MOD:
    case BINARY_PLUS:
    case BINARY_MINUS:
        return arithmetic(run, binary, a, b);
    case BINARY_JOINED:
        return joined(run, a, b);
    case BINARY_UNION:
        return united(run, a, b);
    case BINARY_AT_MOST:
    case BINARY_LESS:
    case BINARY_GREATER:
    case BINARY_AT_LEAST:
        return compared(run, binary, a, b);
    case BINARY_EQUAL:
    case BINARY_NOT_EQUAL:
        return told(run, equal_lists(run, a, b), binary == BINARY_NOT_EQUAL);
    case BINARY_EQUIVALENT:
    case BINARY_NOT_EQUIVALENT:
        return run_boolean(run, equivalent_lists(run, a, b) == (binary == BINARY_EQUIVALENT));
    case BINARY_IN:
        return is_member(run, a, b);
    case BINARY_CONTAINS:
        return is_member(run, b, a);
    default:
        return logic(run, binary, run_truth(run, a), run_truth(run, b));
    }
}
