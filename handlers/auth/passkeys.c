/*
 * The passkeys of an account's own: adding (with a session, or during sign-in when the practice requires a
 * second factor), listing, naming, removing. And signing in with one alone.
 */
#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/auth/factors.h"
#include "handlers/auth/passkey.h"
#include "handlers/auth/passkey_options.h"
#include "handlers/auth/sign_in.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <json-c/json.h>
#include <string.h>

enum { TIMEOUT_MILLISECONDS = 300000 };

/* In the order in which we would rather have them. */
static const enum webauthn_algorithm algorithms[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256};

static enum problem
write_creation(struct request *rq, const struct passkey_ceremony *ceremony, const char *email)
{
    struct webauthn_party party;
    enum { COUNT = sizeof algorithms / sizeof algorithms[0] };
    struct reply_passkey_creation_public_key_pub_key_cred_param params[COUNT];
    passkey_party(rq, &party);
    for (size_t i = 0; i < COUNT; i++) {
        params[i].alg = reply_integer(algorithms[i]);
    }
    struct reply_passkey_creation it = {
        .public_key = {.rp = {.id = party.rp_id, .name = ceremony->practice_name},
                       .user = {.id = webauthn_text(rq->arena, passkey_handle(rq, ceremony->handle)),
                                .name = email,
                                .display_name = email},
                       .challenge = ceremony->challenge,
                       .pub_key_cred_params = params,
                       .pub_key_cred_params_count = COUNT,
                       .timeout = reply_integer(TIMEOUT_MILLISECONDS),
                       .exclude_credentials_count = ceremony->count,
                       .authenticator_selection = {.require_resident_key = reply_flag(true)}}};
    enum problem problem = passkey_descriptors(rq, ceremony, &it.public_key.exclude_credentials);
    reply_passkey_creation(&rq->reply.json, &it);
    return problem;
}

