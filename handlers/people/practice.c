/* The practice's policies: patients' second factor, the limits of sessions, who sees which patients, in which
 * language and time messages are written, and how much of files is taken. */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

/* Reads the practice as the last statement, and writes it. */
static enum problem
show(struct request *rq)
{
    const struct q_practice_read_row *row = NULL;
    enum problem problem = q_practice_read_last(rq->tx, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_practice(&rq->reply.json, &REPLY_PRACTICE_OF(row));
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* GET /admin/practice */
enum problem
h_practice_get(struct request *rq, const struct practice_get_in *in)
{
    (void)in;
    return show(rq);
}

/* The database's server is asked: it has the list, wherever this program runs. */
static enum problem
check_time_zone(struct request *rq, const char *name)
{
    const struct q_time_zone_known_row *row = NULL;
    if (name == NULL) {
        return PROBLEM_NONE;
    }
    enum problem problem = q_time_zone_known(rq->tx, &(struct q_time_zone_known_in){name}, &row);
    if (problem != PROBLEM_NONE || (row != NULL && row->known)) {
        return problem;
    }
    request_error(rq, "/time_zone", "time-zone", "must be the name of a time zone, like Europe/Berlin");
    return PROBLEM_INVALID_REQUEST;
}

/* PATCH /admin/practice: what is given changes. */
enum problem
h_practice_patch(struct request *rq, const struct practice_patch_in *in)
{
    const struct q_practice_change_row *row = NULL;
    struct q_practice_change_in change = {.revision = in->if_match,
                                          .patient_mfa = in->patient_mfa,
                                          .staff_idle_minutes = in->staff_idle_minutes,
                                          .patient_idle_minutes = in->patient_idle_minutes,
                                          .session_hours = in->session_hours,
                                          .patient_access = in->patient_access,
                                          .patient_email_by = in->patient_email_by,
                                          .language = in->language,
                                          .time_zone = in->time_zone,
                                          .upload_bytes_patient = in->upload_bytes_patient,
                                          .upload_bytes_practice = in->upload_bytes_practice,
                                          .upload_days_signatures = in->upload_days_signatures};
    enum problem problem = check_time_zone(rq, in->time_zone);
    if (problem == PROBLEM_NONE) {
        problem = q_practice_change(rq->tx, &change, &row);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return row != NULL && row->has_revision ? show(rq) : PROBLEM_STALE_REVISION;
}
