/* The practice's policies: patients' second factor, the limits of sessions, and who sees which patients. */
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/app.h"
#include "lib/db/tx.h"

/* Reads the practice as the last statement, and writes it. */
static enum problem
show(struct request *rq)
{
    const struct q_practice_read_row *row = NULL;
    tx_last(rq->tx);
    enum problem problem = q_practice_read(rq->tx, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_NOT_SIGNED_IN;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "id", row->id);
    json_int(out, "revision", row->revision);
    json_text(out, "name", row->name);
    json_text(out, "patient_mfa", row->patient_mfa);
    json_int(out, "staff_idle_minutes", row->staff_idle_minutes);
    json_int(out, "patient_idle_minutes", row->patient_idle_minutes);
    json_int(out, "session_hours", row->session_hours);
    json_text(out, "patient_access", row->patient_access);
    json_end_object(out);
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
                                          .patient_access = in->patient_access};
    enum problem problem = q_practice_change(rq->tx, &change, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return row != NULL && row->has_revision ? show(rq) : PROBLEM_STALE_REVISION;
}
