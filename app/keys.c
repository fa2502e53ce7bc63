#include "app/keys.h"

#include "app/app.h"
#include "build/gen/sql.h"
#include "lib/base/log.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/key_cache.h"
#include "lib/db/tx.h"

#include <sodium.h>
#include <string.h>

enum { KEYS_LISTED_MAX = 201 }; /* a page of 200, and the one that tells that there are more */

static bool
cached(struct request *rq, const char *owner_id, struct span *key)
{
    unsigned char *copy = arena_alloc(rq->arena, DATA_KEY_SIZE);
    *key = (struct span){copy, DATA_KEY_SIZE};
    return key_cache_get(rq->app->keys, owner_id, rq->now, copy);
}

/*
 * The practice whose keys are listed and cached. Before the session is proven it is the one of when it was
 * last proven; NULL: not known.
 */
static const char *
practice_of(struct request *rq, struct session_owner *owner)
{
    if (rq->actor.practice_id[0] != '\0') {
        return rq->actor.practice_id;
    }
    return session_owner_get(rq->app->keys, rq->session.hash, owner) ? owner->practice_id : NULL;
}

bool
keys_unwrap(struct request *rq, const char *owner_id, struct span wrapped, struct span *key)
{
    struct session_owner owner;
    unsigned char *copy = arena_alloc(rq->arena, DATA_KEY_SIZE);
    *key = (struct span){copy, DATA_KEY_SIZE};
    bool opened = data_key_unwrap(rq->app->keyring, owner_id, wrapped, copy);
    if (!opened && keyring_key(rq->app->keyring, KEYRING_KEK, data_key_version(wrapped)) == NULL) {
        /* Another program uses a newer keyring already. */
        opened = key_guard_look_again(&rq->app->guard) &&
                 data_key_unwrap(rq->app->keyring, owner_id, wrapped, copy);
    }
    if (!opened) {
        log_event(LOG_ERROR, "data-key-does-not-open", LOG_TEXT("owner", owner_id),
                  LOG_INT("kek_version", data_key_version(wrapped)));
        return false;
    }
    const char *practice = practice_of(rq, &owner);
    if (practice != NULL) {
        key_cache_put(rq->app->keys, practice, owner_id, copy, rq->now);
    }
    return true;
}

bool
keys_open(struct request *rq, const char *owner_id, struct span wrapped, struct span *key)
{
    return cached(rq, owner_id, key) || keys_unwrap(rq, owner_id, wrapped, key);
}

/* The key of whoever the session belonged to when it was last proven. */
static bool
own_cached(struct request *rq, struct span *key)
{
    struct session_owner owner;
    return session_owner_get(rq->app->keys, rq->session.hash, &owner) && cached(rq, owner.account_id, key);
}

bool
keys_own_is_cached(struct request *rq)
{
    struct span key;
    return own_cached(rq, &key);
}

enum problem
keys_own(struct request *rq, struct span *key)
{
    if (rq->actor.id[0] == '\0' && own_cached(rq, key)) {
        return PROBLEM_NONE;
    }
    enum problem problem = tx_flush(rq->tx);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    *key = rq->actor.key;
    return key->size == 0 ? PROBLEM_INTERNAL : PROBLEM_NONE;
}

