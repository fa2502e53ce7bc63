/* The evaluator: walks the operations, keeps the limits. */
#include "lib/fhirpath/run.h"

#include "lib/base/pattern.h"
#include "lib/fhirpath/decimal.h"
#include "lib/fhirpath/model.h"
#include "lib/fhirpath/moment.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    BUILDER_FIRST = 4,
    WORD_BITS = 64,
    VARIABLES_STEP = 8, /* that are passed over in one step */
    QUANTITY_PRICE = 16 /* steps, beside those for the units' texts */
};

const struct fhirpath_list run_empty = {NULL, 0};

_Noreturn void
run_fail(struct run *run, enum fhirpath_fault_code code, const char *format, ...)
{
    va_list arguments;
    run->fault->code = code;
    run->fault->offset = run->at == NULL ? 0 : run->at->place;
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

/* Steps up to the next look at the clock come into hand. */
static void
deal_steps(struct run *run)
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
    deal_steps(run);
}

/* What was not used goes back to the budget. */
static void
return_steps(struct run *run)
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
run_decimal(struct run *run, struct fhirpath_decimal decimal)
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
run_moment(struct run *run, enum fhirpath_type type, struct fhirpath_moment moment)
{
    struct fhirpath_value value = {.type = (uint8_t)type};
    value.as.moment = moment;
    return run_one(run, value);
}

/* ---- Operands ---- */

bool
run_single(struct run *run, struct fhirpath_list list, struct fhirpath_value *value)
{
    if (list.count > 1) {
        run_fail(run, FHIRPATH_NOT_SINGLE, "one element is expected, there are %zu", list.count);
    }
    if (list.count == 0) {
        return false;
    }
    *value = run_simple(run, list.values[0]);
    return true;
}

bool
run_single_text(struct run *run, struct fhirpath_list list, struct span *text)
{
    struct fhirpath_value value;
    if (!run_single(run, list, &value)) {
        return false;
    }
    if (value.type == FHIRPATH_NODE && value.as.node->json == NULL) {
        return false; /* a primitive without a value */
    }
    if (value.type != FHIRPATH_STRING) { /* dates and the like of JSON are strings there */
        struct fhirpath_value own = list.values[0];
        if (own.type != FHIRPATH_NODE || !json_object_is_type(own.as.node->json, json_type_string)) {
            run_fail(run, FHIRPATH_WRONG_TYPE, "a String is expected, not a %.60s",
                     fhirpath_type_name(value));
        }
        *text = (struct span){(const unsigned char *)json_object_get_string(own.as.node->json),
                              (size_t)json_object_get_string_len(own.as.node->json)};
        return true;
    }
    *text = (struct span){(const unsigned char *)value.as.text, value.size};
    return true;
}

bool
run_single_integer(struct run *run, struct fhirpath_list list, int64_t *integer)
{
    struct fhirpath_value value;
    if (!run_single(run, list, &value)) {
        return false;
    }
    if (value.type != FHIRPATH_INTEGER) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "an Integer is expected, not a %.60s", fhirpath_type_name(value));
    }
    *integer = value.as.integer;
    return true;
}

bool
run_single_decimal(struct run *run, struct fhirpath_list list, struct fhirpath_decimal *decimal)
{
    struct fhirpath_value value;
    if (!run_single(run, list, &value)) {
        return false;
    }
    if (!fhirpath_decimal_of(value, decimal)) {
        run_fail(run, FHIRPATH_WRONG_TYPE, "a number is expected, not a %.60s", fhirpath_type_name(value));
    }
    return true;
}

enum fhirpath_truth
run_truth(struct run *run, struct fhirpath_list list)
{
    enum fhirpath_truth truth = fhirpath_truth(list);
    if (truth == FHIRPATH_NO_TRUTH) {
        run_fail(run, FHIRPATH_NOT_SINGLE, "a condition is one element, there are %zu", list.count);
    }
    return truth;
}

/* ---- Operations ---- */

static struct fhirpath_list
literal(struct run *run, const struct operation *operation)
{
    const struct constant *constants = program_at(run->program, run->program->constants_at);
    const struct constant *constant = &constants[operation->value];
    struct fhirpath_decimal number = {
        (fhirpath_int128)constant->high * ((fhirpath_int128)1 << WORD_BITS) + constant->low, constant->scale};
    switch ((enum fhirpath_type)constant->type) {
    case FHIRPATH_BOOLEAN:
        return run_boolean(run, constant->boolean);
    case FHIRPATH_INTEGER:
        return run_integer(run, (int64_t)number.coefficient);
    case FHIRPATH_DECIMAL:
        return run_decimal(run, number);
    case FHIRPATH_QUANTITY: {
        const char *unit = program_text(run->program, constant->unit);
        struct span text = {(const unsigned char *)unit, constant->unit.size};
        return run_quantity(run, (struct fhirpath_quantity){number, text, constant->calendar});
    }
    default:
        return run_moment(run, (enum fhirpath_type)constant->type, constant->moment);
    }
}

