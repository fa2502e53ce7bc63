/*
 * The evaluator: walks the operations of a compiled expression, operands first.
 *
 * Every operation gives a collection; where the specification wants one value, the operation asks for it and
 * faults when there are several. Each operation costs a step before it is done, and functions charge what
 * else they do (run.h). A fault, an exhausted budget or a full arena leaves by longjmp to `evaluate`, so
 * nothing here may hold what must be freed. Depth is bounded by FHIRPATH_HEIGHT_MAX when the expression is
 * compiled. Results live in the arena and borrow from the trees and from the expression: all three must
 * outlive them. The trees are never changed.
 */
#include "lib/fhirpath/functions.h"
#include "lib/fhirpath/run.h"

#include "lib/base/pattern.h"

#include <string.h>

enum {
    WORD_BITS = 64,
    VARIABLES_STEP = 8 /* that are passed over in one step */
};

static struct fhirpath_list evaluate_operation(struct run *run, uint32_t index, const struct scope *scope);

static struct fhirpath_list
literal(struct run *run, const struct operation *operation)
{
    const struct constant *constants = program_at(run->program, run->program->constants_at);
    const struct constant *constant = &constants[operation->value];
    struct decimal number = {
        (decimal_int128)constant->high * ((decimal_int128)1 << WORD_BITS) + constant->low, constant->scale};
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
    struct fhirpath_list a = evaluate_operation(run, operation->left, scope);
    run->at = operation;
    /* What the left side decides alone. */
    if (operation->code == BINARY_AND && run_truth(run, a) == FHIRPATH_FALSE) {
        return run_boolean(run, false);
    }
    if ((operation->code == BINARY_OR && run_truth(run, a) == FHIRPATH_TRUE) ||
        (operation->code == BINARY_IMPLIES && run_truth(run, a) == FHIRPATH_FALSE)) {
        return run_boolean(run, true);
    }
    struct fhirpath_list b = evaluate_operation(run, operation->right, scope);
    run->at = operation;
    return operator_binary(run, (enum binary)operation->code, a, b);
}

/* What stands left of the point; or the focus. */
static struct fhirpath_list
input_of(struct run *run, const struct operation *operation, const struct scope *scope)
{
    struct fhirpath_list input =
        operation->left == NO_OPERATION ? scope->this : evaluate_operation(run, operation->left, scope);
    run->at = operation;
    return input;
}

static struct fhirpath_list
evaluate_operation(struct run *run, uint32_t index, const struct scope *scope)
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
        at = evaluate_operation(run, operation->right, scope);
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
    *result = evaluate_operation(run, run->program->operation_count - 1, &scope);
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
        .operation = evaluate_operation,
        .memory_start = arena_used(arena),
        .memory_max = memory == 0 || memory > FHIRPATH_MEMORY_MAX ? FHIRPATH_MEMORY_MAX : memory,
        .steps_behind = steps,
        .budget = budget,
        .fault = fault,
    };
    *fault = (struct fhirpath_fault){.code = FHIRPATH_FINE};
    budget->steps -= steps;
    run_deal_steps(&run);
    bool fine = evaluate(&run, result);
    run_return_steps(&run);
    return fine;
}
