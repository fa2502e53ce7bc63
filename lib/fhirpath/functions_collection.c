/*
 * Functions on collections (N1, 5.1 to 5.4, 5.8; aggregates of 7 and of SDC).
 *
 * A collection that is given is never changed; a part of one is a slice that shares its elements (first,
 * tail, skip). What compares each element with all others goes by a set of hashes (value_set, equal.c), so
 * that it costs what the elements hold and not the square of their number. `where(linkId = 'x')`, which
 * nearly every expression on a questionnaire has, is recognised and compares the linkIds without a lambda.
 */
#include "lib/base/decimal.h"
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/run.h"

#include <limits.h>
#include <string.h>

#define CALL(name)                                                                                           \
    struct fhirpath_list name(struct run *run, const struct operation *call, const struct scope *scope,      \
                              struct fhirpath_list input)

/* Whether the criterion holds for the element at an index. */
static bool
holds(struct run *run, const struct operation *call, const struct scope *scope,
      const struct fhirpath_list *input, size_t index)
{
    return run_truth(run, run_lambda(run, call, 0, scope, input, index)) == FHIRPATH_TRUE;
}

/* empty(): N1 5.1.1. */
CALL(call_empty)
{
    (void)call;
    (void)scope;
    return run_boolean(run, input.count == 0);
}

/* exists([criterion]): N1 5.1.2; stops at the first element for which it holds. */
CALL(call_exists)
{
    if (call->count == 0) {
        return run_boolean(run, input.count > 0);
    }
    for (size_t i = 0; i < input.count; i++) {
        if (holds(run, call, scope, &input, i)) {
            return run_boolean(run, true);
        }
    }
    return run_boolean(run, false);
}

/* all(criterion): N1 5.1.3; true for nothing. */
CALL(call_all)
{
    for (size_t i = 0; i < input.count; i++) {
        if (!holds(run, call, scope, &input, i)) {
            return run_boolean(run, false);
        }
    }
    return run_boolean(run, true);
}

/* Whether any element is `wanted`; all must be booleans. */
static bool
any_is(struct run *run, struct fhirpath_list input, bool wanted)
{
    bool found = false;
    for (size_t i = 0; i < input.count; i++) {
        struct fhirpath_value value = run_simple(run, input.values[i]);
        run_step(run, 1);
        if (value.type != FHIRPATH_BOOLEAN) {
            run_fail(run, FHIRPATH_WRONG_TYPE, "a Boolean is expected, not a %.60s",
                     fhirpath_type_name(value));
        }
        found = found || value.as.boolean == wanted;
    }
    return found;
}

/* allTrue(): N1 5.1.4; true for nothing. */
CALL(call_all_true)
{
    (void)call;
    (void)scope;
    return run_boolean(run, !any_is(run, input, false));
}

/* anyTrue(): N1 5.1.5; false for nothing. */
CALL(call_any_true)
{
    (void)call;
    (void)scope;
    return run_boolean(run, any_is(run, input, true));
}

/* allFalse(): N1 5.1.6; true for nothing. */
CALL(call_all_false)
{
    (void)call;
    (void)scope;
    return run_boolean(run, !any_is(run, input, true));
}

/* anyFalse(): N1 5.1.7; false for nothing. */
CALL(call_any_false)
{
    (void)call;
    (void)scope;
    return run_boolean(run, any_is(run, input, false));
}

/* The elements, each once, in their order. */
static struct value_set
set_of(struct run *run, struct fhirpath_list list)
{
    struct value_set set;
    value_set_start(&set, run, list.count);
    for (size_t i = 0; i < list.count; i++) {
        (void)value_set_add(&set, list.values[i]);
    }
    return set;
}

/* Whether all elements of one collection are in the other. */
static bool
is_subset(struct run *run, struct fhirpath_list small, struct fhirpath_list large)
{
    struct value_set set = set_of(run, large);
    for (size_t i = 0; i < small.count; i++) {
        if (!value_set_has(&set, small.values[i])) {
            return false;
        }
    }
    return true;
}

