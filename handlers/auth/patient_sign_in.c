/* Sign-in of patients: password, and a second factor where the practice requires it or the patient has one.
 */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/auth/sign_in.h"

/* POST /patient/auth/login */
enum problem
h_patient_login(struct request *rq, const struct patient_login_in *in)
{
    return sign_in_password(rq, REALM_PATIENT, in->email, in->password, in->session);
}

/* POST /patient/auth/choose */
enum problem
h_patient_choose(struct request *rq, const struct patient_choose_in *in)
{
    return sign_in_choose(rq, REALM_PATIENT, in->choice_token);
}

/* POST /patient/auth/mfa */
enum problem
h_patient_mfa(struct request *rq, const struct patient_mfa_in *in)
{
    return sign_in_second(rq, REALM_PATIENT, in->mfa_token, in->code, in->recovery_code, in->passkey);
}

/* POST /patient/auth/logout */
enum problem
h_patient_logout(struct request *rq, const struct patient_logout_in *in)
{
    (void)in;
    return sign_in_end(rq, REALM_PATIENT);
}

/* GET /patient/auth/session */
enum problem
h_patient_session(struct request *rq, const struct patient_session_in *in)
{
    (void)in;
    return sign_in_show(rq, REALM_PATIENT);
}
