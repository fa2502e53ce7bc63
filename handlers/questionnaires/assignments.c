/* Assignments: which patient is to answer which version of which questionnaire, until when. */
#include "app/app.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/assigning.h"
#include "lib/base/clock.h"
#include "lib/db/tx.h"

enum problem
assign(struct request *rq, const char *patient_id, const char *questionnaire_id, const int64_t *due_at,
       struct assigned *made)
{
    uuid_new(made->id);
    struct q_assignment_insert_in insert = {.id = made->id,
                                            .patient_id = patient_id,
                                            .questionnaire_id = questionnaire_id,
                                            .due_at = due_at == NULL ? 0 : *due_at,
                                            .has_due_at = due_at != NULL};
    const struct q_assignment_insert_row *row = NULL;
    enum problem problem = q_assignment_insert(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row != NULL) {
        made->version = row->version;
        made->title = row->title;
        made->created_at = row->created_at;
        return PROBLEM_NONE;
    }
    const struct q_questionnaire_exists_row *it = NULL;
    problem =
        q_questionnaire_exists(rq->tx, &(struct q_questionnaire_exists_in){.id = questionnaire_id}, &it);
    return problem != PROBLEM_NONE ? problem : PROBLEM_QUESTIONNAIRE_STATE;
}

enum problem
patient_may_be_asked(struct request *rq, const char *patient_id, bool *registered)
{
    const struct q_patient_exists_row *patient = NULL;
    enum problem problem =
        q_patient_exists(rq->tx, &(struct q_patient_exists_in){.id = patient_id}, &patient);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (registered != NULL) {
        *registered = patient->registered;
    }
    return patient->status == PATIENT_STATUS_ACTIVE ? PROBLEM_NONE : PROBLEM_NOT_ACTIVE;
}

/* GET /admin/patients/{id}/assignments */
enum problem
h_assignment_list(struct request *rq, const struct assignment_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    q_patient_exists_later(rq->tx, &(struct q_patient_exists_in){.id = in->id});
    const struct q_assignment_list_row *rows = NULL;
    size_t count = 0;
    struct q_assignment_list_in query = {.patient_id = in->id, .before = page.before, .fetch = page.fetch};
    problem = q_assignment_list_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_assignment *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_ASSIGNMENT_OF(&rows[i]);
    }
    reply_assignment_list(&rq->reply.json,
                          &(struct reply_assignment_list){.items = items,
                                                          .items_count = shown,
                                                          .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* POST /admin/patients/{id}/assignments */
enum problem
h_assignment_create(struct request *rq, const struct assignment_create_in *in)
{
    int64_t due_at = 0;
    if (in->due_at != NULL && !clock_parse(in->due_at, &due_at)) {
        request_error(rq, "/due_at", "format", "must be an RFC 3339 date and time");
        return PROBLEM_INVALID_REQUEST;
    }
    enum problem problem = patient_may_be_asked(rq, in->id, NULL);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct assigned *made = arena_alloc(rq->arena, sizeof *made);
    problem = assign(rq, in->id, in->questionnaire_id, in->due_at == NULL ? NULL : &due_at, made);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = made->id;
    reply_assignment(&rq->reply.json,
                     &(struct reply_assignment){.id = made->id,
                                                .patient_id = in->id,
                                                .questionnaire_id = in->questionnaire_id,
                                                .version = reply_integer(made->version),
                                                .title = made->title,
                                                .status = "assigned",
                                                .due_at = reply_optional_time(in->due_at != NULL, due_at),
                                                .created_at = reply_time(made->created_at)});
    return PROBLEM_NONE;
}

/* DELETE /admin/assignments/{id}: the patient is not asked any more; what was answered stays. */
enum problem
h_assignment_cancel(struct request *rq, const struct assignment_cancel_in *in)
{
    const struct q_assignment_lock_row *now = NULL;
    enum problem problem = q_assignment_lock(rq->tx, &(struct q_assignment_lock_in){.id = in->id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->status == ASSIGNMENT_STATUS_COMPLETED) {
        return PROBLEM_ALREADY_COMPLETED;
    }
    int64_t affected = 0;
    return q_assignment_cancel_last(rq->tx, &(struct q_assignment_cancel_in){.id = in->id}, &affected);
}
