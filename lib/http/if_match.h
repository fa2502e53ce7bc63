/* If-Match (RFC 9110 section 13.1.1): which revisions of a thing the request is for. */
#ifndef ANAMNESIS_HTTP_IF_MATCH_H
#define ANAMNESIS_HTTP_IF_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IF_MATCH_MOST = 16 };

struct if_match {
    bool any; /* `*`: whichever it is */
    int64_t revisions[IF_MATCH_MOST];
    size_t count;
};

/*
 * Reads `*` or a list of entity tags. Our tags are revisions. A weak tag counts as the strong one, because
 * only proxies that compress make ours weak. Any other tag becomes IF_MATCH_NEVER, a revision that nothing
 * has. False when it is no such list, is empty, or is longer than IF_MATCH_MOST; `*out` must not be used
 * then. `value` must not be NULL.
 */
bool if_match_read(const char *value, struct if_match *out);

/* Revisions are 32 bits wide in the database; the largest one is never reached. */
#define IF_MATCH_NEVER ((int64_t)INT32_MAX)

/* The revision to go by when nothing is known of the present one: the largest. 0 for `*`. */
int64_t if_match_guess(const struct if_match *it);

/*
 * The revision to go by when `present` is the current one: `present`, when the request is for it; otherwise
 * as if_match_guess.
 */
int64_t if_match_choose(const struct if_match *it, int64_t present);

#endif
