#include "lib/http/contract.h"

#include "lib/base/json_read.h"
#include "lib/http/api.h"

#include <stdio.h>
#include <string.h>

static const char problem_type[] = "application/problem+json";

/* Where the first violation goes. */
struct reason {
    char *text;
    size_t size;
    bool filled;
};

static void
keep_first(void *context, const char *pointer, const char *code, const char *detail)
{
    struct reason *reason = context;
    if (!reason->filled) {
        (void)snprintf(reason->text, reason->size, "%s: %s: %s", pointer[0] == '\0' ? "/" : pointer, code,
                       detail);
        reason->filled = true;
    }
}

/* Statuses that any operation can answer, as openapi.yaml says in its introduction. */
static bool
is_general(int status)
{
    return status == 429 || status == 500 || status == 503;
}

/* The row of the status and, where a file may have several types, of this one; else the status' first, or NULL. */
static const struct api_reply *
declared_reply(const struct api_operation *operation, int status, const char *type)
{
    const struct api_reply *first = NULL;
    for (size_t i = 0; i < operation->reply_count; i++) {
        const struct api_reply *reply = &operation->replies[i];
        if (reply->status == status && reply->content_type != NULL &&
            strcmp(reply->content_type, type) == 0) {
            return reply;
        }
        if (reply->status == status && first == NULL) {
            first = reply;
        }
    }
    return first;
}

static bool
body_fits(struct request *rq, int schema, char *why, size_t size)
{
    const struct buf *body = rq->reply.body;
    struct json_fault fault;
    struct span text = {(const unsigned char *)buf_string(body), body->size};
    struct json_object *tree = json_read(rq->arena, text, &fault);
    if (fault.code != JSON_FINE) {
        (void)snprintf(why, size, "the body %s at byte %zu", json_fault_text(fault.code), fault.offset);
        return false;
    }
    struct reason reason = {why, size, false};
    return schema_check(&api_schema, schema, tree, keep_first, &reason);
}

bool
reply_matches_contract(struct request *rq, char *why, size_t size)
{
    const struct reply *reply = &rq->reply;
    const char *type = reply->content_type == NULL ? "application/json" : reply->content_type;
    const struct api_reply *declared = declared_reply(rq->operation, reply->status, type);
    if (declared == NULL) {
        bool general = is_general(reply->status) && strcmp(type, problem_type) == 0;
        if (!general) {
            (void)snprintf(why, size, "%s does not declare %d", rq->operation->id, reply->status);
            return false;
        }
        return body_fits(rq, api_problem_schema, why, size);
    }
    if (declared->content_type == NULL) {
        if (reply->body->size != 0) {
            (void)snprintf(why, size, "%d has no body in the contract", reply->status);
            return false;
        }
        return true;
    }
    if (strcmp(type, declared->content_type) != 0) {
        (void)snprintf(why, size, "the content type is %s, not %s", type, declared->content_type);
        return false;
    }
    return declared->schema == SCHEMA_NONE || body_fits(rq, declared->schema, why, size);
}

void
contract_note(int descriptor, const struct request *rq)
{
    (void)dprintf(descriptor, "%s %d\n", rq->operation->id, rq->reply.status);
}
