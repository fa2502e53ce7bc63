/*
 * FHIRPath (HL7 FHIRPath N1, version 2.0.0; R4's and SDC's functions; https://hl7.org/fhirpath/N1/), pure and
 * bounded: no I/O, no globals, no clock. An expression is compiled once into a block without pointers and
 * evaluated on json-c trees, which are borrowed and never changed. What an expression may cost is limited;
 * past a limit there is a fault, never a long wait. docs/questionnaires.md lists the functions.
 *
 * Compiling reads text; everything else that can go wrong does so in fhirpath_evaluate. A fault has a code, a
 * sentence for the expression's author, and the byte of the text where it is.
 */
#ifndef ANAMNESIS_FHIRPATH_FHIRPATH_H
#define ANAMNESIS_FHIRPATH_FHIRPATH_H

#include "lib/base/arena.h"
#include "lib/base/decimal.h"
#include "lib/base/moment.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

enum {
    FHIRPATH_TEXT_MAX = 16 * 1024,          /* bytes of an expression */
    FHIRPATH_NESTING_MAX = 64,              /* brackets and operands inside each other, in the text */
    FHIRPATH_HEIGHT_MAX = 512,              /* operations that wait for each other: a + b + c is 2 high */
    FHIRPATH_OPERATIONS_MAX = 8192,         /* of an expression */
    FHIRPATH_STEPS_MAX = 2 * 1000 * 1000,   /* of an evaluation: operations, elements and bytes; see run.h */
    FHIRPATH_STEPS_UNWATCHED = 16 * 1024,   /* between two looks at the clock */
    FHIRPATH_COLLECTION_MAX = 100 * 1000,   /* elements of a collection */
    FHIRPATH_STRING_MAX = 256 * 1024,       /* bytes of a string that is made */
    FHIRPATH_MEMORY_MAX = 32 * 1024 * 1024, /* bytes that an evaluation takes from the arena */
    FHIRPATH_FAULT_SIZE = 160,              /* bytes of a sentence, with its NUL */
    FHIRPATH_NO_INDEX = -1
};

/* ---- Values ---- */

enum fhirpath_type {
    FHIRPATH_BOOLEAN,
    FHIRPATH_INTEGER,
    FHIRPATH_DECIMAL,
    FHIRPATH_STRING,
    FHIRPATH_DATE,
    FHIRPATH_DATE_TIME,
    FHIRPATH_TIME,
    FHIRPATH_QUANTITY,
    FHIRPATH_NODE, /* an element of a JSON tree, whatever it is there */
    FHIRPATH_TYPE  /* what type() gives */
};

/* A number with a unit: a UCUM code, or a calendar duration's word (`calendar`; singular: day). */
struct fhirpath_quantity {
    struct decimal number;
    struct span unit;
    bool calendar;
};

/*
 * An element of a JSON tree that knows the way up. `json` is NULL for a primitive that has only extensions.
 * A value that is read through a choice keeps its JSON name: "valueQuantity".
 */
struct fhirpath_node {
    struct json_object *json;           /* borrowed */
    const struct fhirpath_node *parent; /* NULL: the root */
    const char *name;                   /* the member's name; NULL: the root */
    int32_t index;                      /* in the member's array, or FHIRPATH_NO_INDEX */
    uint16_t type;                      /* private: the FHIR type, as far as it is known */
};

struct fhirpath_value {
    uint8_t type;  /* enum fhirpath_type */
    uint8_t scale; /* of a decimal: see fhirpath_decimal_of; of a type: 1 when it is FHIR's */
    uint32_t size; /* bytes of a string, or of a type's name */
    union {
        bool boolean;
        int64_t integer; /* within 32 bits */
        decimal_int128 coefficient;
        const char *text; /* UTF-8, not NUL-terminated by promise */
        struct moment moment;
        const struct fhirpath_quantity *quantity;
        const struct fhirpath_node *node;
    } as;
};

/* A collection: ordered, maybe empty. */
struct fhirpath_list {
    const struct fhirpath_value *values;
    size_t count;
};

/* ---- Faults ---- */

