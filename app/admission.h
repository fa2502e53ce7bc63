/* Who may come in: what can be said without the database, and the session's proof in it. */
#ifndef ANAMNESIS_APP_ADMISSION_H
#define ANAMNESIS_APP_ADMISSION_H

#include "lib/http/request.h"

#define COOKIE_STAFF   "__Host-anamnesis_staff"
#define COOKIE_PATIENT "__Host-anamnesis_patient"

/*
 * Finds the session token (Authorization: Bearer, else the realm's cookie), refuses unsafe requests by cookie
 * that another site caused (ASVS 3.5.1), and answers PROBLEM_NOT_SIGNED_IN when the operation needs a session
 * and there is nothing that could be one.
 */
enum problem admission_check(struct request *rq);

/*
 * PROBLEM_TOO_MANY_AT_ONCE when the session's practice or patient is known to hold its share of the workers,
 * or when it waited for too long in a crowd of strangers.
 */
enum problem admission_fair(const struct request *rq);

/*
 * Queues the transaction's first statement: it proves the session, the role among the operation's, and sets
 * the actor for row-level security. rq->actor is filled when the next trip is made, whose
 * result is PROBLEM_TOO_MANY_AT_ONCE when the actor turns out to hold its share of the workers.
 */
void admission_prove_later(struct request *rq);

/* Begins a transaction without a session: shows that this is a worker. */
void admission_nobody_later(struct request *rq, struct tx *tx);

/* The same for a token that was made in this transaction (rq->session.hash), with any role: signing in. */
void admission_prove_as_later(struct request *rq, enum realm realm);

/*
 * When If-Match is `*` or a list: looks up the present revision of what the operation changes, and lets the
 * input structure have it where the request is for it. One more trip, for such requests only.
 */
enum problem admission_revision(struct request *rq, void *in);

/*
 * Opens the request's transaction (rq->tx), and sends nothing yet. That of an operation which only reads does
 * not wait for the disk when ANAMNESIS_AUDIT_READS says `relaxed`.
 */
enum problem admission_open(struct request *rq);

/* A second transaction of the same request, proven again but without an audit row of its own. */
enum problem admission_reopen(struct request *rq);

/* Whether it is one of ANAMNESIS_ALLOWED_ORIGINS, letter by letter; and whether there are any. */
bool admission_origin_is_allowed(const struct request *rq, const char *origin);
bool admission_has_allowed_origins(const struct request *rq);

/* The bytes of a URL's origin, scheme://host[:port]: everything before the path. */
size_t admission_origin_size(const char *url);

/* The value of a cookie that carries `token`, or that ends it when `token` is NULL; in the arena. */
const char *admission_cookie(struct request *rq, enum realm realm, const char *token);

#endif
