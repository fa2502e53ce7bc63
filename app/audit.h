/*
 * The audit row of a request. What is done has one in its own transaction, before COMMIT: what cannot be
 * audited is not served. What is refused has one in a transaction of its own, where it concerns somebody's
 * data.
 */
#ifndef ANAMNESIS_APP_AUDIT_H
#define ANAMNESIS_APP_AUDIT_H

#include "lib/http/request.h"

/* The request's transaction ends with its audit row. Also for one that a handler opened itself
 * (admission_reopen). */
void audit_at_close(struct request *rq);

/* The same for a problem that is kept (rq->result.keep): the row says which, and names no patient. */
void audit_refused_at_close(struct request *rq, enum problem problem);

/*
 * Notes a refused access to somebody's data. Returns `problem`; or PROBLEM_UNAVAILABLE when the row could not
 * be written: then nothing of what the refusal would have said leaves.
 */
enum problem audit_refusal(struct request *rq, enum problem problem);

/* Nothing of what the refusal would have said leaves without its row: PROBLEM_UNAVAILABLE. */
enum problem audit_withhold(struct request *rq);

#endif
