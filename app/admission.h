/*
 * Admission: who may come in. Three questions are answered before a handler's work, the cheap ones first:
 *
 * - without any state: does the request carry a token that could be a session's, and does it come from our
 *   own pages;
 * - from shared memory: does its practice or patient hold its share of the workers already (fairness.h);
 * - in the database: is the session alive, of a member or patient with one of the operation's roles. The
 *   transaction's first statement asks this and sets the actor for row-level security, so nothing behind it
 *   sees more than the actor may.
 *
 * The answer of the database comes with the handler's first trip, not before: until then rq->actor is empty,
 * and a handler must not judge by it. A request without a session is shown to the database as a worker's by a
 * value that only the holder of the pepper can make (lib/crypto/key_check.h).
 */
#ifndef ANAMNESIS_APP_ADMISSION_H
#define ANAMNESIS_APP_ADMISSION_H

#include "lib/http/request.h"

#define COOKIE_STAFF   "__Host-anamnesis_staff"
#define COOKIE_PATIENT "__Host-anamnesis_patient"

/*
 * Finds the session token (Authorization: Bearer, else the realm's cookie). PROBLEM_CROSS_SITE for an unsafe
 * request by cookie that another site caused (ASVS 3.5.1); PROBLEM_NOT_SIGNED_IN when the operation needs a
 * session and there is no token, and for a token that has not the form of one, also where the session is
 * optional.
 */
enum problem admission_check(struct request *rq);

/*
 * PROBLEM_TOO_MANY_AT_ONCE when the session's practice or patient is known to hold its share of the workers,
 * or when the request waited for too long at the door of those who carry no device's token.
 */
enum problem admission_fair(const struct request *rq);

/*
 * Queues the transaction's first statement: it proves the session and that its role is among the operation's,
 * and sets the actor for row-level security. rq->actor is filled by the next trip, whose problem is
 * PROBLEM_TOO_MANY_AT_ONCE when the actor turns out to hold its share of the workers. Without a token it is
 * admission_nobody_later.
 */
void admission_prove_later(struct request *rq);

/*
 * Queues the first statement of a transaction without a session, which shows the database that this is a
 * worker.
 */
void admission_nobody_later(struct request *rq, struct tx *tx);

/*
 * As admission_prove_later, with any role, for a session that was made in this transaction
 * (rq->session.hash).
 */
void admission_prove_as_later(struct request *rq, enum realm realm);

/*
 * When If-Match is `*` or names several revisions: looks up the present revision of what the operation
 * changes, and puts it into the input structure when the request is for it. One more trip, for such requests
 * only.
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
