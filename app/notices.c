#include "app/notices.h"

#include "app/keys.h"
#include "app/outbox.h"
#include "app/owners.h"
#include "build/gen/sql.h"

enum problem
notice_later(struct request *rq, enum mail_notice notice, const char *address, const char *practice_name)
{
    return outbox_later(
        rq, &(struct mail_payload){
                .kind = MAIL_SECURITY_NOTICE, .to = address, .practice = practice_name, .notice = notice});
}

enum problem
notice_own_later(struct request *rq, enum realm realm, enum mail_notice notice)
{
    struct span key;
    const struct q_staff_self_row *staff = NULL;
    const struct q_patient_self_row *patient = NULL;
    enum problem problem = keys_own(rq, &key);
    if (problem == PROBLEM_NONE && realm == REALM_STAFF) {
        problem = q_staff_self(rq->tx, &(struct q_staff_self_in){key}, &staff);
    } else if (problem == PROBLEM_NONE) {
        problem = q_patient_self(rq->tx, &(struct q_patient_self_in){key}, &patient);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return staff != NULL ? notice_later(rq, notice, staff->email, staff->practice_name)
                         : notice_later(rq, notice, patient->email, patient->practice_name);
}

enum problem
notice_owners_later(struct request *rq, enum mail_notice notice)
{
    const struct owner_row *rows = NULL;
    size_t count = 0;
    enum problem problem = owners_read(rq, &rows, &count);
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        problem = notice_later(rq, notice, rows[i].email, rows[i].practice_name);
    }
    return problem;
}
