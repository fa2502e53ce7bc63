/* sort(): by one key or several, a minus before one turns its order. Elements without a key come first
 * always. */
#include "lib/fhirpath/calls.h"
#include "lib/fhirpath/run.h"

#include <limits.h>
#include <string.h>

enum { KEYS_MAX = 8 };

struct sorter {
    struct run *run;
    const struct fhirpath_list *keys; /* `count` of each element */
    size_t count;
    bool falling[KEYS_MAX];
};

/* Less than, equal to or greater than 0, as the elements at two indexes are in order. */
static int
compare(const struct sorter *sorter, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < sorter->count; i++) {
        struct fhirpath_list left = sorter->keys[a * sorter->count + i];
        struct fhirpath_list right = sorter->keys[b * sorter->count + i];
        int order = 0;
        run_step(sorter->run, 1);
        if (left.count == 0 || right.count == 0) {
            if (left.count != right.count) {
                return left.count == 0 ? -1 : 1;
            }
            continue;
        }
        order = compare_values(sorter->run, left.values[0], right.values[0]);
        if (order != 0 && order != INT_MIN) {
            return sorter->falling[i] ? -order : order;
        }
    }
    return 0;
}

/* Merges runs of growing width: stable, and without recursion. */
static uint32_t *
merge_sort(const struct sorter *sorter, uint32_t *order, size_t count)
{
    uint32_t *other = run_alloc(sorter->run, (count + 1) * sizeof *other);
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = start + width < count ? start + width : count;
            size_t end = start + 2 * width < count ? start + 2 * width : count;
            size_t a = start;
            size_t b = middle;
            for (size_t i = start; i < end; i++) {
                bool left = a < middle && (b == end || compare(sorter, order[a], order[b]) <= 0);
                other[i] = left ? order[a++] : order[b++];
            }
        }
        uint32_t *swap = order;
        order = other;
        other = swap;
    }
    return order;
}

/* The keys of all elements; a key of `-x` is x, turned round: strings have no minus. */
static void
read_keys(struct sorter *sorter, const struct operation *call, const struct scope *scope,
          struct fhirpath_list input, struct fhirpath_list *keys)
{
    for (size_t i = 0; i < input.count; i++) {
        for (unsigned key = 0; key < sorter->count; key++) {
            struct scope inside = {{&input.values[i], 1}, scope->total, (int64_t)i};
            const struct operation *operation = run_argument_operation(sorter->run, call, key);
            sorter->falling[key] = operation->kind == OPERATION_SIGN && operation->code == '-';
            keys[i * sorter->count + key] =
                sorter->falling[key] ? sorter->run->operation(sorter->run, operation->left, &inside)
                                     : run_argument(sorter->run, call, key, &inside);
            if (keys[i * sorter->count + key].count > 1) {
                run_fail(sorter->run, FHIRPATH_NOT_SINGLE, "a key is one element");
            }
        }
    }
}

struct fhirpath_list
call_sort(struct run *run, const struct operation *call, const struct scope *scope,
          struct fhirpath_list input)
{
    struct sorter sorter = {.run = run, .count = call->count == 0 ? 1 : call->count};
    struct fhirpath_list *keys = run_alloc(run, (input.count + 1) * sorter.count * sizeof *keys);
    uint32_t *order = run_alloc(run, (input.count + 1) * sizeof *order);
    struct fhirpath_value *sorted = run_alloc(run, (input.count + 1) * sizeof *sorted);
    sorter.keys = keys;
    run_step(run, input.count);
    for (size_t i = 0; i < input.count; i++) {
        order[i] = (uint32_t)i;
        keys[i] = (struct fhirpath_list){&input.values[i], 1}; /* the key, unless there are others */
    }
    if (call->count > 0) {
        read_keys(&sorter, call, scope, input, keys);
        run->at = call;
    }
    order = merge_sort(&sorter, order, input.count);
    for (size_t i = 0; i < input.count; i++) {
        sorted[i] = input.values[order[i]];
    }
    return (struct fhirpath_list){sorted, input.count};
}
