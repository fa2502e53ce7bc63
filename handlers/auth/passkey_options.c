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

/* The names of the bits that are set. */
static void
name_transports(struct request *rq, unsigned transports, struct reply_credential_descriptor *it)
{
    const char **names = arena_array(rq->arena, WEBAUTHN_TRANSPORTS, sizeof *names);
    for (unsigned i = 0; i < WEBAUTHN_TRANSPORTS; i++) {
        if ((transports >> i & 1) != 0) {
            names[it->transports_count++] = webauthn_transport_name(i);
        }
    }
    it->transports = names;
}

enum problem
passkey_descriptors(struct request *rq, const struct passkey_ceremony *ceremony,
                    const struct reply_credential_descriptor **descriptors)
{
    struct reply_credential_descriptor *items = arena_array(rq->arena, ceremony->count, sizeof *items);
    for (size_t i = 0; i < ceremony->count; i++) {
        struct webauthn_record record;
        enum problem problem =
            passkey_open(rq, ceremony->rows[i].passkey_id, ceremony->rows[i].passkey_sealed, &record);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
        items[i].id = webauthn_text(rq->arena, record.credential_id);
        name_transports(rq, record.transports, &items[i]);
    }
    *descriptors = items;
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
    struct reply_passkey_request it = {.public_key = {.challenge = ceremony.challenge,
                                                      .timeout = reply_integer(TIMEOUT_MILLISECONDS),
                                                      .rp_id = party.rp_id,
                                                      .user_verification = anybody ? "required" : "preferred",
                                                      .allow_credentials_count = ceremony.count}};
    problem = passkey_descriptors(rq, &ceremony, &it.public_key.allow_credentials);
    reply_passkey_request(&rq->reply.json, &it);
    return problem;
}
