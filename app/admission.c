#include "app/admission.h"

#include "app/app.h"
#include "app/fairness.h"
#include "app/keys.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "lib/crypto/key_cache.h"
#include "lib/crypto/key_check.h"
#include "lib/crypto/token.h"
#include "lib/db/tx.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *
bearer_token(const struct request *rq)
{
    static const char scheme[] = "Bearer ";
    const char *value = request_header(rq, "authorization");
    if (value == NULL || strncasecmp(value, scheme, sizeof scheme - 1) != 0) {
        return NULL;
    }
    value += sizeof scheme - 1;
    return value + strspn(value, " "); /* 1*SP: RFC 9110 section 11.4 */
}

static bool
one_of(const char *list, const char *word, size_t size)
{
    while (list != NULL && *list != '\0') {
        list += strspn(list, " ");
        size_t length = strcspn(list, " ");
        if (length == size && strncmp(list, word, size) == 0) {
            return true;
        }
        list += length;
    }
    return false;
}

size_t
admission_origin_size(const char *url)
{
    const char *host = strstr(url, "://");
    return host == NULL ? strlen(url) : (size_t)(host - url) + 3 + strcspn(host + 3, "/");
}

bool
admission_origin_is_allowed(const struct request *rq, const char *origin)
{
    return one_of(config_text(rq->app->config, CONFIG_ALLOWED_ORIGINS), origin, strlen(origin));
}

bool
admission_has_allowed_origins(const struct request *rq)
{
    const char *list = config_text(rq->app->config, CONFIG_ALLOWED_ORIGINS);
    return list != NULL && list[strspn(list, " ")] != '\0';
}

static bool
origin_is_ours(const struct request *rq, const char *origin)
{
    const char *base = config_text(rq->app->config, CONFIG_BASE_URL);
    size_t size = strlen(origin);
    return (size == admission_origin_size(base) && strncmp(origin, base, size) == 0) ||
           admission_origin_is_allowed(rq, origin);
}

/* Fetch metadata and Origin; a client that sends neither is not a browser, and has no cookie to be tricked
 * out of. */
static bool
same_site(const struct request *rq)
{
    const char *origin = request_header(rq, "origin");
    if (origin != NULL) {
        return origin_is_ours(rq, origin);
    }
    const char *site = request_header(rq, "sec-fetch-site");
    return site == NULL || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

enum problem
admission_check(struct request *rq)
{
    const struct api_operation *operation = rq->operation;
    if (operation->realm == REALM_NONE) {
        return PROBLEM_NONE;
    }
    rq->session.token = bearer_token(rq);
    if (rq->session.token == NULL) {
        rq->session.token =
            request_cookie(rq, operation->realm == REALM_STAFF ? COOKIE_STAFF : COOKIE_PATIENT);
        rq->session.from_cookie = rq->session.token != NULL;
    }
    if (rq->session.token != NULL &&
        !token_hash(rq->app->keyring, TOKEN_SESSION, rq->session.token, rq->session.hash)) {
        rq->session.token = NULL;
        return PROBLEM_NOT_SIGNED_IN;
    }
    if (rq->session.token == NULL) {
        return operation->session_optional ? PROBLEM_NONE : PROBLEM_NOT_SIGNED_IN;
    }
    bool unsafe = rq->method != HTTP_GET && rq->method != HTTP_HEAD;
    if (unsafe && rq->session.from_cookie && !same_site(rq)) {
        return PROBLEM_CROSS_SITE;
    }
    return PROBLEM_NONE;
}

static enum role
role_of(const char *name)
{
    static const struct {
        const char *name;
        enum role role;
    } roles[] = {{"owner", ROLE_OWNER},
                 {"physician", ROLE_PHYSICIAN},
                 {"assistant", ROLE_ASSISTANT},
                 {"auditor", ROLE_AUDITOR},
                 {"patient", ROLE_PATIENT}};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            return roles[i].role;
        }
    }
    return 0;
}

/* What the proof says of the actor, and the actor's own key: unwrapped here and nowhere else. */
static void
take_actor(struct request *rq, const struct q_session_prove_row *row)
{
    struct actor *actor = &rq->actor;
    struct session_owner owner;
    struct span key;
    actor->role = role_of(row->role);
    actor->realm = actor->role == ROLE_PATIENT ? REALM_PATIENT : REALM_STAFF;
    (void)snprintf(actor->id, sizeof actor->id, "%s", row->actor_id);
    (void)snprintf(actor->practice_id, sizeof actor->practice_id, "%s", row->practice_id);
    (void)snprintf(actor->session_id, sizeof actor->session_id, "%s", row->session_id);
    actor->expires_at = row->expires_at;
    memcpy(owner.account_id, actor->id, sizeof owner.account_id);
    memcpy(owner.practice_id, actor->practice_id, sizeof owner.practice_id);
    session_owner_put(rq->app->keys, rq->session.hash, &owner);
    /* Without a wrapped key (KEY_AT_HAND) only a cached one opens. */
    bool opened = keys_open(rq, actor->id, row->wrapped_key, &key);
    actor->key = opened ? key : (struct span){NULL, 0};
}

