/*
 * A compiled expression: one block that refers to itself by indexes and offsets only, so that it may be
 * copied to any address that 8 divides. Operations stand behind their operands; the last one is the whole
 * expression. So the evaluator starts at the end and never meets a circle.
 *
 * Texts stand in one pool, each with a NUL behind it, and may hold what the source had as escapes. Nothing
 * here checks an index: only the compiler of this process makes blocks (compile.c), and none is read from
 * outside. The block is never changed after it was made, so any number of evaluations may share it. Private
 * to lib/fhirpath.
 */
#ifndef ANAMNESIS_FHIRPATH_PROGRAM_H
#define ANAMNESIS_FHIRPATH_PROGRAM_H

#include "lib/fhirpath/fhirpath.h"

enum operation_kind {
    OPERATION_EMPTY,   /* {} */
    OPERATION_LITERAL, /* `value`: its constant */
    OPERATION_TEXT,    /* a string: `text` */
    OPERATION_THIS,
    OPERATION_INDEX,
    OPERATION_TOTAL,
    OPERATION_VARIABLE, /* `text`: its name */
    OPERATION_MEMBER,   /* of `left`: `text` */
    OPERATION_CHOSEN,   /* of `left`: those of the member `text` whose linkId is `other` */
    OPERATION_FUNCTION, /* on `left`; `code`: the function; `arguments` */
    OPERATION_AT,       /* left[right] */
    OPERATION_SIGN,     /* + left, - left; `code`: the character */
    OPERATION_BINARY,   /* left right; `code`: enum binary */
    OPERATION_TYPE      /* left is, as type; `code`: enum type_test; `value`: the type */
};

enum binary {
    BINARY_TIMES,
    BINARY_DIVIDED,
    BINARY_DIV,
    BINARY_MOD,
    BINARY_PLUS,
    BINARY_MINUS,
    BINARY_JOINED,
    BINARY_UNION,
    BINARY_AT_MOST,
    BINARY_LESS,
    BINARY_GREATER,
    BINARY_AT_LEAST,
    BINARY_EQUAL,
    BINARY_EQUIVALENT,
    BINARY_NOT_EQUAL,
    BINARY_NOT_EQUIVALENT,
    BINARY_IN,
    BINARY_CONTAINS,
    BINARY_AND,
    BINARY_OR,
    BINARY_XOR,
    BINARY_IMPLIES
};

enum type_test { TYPE_IS, TYPE_AS, TYPE_OF };

#define NO_OPERATION UINT32_MAX /* as `left`: the focus */

/* Bytes of the pool; behind them is a NUL. */
struct pool_text {
    uint32_t offset;
    uint32_t size;
};

struct operation {
    uint8_t kind;     /* enum operation_kind */
    uint8_t code;     /* what `kind` says */
    uint8_t count;    /* arguments of a function */
    bool first;       /* a member that starts a path: it may name the focus's type */
    uint32_t offset;  /* bytes of the source before it */
    uint32_t left;    /* an operation, or NO_OPERATION */
    uint32_t right;   /* an operation; the first of a function's run in the table of arguments */
    uint32_t value;   /* a constant's index; a type: see type_of_test */
    uint32_t pattern; /* of matches() and the like: 1 + its index; 0: it is not known before */
    struct pool_text text;
    struct pool_text other;
};

/* A literal that is no string. */
struct constant {
    uint8_t type; /* enum fhirpath_type */
    uint8_t scale;
    bool boolean;
    bool calendar;
    struct pool_text unit;
    struct moment moment;
    uint64_t high; /* of a number */
    uint64_t low;
};

/* A variable that the expression reads (uses.c). `whole`: not only items that its linkIds choose. */
struct use {
    struct pool_text name;
    uint32_t whole;
};

/* A regular expression that was a literal, compiled. */
struct stored_pattern {
    uint32_t offset; /* of its bytes, from the block's start */
    uint32_t size;
};

struct fhirpath {
    size_t bytes;
    uint32_t operation_count;
    uint32_t constant_count;
    uint32_t argument_count;
    uint32_t link_count;
    uint32_t use_count;
    uint32_t pattern_count;
    /* Offsets from the block's start. */
    uint32_t operations_at;
    uint32_t constants_at;
    uint32_t arguments_at; /* uint32_t: operations */
    uint32_t links_at;     /* struct pool_text */
    uint32_t uses_at;      /* struct use */
    uint32_t patterns_at;  /* struct stored_pattern */
    uint32_t pool_at;
    struct pool_text source;
    bool clock;
};

static inline const void *
program_at(const struct fhirpath *program, uint32_t offset)
{
    return (const char *)program + offset;
}

static inline const struct operation *
program_operation(const struct fhirpath *program, uint32_t index)
{
    return (const struct operation *)program_at(program, program->operations_at) + index;
}

static inline const char *
program_text(const struct fhirpath *program, struct pool_text text)
{
    return (const char *)program_at(program, program->pool_at) + text.offset;
}

#endif
