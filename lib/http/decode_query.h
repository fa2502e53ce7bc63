/* The query of a URL as name and value pairs. */
#ifndef ANAMNESIS_HTTP_DECODE_QUERY_H
#define ANAMNESIS_HTTP_DECODE_QUERY_H

#include "lib/http/request.h"

#include <stdbool.h>
#include <stddef.h>

enum { QUERY_PAIRS_MAX = 32 };

struct query_pair {
    const char *name; /* both decoded, in the arena, UTF-8 without control characters */
    const char *value;
    bool taken;
};

/*
 * Splits rq->query: `&` between pairs, `=`, percent-encoding, `+` for a blank (as URLSearchParams writes it).
 * What cannot be read, and pairs beyond the maximum, are noted as errors. Returns how many pairs there are.
 */
size_t query_split(struct request *rq, struct query_pair pairs[QUERY_PAIRS_MAX]);

/* The first pair of that name, marked as taken, or NULL. */
struct query_pair *query_take(struct query_pair *pairs, size_t count, const char *name);

/* Notes an error for each pair that nobody took: unknown, or a duplicate of one that was. */
void query_report_rest(struct request *rq, const struct query_pair *pairs, size_t count);

#endif
