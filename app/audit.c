#include "app/audit.h"

#include "app/admission.h"
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "lib/base/address.h"
#include "lib/db/tx.h"
#include "lib/http/problem.h"

static const char *
object_of(const struct request *rq)
{
    return rq->result.object != NULL ? rq->result.object : rq->path_values[0];
}

/* Queues the audit row of an operation that has one. */
static void
close_as(const struct request *rq, struct tx *tx, enum api_audit audit)
{
    static const char *const kinds[] = {[AUDIT_NONE] = "none",
                                        [AUDIT_EVENT] = "event",
                                        [AUDIT_PATIENT] = "patient",
                                        [AUDIT_PATIENTS] = "patients"};
    if (rq->operation->audit == AUDIT_NONE) {
        return;
    }
    const char *outcome = rq->result.outcome != NULL ? rq->result.outcome : "ok";
    q_audit_close_later(
        tx, &(struct q_audit_close_in){.object = object_of(rq), .outcome = outcome, .kind = kinds[audit]});
}

static void
close_done(void *context, struct tx *tx)
{
    const struct request *rq = context;
    close_as(rq, tx, rq->operation->audit);
}

/* A refusal may have no patient to name. */
static void
close_refused(void *context, struct tx *tx)
{
    close_as(context, tx, AUDIT_EVENT);
}

void
audit_at_close(struct request *rq)
{
    tx_on_closing(rq->tx, close_done, rq);
}

void
audit_refused_at_close(struct request *rq, enum problem problem)
{
    rq->result.outcome = problem_code(problem);
    tx_on_closing(rq->tx, close_refused, rq);
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
    rq->result.extension = NULL;
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
    struct span hash = {rq->session.hash, rq->session.token == NULL ? 0 : sizeof rq->session.hash};
    const char *object = object_of(rq);
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