/* POST .../profile/passkeys/options, and /admin/auth/mfa/passkeys/options during the first sign-in */
enum problem
h_passkey_options(struct request *rq, const struct passkey_options_in *in)
{
    enum realm realm = rq->operation->portal;
    struct sign_in_challenge account;
    struct passkey_ceremony ceremony;
    struct span key;
    const struct q_passkey_person_row *person = NULL;
    if (rq->session.token == NULL && in->mfa_token == NULL) {
        return PROBLEM_NOT_SIGNED_IN;
    }
    enum problem problem = PROBLEM_NONE;
    if (rq->session.token != NULL) {
        problem = factor_whose(rq, realm, NULL, &account);
        problem = problem == PROBLEM_NONE ? factor_first(rq, &account, in->current_password) : problem;
    }
    if (problem == PROBLEM_NONE) {
        problem =
            passkey_begin(rq, realm, "register", rq->session.token == NULL ? in->mfa_token : NULL, &ceremony);
    }
    if (problem != PROBLEM_NONE) {
        return factor_refusal(rq, problem);
    }
    if (ceremony.count >= PASSKEYS_MAX) {
        return PROBLEM_PASSKEY_LIMIT;
    }
    if (!keys_unwrap(rq, ceremony.account_id, ceremony.wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    problem = q_passkey_person(rq->tx, &(struct q_passkey_person_in){ceremony.account_id, key}, &person);
    if (problem != PROBLEM_NONE || person == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_INTERNAL;
    }
    return write_creation(rq, &ceremony, person->email);
}

/* ------------------------------------------------------------------------------------------------- adding */

struct registration {
    struct span id;
    struct span client_data;
    struct span attestation_object;
    unsigned transports;
};

static enum problem
unfit(struct request *rq, const char *pointer, enum webauthn_fault fault)
{
    request_error(rq, pointer, webauthn_fault_name(fault), webauthn_fault_text(fault));
    return PROBLEM_PASSKEY_INVALID;
}

static enum problem
read_registration(struct request *rq, struct json_object *passkey, struct registration *given)
{
    struct json_object *response = NULL;
    struct json_object *list = NULL;
    (void)json_object_object_get_ex(passkey, "response", &response);
    *given = (struct registration){.transports = 0};
    if (!passkey_id(rq, passkey, &given->id)) {
        return unfit(rq, "/passkey/id", WEBAUTHN_CREDENTIAL_ID);
    }
    if (!passkey_bytes(rq, response, "clientDataJSON", WEBAUTHN_CLIENT_DATA_MAX, &given->client_data)) {
        return unfit(rq, "/passkey/response/clientDataJSON", WEBAUTHN_CLIENT_DATA);
    }
    if (!passkey_bytes(rq, response, "attestationObject", WEBAUTHN_ATTESTATION_MAX,
                       &given->attestation_object)) {
        return unfit(rq, "/passkey/response/attestationObject", WEBAUTHN_ATTESTATION_OBJECT);
    }
    size_t count =
        json_object_object_get_ex(response, "transports", &list) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++) {
        given->transports |=
            webauthn_transport_bit(json_object_get_string(json_object_array_get_idx(list, i)));
    }
    return PROBLEM_NONE;
}

/* Spends the challenge, and judges; what is wrong is told, for the caller is known. */
static enum problem
judge_registration(struct request *rq, enum realm realm, const char *account_id,
                   const struct registration *given, struct webauthn_credential *credential)
{
    struct webauthn_party party;
    struct span challenge;
    unsigned char hash[TOKEN_HASH_SIZE];
    passkey_party(rq, &party);
    enum webauthn_fault fault =
        webauthn_client_data(rq->arena, &party, "webauthn.create", given->client_data, &challenge);
    if (fault != WEBAUTHN_FINE) {
        return unfit(rq, "/passkey/response/clientDataJSON", fault);
    }
    if (!token_hash(rq->app->keyring, TOKEN_PASSKEY, webauthn_text(rq->arena, challenge), hash)) {
        return unfit(rq, "/passkey/response/clientDataJSON", WEBAUTHN_CHALLENGE);
    }
    const struct q_passkey_spend_row *row = NULL;
    struct q_passkey_spend_in in = {realm_name(realm), "register", {hash, sizeof hash}, account_id};
    enum problem problem = q_passkey_spend(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE || row == NULL || !row->good) {
        return problem != PROBLEM_NONE ? problem
                                       : unfit(rq, "/passkey/response/clientDataJSON", WEBAUTHN_CHALLENGE);
    }
    rq->result.keep = true; /* the challenge stays spent */
    fault = webauthn_register(rq->arena, &party, given->client_data, given->attestation_object, false,
                              credential);
    if (fault != WEBAUTHN_FINE) {
        return unfit(rq, "/passkey/response/attestationObject", fault);
    }
    if (credential->id.size != given->id.size ||
        memcmp(credential->id.data, given->id.data, given->id.size) != 0) {
        return unfit(rq, "/passkey/id", WEBAUTHN_CREDENTIAL_ID);
    }
    rq->result.keep = false;
    return PROBLEM_NONE;
}

/* `*first`: it is the account's first second factor. */
static enum problem
store(struct request *rq, const char *account_id, const char *name, const struct registration *given,
      const struct webauthn_credential *credential, const char *id, bool *first)
{
    struct webauthn_record record = {.credential_id = credential->id,
                                     .algorithm = credential->algorithm,
                                     .public_key = credential->public_key,
                                     .transports = given->transports,
                                     .name = name};
    struct span sealed;
    const struct q_passkey_add_row *row = NULL;
    enum problem problem = passkey_seal(rq, id, &record, &sealed);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct q_passkey_add_in in = {.account_id = account_id,
                                  .passkey_id = id,
                                  .indexes = passkey_indexes(rq, credential->id),
                                  .sealed = sealed,
                                  .sign_count = credential->sign_count,
                                  .backup_eligible = credential->backup_eligible,
                                  .backed_up = credential->backed_up};
    problem = q_passkey_add(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE) {
        return factor_refusal(rq, problem);
    }
    *first = row->outcome == PASSKEY_ADD_FIRST;
    return row->outcome == PASSKEY_ADD_FULL    ? PROBLEM_PASSKEY_LIMIT
           : row->outcome == PASSKEY_ADD_TAKEN ? PROBLEM_PASSKEY_TAKEN
                                               : PROBLEM_NONE;
}

static enum problem
describe(struct request *rq, const struct q_passkey_list_row *row, struct reply_passkey *it)
{
    struct webauthn_record record;
    enum problem problem = passkey_open(rq, row->id, row->passkey_sealed, &record);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    *it =
        (struct reply_passkey){.id = row->id,
                               .revision = reply_integer(row->revision),
                               .name = record.name,
                               .created_at = reply_time(row->created_at),
                               .last_used_at = reply_optional_time(row->has_last_used_at, row->last_used_at),
                               .synced = reply_flag(row->backup_eligible),
                               .backed_up = reply_flag(row->backed_up),
                               .doubted_at = reply_optional_time(row->has_doubted_at, row->doubted_at)};
    return PROBLEM_NONE;
}

/* The signed-in account's one; PROBLEM_NOT_FOUND. */
static enum problem
read_one(struct request *rq, const char *id, const struct q_passkey_list_row **row)
{
    size_t count = 0;
    enum problem problem = q_passkey_list(rq->tx, &(struct q_passkey_list_in){id}, row, &count);
    return problem != PROBLEM_NONE ? problem : count == 0 ? PROBLEM_NOT_FOUND : PROBLEM_NONE;
}

/* `codes` NULL: it is not the first factor. `self` NULL: it was a session that added. */
static void
write_added(struct request *rq, enum realm realm, const struct reply_passkey *passkey,
            const char *const *codes, const struct sign_in_self *self)
{
    struct json_out *out = &rq->reply.json;
    if (realm == REALM_PATIENT) {
        struct reply_passkey_added it = {.status = "enrolled",
                                         .recovery_codes = codes,
                                         .recovery_codes_count = RECOVERY_CODES,
                                         .passkey = *passkey};
        if (self != NULL) {
            it.status = "signed_in";
            it.patient = &self->patient;
            it.access_token = self->access_token;
        }
        reply_passkey_added(out, &it);
    } else if (self != NULL) {
        reply_staff_first_passkey(out,
                                  &(struct reply_staff_first_passkey){.recovery_codes = codes,
                                                                      .recovery_codes_count = RECOVERY_CODES,
                                                                      .staff = self->staff,
                                                                      .access_token = self->access_token,
                                                                      .passkey = *passkey});
    } else {
        reply_staff_passkey_added(
            out, &(struct reply_staff_passkey_added){
                     .recovery_codes = codes, .recovery_codes_count = RECOVERY_CODES, .passkey = *passkey});
    }
}

static enum problem
show_added(struct request *rq, enum realm realm, const char *mfa_token,
           const struct sign_in_challenge *account, const char *id, bool first)
{
    bool signing_in = rq->session.token == NULL;
    const struct q_passkey_list_row *row = NULL;
    const char *const *codes = NULL;
    struct sign_in_self self;
    struct reply_passkey passkey;
    enum problem problem = PROBLEM_NONE;
    if (first) {
        problem = factor_recovery_codes(rq, realm, account->account_id, &codes);
    }
    if (problem == PROBLEM_NONE && signing_in) {
        problem = factor_sign_in(rq, realm, mfa_token, account, &self);
    }
    if (problem == PROBLEM_NONE) {
        problem = read_one(rq, id, &row);
    }
    if (problem == PROBLEM_NONE) {
        problem = describe(rq, row, &passkey);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    write_added(rq, realm, &passkey, codes, signing_in ? &self : NULL);
    return notice_own_later(rq, realm, NOTICE_PASSKEY_ADDED);
}

/* POST .../profile/passkeys, and /admin/auth/mfa/passkeys during the first sign-in */
enum problem
h_passkey_create(struct request *rq, const struct passkey_create_in *in)
{
    enum realm realm = rq->operation->portal;
    struct sign_in_challenge account;
    struct registration given;
    struct webauthn_credential credential;
    bool first = false;
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    enum problem problem = factor_whose(rq, realm, in->mfa_token, &account);
    if (problem == PROBLEM_NONE) {
        problem = read_registration(rq, in->passkey, &given);
    }
    if (problem == PROBLEM_NONE) {
        problem = judge_registration(rq, realm, account.account_id, &given, &credential);
    }
    if (problem == PROBLEM_NONE) {
        uuid_new(id);
        problem = store(rq, account.account_id, in->name, &given, &credential, id, &first);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.object = id;
    return show_added(rq, realm, in->mfa_token, &account, id, first);
}

/* ------------------------------------------------------------------------------------------------ keeping */

/* GET .../profile/passkeys */
enum problem
h_passkey_list(struct request *rq, const struct passkey_list_in *in)
{
    (void)in;
    const struct q_passkey_list_row *rows = NULL;
    size_t count = 0;
    enum problem problem = q_passkey_list_last(rq->tx, &(struct q_passkey_list_in){NULL}, &rows, &count);
    struct reply_passkey *items = arena_array(rq->arena, count, sizeof *items);
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        problem = describe(rq, &rows[i], &items[i]);
    }
    reply_passkey_list(&rq->reply.json, &(struct reply_passkey_list){.items = items, .items_count = count});
    return problem;
}

/* PATCH .../profile/passkeys/{id}. The name is sealed with the rest, so all of it is sealed anew. */
enum problem
h_passkey_rename(struct request *rq, const struct passkey_rename_in *in)
{
    struct webauthn_record record;
    struct reply_passkey passkey;
    struct span sealed;
    const struct q_passkey_list_row *row = NULL;
    const struct q_passkey_rename_row *renamed = NULL;
    enum problem problem = read_one(rq, in->id, &row);
    if (problem == PROBLEM_NONE && row->revision != in->if_match) {
        problem = PROBLEM_STALE_REVISION;
    }
    if (problem == PROBLEM_NONE) {
        problem = passkey_open(rq, in->id, row->passkey_sealed, &record);
    }
    if (problem == PROBLEM_NONE) {
        record.name = in->name;
        problem = passkey_seal(rq, in->id, &record, &sealed);
    }
    if (problem == PROBLEM_NONE) {
        struct q_passkey_rename_in change = {in->id, in->if_match, sealed};
        problem = q_passkey_rename(rq->tx, &change, &renamed);
    }
    if (problem == PROBLEM_NONE && (renamed == NULL || !renamed->has_revision)) {
        problem = PROBLEM_STALE_REVISION;
    }
    if (problem == PROBLEM_NONE) {
        problem = read_one(rq, in->id, &row);
    }
    if (problem == PROBLEM_NONE) {
        problem = describe(rq, row, &passkey);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_passkey(&rq->reply.json, &passkey);
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}
/* DELETE .../profile/passkeys/{id} */
enum problem
h_passkey_remove(struct request *rq, const struct passkey_remove_in *in)
{
    const struct q_passkey_remove_row *row = NULL;
    enum problem problem = q_passkey_remove(rq->tx, &(struct q_passkey_remove_in){in->id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->outcome != PASSKEY_REMOVE_REMOVED) {
        return row->outcome == PASSKEY_REMOVE_LAST ? PROBLEM_LAST_FACTOR : PROBLEM_NOT_FOUND;
    }
    return notice_own_later(rq, rq->actor.realm, NOTICE_PASSKEY_REMOVED);
}
