/*
 * From method and path to a row of the contract. Paths are compared in one normal form, so that what nginx, a
 * log and this program see is the same thing.
 */
#ifndef ANAMNESIS_HTTP_ROUTE_H
#define ANAMNESIS_HTTP_ROUTE_H

#include "lib/http/api.h"

/*
 * The row for rq->method and rq->path, or NULL with `*problem` PROBLEM_NOT_FOUND, or
 * PROBLEM_METHOD_NOT_ALLOWED and the Allow header's value in `*allow` (otherwise NULL). HEAD is answered by
 * GET's row (RFC 9110 section 9.3.2). Fills rq->path_values, decoded, in the arena.
 *
 * PROBLEM_NOT_FOUND too for a path that is not in normal form: an empty segment, a dot segment, a trailing
 * slash, a `;`, characters that RFC 3986 does not allow in a path, more than 12 segments, percent-encoding
 * that is wrong, not needed, or hides a slash, a backslash, a control character or invalid UTF-8.
 */
const struct api_operation *route_match(struct request *rq, enum problem *problem, const char **allow);

#endif
