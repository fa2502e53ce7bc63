/* The life of a questionnaire beside its versions: copied, retired, or removed before anybody saw it. */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/questionnaires/questionnaire_view.h"
#include "lib/db/tx.h"

/* Locks the questionnaire, if it is what the client has seen. */
static enum problem
lock(struct request *rq, const char *id, int64_t revision, const struct questionnaire_now_row **now)
{
    enum problem problem = q_questionnaire_lock(rq->tx, &(struct q_questionnaire_lock_in){.id = id}, now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return (*now)->revision == revision ? PROBLEM_NONE : PROBLEM_STALE_REVISION;
}

/*
 * POST /admin/questionnaires/{id}/retire: nobody is asked any more. Assigning waits for the lock and then
 * finds the questionnaire retired; what was assigned before can be finished.
 */
enum problem
h_questionnaire_retire(struct request *rq, const struct questionnaire_retire_in *in)
{
    const struct questionnaire_now_row *now = NULL;
    enum problem problem = lock(rq, in->id, in->if_match, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->status != QUESTIONNAIRE_STATUS_ACTIVE) {
        return PROBLEM_QUESTIONNAIRE_STATE;
    }
    const struct q_questionnaire_retire_row *row = NULL;
    problem = q_questionnaire_retire_last(rq->tx, &(struct q_questionnaire_retire_in){.id = in->id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_questionnaire_item(&rq->reply.json, &REPLY_QUESTIONNAIRE_ITEM_OF(row));
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* DELETE /admin/questionnaires/{id}: only what was never published. */
enum problem
h_questionnaire_delete(struct request *rq, const struct questionnaire_delete_in *in)
{
    const struct questionnaire_now_row *now = NULL;
    enum problem problem = lock(rq, in->id, in->if_match, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->has_version) {
        return PROBLEM_QUESTIONNAIRE_STATE;
    }
    int64_t affected = 0;
    return q_questionnaire_delete_last(rq->tx, &(struct q_questionnaire_delete_in){.id = in->id}, &affected);
}

/* POST /admin/questionnaires/{id}/duplicate: a new draft from the draft, or else from the newest version. */
enum problem
h_questionnaire_duplicate(struct request *rq, const struct questionnaire_duplicate_in *in)
{
    const struct q_questionnaire_read_row *from = NULL;
    enum problem problem =
        q_questionnaire_read(rq->tx, &(struct q_questionnaire_read_in){.id = in->id}, &from);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct checked_form form;
    problem = forms_copy(rq, from->definition, &form);
    return problem != PROBLEM_NONE ? problem : questionnaire_begin(rq, &form);
}
