/*
 * What the holders of addresses say by the links that they got. Nobody is signed in here: the token is all
 * there is, and a page sends it, not the message (programs that follow links change nothing).
 */
#include "handlers/people/addresses.h"

#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "app/outbox.h"
#include "app/owners.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/sign_in.h"
#include "handlers/auth/throttle.h"
#include "lib/crypto/password.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <sodium.h>
#include <string.h>

struct change {
    enum realm realm;
    const char *link; /* "confirm" or "object" */
    unsigned char hash[TOKEN_HASH_SIZE];
    struct span key; /* the account's own */
    const struct q_address_change_open_row *row;
};

/* A guessed token counts against the caller's address. */
static enum problem
find(struct request *rq, enum token_use use, const char *token, struct change *it)
{
    const char *realm = realm_name(it->realm);
    const struct q_address_change_row *whose = NULL;
    enum problem problem = throttle_check_address(rq, THROTTLE_LINK);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!token_hash(rq->app->keyring, use, token, it->hash)) {
        return PROBLEM_ADDRESS_GONE;
    }
    struct span hash = {it->hash, TOKEN_HASH_SIZE};
    problem = q_address_change(rq->tx, &(struct q_address_change_in){realm, it->link, hash}, &whose);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (whose == NULL) {
        throttle_address_failed(rq, THROTTLE_LINK);
        return PROBLEM_ADDRESS_GONE;
    }
    rq->result.object = whose->account_id;
    if (!keys_unwrap(rq, whose->account_id, whose->wrapped_key, &it->key)) {
        return PROBLEM_INTERNAL;
    }
    struct q_address_change_open_in in = {realm, it->link, hash, it->key};
    problem = q_address_change_open(rq->tx, &in, &it->row);
    return problem != PROBLEM_NONE || it->row != NULL ? problem : PROBLEM_ADDRESS_GONE;
}

/* Both addresses are told; the former one by a link to object with. */
static enum problem
tell_both(struct request *rq, const struct change *it, const char *token)
{
    const char *practice = it->row->practice_name;
    if (it->row->old_email == NULL) {
        return notice_later(rq, NOTICE_REGISTERED, it->row->new_email, practice);
    }
    struct mail_payload message = {.kind = MAIL_ADDRESS_CHANGED,
                                   .to = it->row->old_email,
                                   .practice = practice,
                                   .url = address_link(rq, "object", it->realm, token),
                                   .expires_at = rq->now + ADDRESS_OBJECTION};
    enum problem problem = outbox_later(rq, &message);
    return problem != PROBLEM_NONE ? problem
                                   : notice_later(rq, NOTICE_EMAIL_CHANGED, it->row->new_email, practice);
}