enum fhirpath_fault_code {
    FHIRPATH_FINE,
    FHIRPATH_SYNTAX,
    FHIRPATH_TOO_LONG, /* the text, or what it compiles to */
    FHIRPATH_TOO_DEEP,
    FHIRPATH_UNKNOWN_FUNCTION,
    FHIRPATH_WRONG_ARGUMENTS, /* how many, or of what kind */
    FHIRPATH_UNSUPPORTED,     /* a function of the specification that is not there */
    FHIRPATH_UNKNOWN_TYPE,
    FHIRPATH_BAD_PATTERN,
    /* the following only come from an evaluation */
    FHIRPATH_UNKNOWN_VARIABLE,
    FHIRPATH_WRONG_TYPE,
    FHIRPATH_NOT_SINGLE, /* several elements where at most one may be */
    FHIRPATH_WRONG_NAME, /* valueQuantity, where the element's name is value */
    FHIRPATH_STEPS,
    FHIRPATH_OVERTIME, /* the watch says that there is no time left */
    FHIRPATH_MEMORY,
    FHIRPATH_COLLECTION, /* a collection, or a string, that is too large */
    FHIRPATH_COSTLY_PATTERN
};

struct fhirpath_fault {
    enum fhirpath_fault_code code;
    uint32_t offset; /* bytes of the expression before what is wrong */
    char text[FHIRPATH_FAULT_SIZE];
};

/* The code for programs: "unknown-function". */
const char *fhirpath_fault_name(enum fhirpath_fault_code code);

/* ---- Compiling ---- */

struct fhirpath;

/* Compiles the text (UTF-8) into the arena: 8-aligned, no pointers. NULL with the fault when it is wrong. */
struct fhirpath *fhirpath_compile(struct arena *arena, struct span text, struct fhirpath_fault *fault);

/* The bytes of the block: copy so many, to an address that 8 divides. */
size_t fhirpath_bytes(const struct fhirpath *expression);

/* The text that it was compiled from. */
struct span fhirpath_source(const struct fhirpath *expression);

/* ---- What an expression depends on ---- */

/*
 * The index-th linkId that the expression selects items by (`where(linkId = 'x')`), or NULL past the last.
 * One by which it only finds the way to others below is not among them.
 */
const char *fhirpath_link_id(const struct fhirpath *expression, size_t index);

/* A variable that the expression reads. */
struct fhirpath_use {
    const char *name; /* without %; "$this" is the focus; NULL past the last */
    /*
     * false: only items chosen by the linkIds above are read from it, each with all that is beneath it.
     * true: it may depend on all that the variable holds.
     */
    bool whole;
};
struct fhirpath_use fhirpath_variable_use(const struct fhirpath *expression, size_t index);

/* Whether it asks for the time: now(), today(), timeOfDay(). */
bool fhirpath_uses_clock(const struct fhirpath *expression);

/* ---- Evaluating ---- */

/*
 * What a definition knows of the weight of an element: a Coding, the string of a code, or an answer.
 * `link_id` is that of the nearest item above, or NULL. True: it knows the element, and `*weight` is a JSON
 * number's text, borrowed for as long as the evaluation takes, or NULL: it weighs nothing. False: it knows
 * nothing of it. An answer's own weight counts only then: patients may write any into theirs.
 */
typedef bool fhirpath_weight_fn(void *context, const char *link_id, struct json_object *element,
                                const char **weight);

struct fhirpath_variable {
    const char *name; /* without % */
    struct fhirpath_list value;
};

/* Processor time, in microseconds from any start. */
typedef int64_t fhirpath_clock(void);

/*
 * How long evaluations may take together, beside what they may cost in steps. The clock is the caller's, and
 * is asked only after every FHIRPATH_STEPS_UNWATCHED steps: what is cheap asks for no time at all.
 */
struct fhirpath_watch {
    fhirpath_clock *clock; /* NULL: there is no limit, and the same always comes to the same */
    int64_t most;          /* microseconds, from the first look on */
    int64_t start;         /* private, as what follows: 0 at first */
    uint32_t unlooked;     /* steps since the last look */
    bool looked;
    bool over; /* for the caller to see: time was up */
};

/* Counts steps that something beside an evaluation took. False when time is up. */
bool fhirpath_watch_count(struct fhirpath_watch *watch, uint32_t steps);