enum problem
keys_of_patient(struct request *rq, const char *patient_id, struct span *key)
{
    if (cached(rq, patient_id, key)) {
        return PROBLEM_NONE;
    }
    const struct q_patient_key_row *row = NULL;
    enum problem problem = q_patient_key(rq->tx, &(struct q_patient_key_in){.id = patient_id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return keys_unwrap(rq, patient_id, row->wrapped_key, key) ? PROBLEM_NONE : PROBLEM_INTERNAL;
}

enum problem
keys_of_response(struct request *rq, const char *response_id, struct span *key)
{
    char patient_id[UUID_TEXT_SIZE];
    if (object_owner_get(rq->app->keys, response_id, patient_id) && cached(rq, patient_id, key)) {
        return PROBLEM_NONE;
    }
    const struct q_response_key_row *row = NULL;
    enum problem problem = q_response_key(rq->tx, &(struct q_response_key_in){.id = response_id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    object_owner_put(rq->app->keys, response_id, row->patient_id);
    return keys_open(rq, row->patient_id, row->wrapped_key, key) ? PROBLEM_NONE : PROBLEM_INTERNAL;
}

enum problem
keys_of_upload(struct request *rq, const char *upload_id, struct span *key)
{
    char patient_id[UUID_TEXT_SIZE];
    if (object_owner_get(rq->app->keys, upload_id, patient_id) && cached(rq, patient_id, key)) {
        return PROBLEM_NONE;
    }
    const struct q_upload_key_row *row = NULL;
    enum problem problem = q_upload_key(rq->tx, &(struct q_upload_key_in){.id = upload_id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (row->wrapped_key.data == NULL) {
        *key = (struct span){NULL, 0};
        return PROBLEM_NONE;
    }
    object_owner_put(rq->app->keys, upload_id, row->patient_id);
    return keys_open(rq, row->patient_id, row->wrapped_key, key) ? PROBLEM_NONE : PROBLEM_INTERNAL;
}

void
keys_cached(struct request *rq, struct db_array *ids, struct db_array *keys)
{
    struct session_owner owner;
    const char *practice = practice_of(rq, &owner);
    char(*owners)[UUID_TEXT_SIZE] = arena_array(rq->arena, KEYS_LISTED_MAX, UUID_TEXT_SIZE);
    unsigned char(*found)[DATA_KEY_SIZE] = arena_array(rq->arena, KEYS_LISTED_MAX, DATA_KEY_SIZE);
    size_t count = practice == NULL
                       ? 0
                       : key_cache_list(rq->app->keys, practice, rq->now, KEYS_LISTED_MAX, owners, found);
    const char **id = arena_array(rq->arena, count, sizeof *id);
    struct span *key = arena_array(rq->arena, count, sizeof *key);
    for (size_t i = 0; i < count; i++) {
        id[i] = owners[i];
        key[i] = (struct span){found[i], DATA_KEY_SIZE};
    }
    *ids = (struct db_array){id, count};
    *keys = (struct db_array){key, count};
}

/* Where the owner stands among the first `count` ids, or `count`. */
static size_t
index_of(const char *const *ids, size_t count, const char *owner_id)
{
    size_t i = 0;
    while (i < count && strcmp(ids[i], owner_id) != 0) {
        i++;
    }
    return i;
}

enum problem
keys_add(struct request *rq, const struct keys_rows *rows, struct db_array *ids, struct db_array *keys,
         bool *again)
{
    enum problem problem = PROBLEM_NONE;
    size_t before = ids->count;
    size_t count = before;
    const char **id = arena_array(rq->arena, before + rows->count, sizeof *id);
    struct span *key = arena_array(rq->arena, before + rows->count, sizeof *key);
    *again = false;
    for (size_t i = 0; i < before; i++) {
        id[i] = ((const char *const *)ids->items)[i];
        key[i] = ((const struct span *)keys->items)[i];
    }
    for (size_t i = 0; i < rows->count; i++) {
        struct wrapped_key row = rows->key_of(rows->rows, i);
        size_t at = row.owner_id == NULL ? count : index_of(id, count, row.owner_id);
        if (row.owner_id == NULL || (at >= before && at < count)) {
            continue; /* open, or added already */
        }
        /* A key that was given and did not open the row is replaced by the one that the database has now. */
        struct span opened;
        if (!keys_unwrap(rq, row.owner_id, row.wrapped, &opened)) {
            problem = PROBLEM_INTERNAL;
            continue;
        }
        id[at] = row.owner_id;
        key[at] = opened;
        count = at == count ? count + 1 : count;
        *again = true;
    }
    *ids = (struct db_array){id, count};
    *keys = (struct db_array){key, count};
    return problem;
}

bool
keys_new(struct request *rq, const char *owner_id, struct span *key, struct span *wrapped)
{
    unsigned char *plain = arena_alloc(rq->arena, DATA_KEY_SIZE);
    unsigned char *sealed = arena_alloc(rq->arena, WRAPPED_KEY_SIZE);
    *key = (struct span){plain, DATA_KEY_SIZE};
    *wrapped = (struct span){sealed, WRAPPED_KEY_SIZE};
    return data_key_new(rq->app->keyring, owner_id, plain, sealed);
}
