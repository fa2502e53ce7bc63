/* Fresh proof: a second factor once more, for what matters most. The session goes on under a new token. */
#include "app/admission.h"
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/passkey.h"
#include "handlers/auth/sign_in.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

static enum problem
check_factor(struct request *rq, const char *code, struct json_object *passkey)
{
    const struct q_own_account_row *own = NULL;
    enum problem problem = q_own_account(rq->tx, &own);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (passkey != NULL) {
        const char *account = NULL;
        return passkey_judge(rq, rq->actor.realm, "step-up", own->account_id, passkey, &account);
    }
    if (own->totp_sealed.data == NULL) {
        return PROBLEM_ENROLMENT_STATE;
    }
    struct sign_in_challenge account = {.account_id = own->account_id,
                                        .practice_id = own->practice_id,
                                        .totp_sealed = own->totp_sealed,
                                        .totp_step = own->totp_step};
    return sign_in_factor(rq, rq->actor.realm, &account, code, NULL);
}

/* POST .../auth/step-up */
enum problem
h_step_up(struct request *rq, const struct step_up_in *in)
{
    enum problem problem = check_factor(rq, in->code, in->passkey);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    token_new(rq->app->keyring, TOKEN_SESSION, token, hash);
    const struct q_session_step_up_row *row = NULL;
    problem = q_session_step_up_last(rq->tx, &(struct q_session_step_up_in){{hash, sizeof hash}}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (rq->session.from_cookie) {
        reply_header(rq, "Set-Cookie", admission_cookie(rq, rq->actor.realm, token));
    }
    reply_stepped_up(&rq->reply.json,
                     &(struct reply_stepped_up){.fresh_until = reply_time(row->fresh_until),
                                                .access_token = rq->session.from_cookie ? NULL : token});
    return PROBLEM_NONE;
}
