/*
 * An evaluation's ground: its limits, its faults, the collections that it makes, and the way to a function's
 * arguments. What an operation does is elsewhere (evaluate.c, and a file for each kind of function).
 *
 * Steps are dealt out: an evaluation takes all that it may use from the budget, of these so many into its
 * hand (`steps_left`) as may be done before the clock is looked at again, and the rest stays behind
 * (`steps_behind`). So charging is one comparison and one subtraction, and the clock, which may be a system
 * call, is asked once in FHIRPATH_STEPS_UNWATCHED steps over all evaluations of a request. What was not used
 * goes back at the end, after a fault, too.
 *
 * Memory is counted by what the arena has given since the evaluation began. A collection that grows leaves
 * its former arrays in the arena, so all of them take less than twice the last one.
 */
#include "lib/fhirpath/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    BUILDER_FIRST = 4,
    QUANTITY_PRICE = 16 /* steps, beside those for the units' texts */
};

const struct fhirpath_list run_empty = {NULL, 0};

_Noreturn void
run_fail(struct run *run, enum fhirpath_fault_code code, const char *format, ...)
{
    va_list arguments;
    run->fault->code = code;
    run->fault->offset = run->at == NULL ? 0 : run->at->offset;
    va_start(arguments, format);
    (void)vsnprintf(run->fault->text, sizeof run->fault->text, format, arguments);
    va_end(arguments);
    longjmp(run->leave, 1);
}

bool
fhirpath_watch_count(struct fhirpath_watch *watch, uint32_t steps)
{
    watch->unlooked += steps < FHIRPATH_STEPS_MAX ? steps : FHIRPATH_STEPS_MAX;
    if (watch->clock == NULL || watch->unlooked < FHIRPATH_STEPS_UNWATCHED || watch->over) {
        return !watch->over;
    }
    int64_t now = watch->clock();
    watch->unlooked = 0;
    watch->start = watch->looked ? watch->start : now;
    watch->looked = true;
    watch->over = now - watch->start >= watch->most;
    return !watch->over;
}

/* Into the hand comes what is left until the next look at the clock; all of it when nobody watches. */
void
run_deal_steps(struct run *run)
{
    const struct fhirpath_watch *watch = run->budget->watch;
    uint32_t hand = run->steps_behind;
    if (watch != NULL && watch->clock != NULL) {
        uint32_t next =
            watch->unlooked < FHIRPATH_STEPS_UNWATCHED ? FHIRPATH_STEPS_UNWATCHED - watch->unlooked : 1;
        hand = next < hand ? next : hand;
    }
    run->steps_dealt = hand;
    run->steps_left = hand;
    run->steps_behind -= hand;
}

/* The hand is empty: takes what is missing from behind, tells the watch what was used, and is dealt anew. */
void
run_more_steps(struct run *run, size_t steps)
{
    size_t more = steps - run->steps_left;
    uint32_t used = run->steps_dealt - run->steps_left + (uint32_t)steps;
    if (more > run->steps_behind) {
        run_fail(run, FHIRPATH_STEPS, "the expression takes too many steps");
    }
    run->steps_behind -= (uint32_t)more;
    run->steps_left = 0;
    run->steps_dealt = 0;
    if (run->budget->watch != NULL && !fhirpath_watch_count(run->budget->watch, used)) {
        run_fail(run, FHIRPATH_OVERTIME, "the expressions take too long");
    }
    run_deal_steps(run);
}

void
run_return_steps(struct run *run)
{
    uint32_t used = run->steps_dealt - run->steps_left;
    run->budget->steps += run->steps_left + run->steps_behind;
    if (run->budget->watch != NULL) {
        (void)fhirpath_watch_count(run->budget->watch, used);
    }
}

uint64_t
run_purse(const struct run *run, uint32_t step)
{
    uint64_t steps = (uint64_t)run->steps_left + run->steps_behind;
    return steps * step < run->budget->purse ? steps * step : run->budget->purse;
}

void
run_paid(struct run *run, uint64_t spent, uint32_t step)
{
    run->budget->purse -= spent;
    run_step(run, (size_t)(spent / step));
}

void
run_quantities(struct run *run, const struct fhirpath_quantity *a, const struct fhirpath_quantity *b)
{
    run_step(run, QUANTITY_PRICE + (a->unit.size + b->unit.size) / RUN_STEP_BYTES);
}

void
run_check_memory(struct run *run)
{
    if (arena_used(run->arena) - run->memory_start > run->memory_max) {
        run_fail(run, FHIRPATH_MEMORY, "the expression takes too much memory");
    }
}

