#include "lib/db/tx.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/bind.h"
#include "lib/db/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Transaction control is queued like every other statement. These are not files below sql/queries, because
 * they have neither parameters nor rows. Their indexes are the last ones of the process's table.
 */
/* Whatever the server's default is: locks and triggers count on each statement seeing what was committed before it. */
static const struct statement begin_statement = {
    "tx_begin", "BEGIN ISOLATION LEVEL READ COMMITTED", DB_STATEMENTS_MAX - 1, NULL, 0, NULL, 0, 0, false};
static const struct statement commit_statement = {
    "tx_commit", "COMMIT", DB_STATEMENTS_MAX - 2, NULL, 0, NULL, 0, 0, false};
static const struct statement relax_statement = {
    "tx_relax", "SET LOCAL synchronous_commit = off", DB_STATEMENTS_MAX - 4, NULL, 0, NULL, 0, 0, false};
static const struct statement rollback_statement = {
    "tx_rollback", "ROLLBACK", DB_STATEMENTS_MAX - 3, NULL, 0, NULL, 0, 0, false};

static enum problem
greet(struct db *db, struct tx *tx)
{
    enum problem problem = db->greeting(db->greeting_context, tx);
    db->greeted = problem == PROBLEM_NONE && db->connection != NULL;
    if (problem != PROBLEM_NONE) {
        tx_rollback(tx);
    }
    return problem;
}

enum problem
tx_open(struct db *db, struct arena *arena, struct tx **out)
{
    struct tx *tx = &db->tx;
    *out = tx;
    if (tx->state == TX_STARTED && tx->begun) {
        db_drop(db); /* an abandoned transaction: nobody knows what it had queued */
    }
    memset(tx, 0, sizeof *tx);
    tx->db = db;
    tx->arena = arena;
    if (!db_connect(db)) {
        tx->state = TX_FAILED;
        tx->problem = PROBLEM_UNAVAILABLE;
        return PROBLEM_UNAVAILABLE;
    }
    tx->state = TX_STARTED;
    tx->deadline = clock_monotonic() + TX_LIMIT;
    return db->greeted || db->greeting == NULL ? PROBLEM_NONE : greet(db, tx);
}

void
tx_on_closing(struct tx *tx, tx_closing_fn *closing, void *context)
{
    tx->closing = closing;
    tx->closing_context = context;
}

void
tx_relax(struct tx *tx)
{
    tx_later(tx, &relax_statement, NULL, NULL, NULL);
}

void
tx_reads(struct tx *tx)
{
    tx->reads = true;
}

void
tx_hold(struct tx *tx)
{
    tx->held = true;
}

bool
tx_committed(const struct tx *tx)
{
    return tx->state == TX_COMMITTED;
}

const char *
tx_sqlstate(const struct tx *tx)
{
    return tx->sqlstate;
}

const char *
tx_failed_statement(const struct tx *tx)
{
    return tx->failed == NULL ? "" : tx->failed->name;
}

const char *
tx_constraint(const struct tx *tx)
{
    return tx->constraint;
}

bool
tx_retryable(const struct tx *tx, bool idempotent)
{
    bool serialization = strcmp(tx->sqlstate, "40001") == 0 || strcmp(tx->sqlstate, "40P01") == 0;
    bool lost =
        tx->problem == PROBLEM_UNAVAILABLE && tx->db->connection == NULL && (idempotent || !tx->commit_sent);
    return tx->state == TX_FAILED && (serialization || lost) && clock_monotonic() < tx->deadline;
}

static void
note(struct tx *tx, const struct statement *statement, bool prepares, tx_rows_fn *rows, void *context)
{
    tx->pending[tx->pending_count++] = (struct pending){statement, prepares, rows, context};
}

/* Queues one statement, and its preparation when the server does not know it yet. */
static bool
queue(struct tx *tx, const struct statement *statement, const void *in, tx_rows_fn *rows, void *context)
{
    struct db *db = tx->db;
    struct bound bound;
    if (db->connection == NULL || tx->pending_count + 2 > TX_PENDING_MAX) {
        return false;
    }
    if (!bind_params(statement, in, tx->arena, &bound)) {
        log_event(LOG_ERROR, "value-does-not-fit", LOG_TEXT("statement", statement->name));
        return false;
    }
    int params = (int)statement->param_count;
    if (!db->prepared[statement->index] && !db->preparing[statement->index]) {
        if (PQsendPrepare(db->connection, statement->name, statement->text, params, bound.types) != 1) {
            return false;
        }
        db->preparing[statement->index] = true;
        note(tx, statement, true, NULL, NULL);
    }
    if (PQsendQueryPrepared(db->connection, statement->name, params, bound.values, bound.lengths,
                            bound.formats, 1) != 1) {
        return false;
    }
    note(tx, statement, false, rows, context);
    return true;
}

