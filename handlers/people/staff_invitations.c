/* How staff join, and how they begin anew without their factors: by a link that an owner has sent to their
 * own address. */
#include "app/app.h"
#include "app/indexes.h"
#include "app/keys.h"
#include "app/notices.h"
#include "app/outbox.h"
#include "app/owners.h"
#include "app/staff_link.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/sign_in.h"
#include "handlers/auth/throttle.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/password.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <sodium.h>
#include <string.h>

static enum problem
send_link(struct request *rq, const char *staff_id, const char *email, const char *practice,
          const char *token)
{
    struct mail_payload message =
        staff_link(rq->arena, rq->app->config, email, practice, token, rq->now + STAFF_LINK_LIFE);
    return outbox_link_later(rq, &message, NULL, staff_id);
}

static enum problem
taken(struct request *rq, enum problem problem)
{
    bool email = problem == PROBLEM_CONFLICT && strcmp(tx_constraint(rq->tx), "staff_email_key") == 0;
    return email ? PROBLEM_STAFF_EMAIL_TAKEN : problem;
}

static void
write_invited(struct request *rq, const char *id, const struct staff_invite_in *in, int64_t created_at)
{
    reply_colleague(
        &rq->reply.json,
        &(struct reply_colleague){.id = id,
                                  .revision = reply_integer(1),
                                  .role = in->role,
                                  .status = "invited",
                                  .name = in->name,
                                  .email = in->email,
                                  .created_at = reply_time(created_at),
                                  .delivery_status = &(struct reply_delivery_status){
                                      .state = "queued", .at = reply_time(rq->now), .reason = reply_null}});
    reply_etag(rq, 1);
}

/* POST /admin/staff */
enum problem
h_staff_invite(struct request *rq, const struct staff_invite_in *in)
{
    const char *email = email_normalise(rq->arena, in->email);
    if (email == NULL) {
        request_error(rq, "/email", "format", "must be an e-mail address");
        return PROBLEM_INVALID_REQUEST;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    token_new(rq->app->keyring, TOKEN_STAFF_INVITATION, token, hash);
    struct db_array indexes = indexes_of(rq, BLIND_STAFF_EMAIL, email);
    struct q_staff_invite_in insert = {.id = uuid_new(id),
                                       .role = in->role,
                                       .email_index = indexes_stored(indexes),
                                       .email = in->email,
                                       .name = in->name,
                                       .token_hash = {hash, sizeof hash},
                                       .expires_at = rq->now + STAFF_LINK_LIFE};
    if (!keys_new(rq, id, &insert.key, &insert.wrapped_key)) {
        return PROBLEM_INTERNAL;
    }
    const struct q_practice_name_row *practice = NULL;
    const struct q_staff_invite_row *row = NULL;
    enum problem problem = q_practice_name(rq->tx, &practice);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = id;
    indexes_claim_later(rq, BLIND_STAFF_EMAIL, id, indexes);
    problem = q_staff_invite(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return taken(rq, problem);
    }
    write_invited(rq, id, in, row->created_at);
    return send_link(rq, id, in->email, practice->name, token);
}

/*
 * The one concerned is told in a message of its own; and of an owner, the other owners are: nobody takes over
 * their account in silence.
 */
static enum problem
tell_recovered(struct request *rq, const struct q_staff_read_row *member)
{
    const struct owner_row *rows = NULL;
    size_t count = 0;
    enum problem problem = notice_later(rq, NOTICE_RECOVERY_BEGUN, member->email, member->practice_name);
    if (problem == PROBLEM_NONE && strcmp(member->role, "owner") == 0) {
        problem = owners_read(rq, &rows, &count);
    }
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        if (strcmp(rows[i].id, member->id) != 0) {
            problem = notice_later(rq, NOTICE_OWNER_RECOVERED, rows[i].email, rows[i].practice_name);
        }
    }
    return problem;
}

