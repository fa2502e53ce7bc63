/*
 * Data keys for the statements of one request. A key that the process has cached costs no trip to the
 * database; what a cached key belongs to is checked by the database in the same trip (a guess that was wrong
 * opens nothing). Every span returned lives in the request's arena and is wiped with it.
 */
#ifndef ANAMNESIS_APP_KEYS_H
#define ANAMNESIS_APP_KEYS_H

#include "lib/db/statement.h"
#include "lib/http/request.h"

/* A key that a row came with; owner_id NULL: the row needs none. */
struct wrapped_key {
    const char *owner_id;
    struct span wrapped;
};

/* The rows of a list, and how the key that one of them needs is found in it. */
struct keys_rows {
    struct wrapped_key (*key_of)(const void *rows, size_t i);
    const void *rows;
    size_t count;
};

/*
 * The actor's own data key (a patient's, or a staff member's for name and e-mail): rq->actor.key once the
 * session is proven. Before that, no trip when the process has cached whose session it is and the key;
 * otherwise the one that proves the session.
 */
enum problem keys_own(struct request *rq, struct span *key);

/* The data key of a patient of the actor's practice. One trip when not cached; PROBLEM_NOT_FOUND when not
 * visible. */
enum problem keys_of_patient(struct request *rq, const char *patient_id, struct span *key);

/* The data key of the patient whose response this is; the same. */
enum problem keys_of_response(struct request *rq, const char *response_id, struct span *key);

/*
 * A list is read with the keys at hand: those that the process has cached (up to 201 of the actor's
 * practice), or none. Rows of other owners come with their wrapped key instead, which keys_add opens, caches
 * and adds to `ids` and `keys`, each owner's once; then the list is read again with them. So a list is one
 * trip when all keys are cached, and two otherwise. `*again` says whether there is something to read again
 * for. PROBLEM_INTERNAL when a key does not open; the others are added.
 */
void keys_cached(struct request *rq, struct db_array *ids, struct db_array *keys);
enum problem keys_add(struct request *rq, const struct keys_rows *rows, struct db_array *ids,
                      struct db_array *keys, bool *again);

/* Unwraps and caches the key of `owner_id`. False (and a log line) when the keyring cannot open it. */
bool keys_unwrap(struct request *rq, const char *owner_id, struct span wrapped, struct span *key);

/* The same, and unwraps nothing when the key is cached. */
bool keys_open(struct request *rq, const char *owner_id, struct span wrapped, struct span *key);

/* A new data key for a new owner: the key for this request, wrapped for the database. */
bool keys_new(struct request *rq, const char *owner_id, struct span *key, struct span *wrapped);

#endif
