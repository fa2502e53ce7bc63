/*
 * A forgotten password, by a link that goes to the account's own address; and a new one in place of the
 * present one. The second factor stays in force (ASVS 6.4.3).
 */
#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "app/outbox.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/sign_in.h"
#include "handlers/auth/throttle.h"
#include "lib/base/clock.h"
#include "lib/crypto/password.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <sodium.h>

enum {
    RESET_ACCOUNTS_MAX = 16
}; /* of one address: several practices, a family; each has a link of its own */

/*
 * Every request for a link takes this long, its COMMIT too: an address that is known costs a few trips more
 * than one that is not, and nobody shall see which (ASVS 6.3.8). As long as checking a password.
 */
#define RESET_TIME (INT64_C(100) * CLOCK_SECOND / 1000)

static const char *
link_of(struct request *rq, enum realm realm, const char *token)
{
    const char *page = config_text(rq->app->config, CONFIG_RESET_URL);
    const char *name = realm_name(realm);
    if (page != NULL) {
        return arena_format(rq->arena, "%s/%s#%s", page, name, token);
    }
    const char *base = config_text(rq->app->config, CONFIG_BASE_URL);
    return arena_format(rq->arena, "%s/reset/%s#%s", base, name, token);
}

/* The link goes to the address that is stored, whatever way of writing it was typed. */
static enum problem
send_link(struct request *rq, enum realm realm, const struct q_reset_begin_row *row, const char *token,
          struct span hash)
{
    struct span key;
    if (!keys_unwrap(rq, row->account_id, row->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    const struct q_reset_address_row *to = NULL;
    struct q_reset_address_in in = {realm_name(realm), hash, key};
    enum problem problem = q_reset_address(rq->tx, &in, &to);
    if (problem != PROBLEM_NONE || to == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_INTERNAL;
    }
    return outbox_later(rq, &(struct mail_payload){.kind = MAIL_PASSWORD_RESET,
                                                   .to = to->email,
                                                   .practice = row->practice_name,
                                                   .url = link_of(rq, realm, token),
                                                   .person = row->shared ? to->given_name : NULL,
                                                   .expires_at = row->expires_at});
}

/* For the accounts that one index key finds. */
static enum problem
begin_reset(struct request *rq, enum realm realm, struct span index)
{
    char(*tokens)[TOKEN_TEXT_SIZE] = arena_array(rq->arena, RESET_ACCOUNTS_MAX, sizeof *tokens);
    unsigned char(*hashed)[TOKEN_HASH_SIZE] = arena_array(rq->arena, RESET_ACCOUNTS_MAX, sizeof *hashed);
    struct span hashes[RESET_ACCOUNTS_MAX];
    for (size_t i = 0; i < RESET_ACCOUNTS_MAX; i++) {
        token_new(rq->app->keyring, TOKEN_RESET, tokens[i], hashed[i]);
        hashes[i] = (struct span){hashed[i], TOKEN_HASH_SIZE};
    }
    const struct q_reset_begin_row *rows = NULL;
    size_t count = 0;
    struct q_reset_begin_in in = {realm_name(realm), index, {hashes, RESET_ACCOUNTS_MAX}};
    enum problem problem = q_reset_begin(rq->tx, &in, &rows, &count);
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        size_t number = (size_t)rows[i].token_number - 1;
        problem = send_link(rq, realm, &rows[i], tokens[number], hashes[number]);
    }
    return problem;
}

/* POST .../auth/password-reset. Each request counts for its address, but not as a failed sign-in. */
enum problem
h_password_reset(struct request *rq, const struct password_reset_in *in)
{
    enum realm realm = rq->operation->portal;
    struct db_array indexes = sign_in_email_indexes(rq, realm, in->email);
    if (indexes.count == 0) {
        request_error(rq, "/email", "format", "must be an e-mail address");
        return PROBLEM_INVALID_REQUEST;
    }
    struct throttle throttle = throttle_of_address(rq, THROTTLE_RESET);
    throttle.realm = realm_name(realm);
    throttle.indexes = indexes;
    rq->result.not_before = clock_monotonic() + RESET_TIME;
    enum problem problem = throttle_check_dear(rq, &throttle);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    (void)throttle_failed(rq, &throttle, PROBLEM_NONE);
    for (size_t i = 0; i < indexes.count && problem == PROBLEM_NONE; i++) {
        problem = begin_reset(rq, realm, ((const struct span *)indexes.items)[i]);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_reset_accepted(&rq->reply.json);
    return PROBLEM_NONE;
}

/* Judges and hashes; what is wrong is noted at /password. */
static enum problem
new_password(struct request *rq, const char *password, bool with_factor, const char *practice_name,
             const char *email, char stored[PASSWORD_HASH_SIZE])
{
    const char *const context[] = {practice_name, email, NULL};
    size_t least = with_factor ? PASSWORD_MIN_WITH_MFA : PASSWORD_MIN_ALONE;
    const struct password_refusal *refusal = password_check(password, least, context);
    if (refusal != NULL) {
        request_error(rq, "/password", refusal->code, refusal->detail);
        return PROBLEM_PASSWORD_REFUSED;
    }
    return password_hash(rq->app->keyring, password, stored) ? PROBLEM_NONE : PROBLEM_OVERLOADED;
}

/* The account that the link is for and its address; a guessed token counts against the caller's address. */
static enum problem
find_reset(struct request *rq, const char *realm, const char *token, unsigned char hash[TOKEN_HASH_SIZE],
           const struct q_reset_account_row **account, const struct q_reset_address_row **address)
{
    struct span key;
    enum problem problem = throttle_check_address(rq, THROTTLE_LINK);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!token_hash(rq->app->keyring, TOKEN_RESET, token, hash)) {
        return PROBLEM_RESET_GONE;
    }
    struct span span = {hash, TOKEN_HASH_SIZE};
    problem = q_reset_account(rq->tx, &(struct q_reset_account_in){realm, span}, account);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (*account == NULL) {
        throttle_address_failed(rq, THROTTLE_LINK);
        return PROBLEM_RESET_GONE;
    }
    rq->result.object = (*account)->account_id;
    if (!keys_unwrap(rq, (*account)->account_id, (*account)->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    problem = q_reset_address(rq->tx, &(struct q_reset_address_in){realm, span, key}, address);
    return problem != PROBLEM_NONE || *address != NULL ? problem : PROBLEM_RESET_GONE;
}

/* POST .../auth/password-reset/confirm */
enum problem
h_password_confirm(struct request *rq, const struct password_confirm_in *in)
{
    enum realm realm = rq->operation->portal;
    unsigned char hash[TOKEN_HASH_SIZE];
    char stored[PASSWORD_HASH_SIZE];
    const char *name = realm_name(realm);
    const struct q_reset_account_row *account = NULL;
    const struct q_reset_address_row *address = NULL;
    enum problem problem = find_reset(rq, name, in->token, hash, &account, &address);
    if (problem == PROBLEM_NONE) {
        problem = new_password(rq, in->password, account->with_factor, account->practice_name, address->email,
                               stored);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_reset_finish_row *row = NULL;
    problem = q_reset_finish(rq->tx, &(struct q_reset_finish_in){name, {hash, sizeof hash}, stored}, &row);
    sodium_memzero(stored, sizeof stored);
    if (problem != PROBLEM_NONE || row == NULL || !row->done) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_RESET_GONE; /* another request was faster */
    }
    problem = sign_in_forgive(rq, realm, address->email);
    if (problem == PROBLEM_NONE) {
        problem = notice_later(rq, NOTICE_PASSWORD_CHANGED, address->email, account->practice_name);
    }
    reply_password_changed(&rq->reply.json);
    return problem;
}

/* The signed-in account's own address and practice, for judging the new password and for the notice. */
static enum problem
own_words(struct request *rq, const char **email, const char **practice_name)
{
    struct span key;
    enum problem problem = keys_own(rq, &key);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_staff_self_row *staff = NULL;
    const struct q_patient_self_row *patient = NULL;
    if (rq->actor.realm == REALM_STAFF) {
        problem = q_staff_self(rq->tx, &(struct q_staff_self_in){key}, &staff);
    } else {
        problem = q_patient_self(rq->tx, &(struct q_patient_self_in){key}, &patient);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    *email = staff != NULL ? staff->email : patient->email;
    *practice_name = staff != NULL ? staff->practice_name : patient->practice_name;
    return PROBLEM_NONE;
}

/* POST .../profile/password. Other sessions end; this one goes on. */
enum problem
h_password_change(struct request *rq, const struct password_change_in *in)
{
    char stored[PASSWORD_HASH_SIZE];
    const char *email = NULL;
    const char *practice_name = NULL;
    const struct q_own_account_row *own = NULL;
    enum problem problem = q_own_account(rq->tx, &own);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    problem = sign_in_password_again(rq, own->account_id, own->password_hash, in->current_password,
                                     "/current_password");
    if (problem == PROBLEM_NONE) {
        problem = own_words(rq, &email, &practice_name);
    }
    bool with_factor = own->mfa_required || own->has_factor;
    if (problem == PROBLEM_NONE) {
        problem = new_password(rq, in->password, with_factor, practice_name, email, stored);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_password_change_row *row = NULL;
    problem = q_password_change(rq->tx, &(struct q_password_change_in){stored}, &row);
    sodium_memzero(stored, sizeof stored);
    if (problem != PROBLEM_NONE || row == NULL || !row->done) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_NOT_SIGNED_IN;
    }
    return notice_later(rq, NOTICE_PASSWORD_CHANGED, email, practice_name);
}