/* POST /admin/staff/{id}/recover: for whoever has lost their factors, or a link that has expired. */
enum problem
h_staff_recover(struct request *rq, const struct staff_recover_in *in)
{
    struct span key;
    const struct q_staff_key_row *now = NULL;
    const struct q_staff_read_row *member = NULL;
    const struct q_staff_reinvite_row *row = NULL;
    char *token = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    token_new(rq->app->keyring, TOKEN_STAFF_INVITATION, token, hash);
    enum problem problem = q_staff_key(rq->tx, &(struct q_staff_key_in){in->id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!keys_unwrap(rq, now->id, now->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    problem = q_staff_read(rq->tx, &(struct q_staff_read_in){in->id, key}, &member);
    if (problem == PROBLEM_NONE) {
        struct q_staff_reinvite_in link = {in->id, {hash, sizeof hash}, rq->now + STAFF_LINK_LIFE};
        problem = q_staff_reinvite(rq->tx, &link, &row);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL || !row->done) {
        return PROBLEM_NOT_ACTIVE;
    }
    reply_staff_recovering(&rq->reply.json, &(struct reply_staff_recovering){
                                                .expires_at = reply_time(rq->now + STAFF_LINK_LIFE)});
    problem = send_link(rq, in->id, member->email, member->practice_name, token);
    return problem != PROBLEM_NONE ? problem : tell_recovered(rq, member);
}

/* Whom the link is for; a guessed token counts against the caller's address. */
static enum problem
find(struct request *rq, const char *token, unsigned char hash[TOKEN_HASH_SIZE],
     const struct q_staff_invited_row **row)
{
    enum problem problem = throttle_check_address(rq, THROTTLE_LINK);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!token_hash(rq->app->keyring, TOKEN_STAFF_INVITATION, token, hash)) {
        return PROBLEM_INVITATION_GONE;
    }
    problem = q_staff_invited(rq->tx, &(struct q_staff_invited_in){{hash, TOKEN_HASH_SIZE}}, row);
    if (problem == PROBLEM_NONE && *row == NULL) {
        throttle_address_failed(rq, THROTTLE_LINK);
        return PROBLEM_INVITATION_GONE;
    }
    if (problem == PROBLEM_NONE) {
        rq->result.object = (*row)->staff_id;
    }
    return problem;
}

/* POST /admin/register/validate */
enum problem
h_staff_register_validate(struct request *rq, const struct staff_register_validate_in *in)
{
    unsigned char hash[TOKEN_HASH_SIZE];
    const struct q_staff_invited_row *row = NULL;
    enum problem problem = find(rq, in->token, hash, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_staff_registration_valid(&rq->reply.json, &REPLY_STAFF_REGISTRATION_VALID_OF(row));
    return PROBLEM_NONE;
}

static enum problem
set_password(struct request *rq, const struct q_staff_invited_row *row, const char *email, struct span hash,
             const char *password)
{
    char stored[PASSWORD_HASH_SIZE];
    const char *const context[] = {row->practice_name, email, NULL};
    const struct password_refusal *refusal = password_check(password, PASSWORD_MIN_WITH_MFA, context);
    if (refusal != NULL) {
        request_error(rq, "/password", refusal->code, refusal->detail);
        return PROBLEM_PASSWORD_REFUSED;
    }
    if (!password_hash(rq->app->keyring, password, stored)) {
        return PROBLEM_OVERLOADED;
    }
    const struct q_staff_register_row *done = NULL;
    enum problem problem = q_staff_register(rq->tx, &(struct q_staff_register_in){hash, stored}, &done);
    sodium_memzero(stored, sizeof stored);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return done != NULL && done->done ? PROBLEM_NONE : PROBLEM_INVITATION_GONE; /* another was faster */
}

/* POST /admin/register: single use. The second factor is enrolled at the first sign-in. */
enum problem
h_staff_register(struct request *rq, const struct staff_register_in *in)
{
    struct span key;
    unsigned char hash[TOKEN_HASH_SIZE];
    const struct q_staff_invited_row *row = NULL;
    const struct q_staff_invited_email_row *address = NULL;
    enum problem problem = find(rq, in->token, hash, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct span span = {hash, sizeof hash};
    if (!keys_unwrap(rq, row->staff_id, row->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    problem = q_staff_invited_email(rq->tx, &(struct q_staff_invited_email_in){span, key}, &address);
    if (problem != PROBLEM_NONE || address == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_INVITATION_GONE;
    }
    problem = set_password(rq, row, address->email, span, in->password);
    if (problem == PROBLEM_NONE) {
        problem = sign_in_forgive(rq, REALM_STAFF, address->email);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_staff_registered(&rq->reply.json, &(struct reply_staff_registered){.staff_id = row->staff_id});
    return notice_later(rq, NOTICE_REGISTERED, address->email, row->practice_name);
}
