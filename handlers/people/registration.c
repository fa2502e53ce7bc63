/* From the invitation's link to an account. Nobody is signed in here: the token is all there is. */
#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "app/outbox.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/throttle.h"
#include "handlers/people/addresses.h"
#include "lib/base/email.h"
#include "lib/base/utf8.h"
#include "lib/crypto/password.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <sodium.h>
#include <string.h>

/* The invitation of this token, if it can be used now; a guessed token counts against the address. */
static enum problem
find(struct request *rq, const char *token, unsigned char hash[TOKEN_HASH_SIZE],
     const struct q_invitation_by_token_row **row)
{
    enum problem problem = throttle_check_address(rq, THROTTLE_LINK);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!token_hash(rq->app->keyring, TOKEN_INVITATION, token, hash)) {
        return PROBLEM_INVITATION_GONE;
    }
    problem = q_invitation_by_token(rq->tx, &(struct q_invitation_by_token_in){{hash, TOKEN_HASH_SIZE}}, row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (*row == NULL) {
        throttle_address_failed(rq, THROTTLE_LINK);
        return PROBLEM_INVITATION_GONE;
    }
    rq->result.object = (*row)->invitation_id;
    return PROBLEM_NONE;
}

/* What the patient has at the practice, opened with the patient's own key: e-mail address and birth date. */
static enum problem
known(struct request *rq, unsigned char hash[TOKEN_HASH_SIZE],
      const struct q_invitation_by_token_row *invitation, const struct q_invited_patient_row **row)
{
    struct span key;
    if (!keys_unwrap(rq, invitation->patient_id, invitation->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    struct q_invited_patient_in in = {.token_hash = {hash, TOKEN_HASH_SIZE}, .key = key};
    enum problem problem = q_invited_patient(rq->tx, &in, row);
    return problem != PROBLEM_NONE || *row != NULL ? problem : PROBLEM_INVITATION_GONE;
}

/* How many bytes the first character has. */
static int
first_letter(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    return *at < 0x80 ? 1 : (int)utf8_size(at, at + strlen(text));
}

/* a***@m***.example: enough to recognise one's own address, too little to learn another's. */
static const char *
hint_of(struct request *rq, const char *email)
{
    char shown[EMAIL_SHOWN_SIZE];
    const char *at = strrchr(email_show(email, shown), '@');
    if (at == NULL || at == shown) {
        return "***";
    }
    const char *dot = strrchr(at, '.');
    return arena_format(rq->arena, "%.*s***@%.*s***%s", first_letter(shown), shown, first_letter(at + 1),
                        at + 1, dot == NULL ? "" : dot);
}

/* POST /patient/register/validate */
enum problem
h_registration_validate(struct request *rq, const struct registration_validate_in *in)
{
    unsigned char hash[TOKEN_HASH_SIZE];
    const struct q_invitation_by_token_row *invitation = NULL;
    const struct q_invited_patient_row *patient = NULL;
    enum problem problem = find(rq, in->token, hash, &invitation);
    if (problem == PROBLEM_NONE) {
        problem = known(rq, hash, invitation, &patient);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const char *hint = patient->email == NULL ? reply_null : hint_of(rq, patient->email);
    reply_registration_valid(&rq->reply.json, &(struct reply_registration_valid){
                                                  .practice_name = invitation->practice_name,
                                                  .email_hint = hint,
                                                  .expires_at = reply_time(invitation->expires_at)});
    return PROBLEM_NONE;
}

static bool
same_text(const char *a, const char *b)
{
    size_t size = strlen(a);
    return size == strlen(b) && sodium_memcmp(a, b, size) == 0;
}

static enum problem
judge_password(struct request *rq, const struct q_invitation_by_token_row *invitation, const char *email,
               const char *password)
{
    const char *const context[] = {invitation->practice_name, email, NULL};
    size_t least = invitation->mfa_required ? PASSWORD_MIN_WITH_MFA : PASSWORD_MIN_ALONE;
    const struct password_refusal *refusal = password_check(password, least, context);
    if (refusal == NULL) {
        return PROBLEM_NONE;
    }
    request_error(rq, "/password", refusal->code, refusal->detail);
    return PROBLEM_PASSWORD_REFUSED;
}

/* Whoever is known by no address brings one; whoever is known by one keeps it. */
static enum problem
check_email(struct request *rq, const struct q_invited_patient_row *patient, const char *email)
{
    struct db_array indexes;
    if (patient->email == NULL && email != NULL) {
        return address_indexes(rq, REALM_PATIENT, email, &indexes);
    }
    if ((patient->email == NULL) == (email != NULL)) {
        return PROBLEM_NONE;
    }
    request_error(rq, "/email", email == NULL ? "required" : "known",
                  email == NULL ? "the practice has no e-mail address of you" : "the practice has one");
    return PROBLEM_INVALID_REQUEST;
}

/* The account is made when the link that goes to the patient's own address was answered. */
static enum problem
register_later(struct request *rq, const struct q_invitation_by_token_row *invitation,
               const struct registration_create_in *in, struct span invitation_hash, const char *stored)
{
    struct span key;
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    const struct q_registration_propose_row *row = NULL;
    int64_t expires_at = rq->now + ADDRESS_LINK_LIFE;
    expires_at = expires_at < invitation->expires_at ? expires_at : invitation->expires_at;
    if (!keys_unwrap(rq, invitation->patient_id, invitation->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    token_new(rq->app->keyring, TOKEN_ADDRESS_CONFIRM, token, hash);
    struct q_registration_propose_in propose = {invitation_hash,     uuid_new(id), key,       in->email,
                                                {hash, sizeof hash}, stored,       expires_at};
    enum problem problem = q_registration_propose(rq->tx, &propose, &row);
    if (problem != PROBLEM_NONE || row->outcome == REGISTRATION_PROPOSE_NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_INVITATION_GONE;
    }
    if (row->outcome != REGISTRATION_PROPOSE_PROPOSED) {
        return PROBLEM_PROPOSAL_LIMIT;
    }
    reply_registered(&rq->reply.json, &(struct reply_registered){.patient_id = invitation->patient_id,
                                                                 .status = "confirm-email"});
    return outbox_later(rq, &(struct mail_payload){.kind = MAIL_ADDRESS_CONFIRM,
                                                   .to = in->email,
                                                   .practice = invitation->practice_name,
                                                   .url = address_link(rq, "confirm", REALM_PATIENT, token),
                                                   .expires_at = expires_at});
}

/* POST /patient/register: single use; five wrong birth dates spend the link. */
enum problem
h_registration_create(struct request *rq, const struct registration_create_in *in)
{
    unsigned char hash[TOKEN_HASH_SIZE];
    const struct q_invitation_by_token_row *invitation = NULL;
    const struct q_invited_patient_row *patient = NULL;
    enum problem problem = find(rq, in->token, hash, &invitation);
    if (problem == PROBLEM_NONE) {
        problem = known(rq, hash, invitation, &patient);
    }
    if (problem == PROBLEM_NONE) {
        problem = check_email(rq, patient, in->email);
    }
    if (problem == PROBLEM_NONE) {
        const char *email = patient->email == NULL ? in->email : patient->email;
        problem = judge_password(rq, invitation, email, in->password);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!same_text(patient->birth_date, in->birth_date)) {
        q_invitation_tried_later(rq->tx, &(struct q_invitation_tried_in){{hash, sizeof hash}});
        rq->result.keep = true;
        return PROBLEM_BIRTH_DATE_REFUSED;
    }
    char stored[PASSWORD_HASH_SIZE];
    if (!password_hash(rq->app->keyring, in->password, stored)) {
        return PROBLEM_OVERLOADED;
    }
    if (patient->email == NULL) {
        problem = register_later(rq, invitation, in, (struct span){hash, sizeof hash}, stored);
        sodium_memzero(stored, sizeof stored);
        return problem;
    }
    const struct q_register_row *row = NULL;
    problem = q_register(rq->tx, &(struct q_register_in){{hash, sizeof hash}, stored}, &row);
    sodium_memzero(stored, sizeof stored);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL || row->patient_id == NULL) {
        return PROBLEM_INVITATION_GONE; /* another request was faster */
    }
    reply_registered(&rq->reply.json,
                     &(struct reply_registered){.patient_id = row->patient_id, .status = "registered"});
    return notice_later(rq, NOTICE_REGISTERED, patient->email, invitation->practice_name);
}
