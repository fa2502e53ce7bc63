/*
 * JSON Schema 2020-12, as far as the contract uses it. tools/contract/schema.py compiles schemas into flat
 * tables; nodes refer to each other by index, so that recursive schemas are plain data. One interpreter walks
 * them: for requests, and, in test builds, for replies.
 */
#ifndef ANAMNESIS_HTTP_SCHEMA_H
#define ANAMNESIS_HTTP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Bits; a whole number is also a number (and 1.0 is whole). */
enum schema_type {
    SCHEMA_NULL = 1,
    SCHEMA_BOOLEAN = 2,
    SCHEMA_INTEGER = 4,
    SCHEMA_NUMBER = 8,
    SCHEMA_STRING = 16,
    SCHEMA_ARRAY = 32,
    SCHEMA_OBJECT = 64,
    SCHEMA_ANY = 127
};
enum schema_format {
    FORMAT_NONE,
    FORMAT_DATE,
    FORMAT_DATE_TIME,
    FORMAT_UUID,
    FORMAT_IDN_EMAIL,
    FORMAT_URI,
    FORMAT_DISPLAY_TEXT,
    FORMAT_DISPLAY_NAME
};
enum schema_bound {
    BOUND_MINIMUM = 1,
    BOUND_MAXIMUM = 2,
    BOUND_EXCLUSIVE_MINIMUM = 4,
    BOUND_EXCLUSIVE_MAXIMUM = 8,
    BOUND_MULTIPLE = 16
};
enum {
    SCHEMA_NONE = -1,
    /* Data is at most 32 deep; each level passes a few nodes (references, alternatives). */
    SCHEMA_DEPTH_MAX = 256,
    /* A reported pointer is cut here; names come from outside. */
    SCHEMA_POINTER_MAX = 512
};

/* A slice of one of the tables. */
struct schema_run {
    int first;
    int count;
};

struct schema_node {
    unsigned types;  /* 0: nothing is valid */
    unsigned bounds; /* which of the five numbers below count */
    enum schema_format format;
    bool unique;
    int ref;                      /* node, or SCHEMA_NONE; so are the next two */
    int items;                    /* after `prefix` */
    int additional;               /* SCHEMA_NONE: anything may be added */
    int pattern;                  /* of schema.patterns */
    int earliest, latest;         /* of schema.moments, or SCHEMA_NONE */
    struct schema_run properties; /* of schema.properties, sorted by name */
    struct schema_run required;   /* of schema.names */
    struct schema_run prefix;     /* of schema.indexes; so are the next three */
    struct schema_run all_of;
    struct schema_run any_of;
    struct schema_run one_of;
    struct schema_run values;       /* of schema.values: enum */
    struct schema_run constant;     /* of schema.values: const */
    int64_t min_length, max_length; /* code points */
    int64_t min_items, max_items;
    int64_t min_properties, max_properties;
    double minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
};

struct schema_property {
    const char *name;
    int node;
};

/* A value of enum or const: any JSON. */
struct schema_value {
    const char *name; /* of a member of an object; otherwise NULL */
    enum schema_type type;
    const char *text;
    size_t size;     /* bytes of text */
    int64_t integer; /* booleans too */
    double number;
    struct schema_run children; /* of schema.values */
};

/* A limit of dates and times: a moment, or so far from now. */
struct schema_moment {
    bool from_now;
    int years;
    int days;
    int64_t moment; /* microseconds, when it is not from now */
};

/* ECMA-262 without look-behind. Compiled on first use and kept for the life of the process. */
struct schema_pattern {
    const char *text;
    void *code;
    void *match;
};

struct schema {
    const struct schema_node *nodes;
    const struct schema_property *properties;
    const char *const *names;
    const int *indexes;
    const struct schema_value *values;
    const struct schema_moment *moments;
    struct schema_pattern *patterns;
    size_t pattern_count;
};

/* Text, number, truth or null, from wherever it came. */
struct schema_scalar {
    enum schema_type type; /* SCHEMA_INTEGER: `integer` is exact and `number` is near it */
    const char *text;
    size_t size;
    int64_t integer; /* SCHEMA_BOOLEAN too */
    double number;
};

/*
 * Told once for each violation: RFC 6901 pointer (cut after SCHEMA_POINTER_MAX bytes), a code for programs,
 * and a sentence part ("must be a date") that never holds the value. The texts live until the function
 * returns.
 */
typedef void schema_report_fn(void *context, const char *pointer, const char *code, const char *detail);

/*
 * True when `value` (NULL is null) fits the node. All violations are reported; of alternatives (anyOf, oneOf)
 * those of the one that was meant, when that can be told, or one for all. `report` may be NULL: then the
 * first violation ends the check. A pattern that needs more steps than its limit does not match.
 */
bool schema_check(const struct schema *schema, int node, struct json_object *value, schema_report_fn *report,
                  void *context);

/* The same for a value that is no container; `pointer` is what violations are reported with. */
bool schema_check_scalar(const struct schema *schema, int node, const struct schema_scalar *value,
                         const char *pointer, schema_report_fn *report, void *context);

/*
 * Null stands for a member that is absent: takes away every member that is null, that the schema declares,
 * and that is null nowhere in it. Programs that were made from the contract send them.
 */
void schema_drop_nulls(const struct schema *schema, int node, struct json_object *value);

/* JSON equality: numbers by value, objects without order. */
bool schema_values_equal(struct json_object *left, struct json_object *right);

/* Compiles every pattern. False, with the pattern that is wrong, when one does not compile. For tests. */
bool schema_patterns_compile(const struct schema *schema, const char **wrong);

/* Frees the compiled patterns (a process that ends need not). */
void schema_patterns_free(const struct schema *schema);

#endif
