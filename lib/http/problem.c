#include "lib/http/problem.h"

#include <string.h>

/* Seconds to wait when the request does not say: a moment for a database that restarts or a busy pool. */
enum { RETRY_THROTTLED = 60, RETRY_TOO_MANY = 1, RETRY_UNAVAILABLE = 2 };

enum { STATUS_NOT_SIGNED_IN = 401, STATUS_THROTTLED = 429, STATUS_UNAVAILABLE = 503 };

static void
write_errors(struct request *rq)
{
    struct json_out *out = &rq->reply.json;
    size_t count = rq->error_count < REQUEST_ERRORS_MAX ? rq->error_count : REQUEST_ERRORS_MAX;
    if (count == 0) {
        return;
    }
    json_array_key(out, "errors");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(out);
        json_text(out, "pointer", rq->errors[i].pointer);
        json_text(out, "code", rq->errors[i].code);
        json_text(out, "detail", rq->errors[i].detail);
        json_end_object(out);
    }
    json_end_array(out);
}

static void
write_body(struct request *rq, enum problem problem)
{
    struct json_out *out = &rq->reply.json;
    buf_reset(rq->reply.body);
    json_start(out, rq->reply.body);
    json_begin_object(out);
    json_text(out, "type", arena_format(rq->arena, "urn:anamnesis:problem:%s", problem_code(problem)));
    json_text(out, "title", problem_title(problem));
    json_int(out, "status", problem_status(problem));
    json_text(out, "code", problem_code(problem));
    json_text(out, "instance", arena_format(rq->arena, "urn:uuid:%s", rq->id));
    write_errors(rq);
    if (rq->result.extension != NULL) {
        buf_byte(rq->reply.body, ',');
        buf_text(rq->reply.body, rq->result.extension);
    }
    json_end_object(out);
}

static bool
has_header(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < rq->reply.header_count; i++) {
        if (strcmp(rq->reply.headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Retry-After, and for limits the fields of draft-ietf-httpapi-ratelimit-headers: nothing is left until then.
 */
static void
write_waiting(struct request *rq, enum problem problem)
{
    bool limited = problem_status(problem) == STATUS_THROTTLED;
    bool share = problem == PROBLEM_TOO_MANY_AT_ONCE;
    int64_t fallback = share ? RETRY_TOO_MANY : limited ? RETRY_THROTTLED : RETRY_UNAVAILABLE;
    long long wait = rq->result.retry_after > 0 ? rq->result.retry_after : fallback;
    reply_header(rq, "Retry-After", arena_format(rq->arena, "%lld", wait));
    if (limited) {
        const char *policy = share ? "share" : "failures";
        reply_header(rq, "RateLimit", arena_format(rq->arena, "\"%s\";r=0;t=%lld", policy, wait));
    }
}

void
problem_write(struct request *rq, enum problem problem)
{
    int status = problem_status(problem);
    rq->reply.status = status;
    rq->reply.content_type = "application/problem+json";
    if ((status == STATUS_THROTTLED || status == STATUS_UNAVAILABLE) && !has_header(rq, "Retry-After")) {
        write_waiting(rq, problem);
    }
    if (status == STATUS_NOT_SIGNED_IN && !has_header(rq, "WWW-Authenticate")) {
        reply_header(rq, "WWW-Authenticate", "Bearer realm=\"anamnesis\"");
    }
    if (problem == PROBLEM_CONTENT_CODING) {
        reply_header(rq, "Accept-Encoding", "identity"); /* RFC 9110 section 15.5.16 */
    }
    write_body(rq, problem);
}
