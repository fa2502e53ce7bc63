/*
 * One request from its route to its reply. The steps, in order; each may end the request with a problem:
 *
 * - the route: method and path name a row of the contract (lib/http/route.c);
 * - admission without the database: is there a token that could be a session's, did another site cause the
 *   request, is there room for its practice (admission.c);
 * - decoding: path, query, headers and body against the row (lib/http/decode.c);
 * - one transaction: the session is proven by its first statement, then Idempotency-Key, If-Match, the
 *   handler, the audit row, COMMIT;
 * - the reply, finished with the headers that all replies have.
 *
 * An unauthenticated caller gets 401 before any error of validation, so a decoding problem of a request that
 * carries a token is held back until the session's proof has come. A reply leaves only after COMMIT's own
 * result, and the work is done again at most twice, each time from the request as it was decoded, when the
 * transaction is known not to have been committed. Whatever a handler does, an exhausted arena ends it:
 * longjmp leaves it in the middle, which is why handlers may own nothing that is not the arena's, and the
 * connection is dropped with its transaction.
 *
 * What must not be done: name a handler here (the generated table calls them); write an error body
 * (lib/http/problem.c alone does); tell anything about data before its audit row is committed.
 */
#include "app/app.h"

#include "app/admission.h"
#include "app/audit.h"
#include "app/cors.h"
#include "app/fairness.h"
#include "app/idempotency.h"
#include "build/gen/api.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/crypto/password.h"
#include "lib/db/tx.h"
#include "lib/http/contract.h"
#include "lib/http/decode.h"
#include "lib/http/problem.h"
#include "lib/http/route.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Deadlocks and serialization failures are rare; two more tries are enough or something is wrong. */
enum { TRANSACTION_TRIES = 3 };

/* Where an exhausted arena jumps to, out of whatever the handler was doing. */
static jmp_buf arena_is_full;

static void
leave_handler(void *context)
{
    (void)context;
    longjmp(arena_is_full, 1);
}

/* Drops what was written for the reply so far; the request itself stays. */
static void
forget_reply(struct request *rq)
{
    struct buf *body = rq->reply.body;
    buf_reset(body);
    memset(&rq->reply, 0, sizeof rq->reply);
    rq->reply.body = body;
    json_start(&rq->reply.json, body);
}

/* A reply that lacks what the contract requires is not sent, and nothing that it would tell is kept. */
static enum problem
whole(const struct request *rq, enum problem problem)
{
    if (problem != PROBLEM_NONE || rq->reply.json.missing == NULL) {
        return problem;
    }
    log_event(LOG_ERROR, "reply-lacks-member", LOG_TEXT("operation", rq->operation->id),
              LOG_TEXT("member", rq->reply.json.missing));
    return PROBLEM_INTERNAL;
}

