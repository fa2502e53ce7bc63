/* Events of API Gateway HTTP APIs, payload format 2.0, to requests; replies back to what the gateway takes.
 */
#ifndef ANAMNESIS_LAMBDA_EVENT_H
#define ANAMNESIS_LAMBDA_EVENT_H

#include "lib/base/buf.h"
#include "lib/base/span.h"
#include "lib/http/request.h"

#include <stdbool.h>

enum event_fault {
    EVENT_FINE,
    /*
     * The client sent text that I-JSON does not have (U+0000, half a surrogate pair), and the gateway passed
     * it on inside the event: what the strict reader would have said of the body counts for the event.
     */
    EVENT_BAD_TEXT,
    EVENT_UNREADABLE /* no such event at all */
};

/*
 * Fills method, path, query, headers, body and client address. Everything lives in rq->arena or in `event`,
 * which must outlive the request. Cookies become one Cookie header; a Base64 body is decoded; a named stage
 * is taken off the path. `why` is a code without anything of the event in it.
 */
enum event_fault event_read(struct request *rq, struct span event, const char **why);

/*
 * Writes {statusCode, headers, cookies, body, isBase64Encoded}, with the security headers that nginx adds
 * elsewhere. A large body is Base64 where that is smaller. False when it is larger than the buffer's maximum.
 */
bool event_reply(const struct request *rq, struct buf *out);

#endif
