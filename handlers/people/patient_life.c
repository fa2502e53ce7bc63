/* The end of a patient's time at the practice: archived, taken up again, erased. */
#include "app/app.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/crypto/key_cache.h"
#include "lib/db/tx.h"

/* The patient as it is: PROBLEM_NOT_FOUND, or PROBLEM_STALE_REVISION when it was changed since. */
static enum problem
find(struct request *rq, const char *id, int64_t revision, const struct q_patient_exists_row **row)
{
    enum problem problem = q_patient_exists(rq->tx, &(struct q_patient_exists_in){.id = id}, row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return (*row)->revision == revision ? PROBLEM_NONE : PROBLEM_STALE_REVISION;
}

static enum problem
set_archived(struct request *rq, const char *id, int64_t revision, bool archived)
{
    const struct q_patient_exists_row *now = NULL;
    enum problem problem = find(rq, id, revision, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    enum patient_status wanted = archived ? PATIENT_STATUS_ARCHIVED : PATIENT_STATUS_ACTIVE;
    if (now->status == wanted) {
        return PROBLEM_NOT_ACTIVE;
    }
    const struct q_patient_archive_row *row = NULL;
    problem = q_patient_archive_last(rq->tx, &(struct q_patient_archive_in){id, revision, archived}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL || !row->has_revision) {
        return PROBLEM_STALE_REVISION; /* somebody was faster */
    }
    reply_patient_state(&rq->reply.json,
                        &(struct reply_patient_state){.id = id,
                                                      .status = patient_status_word(wanted),
                                                      .revision = reply_integer(row->revision)});
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* POST /admin/patients/{id}/archive */
enum problem
h_patient_archive(struct request *rq, const struct patient_archive_in *in)
{
    return set_archived(rq, in->id, in->if_match, true);
}

/* POST /admin/patients/{id}/restore */
enum problem
h_patient_restore(struct request *rq, const struct patient_restore_in *in)
{
    return set_archived(rq, in->id, in->if_match, false);
}

/*
 * POST /admin/patients/{id}/erase: irreversible. Other workers may hold the data key in memory for the rest
 * of its five minutes, but the database gives them nothing to open: every read asks whether the patient was
 * erased.
 */
enum problem
h_patient_erase(struct request *rq, const struct patient_erase_in *in)
{
    const struct q_patient_exists_row *now = NULL;
    enum problem problem = find(rq, in->id, in->if_match, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_patient_erase_row *row = NULL;
    problem = q_patient_erase(rq->tx, &(struct q_patient_erase_in){in->id, in->if_match}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL || !row->erased) {
        return PROBLEM_STALE_REVISION; /* somebody was faster */
    }
    key_cache_drop(rq->app->keys, in->id);
    reply_patient_erased(&rq->reply.json, &(struct reply_patient_erased){.id = in->id});
    return PROBLEM_NONE;
}