void *
run_alloc(struct run *run, size_t size)
{
    size_t used = arena_used(run->arena) - run->memory_start;
    if (used > run->memory_max || size > run->memory_max - used) {
        run_fail(run, FHIRPATH_MEMORY, "the expression takes too much memory");
    }
    return arena_alloc(run->arena, size);
}

/* ---- Collections ---- */

void
builder_start(struct builder *builder, struct run *run)
{
    *builder = (struct builder){.run = run};
}

void
builder_add(struct builder *builder, struct fhirpath_value value)
{
    if (builder->count == builder->room) {
        size_t room = builder->room == 0 ? BUILDER_FIRST : 2 * builder->room;
        if (builder->count >= FHIRPATH_COLLECTION_MAX) {
            run_fail(builder->run, FHIRPATH_COLLECTION, "the collection has too many elements");
        }
        struct fhirpath_value *values = run_alloc(builder->run, room * sizeof *values);
        if (builder->count > 0) {
            memcpy(values, builder->values, builder->count * sizeof *values);
        }
        builder->values = values;
        builder->room = room;
    }
    builder->values[builder->count++] = value;
}

void
builder_add_list(struct builder *builder, struct fhirpath_list list)
{
    run_step(builder->run, list.count);
    for (size_t i = 0; i < list.count; i++) {
        builder_add(builder, list.values[i]);
    }
}

struct fhirpath_list
builder_list(const struct builder *builder)
{
    return (struct fhirpath_list){builder->values, builder->count};
}

struct fhirpath_list
run_one(struct run *run, struct fhirpath_value value)
{
    struct fhirpath_value *kept = run_alloc(run, sizeof *kept);
    *kept = value;
    return (struct fhirpath_list){kept, 1};
}

struct fhirpath_list
run_boolean(struct run *run, bool boolean)
{
    static const struct fhirpath_value values[] = {{.type = FHIRPATH_BOOLEAN, .as.boolean = false},
                                                   {.type = FHIRPATH_BOOLEAN, .as.boolean = true}};
    (void)run;
    return (struct fhirpath_list){&values[boolean ? 1 : 0], 1};
}

struct fhirpath_list
run_integer(struct run *run, int64_t integer)
{
    struct fhirpath_value value = {.type = FHIRPATH_INTEGER};
    value.as.integer = integer;
    return integer > INT32_MAX || integer < INT32_MIN ? run_empty : run_one(run, value);
}

struct fhirpath_list
run_decimal(struct run *run, struct decimal decimal)
{
    struct fhirpath_value value = {.type = FHIRPATH_DECIMAL, .scale = (uint8_t)decimal.scale};
    value.as.coefficient = decimal.coefficient;
    return run_one(run, value);
}

struct fhirpath_list
run_text(struct run *run, const char *text, size_t size)
{
    struct fhirpath_value value = {.type = FHIRPATH_STRING, .size = (uint32_t)size};
    value.as.text = text;
    return run_one(run, value);
}

struct fhirpath_list
run_quantity(struct run *run, struct fhirpath_quantity quantity)
{
    struct fhirpath_quantity *kept = run_alloc(run, sizeof *kept);
    struct fhirpath_value value = {.type = FHIRPATH_QUANTITY};
    *kept = quantity;
    value.as.quantity = kept;
    return run_one(run, value);
}

struct fhirpath_list
run_moment(struct run *run, enum fhirpath_type type, struct moment moment)
{
    struct fhirpath_value value = {.type = (uint8_t)type};
    value.as.moment = moment;
    return run_one(run, value);
}

/* ---- Arguments ---- */

const struct operation *
run_argument_operation(const struct run *run, const struct operation *call, unsigned argument)
{
    const uint32_t *arguments = program_at(run->program, run->program->arguments_at);
    return program_operation(run->program, arguments[call->right + argument]);
}

struct fhirpath_list
run_argument(struct run *run, const struct operation *call, unsigned argument, const struct scope *scope)
{
    const uint32_t *arguments = program_at(run->program, run->program->arguments_at);
    struct fhirpath_list value = run->operation(run, arguments[call->right + argument], scope);
    run->at = call;
    return value;
}

struct fhirpath_list
run_lambda(struct run *run, const struct operation *call, unsigned argument, const struct scope *scope,
           const struct fhirpath_list *input, size_t index)
{
    struct scope inside = {{&input->values[index], 1}, scope->total, (int64_t)index};
    run_step(run, 1);
    return run_argument(run, call, argument, &inside);
}