/* One try at the whole transaction. */
static enum problem
transact(struct request *rq, void *in, enum problem decoded)
{
    const struct api_operation *operation = rq->operation;
    enum problem problem = admission_open(rq);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    audit_at_close(rq);
    admission_prove_later(rq);
    if (decoded != PROBLEM_NONE) {
        /* An unauthenticated caller gets 401 before any validation error. */
        problem = tx_flush(rq->tx);
        return problem != PROBLEM_NONE ? problem : decoded;
    }
    bool replayed = false;
    problem = idempotency_claim(rq, &replayed);
    if (problem != PROBLEM_NONE || replayed) {
        return problem;
    }
    problem = admission_revision(rq, in);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    problem = operation->call(rq, in);
    if (problem != PROBLEM_NONE && rq->result.keep) {
        audit_refused_at_close(rq, problem);
        return tx_commit(rq->tx) == PROBLEM_NONE ? problem : PROBLEM_UNAVAILABLE;
    }
    problem = whole(rq, problem);
    if (problem != PROBLEM_NONE && rq->session.token != NULL && rq->actor.id[0] == '\0') {
        /* The handler refused before it asked the database anything: 401 comes before its problem. */
        enum problem proof = tx_flush(rq->tx);
        return proof != PROBLEM_NONE ? proof : problem;
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (rq->reply.status == 0) {
        rq->reply.status = operation->replies[0].status;
    }
    idempotency_store_later(rq);
    return tx_commit(rq->tx);
}

/* Signing out of a session that has ended already: a success, and the cookie is cleared. */
static enum problem
sign_out_of_ended(struct request *rq)
{
    forget_reply(rq);
    reply_header(rq, "Set-Cookie", admission_cookie(rq, rq->operation->realm, NULL));
    return PROBLEM_NONE;
}

/*
 * A try begins with the request as it was decoded, whichever of its members the try before it wrote: what was
 * rolled back is true no longer, such as the session of a sign-in. Only the moment before which no reply
 * leaves holds for all tries, and what was had from elsewhere.
 */
static void
begin_try(struct request *rq, const struct request *decoded)
{
    int64_t not_before = rq->result.not_before;
    struct errand errand = rq->errand;
    *rq = *decoded;
    rq->result.not_before = not_before;
    rq->errand = errand;
    forget_reply(rq);
}

/* Does what the handler needs from elsewhere, once the transaction that asked for it is over. */
static bool
run_errand(struct request *rq)
{
    if (rq->errand.run == NULL || rq->errand.done) {
        return false;
    }
    rq->errand.run(rq, rq->errand.context);
    rq->errand.done = true;
    return true;
}

static enum problem
run_transaction(struct request *rq, const void *in, enum problem decoded)
{
    enum problem problem = PROBLEM_INTERNAL;
    struct request *as_decoded = arena_alloc(rq->arena, sizeof *as_decoded);
    *as_decoded = *rq;
    for (int tries = 0; tries < TRANSACTION_TRIES;) {
        begin_try(rq, as_decoded);
        problem = transact(rq, arena_copy(rq->arena, in, rq->operation->input_size), decoded);
        /* `If-Match: *` is for whichever revision there is: also for one that came just now. */
        bool overtaken = problem == PROBLEM_STALE_REVISION && rq->if_match.any;
        bool again = overtaken || tx_retryable(rq->tx, rq->operation->tx != TX_WRITE);
        tx_rollback(rq->tx);
        if (run_errand(rq)) {
            continue;
        }
        tries++;
        if (!again) {
            break;
        }
    }
    if (problem == PROBLEM_NOT_SIGNED_IN || problem == PROBLEM_FORBIDDEN) {
        rq->error_count = 0; /* only those who may send a body are told what is wrong with it */
    }
    if (problem == PROBLEM_INTERNAL && strcmp(tx_failed_statement(rq->tx), "audit_close") == 0) {
        return audit_withhold(rq); /* the log takes no row at the moment */
    }
    problem = tx_committed(rq->tx) ? problem : audit_refusal(rq, problem);
    return problem == PROBLEM_NOT_SIGNED_IN && rq->operation->signs_out ? sign_out_of_ended(rq) : problem;
}

static enum problem
serve(struct request *rq)
{
    enum problem problem = PROBLEM_NONE;
    const char *allow = NULL;
    if (rq->unreadable != PROBLEM_NONE) {
        return rq->unreadable;
    }
    rq->operation = route_match(rq, &problem, &allow);
    if (rq->operation == NULL) {
        if (allow != NULL && cors_preflight(rq, allow)) {
            return PROBLEM_NONE;
        }
        if (allow != NULL) {
            reply_header(rq, "Allow", allow);
        }
        return problem;
    }
    problem = admission_check(rq);
    if (problem == PROBLEM_NONE) {
        problem = admission_fair(rq);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    void *in = NULL;
    enum problem decoded = decode_input(rq, rq->operation, &in);
    if (decoded != PROBLEM_NONE && rq->session.token == NULL) {
        return decoded; /* nobody is signed in: the database need not be asked */
    }
    if (rq->operation->tx == TX_NONE) {
        return whole(rq, rq->operation->call(rq, in));
    }
    return run_transaction(rq, in, decoded);
}

/* Completes the reply. Of a problem everything that was written before is dropped, but for Allow with 405. */
static void
finish(struct request *rq, enum problem problem)
{
    if (problem == PROBLEM_NONE && rq->reply.body->failed) {
        log_event(LOG_ERROR, "reply-too-large", LOG_TEXT("operation", rq->operation->id));
        problem = PROBLEM_INTERNAL;
    }
    if (problem != PROBLEM_NONE) {
        struct header allow =
            rq->reply.header_count == 1 ? rq->reply.headers[0] : (struct header){NULL, NULL};
        forget_reply(rq);
        if (problem == PROBLEM_METHOD_NOT_ALLOWED && allow.name != NULL) {
            reply_header(rq, allow.name, allow.value);
        }
        problem_write(rq, problem);
    } else if (rq->reply.status == 0) {
        rq->reply.status = rq->operation->replies[0].status;
    }
    if (rq->reply.content_type == NULL) {
        rq->reply.content_type = "application/json";
    }
    reply_header(rq, "X-Request-Id", rq->id);
    reply_header(rq, "Cache-Control", "no-store");
    cors_headers(rq);
}

static void
check_contract(struct app *app, struct request *rq)
{
    char why[512];
    if (app->contract_log < 0 || rq->operation == NULL) {
        return;
    }
    if (reply_matches_contract(rq, why, sizeof why)) {
        contract_note(app->contract_log, rq);
        return;
    }
    log_event(LOG_ERROR, "reply-breaks-contract", LOG_TEXT("operation", rq->operation->id),
              LOG_INT("status", rq->reply.status), LOG_TEXT("why", why));
    forget_reply(rq);
    finish(rq, PROBLEM_INTERNAL);
}

/* Waits, after COMMIT or ROLLBACK, so that the time of the answer does not tell what was done. */
static void
wait_until(int64_t when)
{
    int64_t rest = when == 0 ? 0 : when - clock_monotonic();
    if (rest > 0) {
        struct timespec pause = {.tv_sec = rest / CLOCK_SECOND, .tv_nsec = rest % CLOCK_SECOND * 1000};
        (void)nanosleep(&pause, NULL);
    }
}

void
app_serve(struct app *app, struct request *rq)
{
    int64_t started = clock_monotonic();
    int64_t trips = db_trips(app->db);
    int64_t hashes = password_computations();
    arena_on_full(app->arena, leave_handler, NULL);
    if (setjmp(arena_is_full) == 0) {
        finish(rq, serve(rq));
        wait_until(rq->result.not_before);
        check_contract(app, rq);
    } else {
        arena_on_full(app->arena, NULL, NULL);
        db_drop(app->db); /* its transaction was left in the middle */
        arena_reset(app->arena);
        rq->operation = NULL;
        rq->error_count = 0;
        rq->result = (struct result){.object = NULL};
        log_event(LOG_ERROR, "arena-exhausted", LOG_TEXT("request", rq->id));
        finish(rq, PROBLEM_OVERLOADED);
    }
    if (app->fairness != NULL) {
        app->fairness->done(app->fairness->context);
    }
    app->served++;
    log_event(LOG_INFO, "request", LOG_TEXT("request", rq->id),
              LOG_TEXT("operation", rq->operation == NULL ? NULL : rq->operation->id),
              LOG_INT("status", rq->reply.status), LOG_INT("microseconds", clock_monotonic() - started),
              LOG_INT("trips", db_trips(app->db) - trips),
              LOG_INT("hashes", password_computations() - hashes));
}