/* subsetOf(other): N1 5.1.8; nothing is a subset of everything. */
CALL(call_subset_of)
{
    return run_boolean(run, is_subset(run, input, run_argument(run, call, 0, scope)));
}

/* supersetOf(other): N1 5.1.9. */
CALL(call_superset_of)
{
    return run_boolean(run, is_subset(run, run_argument(run, call, 0, scope), input));
}

CALL(call_count)
{
    (void)call;
    (void)scope;
    return run_integer(run, (int64_t)input.count);
}

/* distinct(): N1 5.1.11; keeps the first of equal elements, in their order. */
CALL(call_distinct)
{
    struct value_set set = set_of(run, input);
    (void)call;
    (void)scope;
    return (struct fhirpath_list){set.values, set.count};
}

CALL(call_is_distinct)
{
    struct value_set set = set_of(run, input);
    (void)call;
    (void)scope;
    return run_boolean(run, set.count == input.count);
}

/* The text x of a criterion `linkId = 'x'`; false for other criteria. */
static bool
chooses_by_link(const struct run *run, const struct operation *criterion, struct span *link_id)
{
    if (criterion->kind != OPERATION_BINARY || criterion->code != BINARY_EQUAL) {
        return false;
    }
    const struct operation *name = program_operation(run->program, criterion->left);
    const struct operation *text = program_operation(run->program, criterion->right);
    if (name->kind != OPERATION_MEMBER || name->left != NO_OPERATION || text->kind != OPERATION_TEXT ||
        strcmp(program_text(run->program, name->text), "linkId") != 0) {
        return false;
    }
    link_id->data = (const unsigned char *)program_text(run->program, text->text);
    link_id->size = text->text.size;
    return true;
}

/* where(criterion): N1 5.2.1; elements for which it is false or empty are left out. */
CALL(call_where)
{
    struct builder out;
    struct span link_id;
    bool by_link = chooses_by_link(run, run_argument_operation(run, call, 0), &link_id);
    builder_start(&out, run);
    run_step(run, by_link ? input.count * (1 + link_id.size / RUN_STEP_COMPARED) : input.count);
    for (size_t i = 0; i < input.count; i++) {
        if (by_link ? node_has_link_id(input.values[i], link_id) : holds(run, call, scope, &input, i)) {
            builder_add(&out, input.values[i]);
        }
    }
    return builder_list(&out);
}

/* select(projection): N1 5.2.2; what it gives for each element, in one collection. */
CALL(call_select)
{
    struct builder out;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        builder_add_list(&out, run_lambda(run, call, 0, scope, &input, i));
    }
    return builder_list(&out);
}

/* repeat(projection): N1 5.2.3; what is new is projected again, so that it ends when nothing new comes. */
CALL(call_repeat)
{
    struct value_set set;
    struct builder queue;
    builder_start(&queue, run);
    builder_add_list(&queue, input);
    value_set_start(&set, run, input.count);
    /* The set holds what was found; when it is full, a larger one takes over. */
    size_t room = input.count;
    for (size_t i = 0; i < queue.count; i++) {
        struct fhirpath_list whole = {queue.values, queue.count};
        struct fhirpath_list found = run_lambda(run, call, 0, scope, &whole, i);
        if (set.count + found.count > room) {
            struct fhirpath_list old = {set.values, set.count};
            room = 2 * (set.count + found.count);
            value_set_start(&set, run, room);
            for (size_t j = 0; j < old.count; j++) {
                (void)value_set_add(&set, old.values[j]);
            }
        }
        for (size_t j = 0; j < found.count; j++) {
            if (!value_set_add(&set, found.values[j])) {
                builder_add(&queue, found.values[j]);
            }
        }
    }
    return (struct fhirpath_list){set.values, set.count};
}

/* children(): N1 5.8.1; in the order of the document. */
CALL(call_children)
{
    struct builder out;
    (void)call;
    (void)scope;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        node_children(&out, input.values[i]);
    }
    return builder_list(&out);
}

