/* What people see and change of themselves. Names and addresses of patients are the practice's to change. */
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "lib/db/tx.h"

#include <json-c/json.h>

static void
write_factors(struct json_out *out, bool totp, int64_t passkeys, int64_t recovery_codes, bool required)
{
    json_object_key(out, "mfa");
    json_flag(out, "required", required);
    json_flag(out, "totp", totp);
    json_int(out, "passkeys", passkeys);
    json_int(out, "recovery_codes_left", recovery_codes);
    json_end_object(out);
}

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
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "id", row->id);
    json_int(out, "revision", row->revision);
    json_text(out, "practice_id", row->practice_id);
    json_text(out, "practice_name", row->practice_name);
    json_text(out, "role", row->role);
    json_text(out, "name", row->name);
    json_email(out, "email", row->email);
    write_factors(out, row->totp, row->passkeys, row->recovery_codes, true);
    json_end_object(out);
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
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_text(out, "id", row->id);
    json_int(out, "revision", row->revision);
    json_text(out, "practice_id", row->practice_id);
    json_text(out, "practice_name", row->practice_name);
    json_text(out, "given_name", row->given_name);
    json_text(out, "family_name", row->family_name);
    json_text(out, "birth_date", row->birth_date);
    json_email(out, "email", row->email);
    json_text(out, "language", row->language);
    json_object_key(out, "notifications");
    json_flag(out, "reminders", row->reminders);
    json_end_object(out);
    write_factors(out, row->totp, row->passkeys, row->recovery_codes, row->mfa_required);
    json_optional_time(out, "answers_held_until", row->has_held_until, row->held_until);
    json_end_object(out);
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
