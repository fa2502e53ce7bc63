/* Responses as the practice's staff read them. */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/responses/response_view.h"
#include "lib/base/clock.h"
#include "lib/db/tx.h"

static enum problem
moment(struct request *rq, const char *text, const char *pointer, int64_t *value, bool *has_value)
{
    *has_value = text != NULL;
    if (text != NULL && !clock_parse(text, value)) {
        request_error(rq, pointer, "format", "must be an RFC 3339 date and time");
        return PROBLEM_INVALID_REQUEST;
    }
    return PROBLEM_NONE;
}

/* GET /admin/responses */
enum problem
h_response_list(struct request *rq, const struct response_list_in *in)
{
    struct page page;
    struct q_response_list_in query = {.patient_id = in->patient_id,
                                       .questionnaire_id = in->questionnaire_id,
                                       .version = in->version,
                                       .has_version = in->has_version,
                                       .status = in->status};
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = moment(rq, in->from, "/query/from", &query.since, &query.has_since);
    }
    if (problem == PROBLEM_NONE) {
        problem = moment(rq, in->to, "/query/to", &query.until, &query.has_until);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    query.before = page.before;
    query.fetch = page.fetch;
    const struct q_response_list_row *rows = NULL;
    size_t count = 0;
    problem = q_response_list_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        const struct q_response_list_row *row = &rows[i];
        json_begin_object(out);
        json_text(out, "id", row->id);
        json_text(out, "patient_id", row->patient_id);
        json_text(out, "assignment_id", row->assignment_id);
        json_text(out, "questionnaire_id", row->questionnaire_id);
        json_int(out, "version", row->version);
        json_text(out, "title", row->title);
        json_text(out, "status", row->status);
        json_text(out, "amends", row->amends);
        json_int(out, "revision", row->revision);
        json_time(out, "started_at", row->started_at);
        json_time(out, "updated_at", row->updated_at);
        json_optional_time(out, "submitted_at", row->has_submitted_at, row->submitted_at);
        json_end_object(out);
    }
    page_close(rq, &page, count, shown == 0 ? NULL : rows[shown - 1].id);
    return PROBLEM_NONE;
}

/* GET /admin/responses/{id} */
enum problem
h_response_get(struct request *rq, const struct response_get_in *in)
{
    struct span key;
    enum problem problem = keys_of_response(rq, in->id, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return response_view(rq, in->id, key, VIEW_STAFF);
}
