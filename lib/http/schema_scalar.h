/* The part of the interpreter that needs no container; lib/http/schema_check.c adds the rest. Not for others.
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

/* One walk. */
struct schema_walk {
    const struct schema *schema;
    schema_report_fn *report; /* NULL: the first violation ends it */
    void *context;
    unsigned depth;
};

/* Reports a violation; the detail is formatted. Returns false. */
bool schema_violation(const struct schema_walk *walk, const struct schema_location *location,
                      const char *code, const char *detail, ...) __attribute__((format(printf, 4, 5)));

/* type, bounds, lengths, pattern and format; not enum and const. */
bool schema_check_plain(const struct schema_walk *walk, const struct schema_node *node,
                        const struct schema_scalar *value, const struct schema_location *location);

#endif
