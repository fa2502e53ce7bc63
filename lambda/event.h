/* Makes a request of an event of API Gateway's HTTP APIs (payload format 2.0), and of a reply what the
 * gateway takes. An event holds a patient's answers: nothing of it is logged or told in an error. */
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
 * An event that is no I-JSON (with U+0000, or half of a surrogate pair, in a text) is not our gateway's
 * fault: it passed on a client's bytes. So the event is taken, and the request is marked as unreadable, which
 * the application answers with the problem that such a body has elsewhere. A request with too many headers is
 * marked so, too.
 */
bool event_read(struct request *rq, struct span event, const char **why);

/*
 * Writes {statusCode, headers, cookies, body, isBase64Encoded}, with the security headers that nginx adds
 * elsewhere. A large body is Base64 where that is smaller. False when it is larger than the buffer's maximum.
 */
bool event_reply(const struct request *rq, struct buf *out);

#endif
