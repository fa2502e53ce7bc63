/* What people see and change of themselves. Names and addresses of patients are the practice's to change. */
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

#include <json-c/json.h>

static enum problem
write_staff_profile(struct request *rq)
{
    struct span key;
    const struct q_staff_profile_row *row = NULL;
    enum problem problem = keys_own(rq, &key);
    if (problem == PROBLEM_NONE) {
        problem = q_staff_profile_last(rq->tx, &(struct q_staff_profile_in){key}, &row);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct reply_factors factors = {.required = reply_flag(true),
                                    .totp = reply_flag(row->totp),
                                    .passkeys = reply_integer(row->passkeys),
                                    .recovery_codes_left = reply_integer(row->recovery_codes_left)};
    reply_staff_profile(&rq->reply.json, &REPLY_STAFF_PROFILE_OF(row, factors));
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

static enum problem
write_patient_profile(struct request *rq)
{
    struct span key;
    const struct q_patient_profile_row *row = NULL;
    enum problem problem = keys_own(rq, &key);
    if (problem == PROBLEM_NONE) {
        problem = q_patient_profile_last(rq->tx, &(struct q_patient_profile_in){key}, &row);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct reply_factors factors = REPLY_FACTORS_OF(row);
    struct reply_patient_profile_notifications notifications = {.reminders = reply_flag(row->reminders)};
    reply_patient_profile(&rq->reply.json, &REPLY_PATIENT_PROFILE_OF(row, notifications, factors));
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* GET /admin/profile */
enum problem
h_staff_profile_get(struct request *rq, const struct staff_profile_get_in *in)
{
    (void)in;
    return write_staff_profile(rq);
}

/* PATCH /admin/profile */
enum problem
h_staff_profile_patch(struct request *rq, const struct staff_profile_patch_in *in)
{
    struct span key;
    const struct q_staff_rename_row *row = NULL;
    enum problem problem = keys_own(rq, &key);
    if (problem == PROBLEM_NONE) {
        problem = q_staff_rename(rq->tx, &(struct q_staff_rename_in){in->if_match, key, in->name}, &row);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return row == NULL || !row->has_revision ? PROBLEM_STALE_REVISION : write_staff_profile(rq);
}

/* GET /patient/profile */
enum problem
h_patient_profile_get(struct request *rq, const struct patient_profile_get_in *in)
{
    (void)in;
    return write_patient_profile(rq);
}

/* PATCH /patient/profile: absent members stay as they are. */
enum problem
h_patient_profile_patch(struct request *rq, const struct patient_profile_patch_in *in)
{
    const struct q_patient_choose_row *row = NULL;
    struct q_patient_choose_in choose = {.revision = in->if_match, .language = in->language};
    struct json_object *reminders = NULL;
    if (in->notifications != NULL && json_object_object_get_ex(in->notifications, "reminders", &reminders)) {
        choose.has_reminders = true;
        choose.reminders = json_object_get_boolean(reminders) != 0;
    }
    enum problem problem = q_patient_choose(rq->tx, &choose, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return row == NULL || !row->has_revision ? PROBLEM_STALE_REVISION : write_patient_profile(rq);
}
