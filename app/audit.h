/*
 * The audit row of a request: no access to a patient's data without one.
 *
 * What is done has its row in the same transaction, queued last before COMMIT: what cannot be audited is not
 * served. What is refused, where it concerns somebody's data, has a row in a transaction of its own, and the
 * refusal is told only when that row is committed. A refusal can tell of data too: a conflict shows what is
 * stored, an error which answers are missing. Which operations are audited, and how, is the contract's
 * x-audit; handlers only add the object and the outcome (rq->result). A row holds ids and codes, never what
 * was read.
 */
#ifndef ANAMNESIS_APP_AUDIT_H
#define ANAMNESIS_APP_AUDIT_H

#include "lib/http/request.h"

/* From now on the audit row is queued before COMMIT of rq->tx; to be called again after admission_reopen. */
void audit_at_close(struct request *rq);

/*
 * The same for a problem with which the transaction is committed (rq->result.keep): the row has the problem's
 * code as its outcome, and names no patient.
 */
void audit_refused_at_close(struct request *rq, enum problem problem);

/*
 * Writes the row of a refused access to somebody's data, where `problem` is one. Returns `problem`; or, when
 * the row could not be written, what audit_withhold returns.
 */
enum problem audit_refusal(struct request *rq, enum problem problem);

/* Drops what the reply would have told (errors, the extension), and returns PROBLEM_UNAVAILABLE. */
enum problem audit_withhold(struct request *rq);

#endif