static void
proven(void *context, const void *rows, size_t count)
{
    struct request *rq = context;
    const struct fairness *fairness = rq->app->fairness;
    if (count != 1) {
        return;
    }
    take_actor(rq, rows);
    if (fairness != NULL && !fairness->proven(fairness->context, rq->session.hash, &rq->actor)) {
        tx_refuse(rq->tx, PROBLEM_TOO_MANY_AT_ONCE);
    }
}

enum problem
admission_fair(const struct request *rq)
{
    const struct fairness *fairness = rq->app->fairness;
    if (fairness != NULL && rq->queued_at != 0 &&
        !fairness->waited(fairness->context, rq->now - rq->queued_at)) {
        return PROBLEM_TOO_MANY_AT_ONCE;
    }
    bool may =
        rq->session.token == NULL || fairness == NULL || fairness->admit(fairness->context, rq->session.hash);
    return may ? PROBLEM_NONE : PROBLEM_TOO_MANY_AT_ONCE;
}

enum { KEY_AT_HAND = 64 }; /* beside the roles: the wrapped key need not be read (auth.prove) */

static void
prove_later(struct request *rq, enum realm realm, unsigned roles)
{
    roles |= keys_own_is_cached(rq) ? KEY_AT_HAND : 0;
    struct q_session_prove_in in = {.realm = realm_name(realm),
                                    .token_hash = {rq->session.hash, sizeof rq->session.hash},
                                    .roles = (int64_t)roles,
                                    .operation = rq->operation->id,
                                    .request_id = rq->id,
                                    .client_address = rq->client_address};
    tx_later(rq->tx, &statement_session_prove, &in, proven, rq);
}

void
admission_nobody_later(struct request *rq, struct tx *tx)
{
    unsigned char door[KEY_CHECK_SIZE];
    const struct keyring *keyring = rq->app->keyring;
    (void)key_check_door(keyring, KEYRING_PEPPER, keyring_current(keyring, KEYRING_PEPPER), door);
    struct q_session_none_in none = {.operation = rq->operation->id,
                                     .request_id = rq->id,
                                     .client_address = rq->client_address,
                                     .door = {door, sizeof door}};
    q_session_none_later(tx, &none); /* copies */
    explicit_bzero(door, sizeof door);
}

void
admission_prove_later(struct request *rq)
{
    const struct api_operation *operation = rq->operation;
    if (rq->session.token == NULL) {
        admission_nobody_later(rq, rq->tx);
        return;
    }
    prove_later(rq, operation->realm, operation->roles);
}

void
admission_prove_as_later(struct request *rq, enum realm realm)
{
    unsigned roles =
        realm == REALM_PATIENT ? ROLE_PATIENT : ROLE_OWNER | ROLE_PHYSICIAN | ROLE_ASSISTANT | ROLE_AUDITOR;
    prove_later(rq, realm, roles);
}

enum problem
admission_revision(struct request *rq, void *in)
{
    const struct api_operation *operation = rq->operation;
    const struct q_revision_now_row *row = NULL;
    unsigned char parsed[UUID_SIZE];
    if (operation->object == NULL || (!rq->if_match.any && rq->if_match.count < 2)) {
        return PROBLEM_NONE;
    }
    const char *id = uuid_parse(rq->path_values[0], parsed) ? rq->path_values[0] : NULL;
    struct q_revision_now_in now = {.kind = operation->object, .id = id};
    enum problem problem = q_revision_now(rq->tx, &now, &row);
    for (size_t i = 0;
         problem == PROBLEM_NONE && row != NULL && row->has_revision && i < operation->field_count; i++) {
        if (operation->fields[i].type == API_REVISION) {
            int64_t chosen = if_match_choose(&rq->if_match, row->revision);
            memcpy((char *)in + operation->fields[i].offset, &chosen, sizeof chosen);
        }
    }
    return problem;
}

enum problem
admission_open(struct request *rq)
{
    enum problem problem = tx_open(rq->app->db, rq->arena, &rq->tx);
    if (problem == PROBLEM_NONE && rq->operation->tx == TX_READ) {
        tx_reads(rq->tx);
        if (rq->app->relaxed_reads) {
            tx_relax(rq->tx);
        }
    }
    return problem;
}

enum problem
admission_reopen(struct request *rq)
{
    enum problem problem = admission_open(rq);
    if (problem == PROBLEM_NONE) {
        admission_prove_later(rq);
    }
    return problem;
}

const char *
admission_cookie(struct request *rq, enum realm realm, const char *token)
{
    const char *name = realm == REALM_STAFF ? COOKIE_STAFF : COOKIE_PATIENT;
    if (token == NULL) {
        return arena_format(rq->arena, "%s=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0", name);
    }
    return arena_format(rq->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict", name, token);
}
