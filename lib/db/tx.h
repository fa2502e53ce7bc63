/*
 * One connection a process, one transaction a request, in libpq's pipeline mode: statements are queued and
 * travel together.
 *
 * A trip is one send and one receive. tx_later queues a statement and gives its rows to a function when they
 * have come; tx_run (which the generated q_NAME calls) queues one and makes the trip for it and everything
 * queued before it. With the last statement (q_NAME_last) the closing statement, which writes the audit row,
 * and COMMIT travel too: so a read whose key is cached is one trip. A statement is prepared on its first use,
 * in the same trip.
 *
 * A transaction goes from started to committed or failed. The first failure decides its problem, by SQLSTATE
 * (problems.tsv); the server skips what was queued behind it, and every later call returns the same problem,
 * so callers test once where they need rows. Nothing is acknowledged before COMMIT's own result. A COMMIT
 * that was sent and whose answer was lost has an unknown outcome: only tx_retryable says whether the work may
 * be run again.
 *
 * What must not be done: a statement after COMMIT was sent ends the program with a line in the log, because
 * what runs in no transaction must not look like "no row". A transaction must not be kept over the end of its
 * request, nor opened for work that takes long: the server's locks wait with it, and 4.5 seconds after
 * tx_open it ends as PROBLEM_UNAVAILABLE. Rows live in the request's arena and die with it. Not for several
 * threads. Values and messages of the server can hold what patients wrote, so only names, SQLSTATEs and
 * constraints are logged.
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
 * Starts the request's transaction on the connection, which is made when there is none (within two seconds).
 * Sends nothing yet but the greeting of a new connection. Rows live in `arena`. `*tx` is always set, and is
 * the connection's. PROBLEM_UNAVAILABLE when the database cannot be reached, or the greeting's problem. One
 * transaction at a time: one that was begun and not ended is abandoned, with its connection.
 */
enum problem tx_open(struct db *db, struct arena *arena, struct tx **tx);

/* Says what queues the closing statement: `closing` is called once, before COMMIT is queued. */
void tx_on_closing(struct tx *tx, tx_closing_fn *closing, void *context);

/*
 * COMMIT of this transaction does not wait until it is on disk: a crash of the server may lose what the
 * transaction wrote, and nothing else. To be called first; it is queued like a statement. Only for what may
 * be lost: the audit row of a read, when the operator has set ANAMNESIS_AUDIT_READS=relaxed.
 */
void tx_relax(struct tx *tx);

/*
 * This transaction reads: a statement that writes (`writes` of struct statement) is not sent from here on,
 * and the trip that it was for fails with PROBLEM_INTERNAL, before COMMIT. The statements of the session's
 * proof and of the audit row do not count as writing, since every transaction has them.
 */
void tx_reads(struct tx *tx);

/*
 * From here on COMMIT travels with no statement, not even with the last one, because something must be stored
 * after the handler (an idempotent reply). tx_commit then sends it.
 */
void tx_hold(struct tx *tx);

/*
 * Queues a statement. `in` is read at once. `rows` may be NULL; it is not called when the statement fails. A
 * fault shows in the next tx_run, tx_flush or tx_commit. Aborts when COMMIT was sent.
 */
void tx_later(struct tx *tx, const struct statement *statement, const void *in, tx_rows_fn *rows,
              void *context);

/*
 * Queues a statement, makes the trip (with the closing statement and COMMIT, when it is the `last` and
 * nothing holds the transaction), and gives its rows: an array of `count` row structures in the arena, NULL
 * when there are none. Of a statement without columns `*affected` is the number of rows that it changed;
 * otherwise it is 0. Each out pointer may be NULL. Returns the problem of the first statement that failed;
 * PROBLEM_UNAVAILABLE when the connection was lost or the time limit passed; PROBLEM_INTERNAL when a value
 * does not fit or a result has another shape than was declared.
 */
enum problem tx_run(struct tx *tx, const struct statement *statement, const void *in, bool last,
                    const void **rows, size_t *count, int64_t *affected);

/*
 * For a statement that must give a row (`:one!`): returns `problem`, or `missing` when the statement ran and
 * gave none. The transaction goes on. `missing` is PROBLEM_INTERNAL for a statement that always gives a row:
 * then it is logged.
 */
enum problem tx_must(const struct statement *statement, enum problem problem, const void *row,
                     enum problem missing);

/*
 * For a tx_rows_fn that refuses what came: the transaction fails with `problem`, which the trip returns. It
 * has no effect when COMMIT travels in the same trip, because the server has committed already.
 */
void tx_refuse(struct tx *tx, enum problem problem);

/* Makes the trip for what is queued, if anything is. */
enum problem tx_flush(struct tx *tx);

/* Queues the closing statement and COMMIT unless they went with the last statement, and makes the trip. */
enum problem tx_commit(struct tx *tx);

/*
 * Ends the transaction without leaving anything in the database, unless it is committed. What is queued is
 * sent first, because its answers must be read before ROLLBACK's.
 */
void tx_rollback(struct tx *tx);

/* Whether COMMIT's own result has come, and was a success. */
bool tx_committed(const struct tx *tx);

/*
 * True when the failed transaction should be run again: it is known not to have committed, or it is
 * `idempotent` (run twice, it leaves what it leaves when run once), and it was a deadlock, a serialization
 * failure, or the connection that went away; and there is time left.
 */
bool tx_retryable(const struct tx *tx, bool idempotent);

/*
 * SQLSTATE and constraint name of the first failure, and the name of the statement that failed; "" when there
 * is none.
 */
const char *tx_sqlstate(const struct tx *tx);
const char *tx_constraint(const struct tx *tx);
const char *tx_failed_statement(const struct tx *tx);

#endif
