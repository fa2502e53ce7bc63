/* The practice's audit log, for its owners and auditors. Who and what by identifiers only. */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/records/audit_page.h"
#include "lib/base/uuid.h"
#include "lib/db/tx.h"

#include <string.h>

/* "id,id": each for itself, and how many. */
static const char *const *
patients(struct request *rq, const char *list, size_t *count)
{
    *count = 0;
    const char **ids = arena_array(rq->arena, strlen(list) / UUID_TEXT_SIZE + 2, sizeof *ids);
    for (size_t size = strlen(list); size >= UUID_TEXT_SIZE - 1;) {
        ids[(*count)++] = arena_copy(rq->arena, list, UUID_TEXT_SIZE - 1);
        size_t step = size > UUID_TEXT_SIZE - 1 ? UUID_TEXT_SIZE : size;
        list += step;
        size -= step;
    }
    return ids;
}

static struct reply_audit_item
one(struct request *rq, const struct q_audit_search_row *row)
{
    size_t count = 0;
    const char *const *ids = patients(rq, row->patient_ids, &count);
    return (struct reply_audit_item){.id = reply_integer(row->id),
                                     .at = reply_time(row->at),
                                     .realm = row->realm,
                                     .actor_id = reply_or_null(row->actor_id),
                                     .role = reply_or_null(row->role),
                                     .session_id = reply_or_null(row->session_id),
                                     .client_address = row->client_address,
                                     .request_id = row->request_id,
                                     .operation = row->operation,
                                     .object_id = reply_or_null(row->object_id),
                                     .patient_ids = ids,
                                     .patient_ids_count = count,
                                     .outcome = row->outcome,
                                     .detail = reply_or_null(row->detail)};
}

/* GET /admin/audit. It is audited too: its own row says which patient was asked for. */
enum problem
h_audit_list(struct request *rq, const struct audit_list_in *in)
{
    struct page page;
    struct audit_cursor cursor;
    struct q_audit_search_in query = {
        .actor = in->actor_id, .patient = in->patient_id, .operation = in->operation, .outcome = in->outcome};
    enum problem problem = audit_page_open(rq, in->cursor, in->limit, &page, &cursor);
    if (problem == PROBLEM_NONE) {
        problem = page_moment(rq, in->from, "/query/from", &query.since, &query.has_since);
    }
    if (problem == PROBLEM_NONE) {
        problem = page_moment(rq, in->to, "/query/to", &query.until, &query.has_until);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = in->patient_id;
    query.before_at = cursor.at;
    query.has_before_at = cursor.given;
    query.before_id = cursor.id;
    query.has_before_id = cursor.given;
    query.fetch = page.fetch;
    const struct q_audit_search_row *rows = NULL;
    size_t count = 0;
    problem = q_audit_search_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_audit_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = one(rq, &rows[i]);
        cursor = (struct audit_cursor){true, rows[i].at, rows[i].id};
    }
    const char *next = audit_page_next(rq, &page, count, &cursor);
    reply_audit_list(&rq->reply.json,
                     &(struct reply_audit_list){.items = items, .items_count = shown, .next_cursor = next});
    return PROBLEM_NONE;
}
