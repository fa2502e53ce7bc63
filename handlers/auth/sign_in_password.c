/*
 * The first step of a sign-in: the password, and the choice of an account where the password is right for
 * several (a person at two practices, a family that shares an address). Passwords are verified in rounds of a
 * fixed number, whether the address has as many accounts or none; each costs about 20 ms, which is why these
 * operations are in the auth lane. A right password is also the only moment at which it can be hashed with a
 * newer pepper.
 */
#include "app/app.h"
#include "app/indexes.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/sign_in.h"
#include "handlers/auth/throttle.h"
#include "lib/base/clock.h"
#include "lib/crypto/password.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <string.h>

/* The time from the right password to the second factor. */
#define CHALLENGE_LIFE (INT64_C(300) * CLOCK_SECOND)

enum {
    ACCOUNTS_MAX = 16, /* of one address; auth.accounts_for_login gives no more */
    /*
     * Passwords are checked in rounds of so many, whether there are as many accounts or none: time does not
     * tell how many an address has (ASVS 6.3.8). More than four are rare, and cost another round.
     */
    ROUND = 4
};

/* An account whose password was right. */
struct account {
    const char *id;
    const char *delivery;
    bool has_totp;
    bool has_passkey;
    bool mfa_required;
    int64_t generation; /* in which it was right */
};

/* The accounts whose password this is; gives how many. */
static size_t
accounts_of(struct request *rq, const struct q_login_accounts_row *rows, size_t count, const char *password,
            const struct q_login_accounts_row *found[ACCOUNTS_MAX])
{
    size_t right = 0;
    size_t work = count == 0 ? ROUND : (count + ROUND - 1) / ROUND * ROUND;
    for (size_t i = 0; i < work; i++) {
        bool is = password_verify(rq->app->keyring, i < count ? rows[i].password_hash : NULL, password);
        if (is && right < ACCOUNTS_MAX) {
            found[right++] = &rows[i];
        }
    }
    return right;
}

/* Hashes a right password anew when its stored form is of an older pepper or older costs. */
static void
renew_hash_later(struct request *rq, enum realm realm, const struct q_login_accounts_row *account,
                 const char *password)
{
    char stored[PASSWORD_HASH_SIZE];
    if (password_is_old(rq->app->keyring, account->password_hash) &&
        password_hash(rq->app->keyring, password, stored)) {
        q_password_renew_later(rq->tx, &(struct q_password_renew_in){.realm = realm_name(realm),
                                                                     .account_id = account->account_id,
                                                                     .old = account->password_hash,
                                                                     .new = stored});
    }
}

/* A second factor is asked for, or, where there is none, that one is enrolled. */
static void
write_challenge(struct json_out *out, const struct account *account, const char *token)
{
    const char *factors[2] = {NULL};
    size_t count = 0;
    if (account->has_totp) {
        factors[count++] = "totp";
    }
    if (account->has_passkey) {
        factors[count++] = "passkey";
    }
    if (count == 0) {
        reply_mfa_enrolment_required(out, &(struct reply_mfa_enrolment_required){.mfa_token = token});
    } else {
        reply_mfa_required(out, &(struct reply_mfa_required){
                                    .mfa_token = token, .factors = factors, .factors_count = count});
    }
}

static enum problem
challenge(struct request *rq, enum realm realm, const struct account *account)
{
    bool enrolled = account->has_totp || account->has_passkey;
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    token_new(rq->app->keyring, TOKEN_SIGN_IN, token, hash);
    const struct q_challenge_create_row *row = NULL;
    struct q_challenge_create_in in = {.token_hash = {hash, sizeof hash},
                                       .realm = realm_name(realm),
                                       .account_id = account->id,
                                       .purpose = enrolled ? "mfa" : "enrol",
                                       .delivery = account->delivery,
                                       .expires_at = rq->now + CHALLENGE_LIFE,
                                       .generation = account->generation};
    enum problem problem = q_challenge_create(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE || row == NULL || !row->created) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_CHALLENGE_GONE;
    }
    write_challenge(&rq->reply.json, account, token);
    return PROBLEM_NONE;
}

/*
 * Begins the second step, or makes the session when there is none. PROBLEM_CHALLENGE_GONE when the account's
 * sessions were ended meanwhile.
 */
static enum problem
go_on(struct request *rq, enum realm realm, const struct account *account)
{
    rq->result.object = account->id;
    if (account->has_totp || account->has_passkey || account->mfa_required) {
        return challenge(rq, realm, account);
    }
    struct sign_in_by by = {.password = true, .generation = account->generation};
    return sign_in_done(rq, realm, &by, account->id, account->delivery);
}

