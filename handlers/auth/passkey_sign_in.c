/* Signing in with a passkey alone, and what a browser needs to use one as a second factor. */
#include "build/gen/api.h"
#include "handlers/auth/passkey.h"
#include "handlers/auth/sign_in.h"
#include "handlers/auth/throttle.h"

/* POST .../auth/passkey/options: the same for whoever asks. */
enum problem
h_passkey_begin(struct request *rq, const struct passkey_begin_in *in)
{
    (void)in;
    enum problem problem = throttle_check_address(rq, THROTTLE_PASSKEY);
    return problem != PROBLEM_NONE ? problem : passkey_ask(rq, rq->operation->portal, "sign-in", NULL);
}

/* POST .../auth/passkey */
enum problem
h_passkey_login(struct request *rq, const struct passkey_login_in *in)
{
    enum realm realm = rq->operation->portal;
    const char *account = NULL;
    const char *delivery = in->session == NULL ? "cookie" : in->session;
    enum problem problem = passkey_judge(rq, realm, "sign-in", NULL, in->passkey, &account);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    problem = sign_in_done(rq, realm, &(struct sign_in_by){0}, account, delivery);
    return problem == PROBLEM_CHALLENGE_GONE ? PROBLEM_PASSKEY_REFUSED : problem;
}

/* POST .../auth/mfa/passkey/options */
enum problem
h_passkey_mfa(struct request *rq, const struct passkey_mfa_in *in)
{
    return passkey_ask(rq, rq->operation->portal, "mfa", in->mfa_token);
}

/* POST .../auth/step-up/passkey/options */
enum problem
h_passkey_step_up(struct request *rq, const struct passkey_step_up_in *in)
{
    (void)in;
    return passkey_ask(rq, rq->operation->portal, "step-up", NULL);
}