/* What several evaluations may cost together. Each takes from it what it took. */
struct fhirpath_budget {
    uint32_t steps;
    uint64_t purse;               /* of regular expressions: see PATTERN_PURSE */
    struct fhirpath_watch *watch; /* NULL: only steps count */
};

struct fhirpath_environment {
    const struct fhirpath_variable *variables;
    size_t variable_count;
    int64_t now;                /* microseconds since 1970, UTC */
    int16_t offset;             /* minutes east of UTC in which now() and today() are told */
    uint32_t steps;             /* at most FHIRPATH_STEPS_MAX; 0: that */
    size_t memory;              /* at most FHIRPATH_MEMORY_MAX; 0: that. The arena must have as much room. */
    fhirpath_weight_fn *weight; /* NULL: there are no other weights */
    void *context;              /* its */
    struct fhirpath_budget *budget; /* NULL: nothing is shared */
};

/*
 * Evaluates on a focus. `%resource`, `%rootResource` and `%context` are the focus's root, and the focus,
 * unless the environment has them; %ucum, %sct, %loinc, %`vs-x`, %`ext-x` are always there. True with the
 * result, which lives in the arena, the trees and the expression; false with the fault, and an empty result.
 */
bool fhirpath_evaluate(const struct fhirpath *expression, struct fhirpath_list focus,
                       const struct fhirpath_environment *environment, struct arena *arena,
                       struct fhirpath_list *result, struct fhirpath_fault *fault);

/* ---- Making lists ---- */

/* A list of the one JSON value, as the root of a tree. NULL makes an empty list. */
struct fhirpath_list fhirpath_of_json(struct arena *arena, struct json_object *json);

/*
 * A node of a tree below another one: member `name` (kept, not copied) of the parent, at `index` of its array
 * or FHIRPATH_NO_INDEX. Never NULL.
 */
const struct fhirpath_node *fhirpath_child(struct arena *arena, const struct fhirpath_node *parent,
                                           const char *name, int32_t index, struct json_object *json);
struct fhirpath_list fhirpath_of_node(struct arena *arena, const struct fhirpath_node *node);

/* A list of one string, kept, not copied. */
struct fhirpath_list fhirpath_of_text(struct arena *arena, const char *text);

/* The number of an extension that tells a weight (ordinalValue, itemWeight and their like), borrowed; or
 * NULL. */
struct json_object *fhirpath_extension_weight(struct json_object *extension);

/* ---- Reading results ---- */

enum fhirpath_truth { FHIRPATH_EMPTY, FHIRPATH_FALSE, FHIRPATH_TRUE, FHIRPATH_NO_TRUTH };

/*
 * A collection as a condition (N1, 4.5, singleton evaluation): empty, a boolean's value, true for one other
 * element, FHIRPATH_NO_TRUTH for several elements.
 */
enum fhirpath_truth fhirpath_truth(struct fhirpath_list list);

/* The system value of an element: a node that is a primitive, or a Quantity, becomes it; others stay. */
struct fhirpath_value fhirpath_simple(struct arena *arena, struct fhirpath_value value);

/* The number of an integer or decimal value. False for others. */
bool fhirpath_decimal_of(struct fhirpath_value value, struct decimal *decimal);

/* The value's text as toString() has it, in the arena; NULL when it has none (an element with members). */
const char *fhirpath_text(struct arena *arena, struct fhirpath_value value);

/*
 * The value as an answer: a JSON value that the arena owns, and in `*member` the name that it has in an
 * answer ("valueInteger", "valueCoding", ...). NULL when it cannot be one: a node that is a whole item, or a
 * whole answer with its `value[x]` inside, has no such name; the value inside it has.
 */
struct json_object *fhirpath_answer(struct arena *arena, struct fhirpath_value value, const char **member);

/* The FHIRPath of a node from its root: "QuestionnaireResponse.item[0].answer[1].value". In the arena. */
const char *fhirpath_path(struct arena *arena, const struct fhirpath_node *node);

/* The name of the value's type: "Integer", "Coding", "Element" when it is not known. */
const char *fhirpath_type_name(struct fhirpath_value value);

#endif
