/*
 * One connection a process, one transaction a request, in libpq's pipeline mode: statements are queued and
 * travel together. A trip is one send and one receive; tx_run makes one for itself and everything queued
 * before it. With the last statement (q_NAME_last) the closing statement and COMMIT travel too: a read is one
 * trip. A statement after COMMIT was sent is a mistake in the program, which ends with a line in the log:
 * what ran in no transaction, or in none at all, must not look like "no row".
 *
 * Nothing is acknowledged before COMMIT's own result. A statement is prepared on first use, in the same trip.
 */
#ifndef ANAMNESIS_DB_TX_H
#define ANAMNESIS_DB_TX_H

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/db/statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Starts the request's transaction on the connection; sends nothing yet, but for the greeting of a new
 * connection. Rows live in `arena`.
 * PROBLEM_UNAVAILABLE when the database cannot be reached. One transaction at a time: an unfinished one is
 * abandoned first.
 */
enum problem tx_open(struct db *db, struct arena *arena, struct tx **tx);

/* Who queues the closing statement; called once, before COMMIT is queued. */
void tx_on_closing(struct tx *tx, tx_closing_fn *closing, void *context);

/*
 * COMMIT of this transaction does not wait until it is on disk: a crash of the server may lose what it wrote,
 * and nothing else. Travels with the first statement. Only for what may be lost: the audit row of a read,
 * when the operator says so.
 */
void tx_relax(struct tx *tx);

/*
 * This transaction reads: a statement that writes (struct statement) is not sent, and the trip that it was
 * for fails with PROBLEM_INTERNAL, before COMMIT. What every transaction leaves is no writing: the session's
 * proof, the audit row.
 */
void tx_reads(struct tx *tx);

/*
 * COMMIT travels with no statement from here on, also not with one that is said to be the last: something
 * must be stored after the handler (an idempotent reply).
 */
void tx_hold(struct tx *tx);

/* Queues a statement. `in` is read at once. `rows` may be NULL. A fault shows in the next tx_run.
 * Aborts when COMMIT was sent. */
void tx_later(struct tx *tx, const struct statement *statement, const void *in, tx_rows_fn *rows,
              void *context);

/*
 * Queues a statement, makes the trip (with the closing statement and COMMIT, when it is the `last` and
 * nothing holds the transaction), and gives its rows (an array of `count` row structures in the arena; NULL
 * when there are none) or the number of affected rows. Each out pointer may be NULL. Returns the problem of
 * the first statement that failed, by SQLSTATE (problems.tsv), PROBLEM_UNAVAILABLE when the connection was
 * lost or the time limit passed.
 */
enum problem tx_run(struct tx *tx, const struct statement *statement, const void *in, bool last,
                    const void **rows, size_t *count, int64_t *affected);

/*
 * For a statement that must give a row (`:one!`): `problem`, or `missing` when it ran and gave none. The
 * transaction goes on. PROBLEM_INTERNAL is logged: that statement always gives one.
 */
enum problem tx_must(const struct statement *statement, enum problem problem, const void *row,
                     enum problem missing);

/*
 * For a tx_rows_fn: what came makes the transaction fail with `problem`, which the trip returns. Nothing
 * happens when COMMIT travels with the same trip: it is done already.
 */
void tx_refuse(struct tx *tx, enum problem problem);

/* Makes the trip for what is queued, if anything is. */
enum problem tx_flush(struct tx *tx);

/* Queues the closing statement and COMMIT unless they went with the last statement, and makes the trip. */
enum problem tx_commit(struct tx *tx);

/* Ends the transaction without a trace, if it is not ended yet. */
void tx_rollback(struct tx *tx);

bool tx_committed(const struct tx *tx);

/*
 * True when the failed transaction should be run again: it is known not to have committed, or it is
 * `idempotent` (run twice, it leaves what it leaves when run once), and it was a deadlock, a serialization
 * failure, or the connection that went away; and there is time left.
 */
bool tx_retryable(const struct tx *tx, bool idempotent);

/* SQLSTATE and constraint name of the first failure, "" when there is none. */
const char *tx_sqlstate(const struct tx *tx);

/* The name of the statement that failed first; "" when none did. */
const char *tx_failed_statement(const struct tx *tx);
const char *tx_constraint(const struct tx *tx);

#endif
