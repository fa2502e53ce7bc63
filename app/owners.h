/* The owners of the signed-in member of staff's practice, when they are told of something. */
#ifndef ANAMNESIS_APP_OWNERS_H
#define ANAMNESIS_APP_OWNERS_H

#include "lib/http/request.h"

#include <stddef.h>

struct q_owner_list_row;

/* The active ones, each with the address. Two trips; PROBLEM_UNAVAILABLE when there was one more between
 * them. */
enum problem owners_read(struct request *rq, const struct q_owner_list_row **rows, size_t *count);

#endif