/* The root of the focus's tree. */
static struct fhirpath_list
root_of(struct run *run)
{
    if (run->focus.count != 1 || run->focus.values[0].type != FHIRPATH_NODE) {
        return run->focus;
    }
    const struct fhirpath_node *node = run->focus.values[0].as.node;
    while (node->parent != NULL) {
        node = node->parent;
    }
    return fhirpath_of_node(run->arena, node);
}

static struct fhirpath_list
well_known(struct run *run, const struct operation *operation)
{
    static const struct {
        const char *name;
        const char *value;
        bool prefix;
    } names[] = {
        {"ucum", "http://unitsofmeasure.org", false},
        {"sct", "http://snomed.info/sct", false},
        {"loinc", "http://loinc.org", false},
        {"vs-", "http://hl7.org/fhir/ValueSet/", true},
        {"ext-", "http://hl7.org/fhir/StructureDefinition/", true},
    };
    const char *name = program_text(run->program, operation->text);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i].name);
        if (!names[i].prefix && strcmp(name, names[i].name) == 0) {
            return run_text(run, names[i].value, strlen(names[i].value));
        }
        if (names[i].prefix && strncmp(name, names[i].name, size) == 0) {
            run_bytes(run, strlen(name));
            run_check_memory(run);
            const char *url = arena_format(run->arena, "%s%s", names[i].value, name + size);
            return run_text(run, url, strlen(url));
        }
    }
    run_fail(run, FHIRPATH_UNKNOWN_VARIABLE, "there is no variable %%%.80s", name);
}

static struct fhirpath_list
variable(struct run *run, const struct operation *operation)
{
    const char *name = program_text(run->program, operation->text);
    for (size_t i = 0; i < run->environment->variable_count; i++) {
        run_step(run, i % VARIABLES_STEP == VARIABLES_STEP - 1 ? 1 : 0);
        if (strcmp(run->environment->variables[i].name, name) == 0) {
            return run->environment->variables[i].value;
        }
    }
    if (strcmp(name, "resource") == 0 || strcmp(name, "rootResource") == 0) {
        return root_of(run);
    }
    return strcmp(name, "context") == 0 ? run->focus : well_known(run, operation);
}

static struct fhirpath_list
element_at(struct run *run, struct fhirpath_list list, struct fhirpath_list at)
{
    int64_t index = 0;
    if (!run_single_integer(run, at, &index) || index < 0 || (uint64_t)index >= list.count) {
        return run_empty;
    }
    return (struct fhirpath_list){&list.values[index], 1};
}

static struct fhirpath_list
test_type(struct run *run, const struct operation *operation, struct fhirpath_list list)
{
    struct builder out;
    if (operation->code == TYPE_OF) {
        builder_start(&out, run);
        for (size_t i = 0; i < list.count; i++) {
            run_step(run, 1);
            if (value_is(list.values[i], operation->value, true)) {
                builder_add(&out, list.values[i]);
            }
        }
        return builder_list(&out);
    }
    if (list.count > 1) {
        run_fail(run, FHIRPATH_NOT_SINGLE, "one element is expected, there are %zu; use ofType()",
                 list.count);
    }
    if (list.count == 0) {
        return run_empty;
    }
    if (operation->code == TYPE_IS) {
        return run_boolean(run, value_is(list.values[0], operation->value, false));
    }
    return value_is(list.values[0], operation->value, true) ? list : run_empty;
}

static struct fhirpath_list
binary(struct run *run, const struct operation *operation, const struct scope *scope)
{
    struct fhirpath_list a = run_operation(run, operation->left, scope);
    run->at = operation;
    /* What the left side decides alone. */
    if (operation->code == BINARY_AND && run_truth(run, a) == FHIRPATH_FALSE) {
        return run_boolean(run, false);
    }
    if ((operation->code == BINARY_OR && run_truth(run, a) == FHIRPATH_TRUE) ||
        (operation->code == BINARY_IMPLIES && run_truth(run, a) == FHIRPATH_FALSE)) {
        return run_boolean(run, true);
    }
    struct fhirpath_list b = run_operation(run, operation->right, scope);
    run->at = operation;
    return operator_binary(run, (enum binary)operation->code, a, b);
}

