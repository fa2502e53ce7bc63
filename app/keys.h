/*
 * Data keys for the statements of one request.
 *
 * What a patient or a member of staff wrote is sealed under that person's data key, and the statement that
 * opens it takes the key as a parameter. A key that the process has cached costs no trip; otherwise its
 * wrapped form is read (one trip) and unwrapped. Which patient an object belongs to is cached too, as a
 * guess: the database checks in the same trip whose row and whose key it is, and a guess that was wrong opens
 * nothing.
 *
 * Every span returned lives in the request's arena and is wiped with it; it must not be copied elsewhere,
 * logged or stored. The actor's own key is unwrapped by admission.c with the session's proof, and nowhere
 * else. Keys of other people are got only by the functions below, whose statements are subject to row-level
 * security.
 */
#ifndef ANAMNESIS_APP_KEYS_H
#define ANAMNESIS_APP_KEYS_H

#include "lib/db/statement.h"
#include "lib/http/request.h"

/* The wrapped key that a row came with; owner_id NULL: the row needs no key, since it is open already. */
struct wrapped_key {
    const char *owner_id;
    struct span wrapped;
};

/* The rows of a list, and a function that finds the key that one of them needs. */
struct keys_rows {
    struct wrapped_key (*key_of)(const void *rows, size_t i);
    const void *rows;
    size_t count;
};

/*
 * The actor's own data key (a patient's, or a staff member's for name and e-mail): rq->actor.key once the
 * session is proven. Before that it takes no trip when the process has cached whose session it is and the
 * key, and otherwise makes the trip that proves the session. PROBLEM_INTERNAL when the keyring cannot open
 * it.
 */
enum problem keys_own(struct request *rq, struct span *key);

/* Whether the process has cached whose session it is, and that account's key; proves nothing. */
bool keys_own_is_cached(struct request *rq);

/*
 * The data key of a patient of the actor's practice. When it is not cached: one trip, and PROBLEM_NOT_FOUND
 * when the patient is not visible to the actor. A cached key is given without asking; the statement that uses
 * it must ask.
 */
enum problem keys_of_patient(struct request *rq, const char *patient_id, struct span *key);

/* The data key of the patient whose response this is; the same. */
enum problem keys_of_response(struct request *rq, const char *response_id, struct span *key);

/* The data key of the patient whose file this is; the same, and empty when the patient was erased: the file's row stays. */
enum problem keys_of_upload(struct request *rq, const char *upload_id, struct span *key);

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

/*
 * A new data key for a new owner: the key for this request, and its wrapped form for the database. False,
 * with both zeroed, when `owner_id` is no UUID.
 */
bool keys_new(struct request *rq, const char *owner_id, struct span *key, struct span *wrapped);

#endif
