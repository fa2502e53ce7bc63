/* The only writer of error bodies: application/problem+json (RFC 9457). */
#ifndef ANAMNESIS_HTTP_PROBLEM_H
#define ANAMNESIS_HTTP_PROBLEM_H

#include "build/gen/problems.h"
#include "lib/http/request.h"

/*
 * Makes rq->reply the problem: status, content type, body with rq->errors (the first REQUEST_ERRORS_MAX) and
 * the extension of rq->result, Retry-After (its retry_after or the problem's default) with 429 and 503,
 * RateLimit with 429, WWW-Authenticate with 401 (RFC 9110 section 11.6.1). What was in the body before is
 * dropped; headers stay.
 */
void problem_write(struct request *rq, enum problem problem);

#endif