/* What stands left of the point; or the focus. */
static struct fhirpath_list
input_of(struct run *run, const struct operation *operation, const struct scope *scope)
{
    struct fhirpath_list input =
        operation->left == NO_OPERATION ? scope->this : run_operation(run, operation->left, scope);
    run->at = operation;
    return input;
}

struct fhirpath_list
run_operation(struct run *run, uint32_t index, const struct scope *scope)
{
    const struct operation *operation = program_operation(run->program, index);
    const char *text = program_text(run->program, operation->text);
    struct fhirpath_list at;
    run->at = operation;
    run_step(run, 1);
    switch ((enum operation_kind)operation->kind) {
    case OPERATION_EMPTY:
        return run_empty;
    case OPERATION_LITERAL:
        return literal(run, operation);
    case OPERATION_TEXT:
        return run_text(run, text, operation->text.size);
    case OPERATION_THIS:
        return scope->this;
    case OPERATION_INDEX:
        return scope->index == FHIRPATH_NO_INDEX ? run_empty : run_integer(run, scope->index);
    case OPERATION_TOTAL:
        return scope->total;
    case OPERATION_VARIABLE:
        return variable(run, operation);
    case OPERATION_MEMBER:
        return node_member(run, input_of(run, operation, scope), text, operation->first);
    case OPERATION_CHOSEN: {
        struct span link_id = {(const unsigned char *)program_text(run->program, operation->other),
                               operation->other.size};
        return node_chosen(run, input_of(run, operation, scope), text, link_id);
    }
    case OPERATION_FUNCTION:
        return function_at(operation->code)->call(run, operation, scope, input_of(run, operation, scope));
    case OPERATION_AT:
        at = run_operation(run, operation->right, scope);
        return element_at(run, input_of(run, operation, scope), at);
    case OPERATION_SIGN:
        return operator_sign(run, (char)operation->code, input_of(run, operation, scope));
    case OPERATION_BINARY:
        return binary(run, operation, scope);
    case OPERATION_TYPE:
        return test_type(run, operation, input_of(run, operation, scope));
    }
    return run_empty;
}

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
    struct fhirpath_list value = run_operation(run, arguments[call->right + argument], scope);
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

/* The run lives outside: what it holds when it is left by run_fail still counts. */
static bool
evaluate(struct run *run, struct fhirpath_list *result)
{
    struct scope scope = {run->focus, {NULL, 0}, FHIRPATH_NO_INDEX};
    const struct fhirpath_watch *watch = run->budget->watch;
    *result = run_empty;
    if (setjmp(run->leave) != 0) {
        return false;
    }
    if (watch != NULL && watch->over) {
        run_fail(run, FHIRPATH_OVERTIME, "the expressions take too long");
    }
    *result = run_operation(run, run->program->operation_count - 1, &scope);
    return true;
}

bool
fhirpath_evaluate(const struct fhirpath *expression, struct fhirpath_list focus,
                  const struct fhirpath_environment *environment, struct arena *arena,
                  struct fhirpath_list *result, struct fhirpath_fault *fault)
{
    uint32_t steps = environment->steps == 0 ? FHIRPATH_STEPS_MAX : environment->steps;
    size_t memory = environment->memory;
    struct fhirpath_budget *budget = environment->budget;
    if (budget == NULL) {
        budget = arena_alloc(arena, sizeof *budget);
        *budget = (struct fhirpath_budget){FHIRPATH_STEPS_MAX, PATTERN_PURSE, NULL};
    }
    steps = steps > FHIRPATH_STEPS_MAX ? FHIRPATH_STEPS_MAX : steps;
    steps = steps > budget->steps ? budget->steps : steps;
    struct run run = {
        .program = expression,
        .environment = environment,
        .arena = arena,
        .focus = focus,
        .memory_start = arena_used(arena),
        .memory_max = memory == 0 || memory > FHIRPATH_MEMORY_MAX ? FHIRPATH_MEMORY_MAX : memory,
        .steps_behind = steps,
        .budget = budget,
        .fault = fault,
    };
    *fault = (struct fhirpath_fault){.code = FHIRPATH_FINE};
    budget->steps -= steps;
    deal_steps(&run);
    bool fine = evaluate(&run, result);
    return_steps(&run);
    return fine;
}
