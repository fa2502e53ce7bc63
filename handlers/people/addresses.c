/* Another address for somebody who signs in: proposed by themselves, or by staff. */
#include "handlers/people/addresses.h"

#include "app/app.h"
#include "app/keys.h"
#include "app/outbox.h"
#include "app/staff_link.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/passkey.h"
#include "handlers/auth/sign_in.h"
#include "handlers/questionnaires/assigning.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <string.h>

const char *
address_link(struct request *rq, const char *use, enum realm realm, const char *token)
{
    const char *page = config_text(rq->app->config, CONFIG_EMAIL_URL);
    if (page == NULL) {
        page = arena_format(rq->arena, "%s/email", config_text(rq->app->config, CONFIG_BASE_URL));
    }
    return arena_format(rq->arena, "%s/%s/%s#%s", page, use, realm_name(realm), token);
}

enum problem
address_indexes(struct request *rq, enum realm realm, const char *email, struct db_array *indexes)
{
    *indexes = sign_in_email_indexes(rq, realm, email);
    if (indexes->count > 0) {
        return PROBLEM_NONE;
    }
    request_error(rq, "/email", "format", "must be an e-mail address");
    return PROBLEM_INVALID_REQUEST;
}

struct proposal {
    enum realm realm;
    const char *account_id;
    struct span key; /* the account's own */
    const char *email;
};

