#include "app/idempotency.h"

#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/sealed.h"
#include "lib/db/tx.h"

#include <sodium.h>
#include <string.h>

enum { IDEMPOTENCY_KEY_MAX = 255 };
static const char purpose[] = "idempotency";

/*
 * NULL without a session, since keys belong to an actor: what works without one takes tokens that are good
 * once.
 */
static const char *
key_of(const struct request *rq)
{
    if (rq->session.token == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < rq->operation->field_count; i++) {
        if (strcmp(rq->operation->fields[i].name, "idempotency_key") == 0) {
            return request_header(rq, "idempotency-key");
        }
    }
    return NULL;
}

static struct span
hash_of(struct request *rq, const char *first, struct span second)
{
    unsigned char *hash = arena_alloc(rq->arena, DIGEST_SIZE);
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)first, strlen(first) + 1);
    (void)crypto_hash_sha256_update(&state, second.data, second.size);
    (void)crypto_hash_sha256_final(&state, hash);
    return (struct span){hash, DIGEST_SIZE};
}

/* The key's name in the database, which is also what the stored reply is bound to. */
static struct span
key_hash(struct request *rq, const char *key)
{
    return hash_of(rq, rq->operation->id, (struct span){(const unsigned char *)key, strlen(key)});
}

/*
 * The digest by which a repeated request's body is compared. It is keyed, since a plain hash would let
 * whoever has the table try names and birth dates until one matches. After a rotation of the index key
 * digests differ, so a repeated request is refused; it is never done twice.
 */
static struct span
body_digest(struct request *rq)
{
    char text[2 * DIGEST_SIZE + 1];
    struct span hash = hash_of(rq, rq->path, rq->body);
    unsigned char *digest = arena_alloc(rq->arena, BLIND_INDEX_SIZE);
    (void)sodium_bin2hex(text, sizeof text, hash.data, hash.size);
    blind_index(rq->app->keyring, "idempotency.body", text, digest);
    return (struct span){digest, BLIND_INDEX_SIZE};
}

static const char *
aad_of(struct request *rq, struct span hash)
{
    char *text = arena_alloc(rq->arena, 2 * DIGEST_SIZE + 1);
    return sodium_bin2hex(text, 2 * DIGEST_SIZE + 1, hash.data, hash.size);
}

/* The stored form: one line each for ETag, Location and the object acted on, then the body. */
static char *
line_of(struct request *rq, const char **at)
{
    size_t size = strcspn(*at, "\n");
    char *line = arena_copy(rq->arena, *at, size);
    *at += size + 1;
    return line;
}

static enum problem
replay(struct request *rq, struct span hash, const struct q_idempotency_read_row *row)
{
    struct span plain;
    if (!row->has_status ||
        !keyring_open(rq->app->keyring, purpose, aad_of(rq, hash), row->reply, rq->arena, &plain)) {
        return PROBLEM_INTERNAL;
    }
    const char *at = arena_copy(rq->arena, plain.data, plain.size);
    const char *etag = line_of(rq, &at);
    const char *location = line_of(rq, &at);
    const char *object = line_of(rq, &at);
    if (etag[0] != '\0') {
        reply_header(rq, "ETag", etag);
    }
    if (location[0] != '\0') {
        reply_header(rq, "Location", location);
    }
    rq->result.object = object[0] == '\0' ? NULL : object;
    rq->result.outcome = "replayed"; /* the audit row names what the first one made, and its patients */
    rq->reply.status = (int)row->status;
    buf_text(rq->reply.body, at);
    return tx_commit(rq->tx);
}

enum problem
idempotency_claim(struct request *rq, bool *replayed)
{
    const char *key = key_of(rq);
    if (key == NULL) {
        return PROBLEM_NONE;
    }
    size_t size = strlen(key);
    if (size == 0 || size > IDEMPOTENCY_KEY_MAX) {
        request_error(rq, "/header/idempotency-key", "length", "must have 1 to 255 characters");
        return PROBLEM_INVALID_REQUEST;
    }
    struct span hash = key_hash(rq, key);
    struct span body = body_digest(rq);
    int64_t claimed = 0;
    struct q_idempotency_claim_in claim = {
        .key_hash = hash, .operation = rq->operation->id, .body_sha256 = body};
    enum problem problem = q_idempotency_claim(rq->tx, &claim, &claimed);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    tx_hold(rq->tx);
    if (claimed == 1) {
        return PROBLEM_NONE;
    }
    const struct q_idempotency_read_row *row = NULL;
    problem = q_idempotency_read(rq->tx, &(struct q_idempotency_read_in){.key_hash = hash}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row == NULL) {
        return PROBLEM_UNAVAILABLE; /* the first one was rolled back just now */
    }
    if (row->body_sha256.size != body.size ||
        sodium_memcmp(row->body_sha256.data, body.data, body.size) != 0) {
        return PROBLEM_IDEMPOTENCY_KEY_REUSED;
    }
    /* The reply is about a patient whom the actor does not see any more. */
    if (!row->visible) {
        return PROBLEM_NOT_FOUND;
    }
    if (!row->link_good) {
        return PROBLEM_INVITATION_STATE;
    }
    *replayed = true;
    return replay(rq, hash, row);
}

static const char *
header_of(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < rq->reply.header_count; i++) {
        if (strcmp(rq->reply.headers[i].name, name) == 0) {
            return rq->reply.headers[i].value;
        }
    }
    return "";
}

void
idempotency_store_later(struct request *rq)
{
    const char *key = key_of(rq);
    if (key == NULL || tx_committed(rq->tx)) {
        return;
    }
    struct span hash = key_hash(rq, key);
    const char *plain =
        arena_format(rq->arena, "%s\n%s\n%s\n%s", header_of(rq, "ETag"), header_of(rq, "Location"),
                     rq->result.object == NULL ? "" : rq->result.object, buf_string(rq->reply.body));
    struct span sealed;
    keyring_seal(rq->app->keyring, purpose, aad_of(rq, hash),
                 (struct span){(const unsigned char *)plain, strlen(plain)}, rq->arena, &sealed);
    q_idempotency_store_later(rq->tx, &(struct q_idempotency_store_in){.key_hash = hash,
                                                                       .status = rq->reply.status,
                                                                       .reply = sealed,
                                                                       .link_hash = rq->result.link});
}
