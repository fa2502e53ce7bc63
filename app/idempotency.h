/*
 * Idempotency-Key on creating operations: the first request with a key does the work and stores its reply,
 * sealed, in the same transaction; the same request again gets that reply; another body with the same key is
 * refused (422). The reply is given to who would get it for the first time now: to an actor who does not see
 * its patients any more it is 404, and a link that has ended is not shown again (409). Keys belong to their
 * actor and live 24 hours. Two at the same moment: the second waits for the first.
 */
#ifndef ANAMNESIS_APP_IDEMPOTENCY_H
#define ANAMNESIS_APP_IDEMPOTENCY_H

#include "lib/http/request.h"

/* Claims the request's key, if it has one. `replayed` true: the reply is the stored one, and nothing is to be
 * done. */
enum problem idempotency_claim(struct request *rq, bool *replayed);

/* Queues the storing of the finished reply, if a key was claimed. */
void idempotency_store_later(struct request *rq);

#endif
