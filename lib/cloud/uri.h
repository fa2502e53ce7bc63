/*
 * Percent-encoding and queries as AWS Signature Version 4 writes them: what RFC 3986 calls unreserved stands
 * as it is, every other byte is % and two capital digits, and a query is sorted by its encoded names, then
 * its encoded values, with a "=" behind every name. Pure.
 */
#ifndef ANAMNESIS_CLOUD_URI_H
#define ANAMNESIS_CLOUD_URI_H

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { URI_PAIRS_MAX = 64, URI_QUERY_MAX = 8192 /* bytes, encoded */ };

/* A parameter of a query, or a header. Borrowed. */
struct uri_pair {
    const char *name;
    const char *value; /* never NULL */
};

/* Appends `text`, encoded. In a path slashes stay. */
void uri_encode(struct buf *out, const char *text, bool is_path);

/* Appends the pairs as a sorted query, without a "?". More than URI_PAIRS_MAX pairs make `out` fail. */
void uri_query(struct buf *out, const struct uri_pair *pairs, size_t count);

/*
 * Splits and decodes a raw query: at most URI_QUERY_MAX bytes, into `pairs`, whose texts stand in `text`. An
 * empty query has no pairs; a pair without "=" has an empty value. False when it is too long or has too many
 * pairs, when a pair has no name or an escape is none, and for what is read in more than one way: "+", "%00",
 * and bytes that are not printable ASCII.
 */
bool uri_read_query(const char *query, char text[URI_QUERY_MAX + 1], struct uri_pair pairs[URI_PAIRS_MAX],
                    size_t *count);

#endif
