/*
 * Data keys for the statements of one request. A key that the process has cached costs no trip to the
 * database; what a cached key belongs to is checked by the database in the same trip (a guess that was wrong
 * opens nothing). Every span returned lives in the request's arena and is wiped with it.
 */
#ifndef ANAMNESIS_APP_KEYS_H
#define ANAMNESIS_APP_KEYS_H

#include "lib/db/statement.h"
#include "lib/http/request.h"

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
 * What is cached of the actor's practice, for lists: up to 201 patients' ids and keys. Rows of other patients
 * come with their wrapped key; keys_unwrap opens it, and the list is read again with what it put in the
 * cache.
 */
void keys_cached(struct request *rq, struct db_array *ids, struct db_array *keys);

/* Unwraps and caches the key of `owner_id`. False (and a log line) when the keyring cannot open it. */
bool keys_unwrap(struct request *rq, const char *owner_id, struct span wrapped, struct span *key);

/* The same, and unwraps nothing when the key is cached. */
bool keys_open(struct request *rq, const char *owner_id, struct span wrapped, struct span *key);

/* A new data key for a new owner: the key for this request, wrapped for the database. */
bool keys_new(struct request *rq, const char *owner_id, struct span *key, struct span *wrapped);

#endif
