/* Responses as the practice's staff read them. */
#include "app/app.h"
#include "app/keys.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/responses/response_view.h"
#include "lib/db/tx.h"

/* GET /admin/responses */
enum problem
h_response_list(struct request *rq, const struct response_list_in *in)
{
    struct page page;
    struct q_response_list_in query = {.patient_id = in->patient_id,
                                       .questionnaire_id = in->questionnaire_id,
                                       .version = in->version,
                                       .has_version = in->has_version,
                                       .status = in->status,
                                       .review = in->review,
                                       .assignee = in->assignee};
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem == PROBLEM_NONE) {
        problem = page_moment(rq, in->from, "/query/from", &query.since, &query.has_since);
    }
    if (problem == PROBLEM_NONE) {
        problem = page_moment(rq, in->to, "/query/to", &query.until, &query.has_until);
    }
    if (problem == PROBLEM_NONE && in->assignee != NULL && in->review == NULL) {
        request_error(rq, "/query/assignee", "missing", "goes with `review`");
        problem = PROBLEM_INVALID_REQUEST;
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
    size_t shown = page_shown(&page, count);
    struct reply_response_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        struct reply_review review = {.state = rows[i].review_state,
                                      .assignee = reply_or_null(rows[i].review_assignee),
                                      .number = reply_integer(rows[i].review_number)};
        items[i] = REPLY_RESPONSE_ITEM_OF(&rows[i],
                                          reply_review_if(rq->arena, rows[i].review_state != NULL, review));
    }
    reply_response_list(&rq->reply.json,
                        &(struct reply_response_list){.items = items,
                                                      .items_count = shown,
                                                      .next_cursor = PAGE_NEXT(&page, rows, count, id)});
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
