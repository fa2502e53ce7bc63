/*
 * Authenticator apps and recovery codes of an account's own. A patient's first app is enrolled with a
 * session, or during sign-in when the practice requires one; an app is replaced, and recovery codes are made
 * anew, in a session that is fresh.
 */
#include "lib/crypto/totp.h"
#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/factors.h"
#include "handlers/auth/sign_in.h"
#include "lib/base/clock.h"
#include "lib/base/utf8.h"
#include "lib/crypto/qr.h"
#include "lib/crypto/sealed.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <string.h>

static const char purpose[] = "totp";

enum { ISSUER_MAX = 40 /* code points of a practice's name, which the QR code has twice */ };

/* The first `most` code points. */
static char *
first_of(struct request *rq, const char *text, int most)
{
    const unsigned char *start = (const unsigned char *)text;
    const unsigned char *end = start + strlen(text);
    const unsigned char *at = start;
    for (int i = 0; i < most && at < end; i++) {
        at += *at < 0x80 ? 1 : utf8_size(at, end);
    }
    return arena_copy(rq->arena, start, (size_t)(at - start));
}

/*
 * The seed's address for authenticator apps. They tell accounts apart by issuer and account together: the
 * practice and the person's e-mail address, so that one does not take the place of another.
 */
static enum problem
label(struct request *rq, const struct q_totp_begin_row *row, struct span secret, const char **uri)
{
    struct span key;
    const struct q_totp_person_row *person = NULL;
    if (!keys_unwrap(rq, row->account_id, row->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    enum problem problem = q_totp_person(rq->tx, &(struct q_totp_person_in){row->account_id, key}, &person);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    /* Fewer where they take so many bytes that the code would not be scanned. */
    for (int most = ISSUER_MAX; most > 0; most--) {
        *uri = totp_uri(rq->arena, secret, first_of(rq, row->practice_name, most), person->email);
        if (strlen(*uri) <= QR_TEXT_MAX) {
            break;
        }
    }
    return PROBLEM_NONE;
}

/*
 * POST .../profile/mfa/totp, and /admin/auth/mfa/totp during the first sign-in. A new seed, which counts only
 * when it is confirmed; the database refuses it beside an app that is there, unless the session is fresh.
 */
enum problem
h_totp_enrol(struct request *rq, const struct totp_enrol_in *in)
{
    struct sign_in_challenge account;
    enum problem problem = factor_whose(rq, rq->operation->portal, in->mfa_token, &account);
    if (problem == PROBLEM_NONE) {
        problem = factor_first(rq, &account, in->current_password);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    unsigned char *seed = arena_alloc(rq->arena, TOTP_SECRET_SIZE);
    totp_new_secret(seed);
    struct span sealed;
    keyring_seal(rq->app->keyring, purpose, account.account_id, (struct span){seed, TOTP_SECRET_SIZE},
                 rq->arena, &sealed);
    const struct q_totp_begin_row *row = NULL;
    problem = q_totp_begin(rq->tx, &(struct q_totp_begin_in){account.account_id, sealed}, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : factor_refusal(rq, PROBLEM_ENROLMENT_STATE);
    }
    struct span secret = {seed, TOTP_SECRET_SIZE};
    const char *uri = NULL;
    problem = label(rq, row, secret, &uri);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_totp_enrolment(&rq->reply.json,
                         &(struct reply_totp_enrolment){.secret = totp_base32(rq->arena, secret),
                                                        .otpauth_uri = uri,
                                                        .qr_svg = qr_svg(rq->arena, uri)});
    return PROBLEM_NONE;
}

static enum problem
check_code(struct request *rq, const struct sign_in_challenge *account, const char *code, int64_t *step)
{
    struct span seed;
    if (account->totp_pending.data == NULL) {
        return PROBLEM_ENROLMENT_STATE;
    }
    if (!keyring_open(rq->app->keyring, purpose, account->account_id, account->totp_pending, rq->arena,
                      &seed)) {
        return PROBLEM_INTERNAL;
    }
    *step = totp_verify(seed, code, rq->now / CLOCK_SECOND, 0); /* a new seed has no last step */
    if (*step < 0) {
        rq->result.keep = true; /* the try on the challenge is counted */
        return PROBLEM_CODE_REFUSED;
    }
    return PROBLEM_NONE;
}

/* `self` NULL: it was a session that enrolled. */
static void
write_confirmed(struct request *rq, enum realm realm, const char *const *codes,
                const struct sign_in_self *self)
{
    struct json_out *out = &rq->reply.json;
    if (realm == REALM_PATIENT) {
        struct reply_totp_confirmed it = {
            .status = "enrolled", .recovery_codes = codes, .recovery_codes_count = RECOVERY_CODES};
        if (self != NULL) {
            it.status = "signed_in";
            it.patient = &self->patient;
            it.access_token = self->access_token;
        }
        reply_totp_confirmed(out, &it);
    } else if (self != NULL) {
        reply_staff_first_sign_in(out,
                                  &(struct reply_staff_first_sign_in){.recovery_codes = codes,
                                                                      .recovery_codes_count = RECOVERY_CODES,
                                                                      .staff = self->staff,
                                                                      .access_token = self->access_token});
    } else {
        reply_staff_totp_confirmed(out, &(struct reply_staff_totp_confirmed){
                                            .recovery_codes = codes, .recovery_codes_count = RECOVERY_CODES});
    }
}

/* POST .../profile/mfa/totp/confirm, and /admin/auth/mfa/totp/confirm */
enum problem
h_totp_confirm(struct request *rq, const struct totp_confirm_in *in)
{
    enum realm realm = rq->operation->portal;
    struct sign_in_challenge account;
    int64_t step = 0;
    enum problem problem = factor_whose(rq, realm, in->mfa_token, &account);
    if (problem == PROBLEM_NONE) {
        problem = check_code(rq, &account, in->code, &step);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_totp_confirm_row *row = NULL;
    problem = q_totp_confirm(rq->tx, &(struct q_totp_confirm_in){account.account_id, step}, &row);
    if (problem != PROBLEM_NONE || row == NULL || !row->confirmed) {
        return problem != PROBLEM_NONE ? problem : factor_refusal(rq, PROBLEM_ENROLMENT_STATE);
    }
    bool signing_in = rq->session.token == NULL;
    const char *const *codes = NULL;
    struct sign_in_self self;
    problem = factor_recovery_codes(rq, realm, account.account_id, &codes);
    if (problem == PROBLEM_NONE && signing_in) {
        problem = factor_sign_in(rq, realm, in->mfa_token, &account, &self);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    write_confirmed(rq, realm, codes, signing_in ? &self : NULL);
    return notice_own_later(rq, realm, NOTICE_SECOND_FACTOR_ADDED);
}

/* POST .../profile/mfa/recovery-codes */
enum problem
h_recovery_codes(struct request *rq, const struct recovery_codes_in *in)
{
    (void)in;
    struct sign_in_challenge account;
    enum problem problem = factor_whose(rq, rq->actor.realm, NULL, &account);
    if (problem == PROBLEM_NONE && !account.has_factor) {
        problem = PROBLEM_ENROLMENT_STATE;
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *const *codes = NULL;
    problem = factor_recovery_codes(rq, rq->actor.realm, account.account_id, &codes);
    reply_recovery_codes(
        &rq->reply.json,
        &(struct reply_recovery_codes){.recovery_codes = codes, .recovery_codes_count = RECOVERY_CODES});
    return problem != PROBLEM_NONE ? problem
                                   : notice_own_later(rq, rq->actor.realm, NOTICE_RECOVERY_CODES_MADE);
}

/*
 * DELETE .../profile/mfa/totp: staff where there is a passkey, patients also where the practice leaves the
 * choice.
 */
enum problem
h_totp_remove(struct request *rq, const struct totp_remove_in *in)
{
    (void)in;
    enum problem last = rq->operation->portal == REALM_STAFF ? PROBLEM_LAST_FACTOR : PROBLEM_ENROLMENT_STATE;
    const struct q_totp_remove_row *row = NULL;
    enum problem problem = q_totp_remove(rq->tx, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->outcome != TOTP_REMOVE_REMOVED) {
        return row->outcome == TOTP_REMOVE_LAST ? last : PROBLEM_ENROLMENT_STATE;
    }
    return notice_own_later(rq, rq->actor.realm, NOTICE_SECOND_FACTOR_REMOVED);
}
