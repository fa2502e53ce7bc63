/* An assertion: who signs in, with which passkey, and whether it may count (Level 3, section 7.2). */
#include "app/app.h"
#include "app/keys.h"
#include "app/notices.h"
#include "build/gen/sql.h"
#include "handlers/auth/passkey.h"
#include "handlers/auth/throttle.h"
#include "lib/base/log.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <json-c/json.h>
#include <string.h>

struct assertion {
    struct span id;
    struct span client_data;
    struct span authenticator_data;
    struct span signature;
    struct span user_handle; /* empty: the authenticator gave none */
};

static bool
read_assertion(struct request *rq, struct json_object *passkey, struct assertion *given)
{
    struct json_object *response = NULL;
    struct json_object *handle = NULL;
    bool good =
        passkey_id(rq, passkey, &given->id) && json_object_object_get_ex(passkey, "response", &response) &&
        passkey_bytes(rq, response, "clientDataJSON", WEBAUTHN_CLIENT_DATA_MAX, &given->client_data) &&
        passkey_bytes(rq, response, "authenticatorData", WEBAUTHN_AUTHENTICATOR_DATA_MAX,
                      &given->authenticator_data) &&
        passkey_bytes(rq, response, "signature", WEBAUTHN_SIGNATURE_MAX, &given->signature);
    given->user_handle = (struct span){NULL, 0};
    /* Safari says "" where others say null. */
    if (good && json_object_object_get_ex(response, "userHandle", &handle) &&
        json_object_get_string_len(handle) > 0) {
        good = passkey_bytes(rq, response, "userHandle", WEBAUTHN_CHALLENGE_MAX, &given->user_handle);
    }
    return good;
}

static enum problem
refused(struct request *rq, const char *why)
{
    log_event(LOG_INFO, "passkey-refused", LOG_TEXT("request", rq->id), LOG_TEXT("why", why));
    throttle_address_failed(rq, THROTTLE_PASSKEY);
    return PROBLEM_PASSKEY_REFUSED;
}

/* Whose the authenticator says that it is: for a whole sign-in it has to say so. */
static bool
handle_fits(struct request *rq, const struct assertion *given, const char *handle, bool whole)
{
    struct span ours = passkey_handle(rq, handle);
    if (given->user_handle.size == 0) {
        return !whole;
    }
    return given->user_handle.size == ours.size && memcmp(given->user_handle.data, ours.data, ours.size) == 0;
}

/* There may be two authenticators with one key: its owner is told, and this one does not come in. */
static enum problem
count_went_back(struct request *rq, const struct q_passkey_find_row *row)
{
    struct span key;
    const struct q_passkey_person_row *person = NULL;
    if (!keys_unwrap(rq, row->account_id, row->wrapped_key, &key)) {
        return PROBLEM_INTERNAL;
    }
    q_passkey_doubt_later(rq->tx, &(struct q_passkey_doubt_in){row->account_id, row->passkey_id});
    enum problem problem =
        q_passkey_person(rq->tx, &(struct q_passkey_person_in){row->account_id, key}, &person);
    if (problem == PROBLEM_NONE && person != NULL) {
        problem = notice_later(rq, NOTICE_PASSKEY_DOUBTED, person->email, row->practice_name);
    }
    return problem != PROBLEM_NONE ? problem : refused(rq, "sign-count");
}

static enum problem
accept(struct request *rq, const struct q_passkey_find_row *row, const struct webauthn_assertion *assertion)
{
    const struct q_passkey_accept_row *accepted = NULL;
    if (!webauthn_count_rose((uint32_t)row->sign_count, assertion->sign_count)) {
        return count_went_back(rq, row);
    }
    struct q_passkey_accept_in in = {.account_id = row->account_id,
                                     .passkey_id = row->passkey_id,
                                     .sign_count = assertion->sign_count,
                                     .backed_up = assertion->backed_up,
                                     .verified = assertion->user_verified};
    enum problem problem = q_passkey_accept(rq->tx, &in, &accepted);
    if (problem != PROBLEM_NONE || accepted == NULL || !accepted->accepted) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_INTERNAL;
    }
    return PROBLEM_NONE;
}

static enum problem
judge(struct request *rq, const struct webauthn_party *party, const struct assertion *given,
      const struct q_passkey_find_row *row, bool whole)
{
    struct webauthn_record record;
    struct webauthn_assertion assertion;
    if (row->passkey_id == NULL) {
        webauthn_assert_nobody(party, given->client_data, given->authenticator_data, given->signature);
        return refused(rq, "unknown");
    }
    enum problem problem = passkey_open(rq, row->passkey_id, row->passkey_sealed, &record);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct webauthn_credential credential = {.algorithm = record.algorithm,
                                             .public_key = record.public_key,
                                             .backup_eligible = row->backup_eligible};
    enum webauthn_fault fault =
        webauthn_assert(party, &credential, given->client_data, given->authenticator_data, given->signature,
                        whole, &assertion);
    if (fault != WEBAUTHN_FINE) {
        return refused(rq, webauthn_fault_name(fault));
    }
    if (!handle_fits(rq, given, row->handle, whole)) {
        return refused(rq, "user-handle");
    }
    return accept(rq, row, &assertion);
}

enum problem
passkey_judge(struct request *rq, enum realm realm, const char *purpose, const char *account_id,
              struct json_object *passkey, const char **account)
{
    struct webauthn_party party;
    struct assertion given;
    struct span challenge;
    unsigned char hash[TOKEN_HASH_SIZE];
    passkey_party(rq, &party);
    enum problem problem = throttle_check_address(rq, THROTTLE_PASSKEY);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!read_assertion(rq, passkey, &given)) {
        return refused(rq, "encoding");
    }
    enum webauthn_fault fault =
        webauthn_client_data(rq->arena, &party, "webauthn.get", given.client_data, &challenge);
    if (fault != WEBAUTHN_FINE) {
        return refused(rq, webauthn_fault_name(fault));
    }
    if (!token_hash(rq->app->keyring, TOKEN_PASSKEY, webauthn_text(rq->arena, challenge), hash)) {
        return PROBLEM_CHALLENGE_GONE; /* none of ours */
    }
    const struct q_passkey_find_row *row = NULL;
    struct q_passkey_find_in in = {.realm = realm_name(realm),
                                   .purpose = purpose,
                                   .challenge_hash = {hash, sizeof hash},
                                   .account_id = account_id,
                                   .indexes = passkey_indexes(rq, given.id)};
    problem = q_passkey_find(rq->tx, &in, &row);
    if (problem != PROBLEM_NONE || row == NULL) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_CHALLENGE_GONE;
    }
    problem = judge(rq, &party, &given, row, account_id == NULL);
    rq->result.object = row->account_id != NULL ? row->account_id : rq->result.object;
    *account = row->account_id;
    return problem;
}