/* One of several: its practice tells it apart, or, where the practice has more than one of them, the given
 * name. */
static enum problem
offer(struct request *rq, enum realm realm, const struct q_login_accounts_row *account, const char *delivery,
      struct reply_sign_in_account *choice)
{
    struct span key;
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    if (!keys_unwrap(rq, account->account_id, account->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    token_new(rq->app->keyring, TOKEN_SIGN_IN, token, hash);
    const struct q_choice_create_row *row = NULL;
    struct q_choice_create_in in = {.token_hash = {hash, sizeof hash},
                                    .realm = realm_name(realm),
                                    .account_id = account->account_id,
                                    .delivery = delivery,
                                    .key = key,
                                    .generation = account->generation};
    enum problem problem = q_choice_create(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_CHALLENGE_GONE;
    }
    *choice = (struct reply_sign_in_account){.choice_token = token,
                                             .practice_name = row->practice_name,
                                             .given_name = reply_or_null(row->given_name)};
    return PROBLEM_NONE;
}

static enum problem
let_choose(struct request *rq, enum realm realm, const struct q_login_accounts_row *const *found,
           size_t count, const char *delivery)
{
    struct reply_sign_in_account *choices = arena_array(rq->arena, count, sizeof *choices);
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        for (size_t j = 0; j < count; j++) {
            same += strcmp(found[i]->practice_id, found[j]->practice_id) == 0;
        }
        enum problem problem = offer(rq, realm, found[i], delivery, &choices[i]);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
        if (same == 1) {
            choices[i].given_name = reply_null;
        }
    }
    reply_choice_required(&rq->reply.json,
                          &(struct reply_choice_required){.choices = choices, .choices_count = count});
    return PROBLEM_NONE;
}

/*
 * POST .../auth/login, the first step. Writes the reply: signed in; or a token for the second step or for
 * enrolling a second factor; or, when the password fits several accounts of the address, a token for each to
 * choose from.
 */
enum problem
h_login(struct request *rq, const struct login_in *in)
{
    enum realm realm = rq->operation->portal;
    struct db_array indexes = sign_in_email_indexes(rq, realm, in->email);
    if (indexes.count == 0) {
        request_error(rq, "/email", "format", "must be an e-mail address");
        return PROBLEM_INVALID_REQUEST;
    }
    struct throttle throttle = throttle_of_email(rq, realm, indexes);
    enum problem problem = throttle_check_dear(rq, &throttle);
    const struct q_login_accounts_row *rows = NULL;
    const struct q_login_accounts_row *found[ACCOUNTS_MAX];
    size_t count = 0;
    if (problem == PROBLEM_NONE) {
        struct q_login_accounts_in address = {realm_name(realm), indexes};
        problem = q_login_accounts(rq->tx, &address, &rows, &count);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t right = accounts_of(rq, rows, count, in->password, found);
    if (right == 0) {
        return throttle_failed(rq, &throttle, PROBLEM_SIGN_IN_REFUSED);
    }
    const char *how = in->session == NULL ? "cookie" : in->session;
    for (size_t i = 0; i < right; i++) {
        renew_hash_later(rq, realm, found[i], in->password);
    }
    struct account account = {.id = found[0]->account_id,
                              .delivery = how,
                              .has_totp = found[0]->has_totp,
                              .has_passkey = found[0]->has_passkey,
                              .mfa_required = found[0]->mfa_required,
                              .generation = found[0]->generation};
    problem = right > 1 ? let_choose(rq, realm, found, right, how) : go_on(rq, realm, &account);
    /* Ended or shut while the password was being checked. */
    return problem == PROBLEM_CHALLENGE_GONE ? PROBLEM_SIGN_IN_REFUSED : problem;
}

/* POST .../auth/choose: after the first step, where there was a choice, the account of that token goes on. */
enum problem
h_choose(struct request *rq, const struct choose_in *in)
{
    enum realm realm = rq->operation->portal;
    unsigned char hash[TOKEN_HASH_SIZE];
    if (!token_hash(rq->app->keyring, TOKEN_SIGN_IN, in->choice_token, hash)) {
        return PROBLEM_CHALLENGE_GONE;
    }
    const struct q_choice_claim_row *row = NULL;
    struct q_choice_claim_in claim = {{hash, sizeof hash}, realm_name(realm)};
    enum problem problem = q_choice_claim(rq->tx, &claim, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_CHALLENGE_GONE;
    }
    struct account account = {.id = row->account_id,
                              .delivery = row->delivery,
                              .has_totp = row->has_totp,
                              .has_passkey = row->has_passkey,
                              .mfa_required = row->mfa_required,
                              .generation = row->generation};
    return go_on(rq, realm, &account);
}