/* POST .../auth/email/confirm */
enum problem
h_email_confirm(struct request *rq, const struct email_confirm_in *in)
{
    enum realm realm = rq->operation->portal;
    struct change it = {.realm = realm, .link = "confirm"};
    struct db_array indexes;
    unsigned char hash[TOKEN_HASH_SIZE];
    char *again = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    const struct q_address_confirm_row *row = NULL;
    enum problem problem = find(rq, TOKEN_ADDRESS_CONFIRM, in->token, &it);
    if (problem == PROBLEM_NONE) {
        problem = address_indexes(rq, realm, it.row->new_email, &indexes);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    token_new(rq->app->keyring, TOKEN_ADDRESS_OBJECT, again, hash);
    struct q_address_confirm_in change = {
        realm_name(realm), {it.hash, sizeof it.hash}, it.key, indexes, {hash, sizeof hash}};
    problem = q_address_confirm(rq->tx, &change, &row);
    if (problem != PROBLEM_NONE) {
        return problem == PROBLEM_CONFLICT ? PROBLEM_STAFF_EMAIL_TAKEN : problem;
    }
    if (row->outcome == ADDRESS_CONFIRM_NULL) {
        return PROBLEM_ADDRESS_GONE; /* another request was faster */
    }
    if (row->outcome == ADDRESS_CONFIRM_TAKEN) {
        return PROBLEM_STAFF_EMAIL_TAKEN; /* patients may share one */
    }
    reply_address_confirmed(&rq->reply.json);
    return tell_both(rq, &it, again);
}

/* The hash of a password that nobody knows, and nobody ever will. */
static enum problem
unknown_password(struct request *rq, char stored[PASSWORD_HASH_SIZE])
{
    char secret[TOKEN_TEXT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    token_new(rq->app->keyring, TOKEN_RESET, secret, hash);
    bool done = password_hash(rq->app->keyring, secret, stored);
    sodium_memzero(secret, sizeof secret);
    return done ? PROBLEM_NONE : PROBLEM_OVERLOADED;
}

/* Every active owner of the practice whose link this is the hash of. Two trips. */
static enum problem
tell_owners(struct request *rq, struct span hash, enum mail_notice notice)
{
    const struct owner_row *rows = NULL;
    size_t count = 0;
    enum problem problem = owners_of_link(rq, hash, &rows, &count);
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        problem = notice_later(rq, notice, rows[i].email, rows[i].practice_name);
    }
    return problem;
}

/* What was done after the new address had been confirmed: both mailboxes and the owners are told. */
static enum problem
tell_objected(struct request *rq, const struct change *it)
{
    const char *practice = it->row->practice_name;
    enum problem problem = notice_later(rq, NOTICE_EMAIL_OBJECTED, it->row->old_email, practice);
    if (problem == PROBLEM_NONE) {
        problem = notice_later(rq, NOTICE_EMAIL_OBJECTED, it->row->new_email, practice);
    }
    return problem != PROBLEM_NONE
               ? problem
               : tell_owners(rq, (struct span){it->hash, TOKEN_HASH_SIZE}, NOTICE_EMAIL_DISPUTED);
}

/* POST .../auth/email/object */
enum problem
h_email_object(struct request *rq, const struct email_object_in *in)
{
    enum realm realm = rq->operation->portal;
    struct change it = {.realm = realm, .link = "object"};
    struct db_array indexes;
    char stored[PASSWORD_HASH_SIZE] = "";
    const struct q_address_object_row *row = NULL;
    enum problem problem = find(rq, TOKEN_ADDRESS_OBJECT, in->token, &it);
    if (problem == PROBLEM_NONE) {
        problem = address_indexes(rq, realm, it.row->old_email, &indexes);
    }
    if (problem == PROBLEM_NONE) {
        problem = unknown_password(rq, stored);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct q_address_object_in change = {
        realm_name(realm), {it.hash, sizeof it.hash}, it.key, indexes, stored};
    problem = q_address_object(rq->tx, &change, &row);
    if (problem != PROBLEM_NONE || row->outcome == ADDRESS_OBJECT_NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_ADDRESS_GONE; /* another request was faster */
    }
    bool withdrawn = row->outcome == ADDRESS_OBJECT_WITHDRAWN;
    reply_address_objected(&rq->reply.json,
                           &(struct reply_address_objected){.status = withdrawn ? "withdrawn" : "restored"});
    return withdrawn ? PROBLEM_NONE : tell_objected(rq, &it);
}

/* POST /patient/auth/recovery: of a recovery whose link was shown at the practice. */
enum problem
h_patient_recovery_answer(struct request *rq, const struct patient_recovery_answer_in *in)
{
    char stored[PASSWORD_HASH_SIZE] = "";
    unsigned char hash[TOKEN_HASH_SIZE];
    bool stops = strcmp(in->answer, "stop") == 0;
    const struct q_recovery_answer_row *row = NULL;
    enum problem problem = throttle_check_address(rq, THROTTLE_LINK);
    if (problem == PROBLEM_NONE && !token_hash(rq->app->keyring, TOKEN_RECOVERY_ANSWER, in->token, hash)) {
        problem = PROBLEM_ADDRESS_GONE;
    }
    if (problem == PROBLEM_NONE) {
        problem = unknown_password(rq, stored);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct span span = {hash, sizeof hash};
    problem = q_recovery_answer(rq->tx, &(struct q_recovery_answer_in){span, in->answer, stored}, &row);
    if (problem == PROBLEM_NONE && row == NULL) {
        throttle_address_failed(rq, THROTTLE_LINK);
        problem = PROBLEM_ADDRESS_GONE;
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = row->patient_id;
    reply_recovery_answered(&rq->reply.json,
                            &(struct reply_recovery_answered){.status = stops ? "stopped" : "mine"});
    return stops ? tell_owners(rq, span, NOTICE_EMAIL_DISPUTED) : PROBLEM_NONE;
}

/* POST /patient/profile/hold/release: by the password from before the recovery. */
enum problem
h_patient_hold_release(struct request *rq, const struct patient_hold_release_in *in)
{
    const struct q_held_password_row *held = NULL;
    const struct q_hold_end_row *row = NULL;
    enum problem problem = q_held_password(rq->tx, &held);
    if (problem != PROBLEM_NONE || held == NULL) {
        return problem;
    }
    problem = sign_in_password_again(rq, held->account_id, held->password_hash, in->earlier_password,
                                     "/earlier_password");
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return q_hold_end(rq->tx, &(struct q_hold_end_in){held->password_hash}, &row);
}
