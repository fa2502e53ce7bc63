/*
 * An evaluation under way. What goes wrong leaves by run_fail, which does not return (as the arena's own
 * `full`): fhirpath_evaluate gives it back as a value. Nothing that must be freed may be held across a call
 * that can fail. Private to lib/fhirpath.
 */
#ifndef ANAMNESIS_FHIRPATH_RUN_H
#define ANAMNESIS_FHIRPATH_RUN_H

#include "lib/fhirpath/program.h"

#include <setjmp.h>

struct run;
struct scope;

/* Works out the operation of that index. */
typedef struct fhirpath_list run_operation_fn(struct run *run, uint32_t index, const struct scope *scope);

struct run {
    const struct fhirpath *program;
    const struct fhirpath_environment *environment;
    struct arena *arena;
    struct fhirpath_list focus;
    run_operation_fn *operation; /* evaluate.c's: functions reach it through here, it reaches them by name */
    size_t memory_start;         /* bytes that the arena had given before */
    size_t memory_max;
    uint32_t steps_left;            /* until the next look at the clock, */
    uint32_t steps_dealt;           /* of so many; */
    uint32_t steps_behind;          /* and those behind it */
    struct fhirpath_budget *budget; /* it has paid for all these */
    const struct operation *at;     /* the one that works now, for faults */
    struct fhirpath_fault *fault;
    jmp_buf leave;
};

/* What $this, $index and $total are. */
struct scope {
    struct fhirpath_list this;
    struct fhirpath_list total;
    int64_t index; /* FHIRPATH_NO_INDEX: there is none */
};

