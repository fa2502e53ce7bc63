#include "handlers/auth/sign_in.h"

#include "app/admission.h"
#include "app/app.h"
#include "app/indexes.h"
#include "app/keys.h"
#include "app/notices.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/device.h"
#include "handlers/auth/passkey.h"
#include "handlers/auth/throttle.h"
#include "lib/base/clock.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/keyring.h"
#include "lib/crypto/password.h"
#include "lib/crypto/sealed.h"
#include "lib/crypto/token.h"
#include "lib/crypto/totp.h"
#include "lib/db/tx.h"

#include <string.h>

enum problem
sign_in_done(struct request *rq, enum realm realm, const struct sign_in_by *by, const char *account_id,
             const char *delivery)
{
    struct sign_in_self self = {.access_token = NULL};
    enum problem problem = sign_in_session(rq, realm, by, account_id, delivery, &self.access_token);
    if (problem == PROBLEM_NONE) {
        problem = sign_in_self(rq, realm, false, &self);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (realm == REALM_STAFF) {
        reply_staff_signed_in(&rq->reply.json, &(struct reply_staff_signed_in){
                                                   .staff = self.staff, .access_token = self.access_token});
    } else {
        reply_patient_signed_in(
            &rq->reply.json,
            &(struct reply_patient_signed_in){.patient = self.patient, .access_token = self.access_token});
    }
    return PROBLEM_NONE;
}

struct db_array
sign_in_email_indexes(struct request *rq, enum realm realm, const char *email)
{
    const char *context = realm == REALM_STAFF ? BLIND_STAFF_EMAIL : BLIND_PATIENT_EMAIL;
    return indexes_of(rq, context, email_normalise(rq->arena, email));
}

enum problem
sign_in_forgive(struct request *rq, enum realm realm, const char *email)
{
    struct db_array indexes = sign_in_email_indexes(rq, realm, email);
    if (indexes.count == 0) {
        return PROBLEM_INTERNAL; /* it was taken as an address when the account was made */
    }
    struct throttle throttle = throttle_of_email(rq, realm, indexes);
    if (rq->session.token != NULL) {
        throttle_forgive_later(rq, &throttle);
    }
    return PROBLEM_NONE;
}

enum problem
sign_in_claim(struct request *rq, enum realm realm, const char *purpose, const char *mfa_token,
              struct sign_in_challenge *challenge)
{
    unsigned char hash[TOKEN_HASH_SIZE];
    if (!token_hash(rq->app->keyring, TOKEN_SIGN_IN, mfa_token, hash)) {
        return PROBLEM_CHALLENGE_GONE;
    }
    const struct q_challenge_claim_row *row = NULL;
    struct q_challenge_claim_in in = {
        .token_hash = {hash, sizeof hash}, .realm = realm_name(realm), .purpose = purpose};
    enum problem problem = q_challenge_claim(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL) {
        return PROBLEM_CHALLENGE_GONE;
    }
    rq->result.object = row->account_id;
    *challenge = (struct sign_in_challenge){.account_id = row->account_id,
                                            .practice_id = row->practice_id,
                                            .delivery = row->delivery,
                                            .totp_sealed = row->totp_sealed,
                                            .totp_pending = row->totp_pending,
                                            .totp_step = row->totp_step};
    return PROBLEM_NONE;
}

static bool
code_is_right(struct request *rq, const struct sign_in_challenge *challenge, const char *code, int64_t *step)
{
    struct span seed;
    if (!keyring_open(rq->app->keyring, "totp", challenge->account_id, challenge->totp_sealed, rq->arena,
                      &seed)) {
        return false;
    }
    *step = totp_verify(seed, code, rq->now / CLOCK_SECOND, challenge->totp_step);
    return *step >= 0;
}

static enum problem
use_recovery_code(struct request *rq, enum realm realm, const struct sign_in_challenge *challenge,
                  const char *code, bool *used)
{
    unsigned char hashes[KEYRING_VERSIONS_MAX][TOKEN_HASH_SIZE];
    struct span spans[KEYRING_VERSIONS_MAX];
    size_t count = recovery_code_hashes(rq->app->keyring, code, hashes);
    for (size_t i = 0; i < count; i++) {
        spans[i] = (struct span){hashes[i], TOKEN_HASH_SIZE};
    }
    const struct q_recovery_use_row *row = NULL;
    struct q_recovery_use_in in = {realm_name(realm), challenge->account_id, {spans, count}};
    enum problem problem = q_recovery_use(rq->tx, &in, &row);
    *used = problem == PROBLEM_NONE && row != NULL && row->used;
    return problem;
}

/* Each code counts once, also when it comes fifty times at the same moment: the database decides. */
static enum problem
use_factor(struct request *rq, enum realm realm, const struct sign_in_challenge *challenge, const char *code,
           const char *recovery_code, bool *used)
{
    *used = false;
    if (recovery_code != NULL) {
        return use_recovery_code(rq, realm, challenge, recovery_code, used);
    }
    int64_t step = 0;
    if (!code_is_right(rq, challenge, code, &step)) {
        return PROBLEM_NONE;
    }
    const struct q_totp_accept_row *row = NULL;
    struct q_totp_accept_in in = {realm_name(realm), challenge->account_id, step};
    enum problem problem = q_totp_accept(rq->tx, &in, &row);
    *used = problem == PROBLEM_NONE && row != NULL && row->accepted;
    return problem;
}

enum problem
sign_in_factor(struct request *rq, enum realm realm, const struct sign_in_challenge *account,
               const char *code, const char *recovery_code)
{
    struct throttle throttle = throttle_of_account(rq, realm, account->account_id);
    enum problem problem = throttle_check(rq, &throttle);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    bool used = false;
    problem = use_factor(rq, realm, account, code, recovery_code, &used);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!used) {
        return throttle_failed(rq, &throttle, PROBLEM_CODE_REFUSED);
    }
    if (rq->session.token != NULL) {
        throttle_forgive_later(rq, &throttle);
    }
    return PROBLEM_NONE;
}

