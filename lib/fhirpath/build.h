/* An expression while it is being compiled: growing tables in the arena. Private to lib/fhirpath. */
#ifndef ANAMNESIS_FHIRPATH_BUILD_H
#define ANAMNESIS_FHIRPATH_BUILD_H

#include "lib/fhirpath/program.h"

/* A table that grows by doubling. */
struct table {
    void *rows;
    uint32_t count;
    uint32_t room;
    size_t row; /* bytes */
};

struct build {
    struct arena *arena;
    struct fhirpath_fault *fault;
    struct table operations;
    struct table heights; /* uint16_t, beside the operations */
    struct table constants;
    struct table arguments;
    struct table links;
    struct table read; /* bool, beside the links: what they choose is read, not only walked through */
    struct table uses;
    struct table patterns; /* struct span, each in memory of its own */
    struct table pool;     /* bytes */
    bool clock;
};

void build_start(struct build *build, struct arena *arena, struct fhirpath_fault *fault);

/* Adds a row; returns where it is until the next one is added. */
void *table_add(struct build *build, struct table *table, const void *row);

/* Adds an operation whose operands are there. NO_OPERATION with the fault when there are too many, or too
 * high. */
uint32_t build_operation(struct build *build, const struct operation *operation);
struct operation *build_at(const struct build *build, uint32_t index);

/*
 * Adds text to the pool, with `\` escapes resolved when there are `escapes`. False with the fault when one is
 * wrong; `offset`, the bytes of the expression before the text, is where the fault then is.
 */
bool build_text(struct build *build, struct span text, bool escapes, uint32_t offset,
                struct pool_text *added);
const char *build_string(const struct build *build, struct pool_text text);

/* What the expression depends on: fills `links`, `uses`. */
void build_uses(struct build *build, uint32_t whole);

/* Puts all tables together into the one block. */
struct fhirpath *build_program(struct build *build, struct span source);

/* Parses the whole text; NO_OPERATION with the fault. (parse.c) */
uint32_t parse_expression(struct build *build, struct span source);

#endif
