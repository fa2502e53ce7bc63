/* A practice's owners, when they are told of something. */
#ifndef ANAMNESIS_APP_OWNERS_H
#define ANAMNESIS_APP_OWNERS_H

#include "lib/http/request.h"

#include <stddef.h>

struct owner_row;

/*
 * Reads the active owners of the signed-in member of staff's practice, each with the address. Two trips: the first brings their wrapped keys.
 * PROBLEM_UNAVAILABLE when an address stays sealed, because somebody became an owner between the two.
 */
enum problem owners_read(struct request *rq, const struct owner_row **rows, size_t *count);

/* The same of the practice whose link, of which this is the hash, has just been answered. */
enum problem owners_of_link(struct request *rq, struct span hash, const struct owner_row **rows,
                            size_t *count);

#endif
