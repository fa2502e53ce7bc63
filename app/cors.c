#include "app/cors.h"

#include "app/admission.h"
#include "app/app.h"

enum { STATUS_NO_CONTENT = 204 };

/* The request headers of the contract; and those of its replies that a script does not see unless it is said.
 */
static const char request_headers[] =
    "Anamnesis-Device, Authorization, Content-Type, Idempotency-Key, If-Match";
static const char reply_headers[] =
    "Allow, Anamnesis-Device, Content-Disposition, ETag, Location, RateLimit, Retry-After, WWW-Authenticate, "
    "X-Request-Id";

/* Seconds that a browser may remember a preflight. */
static const char preflight_life[] = "600";

static const char *
allowed_origin(const struct request *rq)
{
    const char *origin = request_header(rq, "origin");
    return origin != NULL && admission_origin_is_allowed(rq, origin) ? origin : NULL;
}

bool
cors_preflight(struct request *rq, const char *allow)
{
    if (rq->method != HTTP_OPTIONS || request_header(rq, "access-control-request-method") == NULL ||
        allowed_origin(rq) == NULL) {
        return false;
    }
    rq->reply.status = STATUS_NO_CONTENT;
    reply_header(rq, "Access-Control-Allow-Methods", allow);
    reply_header(rq, "Access-Control-Allow-Headers", request_headers);
    reply_header(rq, "Access-Control-Max-Age", preflight_life);
    return true;
}

void
cors_headers(struct request *rq)
{
    if (!admission_has_allowed_origins(rq)) {
        return;
    }
    reply_header(rq, "Vary", "Origin");
    const char *origin = allowed_origin(rq);
    if (origin != NULL) {
        reply_header(rq, "Access-Control-Allow-Origin", origin);
        reply_header(rq, "Access-Control-Allow-Credentials", "true");
        reply_header(rq, "Access-Control-Expose-Headers", reply_headers);
    }
}
