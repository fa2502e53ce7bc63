/*
 * A transaction as the worker sends it: statements with parameters, the trips in which they travel, and the values of each
 * run. Read once from two files that bench/harness/ceiling.py writes; kept until the program ends.
 *
 * The script has a line for each thing, its parts separated by tabs:
 *
 *     statement NAME TYPES SQL    TYPES: OID:FORMAT of each parameter, separated by commas, or -
 *     send NAME COLUMN...         a value of the row, counted from 0; `new` is an identifier made for this transaction
 *     trip                        what was sent travels, and its results are waited for
 *
 * A row is a line of values separated by tabs: hexadecimal digits of the bytes that travel, or - for SQL's NULL.
 */
#ifndef ANAMNESIS_BENCH_LOAD_SCRIPT_H
#define ANAMNESIS_BENCH_LOAD_SCRIPT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

enum { STATEMENTS_MAX = 16, STEPS_MAX = 32, PARAMS_MAX = 24, COLUMNS_MAX = 48, ROWS_MAX = 200000 };
enum { COLUMN_NEW = -1 };

struct value {
    char *bytes; /* NULL for SQL's NULL; ended by a NUL, for text */
    int size;
};

struct prepared {
    char *name;
    char *text;
    int count;
    Oid types[PARAMS_MAX];
    int formats[PARAMS_MAX];
};

struct step {
    const struct prepared *statement; /* NULL: the trip */
    int columns[PARAMS_MAX];          /* or COLUMN_NEW */
};

struct script {
    struct prepared statements[STATEMENTS_MAX];
    size_t statement_count;
    struct step steps[STEPS_MAX]; /* the last one is a trip */
    size_t step_count;
    struct value *values; /* row_count rows of column_count values */
    size_t row_count;
    size_t column_count;
};

/* Ends the program with this line on standard error. */
_Noreturn void give_up(const char *what, const char *about);

/* Reads both files; ends the program when they are not what is said above. */
void script_read(struct script *script, const char *path, const char *rows);

/* A value of the row; `column` below column_count. */
const struct value *script_value(const struct script *script, size_t row, int column);

#endif
