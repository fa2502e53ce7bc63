/* What a function of FHIRPath is to the parser and the evaluator. Private to lib/fhirpath. */
#ifndef ANAMNESIS_FHIRPATH_CALL_H
#define ANAMNESIS_FHIRPATH_CALL_H

#include "lib/fhirpath/fhirpath.h"

struct run;
struct operation;
struct scope;

/* Applies a function to its input. It evaluates its arguments itself. Faults leave by run_fail. */
typedef struct fhirpath_list function_call(struct run *run, const struct operation *operation,
                                           const struct scope *scope, struct fhirpath_list input);

enum function_trait {
    FUNCTION_CLOCK = 1,     /* depends on the time */
    FUNCTION_PATTERN = 2,   /* its first argument is a regular expression, found anywhere */
    FUNCTION_WHOLE = 4,     /* with FUNCTION_PATTERN: for the whole text */
    FUNCTION_REPLACES = 8,  /* with FUNCTION_PATTERN: it has captures */
    FUNCTION_LAMBDA = 32,   /* $this in its arguments is an element of the input */
    FUNCTION_STRUCTURE = 16 /* gives elements of the input's tree, without looking at their values */
};

/*
 * What a call charges beside its own step and what its arguments cost (see run_step).
 * tests/fhirpath/test_price.py measures for every function that what it does grows no faster than what it
 * charges.
 */
enum function_price {
    PRICE_ONE,   /* nothing: it takes the same time whatever its input holds */
    PRICE_VALUE, /* digits: of the one number, quantity or moment that it reads */
    PRICE_TEXT,  /* bytes: of the texts that it reads and writes; of what a regular expression walks over */
    PRICE_ELEMENTS, /* elements that it looks at, and the digits of their numbers */
    PRICE_CONTENT,  /* elements that it compares or hashes, with all bytes and members that they hold */
    PRICE_TREE,     /* elements and members that it walks over */
    PRICE_LAMBDA    /* a step for each element for which its argument is worked out */
};

struct function {
    const char *name;
    uint8_t least; /* arguments */
    uint8_t most;
    uint8_t traits;      /* enum function_trait bits */
    uint8_t price;       /* enum function_price */
    function_call *call; /* NULL: a function of the specification that is not supported */
};

#endif
