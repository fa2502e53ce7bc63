/* The owners of the signed-in member of staff's practice, when they are told of something. */
#ifndef ANAMNESIS_APP_OWNERS_H
#define ANAMNESIS_APP_OWNERS_H

#include "lib/http/request.h"

#include <stddef.h>

struct q_owner_list_row;

/*
 * Reads the active owners, each with the address. Two trips: the first brings their wrapped keys.
 * PROBLEM_UNAVAILABLE when an address stays sealed, because somebody became an owner between the two.
 */
enum problem owners_read(struct request *rq, const struct q_owner_list_row **rows, size_t *count);

#endif
