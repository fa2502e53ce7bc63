#include "handlers/auth/factors.h"

#include "app/app.h"
#include "build/gen/sql.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

enum problem
factor_whose(struct request *rq, enum realm realm, const char *mfa_token, struct sign_in_challenge *account)
{
    if (rq->session.token == NULL) {
        if (mfa_token == NULL) {
            return PROBLEM_NOT_SIGNED_IN;
        }
        return sign_in_claim(rq, realm, "enrol", mfa_token, account);
    }
    const struct q_own_account_row *row = NULL;
    enum problem problem = q_own_account(rq->tx, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    *account = (struct sign_in_challenge){.account_id = row->account_id,
                                          .practice_id = row->practice_id,
                                          .password_hash = row->password_hash,
                                          .delivery = "cookie",
                                          .totp_sealed = row->totp_sealed,
                                          .totp_pending = row->totp_pending,
                                          .totp_step = row->totp_step,
                                          .has_factor = row->has_factor};
    return PROBLEM_NONE;
}

enum problem
factor_first(struct request *rq, const struct sign_in_challenge *account, const char *password)
{
    if (account->password_hash == NULL || account->has_factor) {
        return PROBLEM_NONE; /* the password was given just now; or the database asks for fresh proof */
    }
    if (password == NULL) {
        request_error(rq, "/current_password", "required",
                      "the first second factor needs the present password");
        return PROBLEM_INVALID_REQUEST;
    }
    return sign_in_password_again(rq, account->account_id, account->password_hash, password,
                                  "/current_password");
}

enum problem
factor_recovery_codes(struct request *rq, enum realm realm, const char *account_id, const char *const **codes)
{
    char(*texts)[RECOVERY_CODE_TEXT_SIZE] = arena_array(rq->arena, RECOVERY_CODES, sizeof *texts);
    const char **list = arena_array(rq->arena, RECOVERY_CODES, sizeof *list);
    unsigned char(*hashed)[TOKEN_HASH_SIZE] = arena_array(rq->arena, RECOVERY_CODES, sizeof *hashed);
    struct span *hashes = arena_array(rq->arena, RECOVERY_CODES, sizeof *hashes);
    recovery_codes_new(rq->app->keyring, texts, hashed);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        hashes[i] = (struct span){hashed[i], TOKEN_HASH_SIZE};
        list[i] = texts[i];
    }
    *codes = list;
    const struct q_recovery_replace_row *row = NULL;
    struct q_recovery_replace_in in = {realm_name(realm), account_id, {hashes, RECOVERY_CODES}};
    return q_recovery_replace(rq->tx, &in, &row);
}

enum problem
factor_sign_in(struct request *rq, enum realm realm, const char *mfa_token,
               const struct sign_in_challenge *account, struct sign_in_self *self)
{
    enum problem problem = sign_in_session(rq, realm, &(struct sign_in_by){.mfa_token = mfa_token},
                                           account->account_id, account->delivery, &self->access_token);
    return problem != PROBLEM_NONE ? problem : sign_in_self(rq, realm, false, self);
}

enum problem
factor_refusal(const struct request *rq, enum problem problem)
{
    bool had_one = problem == PROBLEM_STEP_UP_REQUIRED || problem == PROBLEM_ENROLMENT_STATE;
    return rq->session.token == NULL && had_one ? PROBLEM_CHALLENGE_GONE : problem;
}
