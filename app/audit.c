#include "app/audit.h"

#include "app/admission.h"
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "lib/base/address.h"
#include "lib/db/tx.h"
#include "lib/http/problem.h"

/* The audit row, in the same transaction and before COMMIT: what cannot be audited is not served. */
static void
close_audit(void *context, struct tx *tx)
{
    static const char *const kinds[] = {[AUDIT_NONE] = "none",
                                        [AUDIT_EVENT] = "event",
                                        [AUDIT_PATIENT] = "patient",
                                        [AUDIT_PATIENTS] = "patients"};
    const struct request *rq = context;
    if (rq->operation->audit == AUDIT_NONE) {
        return;
    }
    bool refused = rq->refused != PROBLEM_NONE;
    const char *done = rq->audit_outcome != NULL ? rq->audit_outcome : "ok";
    const char *outcome = refused ? problem_code(rq->refused) : rq->replayed ? "replayed" : done;
    /* A refusal may have no patient to name; a replay names those of the first, and what it made. */
    const char *kind = refused ? kinds[AUDIT_EVENT] : kinds[rq->operation->audit];
    const char *object = rq->audit_object != NULL ? rq->audit_object : rq->path_values[0];
    q_audit_close_later(tx, &(struct q_audit_close_in){.object = object, .outcome = outcome, .kind = kind});
}

void
audit_at_close(struct request *rq)
{
    tx_on_closing(rq->tx, close_audit, rq);
}

/*
 * True for what a handler answers after it has looked: a conflict shows what is stored, a form's errors say
 * which answers are missing. That is an access like any other.
 */
static bool
tells_of_data(const struct request *rq, enum problem problem)
{
    static const int statuses[] = {409, 410, 412, 422};
    bool of_patients = rq->operation->audit == AUDIT_PATIENT || rq->operation->audit == AUDIT_PATIENTS;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (of_patients && problem_status(problem) == statuses[i]) {
            return true;
        }
    }
    return false;
}

enum problem
audit_withhold(struct request *rq)
{
    rq->extension = NULL;
    rq->error_count = 0;
    return PROBLEM_UNAVAILABLE;
}

enum problem
audit_refusal(struct request *rq, enum problem problem)
{
    bool refused = tells_of_data(rq, problem) || problem == PROBLEM_NOT_SIGNED_IN ||
                   problem == PROBLEM_FORBIDDEN || problem == PROBLEM_NOT_FOUND ||
                   problem == PROBLEM_CROSS_SITE || problem == PROBLEM_STEP_UP_REQUIRED;
    bool watched = rq->operation->audit != AUDIT_NONE && rq->operation->realm != REALM_NONE;
    if (!refused || !watched) {
        return problem;
    }
    struct tx *tx = NULL;
    if (tx_open(rq->app->db, rq->arena, &tx) != PROBLEM_NONE) {
        return audit_withhold(rq);
    }
    struct span hash = {rq->token_hash, rq->token == NULL ? 0 : sizeof rq->token_hash};
    const char *object = rq->audit_object != NULL ? rq->audit_object : rq->path_values[0];
    unsigned char parsed[UUID_SIZE];
    char network[ADDRESS_TEXT_SIZE] = "";
    struct address address;
    if (address_parse(rq->client_address, &address)) {
        (void)address_prefix(&address, ADDRESS_NETWORK_BITS, network);
    }
    struct q_audit_refused_in in = {.realm = realm_name(rq->operation->realm),
                                    .token_hash = hash,
                                    .object = uuid_parse(object, parsed) ? object : NULL,
                                    .outcome = problem_code(problem),
                                    .network = network};
    admission_nobody_later(rq, tx);
    q_audit_refused_later(tx, &in);
    bool written = tx_commit(tx) == PROBLEM_NONE;
    tx_rollback(tx); /* of one that failed: the next request begins a transaction of its own */
    return written ? problem : audit_withhold(rq);
}
