/* What became of messages: of those to a patient, one by one, and of all of the practice, counted. */
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
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
    size_t shown = page_shown(&page, count);
    struct reply_patient_message *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        const struct q_patient_message_list_row *row = &rows[i];
        items[i] = REPLY_PATIENT_MESSAGE_OF(row, REPLY_DELIVERY_STATUS_OF(row));
    }
    reply_patient_message_list(
        &rq->reply.json,
        &(struct reply_patient_message_list){
            .items = items, .items_count = shown, .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* GET /admin/messages */
enum problem
h_message_counts(struct request *rq, const struct message_counts_in *in)
{
    (void)in;
    int64_t since = rq->now - COUNTED_FOR;
    const struct q_message_counts_row *rows = NULL;
    size_t count = 0;
    enum problem problem =
        q_message_counts_last(rq->tx, &(struct q_message_counts_in){.since = since}, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct reply_message_count *items = arena_array(rq->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = REPLY_MESSAGE_COUNT_OF(&rows[i]);
    }
    reply_message_counts(
        &rq->reply.json,
        &(struct reply_message_counts){.since = reply_time(since), .items = items, .items_count = count});
    return PROBLEM_NONE;
}
