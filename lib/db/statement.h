/*
 * A named SQL statement and how a C structure is bound to it and filled from it: plain data, made by
 * tools/gen_sql.py from sql/queries/. One interpreter (lib/db/bind.c) walks the tables.
 */
#ifndef ANAMNESIS_DB_STATEMENT_H
#define ANAMNESIS_DB_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { STATEMENT_PARAMS_MAX = 24 };

enum db_type {
    DB_UUID,        /* const char *, 36 characters */
    DB_TEXT,        /* const char * */
    DB_JSON,        /* const char *, type json */
    DB_INT4,        /* int64_t; outside of 32 bits it is not bound */
    DB_INT8,        /* int64_t */
    DB_BOOL,        /* bool */
    DB_BYTEA,       /* struct span */
    DB_ENUM,        /* an enum; text of the server's, one of `words`. Columns only */
    DB_TIMESTAMPTZ, /* int64_t, microseconds since 1970 */
    DB_UUID_ARRAY,  /* struct db_array of const char * */
    DB_TEXT_ARRAY,  /* struct db_array of const char * */
    DB_BYTEA_ARRAY  /* struct db_array of struct span */
};

/* A parameter array: borrowed elements. Parameters only; results are rows. */
struct db_array {
    const void *items;
    size_t count;
};

struct db_field {
    const char *name;
    enum db_type type;
    bool nullable;            /* text NULL, span data NULL, or has_X false stands for SQL's NULL */
    size_t offset;            /* of the value in the structure */
    size_t has_offset;        /* of has_X, for nullable numbers and booleans; 0 otherwise */
    const char *const *words; /* DB_ENUM: what the server may say, in the order of the values 1, 2, ...; NULL
                               * ends them. 0 stands for SQL's NULL */
};

struct statement {
    const char *name; /* also its name as a prepared statement */
    const char *text;
    int index; /* in the process's table of what is prepared */
    const struct db_field *params;
    size_t param_count;
    const struct db_field *columns;
    size_t column_count;
    size_t row_size; /* bytes of the row structure */
    bool writes; /* it changes or locks a row, itself or by a function that it calls (tools/sql_writes.py) */
};

#endif
