/* What staff does with a completed response: the steps of its review, and where it stands. */
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/base/uuid.h"
#include "lib/db/tx.h"

static enum problem
show(struct request *rq, const char *id, struct span key)
{
    const struct q_response_reviews_row *rows = NULL;
    size_t count = 0;
    enum problem problem =
        q_response_reviews_last(rq->tx, &(struct q_response_reviews_in){.id = id, .key = key}, &rows, &count);
    if (problem != PROBLEM_NONE || count == 0) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_NOT_FOUND;
    }
    if (rows[0].now == NULL) {
        return PROBLEM_NOT_COMPLETED;
    }
    size_t steps = rows[0].has_number ? count : 0;
    struct reply_review_step *items = arena_array(rq->arena, steps, sizeof *items);
    for (size_t i = 0; i < steps; i++) {
        items[i] = (struct reply_review_step){.number = reply_integer(rows[i].number),
                                              .state = rows[i].state,
                                              .assignee = reply_or_null(rows[i].assignee),
                                              .note = reply_or_null(rows[i].note),
                                              .staff_id = rows[i].staff_id,
                                              .at = reply_time(rows[i].at)};
    }
    struct reply_review now = {.state = rows[0].now,
                               .assignee = reply_or_null(rows[0].now_assignee),
                               .number = reply_integer(rows[0].last)};
    reply_response_reviews(&rq->reply.json,
                           &(struct reply_response_reviews){
                               .response_id = id, .review = now, .steps = items, .steps_count = steps});
    return PROBLEM_NONE;
}

/* POST /admin/responses/{id}/review */
enum problem
h_response_review(struct request *rq, const struct response_review_in *in)
{
    struct q_response_review_add_in query = {.response_id = in->id,
                                             .after = in->after,
                                             .state = in->state,
                                             .assignee = in->assignee,
                                             .note = in->note};
    const struct q_response_review_add_row *row = NULL;
    enum problem problem = keys_of_response(rq, in->id, &query.key);
    if (problem == PROBLEM_NONE) {
        query.id = uuid_new(arena_alloc(rq->arena, UUID_TEXT_SIZE));
        problem = q_response_review_add(rq->tx, &query, &row);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    switch (row->outcome) {
    case RESPONSE_REVIEW_ADD_ADDED:
        break;
    case RESPONSE_REVIEW_ADD_NOT_COMPLETED:
        return PROBLEM_NOT_COMPLETED;
    case RESPONSE_REVIEW_ADD_MOVED_ON:
        return PROBLEM_REVIEW_STATE;
    case RESPONSE_REVIEW_ADD_NOBODY:
        return PROBLEM_NOT_FOUND;
    }
    rq->reply.status = 201;
    return show(rq, in->id, query.key);
}

/* GET /admin/responses/{id}/reviews */
enum problem
h_response_reviews(struct request *rq, const struct response_reviews_in *in)
{
    struct span key;
    enum problem problem = keys_of_response(rq, in->id, &key);
    return problem != PROBLEM_NONE ? problem : show(rq, in->id, key);
}
