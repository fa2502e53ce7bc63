#include "handlers/auth/passkey_options.h"

#include "app/app.h"
#include "handlers/auth/passkey.h"
#include "lib/crypto/token.h"

#include <sodium.h>
#include <string.h>

enum { TIMEOUT_MILLISECONDS = 300000 }; /* as long as the challenge is good */

/* The hash of an mfa_token; false when it cannot be one. */
static bool
hash_token(struct request *rq, const char *mfa_token, struct span *hash)
{
    unsigned char *room = arena_alloc(rq->arena, TOKEN_HASH_SIZE);
    *hash = (struct span){NULL, 0};
    if (mfa_token == NULL) {
        return true;
    }
    if (!token_hash(rq->app->keyring, TOKEN_SIGN_IN, mfa_token, room)) {
        return false;
    }
    *hash = (struct span){room, TOKEN_HASH_SIZE};
    return true;
}

enum problem
passkey_begin(struct request *rq, enum realm realm, const char *purpose, const char *mfa_token,
              struct passkey_ceremony *ceremony)
{
    char *challenge = arena_alloc(rq->arena, TOKEN_TEXT_SIZE);
    unsigned char hash[TOKEN_HASH_SIZE];
    struct span token;
    *ceremony = (struct passkey_ceremony){.count = 0};
    if (!hash_token(rq, mfa_token, &token)) {
        return PROBLEM_CHALLENGE_GONE;
    }
    token_new(rq->app->keyring, TOKEN_PASSKEY, challenge, hash);
    struct q_passkey_begin_in in = {realm_name(realm), purpose, {hash, sizeof hash}, token};
    const struct q_passkey_begin_row *rows = NULL;
    size_t count = 0;
    enum problem problem = q_passkey_begin(rq->tx, &in, &rows, &count);
    if (problem != PROBLEM_NONE || count == 0) {
        return problem != PROBLEM_NONE ? problem : PROBLEM_CHALLENGE_GONE;
    }
    rq->result.object = rows[0].account_id;
    *ceremony = (struct passkey_ceremony){.challenge = challenge,
                                          .account_id = rows[0].account_id,
                                          .handle = rows[0].handle,
                                          .practice_name = rows[0].practice_name,
                                          .wrapped_key = rows[0].wrapped_key,
                                          .rows = rows,
                                          .count = rows[0].passkey_id == NULL ? 0 : count};
    return PROBLEM_NONE;
}

enum problem
passkey_write_descriptors(struct request *rq, const struct passkey_ceremony *ceremony, const char *name)
{
    struct json_out *out = &rq->reply.json;
    json_array_key(out, name);
    for (size_t i = 0; i < ceremony->count; i++) {
        struct webauthn_record record;
        enum problem problem =
            passkey_open(rq, ceremony->rows[i].passkey_id, ceremony->rows[i].passkey_sealed, &record);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
        json_begin_object(out);
        json_text(out, "type", "public-key");
        json_text(out, "id", webauthn_text(rq->arena, record.credential_id));
        json_array_key(out, "transports");
        for (unsigned j = 0; j < WEBAUTHN_TRANSPORTS; j++) {
            if ((record.transports >> j & 1) != 0) {
                json_value_text(out, webauthn_transport_name(j));
            }
        }
        json_end_array(out);
        json_end_object(out);
    }
    json_end_array(out);
    return PROBLEM_NONE;
}

enum problem
passkey_ask(struct request *rq, enum realm realm, const char *purpose, const char *mfa_token)
{
    struct webauthn_party party;
    struct passkey_ceremony ceremony;
    bool anybody = strcmp(purpose, "sign-in") == 0;
    passkey_party(rq, &party);
    enum problem problem = passkey_begin(rq, realm, purpose, mfa_token, &ceremony);
    if (problem == PROBLEM_NONE && ceremony.count == 0 && !anybody) {
        problem = PROBLEM_ENROLMENT_STATE;
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    json_object_key(out, "public_key");
    json_text(out, "challenge", ceremony.challenge);
    json_int(out, "timeout", TIMEOUT_MILLISECONDS);
    json_text(out, "rpId", party.rp_id);
    problem = passkey_write_descriptors(rq, &ceremony, "allowCredentials");
    json_text(out, "userVerification", anybody ? "required" : "preferred");
    json_end_object(out);
    json_end_object(out);
    return problem;
}
