/*
 * Idempotency-Key on operations that create something: a client may send the same request again, and what it
 * creates is created once.
 *
 * The first request with a key does the work and stores its reply, sealed, in the same transaction. The same
 * request again gets that reply. Another body or path with the same key is refused (422). A replay is given
 * only to those who would get the reply now: to an actor who does not see its patients any more it is 404,
 * and a link that has ended is not shown again (409). Keys belong to their actor and operation and live 24
 * hours. Of two requests at the same moment the second waits, in the database, for the first. The header
 * counts only on operations that declare it, and only with a session.
 *
 * Costs: one trip to claim a key, and COMMIT is a trip of its own, because the reply is stored behind the
 * handler. The database keeps a keyed digest of the body, never the body.
 */
#ifndef ANAMNESIS_APP_IDEMPOTENCY_H
#define ANAMNESIS_APP_IDEMPOTENCY_H

#include "lib/http/request.h"

/*
 * Claims the request's key, if it has one. `*replayed` true: rq->reply is the stored one, the transaction is
 * committed, and nothing is left to be done. It must be false before. A problem ends the request.
 */
enum problem idempotency_claim(struct request *rq, bool *replayed);

/* Queues the storing of the finished reply, if a key was claimed and the transaction is open. */
void idempotency_store_later(struct request *rq);

#endif
