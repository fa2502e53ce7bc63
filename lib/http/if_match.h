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
 * Reads `*` or a list of entity tags. Ours are revisions; a weak one counts as the strong one, since no
 * representation of ours is compressed (proxies that compress make them weak). Tags of others are no revision
 * that ever was: IF_MATCH_NEVER. False when it is no such list, or longer than IF_MATCH_MOST.
 */
bool if_match_read(const char *value, struct if_match *out);

/* Revisions are 32 bits wide in the database; the largest one is never reached. */
#define IF_MATCH_NEVER ((int64_t)INT32_MAX)

/* The revision to go by when nothing is known of the present one: the largest. 0 for `*`. */
int64_t if_match_guess(const struct if_match *it);

/* The revision to go by when `present` is: that one, if it is among them. */
int64_t if_match_choose(const struct if_match *it, int64_t present);

#endif
