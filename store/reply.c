#include "store/reply.h"

#include "lib/base/json_out.h"

#include <inttypes.h>
#include <stdio.h>

enum { BODY_MAX = 1024, RETRY_SECONDS = 2, STATUS_UNAVAILABLE = 503, STATUS_METHOD = 405 };

static const char *
reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{400, "Bad Request"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {411, "Length Required"},
                   {412, "Precondition Failed"},
                   {413, "Content Too Large"},
                   {416, "Range Not Satisfiable"},
                   {431, "Request Header Fields Too Large"},
                   {500, "Internal Server Error"},
                   {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Refused";
}

void
reply_taken(struct buf *out)
{
    buf_text(out,
             "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n");
}

void
reply_file(struct buf *out, const struct reply_file *file, const struct range *part)
{
    buf_text(out, part == NULL ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 206 Partial Content\r\n");
    if (part != NULL) {
        buf_format(out, "Content-Range: bytes %" PRId64 "-%" PRId64 "/%" PRId64 "\r\n", part->first,
                   part->last, file->size);
    }
    if (file->manner[0] != '\0') {
        buf_format(out, "Content-Disposition: %s\r\nAccept-Ranges: %s\r\n", file->manner,
                   file->ranges ? "bytes" : "none");
    }
    buf_format(out, "Connection: close\r\nContent-Type: %s\r\nContent-Length: %" PRId64 "\r\n\r\n",
               file->type, part == NULL ? file->size : part->last - part->first + 1);
}

static void
write_body(struct buf *body, enum problem problem, const char *request)
{
    struct json_out out;
    char type[128];
    char instance[128];
    (void)snprintf(type, sizeof type, "urn:anamnesis:problem:%s", problem_code(problem));
    (void)snprintf(instance, sizeof instance, "urn:uuid:%s", request);
    json_start(&out, body);
    json_begin_object(&out);
    json_text(&out, "type", type);
    json_text(&out, "title", problem_title(problem));
    json_int(&out, "status", problem_status(problem));
    json_text(&out, "code", problem_code(problem));
    json_text(&out, "instance", instance);
    json_end_object(&out);
}

/* Head and body; `field` is one more line of the head, or "". */
static void
write_problem(struct buf *out, enum problem problem, const char *request, bool with_body, const char *field)
{
    int status = problem_status(problem);
    struct buf body;
    buf_init(&body, BODY_MAX);
    write_body(&body, problem, request);
    buf_format(out,
               "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
               "Content-Length: %zu\r\nCache-Control: no-store\r\n%s\r\n",
               status, reason_of(status), body.size, field);
    if (with_body) {
        buf_add(out, body.data, body.size);
    }
    buf_free(&body);
}

void
reply_no_range(struct buf *out, int64_t size, const char *request, bool with_body)
{
    char field[64];
    (void)snprintf(field, sizeof field, "Content-Range: bytes */%" PRId64 "\r\n", size);
    write_problem(out, PROBLEM_NO_SUCH_RANGE, request, with_body, field);
}

void
reply_problem(struct buf *out, enum problem problem, const char *request, bool with_body)
{
    char field[64] = "";
    if (problem_status(problem) == STATUS_UNAVAILABLE) {
        (void)snprintf(field, sizeof field, "Retry-After: %d\r\n", RETRY_SECONDS);
    } else if (problem_status(problem) == STATUS_METHOD) {
        (void)snprintf(field, sizeof field, "Allow: PUT\r\n");
    }
    write_problem(out, problem, request, with_body, field);
}