static void
begin_and_queue(struct tx *tx, const struct statement *statement, const void *in, tx_rows_fn *rows,
                void *context)
{
    if (tx->state != TX_STARTED || tx->unqueued) {
        return;
    }
    if (tx->reads && statement->writes) {
        log_event(LOG_ERROR, "read-would-write", LOG_TEXT("statement", statement->name));
        tx->unqueued = tx->misused = true;
        return;
    }
    if (!tx->begun) {
        tx->begun = true;
        tx->unqueued = !queue(tx, &begin_statement, NULL, NULL, NULL);
    }
    if (!tx->unqueued) {
        tx->unqueued = !queue(tx, statement, in, rows, context);
    }
}

void
tx_later(struct tx *tx, const struct statement *statement, const void *in, tx_rows_fn *rows, void *context)
{
    if (tx->commit_sent) {
        log_event(LOG_ERROR, "statement-after-commit", LOG_TEXT("statement", statement->name));
        abort();
    }
    begin_and_queue(tx, statement, in, rows, context);
}

static void
destroy_result(void *result)
{
    PQclear(result);
}

static void
lose(struct tx *tx)
{
    db_drop(tx->db);
    tx->state = TX_FAILED;
    tx->problem = PROBLEM_UNAVAILABLE;
}

void
tx_refuse(struct tx *tx, enum problem problem)
{
    if (!tx->commit_sent && tx->problem == PROBLEM_NONE) {
        tx->problem = problem;
    }
}

/* The first failure decides; what follows in the same trip was only skipped because of it. */
static void
fail(struct tx *tx, const struct statement *statement, const PGresult *result)
{
    if (tx->problem != PROBLEM_NONE) {
        return;
    }
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    (void)snprintf(tx->sqlstate, sizeof tx->sqlstate, "%s", sqlstate == NULL ? "" : sqlstate);
    (void)snprintf(tx->constraint, sizeof tx->constraint, "%s", constraint == NULL ? "" : constraint);
    tx->failed = statement;
    tx->problem = problem_of_sqlstate(tx->sqlstate);
    if (tx->problem == PROBLEM_INTERNAL || tx->problem == PROBLEM_UNAVAILABLE) {
        log_event(LOG_ERROR, "statement-failed", LOG_TEXT("statement", statement->name),
                  LOG_TEXT("sqlstate", tx->sqlstate), LOG_TEXT("constraint", tx->constraint));
    }
}

static void
take_result(struct tx *tx, const struct pending *pending, PGresult *result)
{
    struct db *db = tx->db;
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        if (status != PGRES_PIPELINE_ABORTED) {
            fail(tx, pending->statement, result);
        }
        return;
    }
    if (pending->prepares) {
        db->prepared[pending->statement->index] = true;
        return;
    }
    tx->result = result;
    if (pending->statement == &commit_statement) {
        /* COMMIT of a failed transaction answers ROLLBACK, and is no success. */
        bool committed = tx->problem == PROBLEM_NONE && strcmp(PQcmdStatus(result), "COMMIT") == 0;
        tx->state = committed ? TX_COMMITTED : TX_FAILED;
        return;
    }
    if (pending->rows == NULL) {
        return;
    }
    void *rows = NULL;
    if (!bind_rows(pending->statement, result, tx->arena, &rows)) {
        log_event(LOG_ERROR, "unexpected-result", LOG_TEXT("statement", pending->statement->name));
        tx->problem = PROBLEM_INTERNAL;
        return;
    }
    pending->rows(pending->context, rows, (size_t)PQntuples(result));
}

/* Reads the results of one pending command up to its terminating NULL. False when the connection is lost. */
static bool
take_answer(struct tx *tx, const struct pending *pending)
{
    for (;;) {
        if (!db_wait(tx->db, tx->deadline)) {
            return false;
        }
        PGresult *result = PQgetResult(tx->db->connection);
        if (result == NULL) {
            return true;
        }
        arena_own(tx->arena, result, destroy_result);
        take_result(tx, pending, result);
    }
}

static bool
connection_state(const char *sqlstate)
{
    return strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P0", 4) == 0 ||
           strcmp(sqlstate, "25006") == 0 || strcmp(sqlstate, "26000") == 0;
}

static bool
exchange(struct tx *tx)
{
    struct db *db = tx->db;
    if (PQpipelineSync(db->connection) != 1) {
        return false;
    }
    db->trips++;
    for (size_t i = 0; i < tx->pending_count; i++) {
        if (!take_answer(tx, &tx->pending[i])) {
            return false;
        }
    }
    if (!db_wait(db, tx->deadline)) {
        return false;
    }
    PGresult *sync = PQgetResult(db->connection);
    bool synced = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
    PQclear(sync);
    return synced;
}

