/* What became of messages: of those to a patient, one by one, and of all of the practice, counted. */
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/people/delivery.h"
#include "lib/base/clock.h"
#include "lib/db/tx.h"

#define COUNTED_FOR (INT64_C(30) * 24 * 3600 * CLOCK_SECOND)

/* GET /admin/patients/{id}/messages */
enum problem
h_patient_message_list(struct request *rq, const struct patient_message_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    q_patient_exists_later(rq->tx, &(struct q_patient_exists_in){.id = in->id});
    const struct q_patient_message_list_row *rows = NULL;
    size_t count = 0;
    struct q_patient_message_list_in query = {
        .patient_id = in->id, .before = page.before, .fetch = page.fetch};
    problem = q_patient_message_list_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    size_t shown = page_shown(&page, count);
    for (size_t i = 0; i < shown; i++) {
        json_begin_object(out);
        json_text(out, "id", rows[i].id);
        json_text(out, "kind", rows[i].kind);
        json_int(out, "attempts", rows[i].attempts);
        json_time(out, "created_at", rows[i].created_at);
        delivery_write(out, &(struct delivery_status){rows[i].state, rows[i].state_at, rows[i].reason});
        json_end_object(out);
    }
    page_close(rq, &page, count, shown == 0 ? NULL : rows[shown - 1].id);
    return PROBLEM_NONE;
}

/* GET /admin/messages */
enum problem
h_message_counts(struct request *rq, const struct message_counts_in *in)
{
    (void)in;
    int64_t since = rq->now - COUNTED_FOR;
    char text[CLOCK_TEXT_SIZE];
    const struct q_message_counts_row *rows = NULL;
    size_t count = 0;
    enum problem problem =
        q_message_counts_last(rq->tx, &(struct q_message_counts_in){.since = since}, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "since", clock_text(since, text));
    json_array_key(out, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(out);
        json_text(out, "state", rows[i].state);
        json_text(out, "reason", rows[i].reason);
        json_int(out, "count", rows[i].count);
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
    return PROBLEM_NONE;
}