struct link_token {
    char text[TOKEN_TEXT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
};

/* The new address gets the link to confirm by, the present one the link to object by. */
static enum problem
tell_both(struct request *rq, const struct proposal *it, const struct link_token *confirm,
          const struct link_token *object, int64_t expires_at)
{
    const struct q_address_change_open_row *row = NULL;
    struct q_address_change_open_in in = {
        realm_name(it->realm), "object", {object->hash, TOKEN_HASH_SIZE}, it->key};
    enum problem problem = q_address_change_open(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_INTERNAL;
    }
    const char *present = email_normalise(rq->arena, row->old_email);
    const char *wanted = email_normalise(rq->arena, row->new_email);
    if (present != NULL && wanted != NULL && strcmp(present, wanted) == 0) {
        return PROBLEM_SAME_EMAIL;
    }
    struct mail_payload to_new = {.kind = MAIL_ADDRESS_CONFIRM,
                                  .to = row->new_email,
                                  .practice = row->practice_name,
                                  .url = address_link(rq, "confirm", it->realm, confirm->text),
                                  .expires_at = expires_at};
    struct mail_payload to_present = {.kind = MAIL_ADDRESS_PROPOSED,
                                      .to = row->old_email,
                                      .practice = row->practice_name,
                                      .url = address_link(rq, "object", it->realm, object->text),
                                      .expires_at = expires_at};
    problem = outbox_later(rq, &to_new);
    return problem != PROBLEM_NONE ? problem : outbox_later(rq, &to_present);
}

/* The database decides who may, and for whom; PROBLEM_NOT_ACTIVE when there is no such account. */
static enum problem
propose(struct request *rq, const struct proposal *it)
{
    struct db_array indexes;
    enum problem problem = address_indexes(rq, it->realm, it->email, &indexes);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    struct link_token *confirm = arena_alloc(rq->arena, sizeof *confirm);
    struct link_token *object = arena_alloc(rq->arena, sizeof *object);
    token_new(rq->app->keyring, TOKEN_ADDRESS_CONFIRM, confirm->text, confirm->hash);
    token_new(rq->app->keyring, TOKEN_ADDRESS_OBJECT, object->text, object->hash);
    int64_t expires_at = rq->now + ADDRESS_LINK_LIFE;
    const struct q_address_propose_row *row = NULL;
    struct q_address_propose_in in = {.realm = realm_name(it->realm),
                                      .account_id = it->account_id,
                                      .id = uuid_new(id),
                                      .key = it->key,
                                      .email = it->email,
                                      .confirm_hash = {confirm->hash, TOKEN_HASH_SIZE},
                                      .object_hash = {object->hash, TOKEN_HASH_SIZE},
                                      .expires_at = expires_at};
    problem = q_address_propose(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->outcome == ADDRESS_PROPOSE_NULL) {
        return PROBLEM_NOT_ACTIVE;
    }
    if (row->outcome != ADDRESS_PROPOSE_PROPOSED) {
        return row->outcome == ADDRESS_PROPOSE_OWNER ? PROBLEM_OWNER_ACCOUNT : PROBLEM_PROPOSAL_LIMIT;
    }
    reply_email_proposed(&rq->reply.json, &(struct reply_email_proposed){
                                              .status = "proposed", .expires_at = reply_time(expires_at)});
    return tell_both(rq, it, confirm, object, expires_at);
}

/* POST /admin/patients/{id}/email */
enum problem
h_patient_email_propose(struct request *rq, const struct patient_email_propose_in *in)
{
    bool registered = false;
    struct proposal it = {.realm = REALM_PATIENT, .account_id = in->id, .email = in->email};
    enum problem problem = patient_may_be_asked(rq, in->id, &registered);
    if (problem == PROBLEM_NONE && !registered) {
        problem = PROBLEM_NOT_REGISTERED;
    }
    if (problem == PROBLEM_NONE) {
        problem = keys_of_patient(rq, in->id, &it.key);
    }
    return problem != PROBLEM_NONE ? problem : propose(rq, &it);
}

/* Of somebody who has not joined yet: corrected at once, and the link goes to the new address. */
static enum problem
readdress(struct request *rq, const char *id, struct span key, const char *email)
{
    struct db_array indexes;
    struct link_token *link = arena_alloc(rq->arena, sizeof *link);
    int64_t expires_at = rq->now + STAFF_LINK_LIFE;
    const struct q_staff_readdress_row *row = NULL;
    const struct q_practice_name_row *practice = NULL;
    enum problem problem = address_indexes(rq, REALM_STAFF, email, &indexes);
    if (problem == PROBLEM_NONE) {
        problem = q_practice_name(rq->tx, &practice);
    }
    if (problem == PROBLEM_NONE) {
        token_new(rq->app->keyring, TOKEN_STAFF_INVITATION, link->text, link->hash);
        struct q_staff_readdress_in in = {id, key, email, indexes, {link->hash, TOKEN_HASH_SIZE}, expires_at};
        problem = q_staff_readdress(rq->tx, &in, &row);
    }
    if (problem != PROBLEM_NONE || row->outcome == STAFF_READDRESS_NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_NOT_ACTIVE;
    }
    if (row->outcome == STAFF_READDRESS_TAKEN) {
        return PROBLEM_STAFF_EMAIL_TAKEN;
    }
    reply_email_proposed(&rq->reply.json, &(struct reply_email_proposed){
                                              .status = "invited", .expires_at = reply_time(expires_at)});
    struct mail_payload message =
        staff_link(rq->arena, rq->app->config, email, practice->name, link->text, expires_at);
    return outbox_link_later(rq, &message, NULL, id);
}

/* POST /admin/staff/{id}/email */
enum problem
h_staff_email_propose(struct request *rq, const struct staff_email_propose_in *in)
{
    struct proposal it = {.realm = REALM_STAFF, .account_id = in->id, .email = in->email};
    const struct q_staff_key_row *now = NULL;
    enum problem problem = q_staff_key(rq->tx, &(struct q_staff_key_in){in->id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (strcmp(in->id, rq->actor.id) == 0) {
        return PROBLEM_OWNER_ACCOUNT; /* with the password, in the profile */
    }
    if (!keys_unwrap(rq, now->id, now->wrapped_key, &it.key)) {
        return PROBLEM_INTERNAL;
    }
    return now->status == STAFF_STATUS_INVITED ? readdress(rq, in->id, it.key, in->email) : propose(rq, &it);
}

/* POST .../profile/email: with the account's present password, or its passkey, once more. */
enum problem
h_email_change(struct request *rq, const struct email_change_in *in)
{
    const char *whose = NULL;
    const struct q_own_account_row *own = NULL;
    struct proposal it = {.email = in->email};
    enum problem problem = q_own_account(rq->tx, &own);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    it.realm = rq->actor.realm; /* known since the first trip */
    it.account_id = own->account_id;
    problem = in->passkey != NULL
                  ? passkey_judge(rq, it.realm, "step-up", own->account_id, in->passkey, &whose)
                  : sign_in_password_again(rq, own->account_id, own->password_hash, in->current_password,
                                           "/current_password");
    if (problem == PROBLEM_NONE) {
        problem = keys_own(rq, &it.key);
    }
    return problem != PROBLEM_NONE ? problem : propose(rq, &it);
}
