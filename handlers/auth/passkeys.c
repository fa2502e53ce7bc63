/*
 * The passkeys of an account's own: adding (with a session, or during sign-in when the practice requires a
 * second factor), listing, naming, removing. And signing in with one alone.
 */
#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "build/gen/api.h"
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

static void
write_algorithms(struct json_out *out)
{
    json_array_key(out, "pubKeyCredParams");
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        json_begin_object(out);
        json_text(out, "type", "public-key");
        json_int(out, "alg", algorithms[i]);
        json_end_object(out);
    }
    json_end_array(out);
}

static void
write_user(struct request *rq, const struct passkey_ceremony *ceremony, const char *email)
{
    struct json_out *out = &rq->reply.json;
    json_object_key(out, "user");
    json_text(out, "id", webauthn_text(rq->arena, passkey_handle(rq, ceremony->handle)));
    json_email(out, "name", email);
    json_email(out, "displayName", email);
    json_end_object(out);
}

static enum problem
write_creation(struct request *rq, const struct passkey_ceremony *ceremony, const char *email)
{
    struct webauthn_party party;
    struct json_out *out = &rq->reply.json;
    passkey_party(rq, &party);
    json_begin_object(out);
    json_object_key(out, "public_key");
    json_object_key(out, "rp");
    json_text(out, "id", party.rp_id);
    json_text(out, "name", ceremony->practice_name);
    json_end_object(out);
    write_user(rq, ceremony, email);
    json_text(out, "challenge", ceremony->challenge);
    write_algorithms(out);
    json_int(out, "timeout", TIMEOUT_MILLISECONDS);
    enum problem problem = passkey_write_descriptors(rq, ceremony, "excludeCredentials");
    json_object_key(out, "authenticatorSelection");
    json_text(out, "residentKey", "required");
    json_flag(out, "requireResidentKey", true);
    json_text(out, "userVerification", "preferred");
    json_end_object(out);
    json_text(out, "attestation", "none");
    json_end_object(out);
    json_end_object(out);
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
write_passkey(struct request *rq, const struct q_passkey_list_row *row)
{
    struct webauthn_record record;
    struct json_out *out = &rq->reply.json;
    enum problem problem = passkey_open(rq, row->id, row->passkey_sealed, &record);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    json_text(out, "id", row->id);
    json_int(out, "revision", row->revision);
    json_text(out, "name", record.name);
    json_time(out, "created_at", row->created_at);
    if (row->has_last_used_at) {
        json_time(out, "last_used_at", row->last_used_at);
    } else {
        json_null(out, "last_used_at");
    }
    json_flag(out, "synced", row->backup_eligible);
    json_flag(out, "backed_up", row->backed_up);
    if (row->has_doubted_at) {
        json_time(out, "doubted_at", row->doubted_at);
    } else {
        json_null(out, "doubted_at");
    }
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

static enum problem
write_added(struct request *rq, enum realm realm, const char *mfa_token,
            const struct sign_in_challenge *account, const char *id, bool first)
{
    bool signing_in = rq->session.token == NULL;
    const struct q_passkey_list_row *row = NULL;
    struct json_out *out = &rq->reply.json;
    enum problem problem = PROBLEM_NONE;
    json_begin_object(out);
    json_text(out, "status", signing_in ? "signed_in" : "enrolled");
    if (first) {
        problem = factor_write_recovery_codes(rq, realm, account->account_id);
    }
    if (problem == PROBLEM_NONE && signing_in) {
        problem = factor_sign_in(rq, realm, mfa_token, account);
    }
    if (problem == PROBLEM_NONE) {
        problem = read_one(rq, id, &row);
    }
    if (problem == PROBLEM_NONE) {
        json_object_key(out, "passkey");
        problem = write_passkey(rq, row);
        json_end_object(out);
    }
    json_end_object(out);
    return problem != PROBLEM_NONE ? problem : notice_own_later(rq, realm, NOTICE_PASSKEY_ADDED);
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
    return write_added(rq, realm, in->mfa_token, &account, id, first);
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
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_array_key(out, "items");
    for (size_t i = 0; i < count && problem == PROBLEM_NONE; i++) {
        json_begin_object(out);
        problem = write_passkey(rq, &rows[i]);
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
    return problem;
}

/* PATCH .../profile/passkeys/{id}. The name is sealed with the rest, so all of it is sealed anew. */
enum problem
h_passkey_rename(struct request *rq, const struct passkey_rename_in *in)
{
    struct webauthn_record record;
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
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    json_begin_object(&rq->reply.json);
    problem = write_passkey(rq, row);
    json_end_object(&rq->reply.json);
    reply_etag(rq, row->revision);
    return problem;
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
