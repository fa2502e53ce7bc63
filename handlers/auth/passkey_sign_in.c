/* Signing in with a passkey alone, and what a browser needs to use one as a second factor. */
#include "build/gen/api.h"
#include "handlers/auth/passkey.h"
#include "handlers/auth/sign_in.h"

/* POST /admin/auth/passkey/options */
enum problem
h_staff_passkey_begin(struct request *rq, const struct staff_passkey_begin_in *in)
{
    (void)in;
    return sign_in_passkey_begin(rq, REALM_STAFF);
}

/* POST /patient/auth/passkey/options */
enum problem
h_patient_passkey_begin(struct request *rq, const struct patient_passkey_begin_in *in)
{
    (void)in;
    return sign_in_passkey_begin(rq, REALM_PATIENT);
}

/* POST /admin/auth/passkey */
enum problem
h_staff_passkey_login(struct request *rq, const struct staff_passkey_login_in *in)
{
    return sign_in_passkey(rq, REALM_STAFF, in->passkey, in->session);
}

/* POST /patient/auth/passkey */
enum problem
h_patient_passkey_login(struct request *rq, const struct patient_passkey_login_in *in)
{
    return sign_in_passkey(rq, REALM_PATIENT, in->passkey, in->session);
}

/* POST /admin/auth/mfa/passkey/options */
enum problem
h_staff_passkey_mfa(struct request *rq, const struct staff_passkey_mfa_in *in)
{
    return passkey_ask(rq, REALM_STAFF, "mfa", in->mfa_token);
}

/* POST /patient/auth/mfa/passkey/options */
enum problem
h_patient_passkey_mfa(struct request *rq, const struct patient_passkey_mfa_in *in)
{
    return passkey_ask(rq, REALM_PATIENT, "mfa", in->mfa_token);
}

/* POST /admin/auth/step-up/passkey/options */
enum problem
h_staff_passkey_step_up(struct request *rq, const struct staff_passkey_step_up_in *in)
{
    (void)in;
    return passkey_ask(rq, REALM_STAFF, "step-up", NULL);
}

/* POST /patient/auth/step-up/passkey/options */
enum problem
h_patient_passkey_step_up(struct request *rq, const struct patient_passkey_step_up_in *in)
{
    (void)in;
    return passkey_ask(rq, REALM_PATIENT, "step-up", NULL);
}