enum problem
tx_flush(struct tx *tx)
{
    struct db *db = tx->db;
    if (tx->state == TX_FAILED) {
        return tx->problem;
    }
    if (tx->unqueued) {
        log_event(LOG_ERROR, "statement-not-queued", LOG_INT("pending", tx->pending_count));
        lose(tx);
        tx->problem = tx->misused ? PROBLEM_INTERNAL : tx->problem; /* tried again, it would be no better */
        return tx->problem;
    }
    if (tx->pending_count == 0) {
        return PROBLEM_NONE;
    }
    bool alive = exchange(tx);
    memset(db->preparing, 0, sizeof db->preparing);
    tx->pending_count = 0;
    if (!alive) {
        lose(tx);
        return tx->problem;
    }
    if (tx->problem != PROBLEM_NONE) {
        tx->state = TX_FAILED;
        if (connection_state(tx->sqlstate)) {
            db_drop(db);
        }
    }
    return tx->problem;
}

struct wanted {
    const void *rows;
    size_t count;
};

static void
keep_rows(void *context, const void *rows, size_t count)
{
    struct wanted *wanted = context;
    wanted->rows = rows;
    wanted->count = count;
}

static void
queue_commit(struct tx *tx)
{
    if (tx->closing != NULL) {
        tx_closing_fn *closing = tx->closing;
        tx->closing = NULL;
        closing(tx->closing_context, tx);
    }
    begin_and_queue(tx, &commit_statement, NULL, NULL, NULL);
    tx->commit_sent = true;
}

static int64_t
affected_rows(PGresult *result)
{
    int64_t affected = 0;
    for (const char *at = result == NULL ? "" : PQcmdTuples(result); *at != '\0'; at++) {
        affected = affected * 10 + (*at - '0');
    }
    return affected;
}

struct affected {
    struct tx *tx;
    int64_t count;
};

static void
keep_affected(void *context, const void *rows, size_t count)
{
    struct affected *affected = context;
    (void)rows;
    (void)count;
    affected->count = affected_rows(affected->tx->result);
}

enum problem
tx_run(struct tx *tx, const struct statement *statement, const void *in, bool last, const void **rows,
       size_t *count, int64_t *affected)
{
    struct wanted wanted = {NULL, 0};
    struct affected changed = {tx, 0};
    if (statement->column_count == 0) {
        tx_later(tx, statement, in, keep_affected, &changed);
    } else {
        tx_later(tx, statement, in, keep_rows, &wanted);
    }
    if (last && !tx->held && tx->state == TX_STARTED) {
        queue_commit(tx);
    }
    enum problem problem = tx_flush(tx);
    if (rows != NULL) {
        *rows = problem == PROBLEM_NONE ? wanted.rows : NULL;
    }
    if (count != NULL) {
        *count = problem == PROBLEM_NONE ? wanted.count : 0;
    }
    if (affected != NULL) {
        *affected = changed.count;
    }
    return problem;
}

enum problem
tx_must(const struct statement *statement, enum problem problem, const void *row, enum problem missing)
{
    if (problem != PROBLEM_NONE || row != NULL) {
        return problem;
    }
    if (missing == PROBLEM_INTERNAL) {
        log_event(LOG_ERROR, "no-row", LOG_TEXT("statement", statement->name));
    }
    return missing;
}

enum problem
tx_commit(struct tx *tx)
{
    if (tx->state == TX_COMMITTED) {
        return PROBLEM_NONE;
    }
    if (tx->state == TX_STARTED) {
        queue_commit(tx);
    }
    enum problem problem = tx_flush(tx);
    if (problem == PROBLEM_NONE && tx->state != TX_COMMITTED) {
        tx->state = TX_FAILED;
        tx->problem = PROBLEM_UNAVAILABLE;
        problem = PROBLEM_UNAVAILABLE;
    }
    return problem;
}

void
tx_rollback(struct tx *tx)
{
    if (tx->pending_count != 0) {
        (void)tx_flush(tx); /* queued and never sent: the answers must be read before anything else */
    }
    bool open = tx->begun && tx->state != TX_COMMITTED && tx->db->connection != NULL;
    enum problem problem = tx->problem;
    if (open) {
        tx->state = TX_STARTED;
        tx->problem = PROBLEM_NONE;
        tx->unqueued = false;
        begin_and_queue(tx, &rollback_statement, NULL, NULL, NULL);
        if (tx_flush(tx) != PROBLEM_NONE) {
            db_drop(tx->db);
        }
    }
    tx->problem = problem;
    tx->state = tx->state == TX_COMMITTED ? TX_COMMITTED : TX_FAILED;
}
