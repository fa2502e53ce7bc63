/*
 * Amendments: a completed response is never changed. Who has something to correct reopens it as an amendment,
 * a response of its own that begins with the same answers, is saved and submitted like any other, and names
 * the one that it amends. The assignment stays completed meanwhile: the practice has its answers.
 */
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/responses/response_view.h"
#include "lib/db/tx.h"

enum { AMENDMENTS_MAX = 100 }; /* of one assignment, those given up included */

/* What hinders the amendment of a response. */
static enum problem
may_amend(const struct q_my_amendment_state_row *now)
{
    if (now->status != RESPONSE_STATUS_COMPLETED && now->status != RESPONSE_STATUS_AMENDED) {
        return PROBLEM_NOT_COMPLETED;
    }
    if (now->amended) {
        return PROBLEM_AMENDED_SINCE;
    }
    return now->amendments < AMENDMENTS_MAX || now->open_id != NULL ? PROBLEM_NONE : PROBLEM_CONFLICT;
}

/* POST /patient/responses/{id}/amend: 201 when this begins an amendment, 200 when one was open. */
enum problem
h_my_response_amend(struct request *rq, const struct my_response_amend_in *in)
{
    struct span key;
    enum problem problem = keys_own(rq, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    /* Two statements, one trip: what is read after the lock sees what the one before has committed. */
    q_my_amendment_hold_later(rq->tx, &(struct q_my_amendment_hold_in){.id = in->id});
    const struct q_my_amendment_state_row *now = NULL;
    problem = q_my_amendment_state(rq->tx, &(struct q_my_amendment_state_in){.id = in->id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    problem = may_amend(now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *id = now->open_id;
    if (id == NULL) {
        id = uuid_new(arena_alloc(rq->arena, UUID_TEXT_SIZE));
        q_my_amendment_insert_later(rq->tx,
                                    &(struct q_my_amendment_insert_in){
                                        .id = id, .of = in->id, .key = key, .number = now->amendments + 1});
        reply_header(rq, "Location", arena_format(rq->arena, "/patient/responses/%s", id));
    }
    rq->reply.status = now->open_id == NULL ? 201 : 200;
    rq->result.object = id;
    return response_view(rq, id, key, VIEW_PATIENT);
}

/* DELETE /patient/responses/{id}: an amendment in progress is given up; it stays in the history. */
enum problem
h_my_response_stop(struct request *rq, const struct my_response_stop_in *in)
{
    const struct q_my_amendment_lock_row *now = NULL;
    enum problem problem = q_my_amendment_lock(rq->tx, &(struct q_my_amendment_lock_in){.id = in->id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->revision != in->if_match) {
        return PROBLEM_STALE_REVISION;
    }
    if (now->status == RESPONSE_STATUS_STOPPED) {
        return PROBLEM_NOT_ACTIVE;
    }
    if (now->status != RESPONSE_STATUS_IN_PROGRESS) {
        return PROBLEM_ALREADY_COMPLETED;
    }
    if (now->amends == NULL) {
        return PROBLEM_NOT_AN_AMENDMENT;
    }
    int64_t affected = 0;
    return q_my_amendment_stop_last(rq->tx, &(struct q_my_amendment_stop_in){.id = in->id}, &affected);
}