enum problem
sign_in_password_again(struct request *rq, const char *account_id, const char *stored, const char *password,
                       const char *pointer)
{
    struct throttle throttle = throttle_of_account(rq, rq->actor.realm, account_id);
    enum problem problem = throttle_check(rq, &throttle);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!password_verify(rq->app->keyring, stored, password)) {
        request_error(rq, pointer, "wrong", "is another password");
        return throttle_failed(rq, &throttle, PROBLEM_PASSWORD_REFUSED);
    }
    return PROBLEM_NONE;
}

/* POST .../auth/mfa, the second step: one of `code`, `recovery_code` and `passkey` is given. */
enum problem
h_mfa(struct request *rq, const struct mfa_in *in)
{
    enum realm realm = rq->operation->portal;
    struct sign_in_challenge challenge;
    enum problem problem = sign_in_claim(rq, realm, "mfa", in->mfa_token, &challenge);
    if (problem == PROBLEM_NONE && in->passkey != NULL) {
        const char *account = NULL;
        problem = passkey_judge(rq, realm, "mfa", challenge.account_id, in->passkey, &account);
    } else if (problem == PROBLEM_NONE) {
        problem = sign_in_factor(rq, realm, &challenge, in->code, in->recovery_code);
    }
    if (problem == PROBLEM_NONE) {
        problem = sign_in_done(rq, realm, &(struct sign_in_by){.mfa_token = in->mfa_token},
                               challenge.account_id, challenge.delivery);
    }
    if (problem == PROBLEM_NONE && in->recovery_code != NULL) {
        problem = notice_own_later(rq, realm, NOTICE_RECOVERY_CODE_USED);
    }
    return problem;
}

enum problem
sign_in_session(struct request *rq, enum realm realm, const struct sign_in_by *by, const char *account_id,
                const char *delivery, const char **access_token)
{
    unsigned char challenge_hash[TOKEN_HASH_SIZE];
    bool challenged =
        by->mfa_token != NULL && token_hash(rq->app->keyring, TOKEN_SIGN_IN, by->mfa_token, challenge_hash);
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    token_new(rq->app->keyring, TOKEN_SESSION, token, rq->session.hash);
    rq->session.token = token;
    struct q_session_create_in in = {
        .challenge_hash = {challenged ? challenge_hash : NULL, challenged ? sizeof challenge_hash : 0},
        .realm = realm_name(realm),
        .account_id = account_id,
        .token_hash = {rq->session.hash, sizeof rq->session.hash},
        .client_address = rq->client_address,
        .user_agent = request_header_text(rq, "user-agent"),
        .generation = by->generation,
        .has_generation = by->password};
    const struct q_session_create_row *row = NULL;
    enum problem problem = q_session_create(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL || row->session_id == NULL) {
        return PROBLEM_CHALLENGE_GONE;
    }
    admission_prove_as_later(rq, realm);
    *access_token = NULL;
    if (strcmp(delivery, "bearer") == 0) {
        *access_token = token;
    } else {
        reply_header(rq, "Set-Cookie", admission_cookie(rq, realm, token));
    }
    return device_remember(rq, delivery);
}

static enum problem
read_staff(struct request *rq, struct span key, bool last, struct sign_in_self *self)
{
    const struct q_staff_self_row *row = NULL;
    const struct q_staff_self_in in = {key};
    enum problem problem = last ? q_staff_self_last(rq->tx, &in, &row) : q_staff_self(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    self->staff = REPLY_STAFF_MEMBER_OF(row);
    return PROBLEM_NONE;
}

static enum problem
read_patient(struct request *rq, struct span key, bool last, struct sign_in_self *self)
{
    const struct q_patient_self_row *row = NULL;
    const struct q_patient_self_in in = {key};
    enum problem problem = last ? q_patient_self_last(rq->tx, &in, &row) : q_patient_self(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    self->patient = REPLY_PATIENT_SELF_OF(row);
    return PROBLEM_NONE;
}

enum problem
sign_in_self(struct request *rq, enum realm realm, bool last, struct sign_in_self *self)
{
    struct span key;
    enum problem problem = keys_own(rq, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return realm == REALM_STAFF ? read_staff(rq, key, last, self) : read_patient(rq, key, last, self);
}

/* GET .../auth/session: who is signed in, and until when. */
enum problem
h_session_show(struct request *rq, const struct session_show_in *in)
{
    (void)in;
    struct sign_in_self self;
    enum problem problem = sign_in_self(rq, rq->operation->portal, true, &self);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct reply_time expires_at = reply_time(rq->actor.expires_at);
    if (rq->operation->portal == REALM_STAFF) {
        reply_staff_session(&rq->reply.json,
                            &(struct reply_staff_session){.staff = self.staff, .expires_at = expires_at});
    } else {
        reply_patient_session(&rq->reply.json, &(struct reply_patient_session){.patient = self.patient,
                                                                               .expires_at = expires_at});
    }
    return PROBLEM_NONE;
}

/* POST .../auth/logout: the session ends everywhere, at once, and so does the cookie. */
enum problem
h_logout(struct request *rq, const struct logout_in *in)
{
    (void)in;
    const struct q_session_end_row *row = NULL;
    reply_header(rq, "Set-Cookie", admission_cookie(rq, rq->operation->portal, NULL));
    return q_session_end_last(rq->tx, &row);
}
