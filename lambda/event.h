/* Events of API Gateway HTTP APIs, payload format 2.0, to requests; replies back to what the gateway takes.
 */
#ifndef ANAMNESIS_LAMBDA_EVENT_H
#define ANAMNESIS_LAMBDA_EVENT_H

#include "lib/base/buf.h"
#include "lib/base/span.h"
#include "lib/http/request.h"

#include <stdbool.h>

/*
 * Fills method, path, query, headers, body and client address. Everything lives in rq->arena or in `event`,
 * which must outlive the request. Cookies become one Cookie header; a Base64 body is decoded; a named stage
 * is taken off the path. False when it is no such event: `why` is a code without anything of the event in it.
 *
 * Text that I-JSON does not have (U+0000, half a surrogate pair) is the client's, which the gateway passed on
 * inside the event: what the strict reader would have said of the body counts for the event, and the request
 * is unreadable. So is one with too many headers.
 */
bool event_read(struct request *rq, struct span event, const char **why);

/*
 * Writes {statusCode, headers, cookies, body, isBase64Encoded}, with the security headers that nginx adds
 * elsewhere. A large body is Base64 where that is smaller. False when it is larger than the buffer's maximum.
 */
bool event_reply(const struct request *rq, struct buf *out);

#endif
