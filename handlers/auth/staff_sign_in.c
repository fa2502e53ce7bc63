/* Sign-in of the practice's staff: password and a mandatory second factor. */
#include "app/admission.h"
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/auth/sign_in.h"
#include "lib/db/tx.h"

/* POST /admin/auth/login */
enum problem
h_staff_login(struct request *rq, const struct staff_login_in *in)
{
    return sign_in_password(rq, REALM_STAFF, in->email, in->password, in->session);
}

/* POST /admin/auth/choose */
enum problem
h_staff_choose(struct request *rq, const struct staff_choose_in *in)
{
    return sign_in_choose(rq, REALM_STAFF, in->choice_token);
}

/* POST /admin/auth/mfa */
enum problem
h_staff_mfa(struct request *rq, const struct staff_mfa_in *in)
{
    return sign_in_second(rq, REALM_STAFF, in->mfa_token, in->code, in->recovery_code, in->passkey);
}

/* POST /admin/auth/logout: the session ends everywhere, at once. */
enum problem
h_staff_logout(struct request *rq, const struct staff_logout_in *in)
{
    (void)in;
    return sign_in_end(rq, REALM_STAFF);
}

/* GET /admin/auth/session */
enum problem
h_staff_session(struct request *rq, const struct staff_session_in *in)
{
    (void)in;
    return sign_in_show(rq, REALM_STAFF);
}
