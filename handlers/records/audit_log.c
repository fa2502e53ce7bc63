/* The practice's audit log, for its owners and auditors. Who and what by identifiers only. */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/records/audit_page.h"
#include "lib/base/clock.h"
#include "lib/base/uuid.h"
#include "lib/db/tx.h"

#include <string.h>

/* "id,id": as an array. */
static void
write_patients(struct request *rq, const char *list)
{
    struct json_out *out = &rq->reply.json;
    json_array_key(out, "patient_ids");
    for (size_t size = strlen(list); size >= UUID_TEXT_SIZE - 1;) {
        json_value_text(out, arena_copy(rq->arena, list, UUID_TEXT_SIZE - 1));
        size_t step = size > UUID_TEXT_SIZE - 1 ? UUID_TEXT_SIZE : size;
        list += step;
        size -= step;
    }
    json_end_array(out);
}

static void
write_row(struct request *rq, const struct q_audit_search_row *row)
{
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_int(out, "id", row->id);
    json_time(out, "at", row->at);
    json_text(out, "realm", row->realm);
    json_text(out, "actor_id", row->actor_id);
    json_text(out, "role", row->role);
    json_text(out, "session_id", row->session_id);
    json_text(out, "client_address", row->client_address);
    json_text(out, "request_id", row->request_id);
    json_text(out, "operation", row->operation);
    json_text(out, "object_id", row->object_id);
    write_patients(rq, row->patient_ids);
    json_text(out, "outcome", row->outcome);
    json_text(out, "detail", row->detail);
    json_end_object(out);
}

static enum problem
bound(struct request *rq, const char *text, const char *pointer, int64_t *value, bool *has_value)
{
    *has_value = text != NULL;
    if (text != NULL && !clock_parse(text, value)) {
        request_error(rq, pointer, "format", "must be an RFC 3339 date and time");
        return PROBLEM_INVALID_REQUEST;
    }
    return PROBLEM_NONE;
}

/* GET /admin/audit. It is audited too: its own row says which patient was asked for. */
enum problem
h_audit_list(struct request *rq, const struct audit_list_in *in)
{
    struct page page;
    struct audit_place place;
    struct q_audit_search_in query = {
        .actor = in->actor_id, .patient = in->patient_id, .operation = in->operation, .outcome = in->outcome};
    enum problem problem = audit_page_open(rq, in->cursor, in->limit, &page, &place);
    if (problem == PROBLEM_NONE) {
        problem = bound(rq, in->from, "/query/from", &query.since, &query.has_since);
    }
    if (problem == PROBLEM_NONE) {
        problem = bound(rq, in->to, "/query/to", &query.until, &query.has_until);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = in->patient_id;
    query.before_at = place.at;
    query.has_before_at = place.given;
    query.before_id = place.id;
    query.has_before_id = place.given;
    query.fetch = page.fetch;
    const struct q_audit_search_row *rows = NULL;
    size_t count = 0;
    problem = q_audit_search_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    json_begin_object(&rq->reply.json);
    json_array_key(&rq->reply.json, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        write_row(rq, &rows[i]);
        place = (struct audit_place){true, rows[i].at, rows[i].id};
    }
    audit_page_close(rq, &page, count, shown == 0 ? NULL : &place);
    return PROBLEM_NONE;
}