/* descendants(): N1 5.8.2; level by level, without the input. The list grows while it is walked. */
CALL(call_descendants)
{
    struct builder out;
    (void)call;
    (void)scope;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        node_children(&out, input.values[i]);
    }
    for (size_t i = 0; i < out.count; i++) {
        node_children(&out, out.values[i]);
    }
    return builder_list(&out);
}

/* single(): N1 5.3.2; a fault for several elements. */
CALL(call_single)
{
    (void)call;
    (void)scope;
    if (input.count > 1) {
        run_fail(run, FHIRPATH_NOT_SINGLE, "one element is expected, there are %zu", input.count);
    }
    return input;
}

static struct fhirpath_list
slice(struct fhirpath_list list, int64_t from, int64_t count)
{
    if (from < 0) {
        from = 0;
    }
    if (count <= 0 || (uint64_t)from >= list.count) {
        return run_empty;
    }
    size_t left = list.count - (size_t)from;
    return (struct fhirpath_list){list.values + from, (uint64_t)count < left ? (size_t)count : left};
}

CALL(call_first)
{
    (void)run;
    (void)call;
    (void)scope;
    return slice(input, 0, 1);
}

CALL(call_last)
{
    (void)run;
    (void)call;
    (void)scope;
    return slice(input, (int64_t)input.count - 1, input.count > 0 ? 1 : 0);
}

CALL(call_tail)
{
    (void)run;
    (void)call;
    (void)scope;
    return slice(input, 1, INT64_MAX);
}

/* skip(number): N1 5.3.6; all for a number below 1, nothing for none. */
CALL(call_skip)
{
    int64_t number = 0;
    return run_single_integer(run, run_argument(run, call, 0, scope), &number)
               ? slice(input, number, INT64_MAX)
               : run_empty;
}

/* take(number): N1 5.3.7; nothing for a number below 1, or none. */
CALL(call_take)
{
    int64_t number = 0;
    return run_single_integer(run, run_argument(run, call, 0, scope), &number) ? slice(input, 0, number)
                                                                               : run_empty;
}

/* intersect(other): N1 5.3.8; without duplicates, in the order of the input. */
CALL(call_intersect)
{
    struct value_set other = set_of(run, run_argument(run, call, 0, scope));
    struct value_set set = set_of(run, input);
    struct builder out;
    builder_start(&out, run);
    for (size_t i = 0; i < set.count; i++) {
        if (value_set_has(&other, set.values[i])) {
            builder_add(&out, set.values[i]);
        }
    }
    return builder_list(&out);
}

/* exclude(other): N1 5.3.9; with duplicates, in the order of the input. */
CALL(call_exclude)
{
    struct value_set other = set_of(run, run_argument(run, call, 0, scope));
    struct builder out;
    builder_start(&out, run);
    for (size_t i = 0; i < input.count; i++) {
        if (!value_set_has(&other, input.values[i])) {
            builder_add(&out, input.values[i]);
        }
    }
    return builder_list(&out);
}

CALL(call_union)
{
    return operator_binary(run, BINARY_UNION, input, run_argument(run, call, 0, scope));
}

/* combine(other): N1 5.4.2; with duplicates. */
CALL(call_combine)
{
    struct builder out;
    builder_start(&out, run);
    builder_add_list(&out, input);
    builder_add_list(&out, run_argument(run, call, 0, scope));
    return builder_list(&out);
}

/* iif(criterion, then[, else]): N1 5.5.1; only the branch that is taken is evaluated. On an input, it is
 * $this. */
CALL(call_iif)
{
    struct scope inside = *scope;
    if (call->left != NO_OPERATION) {
        if (input.count > 1) {
            run_fail(run, FHIRPATH_NOT_SINGLE, "one element is expected, there are %zu", input.count);
        }
        inside.this = input;
    }
    struct fhirpath_list criterion = run_argument(run, call, 0, &inside);
    struct fhirpath_value value;
    if (run_single(run, criterion, &value) && value.type != FHIRPATH_BOOLEAN) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "the criterion is a Boolean, not a %.60s",
                 fhirpath_type_name(value));
    }
    if (run_truth(run, criterion) == FHIRPATH_TRUE) {
        return run_argument(run, call, 1, &inside);
    }
    return call->count > 2 ? run_argument(run, call, 2, &inside) : run_empty;
}

