/*
 * The part of the schema's interpreter that judges a single value: its type, and what bounds numbers and
 * texts. lib/http/schema_check.c adds the rest: arrays, objects, combinations, enum and const. Not for
 * others.
 *
 * No detail holds the value that was refused: it may be a patient's, and whoever called may log the reply.
 */
#ifndef ANAMNESIS_HTTP_SCHEMA_SCALAR_H
#define ANAMNESIS_HTTP_SCHEMA_SCALAR_H

#include "lib/http/schema.h"

#include <stdarg.h>

/* Where in the document the check is; a chain on the stack, written out only when something is reported. */
struct schema_location {
    const struct schema_location *up; /* NULL: `name` is a whole pointer */
    const char *name;                 /* NULL: `index` counts */
    size_t index;
};

/* One walk over a value: what violations are told to. */
struct schema_walk {
    const struct schema *schema;
    schema_report_fn *report; /* NULL: the first violation ends it */
    void *context;
    unsigned depth; /* of schemas within schemas; schema_check.c bounds it */
};

/*
 * Reports a violation: `code` is a literal, `detail` a format for a sentence part, cut after 159 bytes.
 * Returns false, for the caller to return; does nothing else when nobody is told.
 */
bool schema_violation(const struct schema_walk *walk, const struct schema_location *location,
                      const char *code, const char *detail, ...) __attribute__((format(printf, 4, 5)));

/*
 * type, bounds, lengths, pattern, format and the limits of moments; not enum and const. For a container only
 * its type. All that is wrong with a value is reported, but a wrong type or length alone.
 */
bool schema_check_plain(const struct schema_walk *walk, const struct schema_node *node,
                        const struct schema_scalar *value, const struct schema_location *location);

#endif