_Noreturn void run_fail(struct run *run, enum fhirpath_fault_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * What is charged before it is done. A step stands for about a hundred instructions, and for a thousand at
 * most: an operation, an element that is looked at, RUN_STEP_BYTES bytes that are read one by one or written,
 * RUN_STEP_COMPARED bytes that are compared or copied at once. tests/fhirpath/test_price.py measures it.
 */
enum { RUN_STEP_BYTES = 16, RUN_STEP_COMPARED = 64 };

/* Steps up to the next look at the clock come into hand; at the end, what was not used goes back to the
 * budget. */
void run_deal_steps(struct run *run);
void run_return_steps(struct run *run);

/* The next steps: some more, with a look at the clock, or a fault. */
void run_more_steps(struct run *run, size_t steps);

static inline void
run_step(struct run *run, size_t steps)
{
    if (steps > run->steps_left) {
        run_more_steps(run, steps);
    } else {
        run->steps_left -= (uint32_t)steps;
    }
}

static inline void
run_bytes(struct run *run, size_t size)
{
    run_step(run, size / RUN_STEP_BYTES);
}

static inline void
run_compared(struct run *run, size_t size)
{
    run_step(run, size / RUN_STEP_COMPARED);
}

/*
 * What regular expressions may take of their purse (see PATTERN_PURSE) when each step stands for so much of
 * it; and what they took.
 */
uint64_t run_purse(const struct run *run, uint32_t step);
void run_paid(struct run *run, uint64_t spent, uint32_t step);

/* For what reads the units of two quantities. */
void run_quantities(struct run *run, const struct fhirpath_quantity *a, const struct fhirpath_quantity *b);

/* Memory of the arena within the limit; text made of several parts must be no longer than allowed. */
void *run_alloc(struct run *run, size_t size);
void run_check_memory(struct run *run);

/* The value of a function's argument, whose implicit focus is the scope's. */
struct fhirpath_list run_argument(struct run *run, const struct operation *call, unsigned argument,
                                  const struct scope *scope);

/* The same with one element of the input as $this. */
struct fhirpath_list run_lambda(struct run *run, const struct operation *call, unsigned argument,
                                const struct scope *scope, const struct fhirpath_list *input, size_t index);

/* The operation that an argument is. */
const struct operation *run_argument_operation(const struct run *run, const struct operation *call,
                                               unsigned argument);

/* ---- Collections that grow ---- */

struct builder {
    struct run *run;
    struct fhirpath_value *values;
    size_t count;
    size_t room;
};

void builder_start(struct builder *builder, struct run *run);
void builder_add(struct builder *builder, struct fhirpath_value value);
void builder_add_list(struct builder *builder, struct fhirpath_list list);
struct fhirpath_list builder_list(const struct builder *builder);

extern const struct fhirpath_list run_empty;
struct fhirpath_list run_one(struct run *run, struct fhirpath_value value);
struct fhirpath_list run_boolean(struct run *run, bool boolean);
struct fhirpath_list run_integer(struct run *run,
                                 int64_t integer); /* empty when it needs more than 32 bits */
struct fhirpath_list run_decimal(struct run *run, struct decimal decimal);
struct fhirpath_list run_text(struct run *run, const char *text, size_t size);
struct fhirpath_list run_quantity(struct run *run, struct fhirpath_quantity quantity);
struct fhirpath_list run_moment(struct run *run, enum fhirpath_type type, struct moment moment);

/* ---- Reading operands: operand.c ---- */

/* The only element as a system value; false when there is none; a fault when there are several. */
bool run_single(struct run *run, struct fhirpath_list list, struct fhirpath_value *value);

/* The same, of one type; another type is a fault. Integers are decimals, too. */
bool run_single_text(struct run *run, struct fhirpath_list list, struct span *text);
bool run_single_integer(struct run *run, struct fhirpath_list list, int64_t *integer);
bool run_single_decimal(struct run *run, struct fhirpath_list list, struct decimal *decimal);

/* A condition: FHIRPATH_EMPTY, FHIRPATH_FALSE or FHIRPATH_TRUE; several elements are a fault. */
enum fhirpath_truth run_truth(struct run *run, struct fhirpath_list list);

/* ---- Elsewhere: navigation (node.c), equality (equal.c), operators (operator.c), conversion (convert.c)
 * ---- */

struct fhirpath_list node_member(struct run *run, struct fhirpath_list input, const char *name, bool first);
struct fhirpath_list node_chosen(struct run *run, struct fhirpath_list input, const char *name,
                                 struct span link_id);
/* Whether the node's linkId is that text. */
bool node_has_link_id(struct fhirpath_value value, struct span link_id);
void node_children(struct builder *children, struct fhirpath_value value);
const struct fhirpath_node *node_of(struct arena *arena, const struct fhirpath_node *parent, const char *name,
                                    int32_t index, struct json_object *json, uint16_t type);
struct json_object *node_beside(struct run *run, const struct fhirpath_node *node);
/* A member of a JSON object: quick for small ones. NULL when it is not there, or null. */
struct json_object *json_member(struct json_object *object, const char *name);

/* A node as a value; a primitive becomes its system value. The second one charges for the digits of numbers.
 */
struct fhirpath_value value_simple(struct arena *arena, struct fhirpath_value value);
struct fhirpath_value run_simple(struct run *run, struct fhirpath_value value);
bool value_is(struct fhirpath_value value, uint32_t type, bool exact);
/* Equality of two elements: FHIRPATH_EMPTY when it is not known. */
enum fhirpath_truth equal_values(struct run *run, struct fhirpath_value a, struct fhirpath_value b);
bool equivalent_values(struct run *run, struct fhirpath_value a, struct fhirpath_value b);
enum fhirpath_truth equal_lists(struct run *run, struct fhirpath_list a, struct fhirpath_list b);
bool equivalent_lists(struct run *run, struct fhirpath_list a, struct fhirpath_list b);
/* A hash that equal values share. */
uint64_t equal_hash(struct run *run, struct fhirpath_value value);
/* Orders two elements: less than, equal to or greater than 0; INT_MIN: not known. A fault for types that have
 * no order. */
int compare_values(struct run *run, struct fhirpath_value a, struct fhirpath_value b);

/* A set that finds equal values quickly. */
struct value_set {
    struct run *run;
    struct fhirpath_value *values; /* in the order in which they came */
    uint32_t *slots;               /* index + 1; 0: free */
    uint64_t *hashes;
    size_t count;
    size_t mask;
};
void value_set_start(struct value_set *set, struct run *run, size_t most);
/* Whether an equal value is there already; adds it otherwise. */
bool value_set_add(struct value_set *set, struct fhirpath_value value);
bool value_set_has(struct value_set *set, struct fhirpath_value value);

struct fhirpath_list operator_binary(struct run *run, enum binary binary, struct fhirpath_list a,
                                     struct fhirpath_list b);
struct fhirpath_list operator_sign(struct run *run, char sign, struct fhirpath_list operand);
/* a op b of two single values; also for sum(). Empty when it does not fit. */
struct fhirpath_list operator_arithmetic(struct run *run, enum binary binary, struct fhirpath_value a,
                                         struct fhirpath_value b);

/* Conversions; false: it does not convert. */
bool convert_value(struct run *run, struct fhirpath_value value, enum fhirpath_type type,
                   struct fhirpath_value *converted);
/* The text of a system value; false when it has none. */
bool convert_text(struct arena *arena, struct fhirpath_value value, struct span *text);

#endif