/* not(): N1 6.5.3; one element that is no Boolean is true. */
CALL(call_not)
{
    enum fhirpath_truth truth = run_truth(run, input);
    (void)call;
    (void)scope;
    return truth == FHIRPATH_EMPTY ? run_empty : run_boolean(run, truth == FHIRPATH_FALSE);
}

/* trace(name[, projection]): N1 5.9.1; there is no log that it may write to. */
CALL(call_trace)
{
    struct span name;
    if (!run_single_text(run, run_argument(run, call, 0, scope), &name)) {
        run_fail(run, FHIRPATH_WRONG_ARGUMENTS, "trace() takes a name");
    }
    for (size_t i = 0; call->count > 1 && i < input.count; i++) {
        (void)run_lambda(run, call, 1, scope, &input, i); /* it may fail; nothing is written anywhere */
    }
    return input;
}

/* ---- Aggregates ---- */

/* aggregate(aggregator[, start]): N1 7.1. */
CALL(call_aggregate)
{
    struct scope outer = *scope;
    outer.total = call->count > 1 ? run_argument(run, call, 1, scope) : run_empty;
    for (size_t i = 0; i < input.count; i++) {
        outer.total = run_lambda(run, call, 0, &outer, &input, i);
    }
    return outer.total;
}

static struct fhirpath_list
sum_of(struct run *run, struct fhirpath_list input)
{
    struct fhirpath_list total = run_empty;
    for (size_t i = 0; i < input.count; i++) {
        struct fhirpath_value value = run_simple(run, input.values[i]);
        run_step(run, 1);
        run_check_memory(run);
        if (value.type != FHIRPATH_INTEGER && value.type != FHIRPATH_DECIMAL &&
            value.type != FHIRPATH_QUANTITY && value.type != FHIRPATH_STRING) {
            run_fail(run, FHIRPATH_WRONG_TYPE, "a sum does not take a %.60s", fhirpath_type_name(value));
        }
        if (i > 0 && total.count == 0) {
            return run_empty; /* it did not fit, or the units differ */
        }
        total = i == 0 ? run_one(run, value) : operator_arithmetic(run, BINARY_PLUS, total.values[0], value);
    }
    return total;
}

/* sum(): of numbers, quantities or strings; empty for nothing, as SDC has it. */
CALL(call_sum)
{
    (void)call;
    (void)scope;
    return sum_of(run, input);
}

/* avg(): the sum over the number of elements. */
CALL(call_avg)
{
    struct fhirpath_list total = sum_of(run, input);
    struct fhirpath_value count = {.type = FHIRPATH_DECIMAL};
    (void)call;
    (void)scope;
    if (total.count == 0) {
        return run_empty;
    }
    count.as.coefficient = (decimal_int128)input.count;
    return operator_arithmetic(run, BINARY_DIVIDED, total.values[0], count);
}

/* The smallest (sign 1) or largest (sign -1) element. */
static struct fhirpath_list
extreme(struct run *run, struct fhirpath_list input, int sign)
{
    size_t best = 0;
    for (size_t i = 0; i < input.count; i++) {
        run_step(run, 1);
        run_check_memory(run);
        int order = compare_values(run, input.values[i], input.values[best]);
        if (order == INT_MIN) {
            return run_empty;
        }
        best = order * sign < 0 ? i : best;
    }
    return input.count == 0 ? run_empty : run_one(run, run_simple(run, input.values[best]));
}

/* min(): of what has an order; empty when that is not known. */
CALL(call_min)
{
    (void)call;
    (void)scope;
    return extreme(run, input, 1);
}

/* max(): the same. */
CALL(call_max)
{
    (void)call;
    (void)scope;
    return extreme(run, input, -1);
}
