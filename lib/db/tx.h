/*
 * One connection a process, one transaction a request, in libpq's pipeline mode: statements are queued and
 * travel together. A trip is one send and one receive; tx_run makes one for itself and everything queued
 * before it. With tx_last() the closing statement and COMMIT travel with the next one: a read is one trip.
 *
 * Nothing is acknowledged before COMMIT's own result. A statement is prepared on first use, in the same trip.
 */
#ifndef ANAMNESIS_DB_TX_H
#define ANAMNESIS_DB_TX_H

#include "build/gen/problems.h"
#include "lib/base/arena.h"
#include "lib/db/statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct tx;

/* The rows of a statement queued with tx_later have come; `rows` is NULL when there are none. */
typedef void tx_rows_fn(void *context, const void *rows, size_t count);

/* Queues what belongs at the end of the transaction (the audit row), before COMMIT. */
typedef void tx_closing_fn(void *context, struct tx *tx);

/*
 * The process's connection; it is opened on first use and again after it was lost. `url` is a libpq
 * connection string, kept by the caller. NULL without memory. `durable_reads` false commits transactions
 * that only read (and write their audit row) without waiting for the disk.
 */
struct db *db_create(const char *url);
void db_destroy(struct db *db);

/*
 * Called in the first transaction of every new connection, before anything else of it; what it runs is one
 * more trip. A problem other than PROBLEM_NONE makes tx_open fail with it, and the next tx_open asks again.
 */
typedef enum problem db_greeting_fn(void *context, struct tx *tx);
void db_on_connect(struct db *db, db_greeting_fn *greeting, void *context);

/*
 * The name by which the server's administrator knows our connections (application_name); copied, at most
 * DB_LABEL_MAX bytes. An open connection with another name is replaced before the next transaction.
 */
enum { DB_LABEL_MAX = 63 }; /* NAMEDATALEN - 1 */
void db_label(struct db *db, const char *label);

/* Closes the connection; the next use opens a new one. */
void db_drop(struct db *db);

/* Trips made since db_create: one send, one receive each. For tests and `make bench`. */
int64_t db_trips(const struct db *db);

/*
 * Starts the request's transaction on the connection; sends nothing yet, but for the greeting of a new
 * connection. Rows live in `arena`.
 * PROBLEM_UNAVAILABLE when the database cannot be reached. One transaction at a time: an unfinished one is
 * abandoned first.
 */
enum problem tx_open(struct db *db, struct arena *arena, struct tx **tx);

/* Who queues the closing statement; called once, before COMMIT is queued. */
void tx_on_closing(struct tx *tx, tx_closing_fn *closing, void *context);

/* The next tx_run is the last: the closing statement and COMMIT travel with it. */
void tx_last(struct tx *tx);

/* tx_last does nothing from here on: something must be stored after the handler (an idempotent reply). */
void tx_hold(struct tx *tx);

/* Queues a statement. `in` is read at once. `rows` may be NULL. A fault shows in the next tx_run. */
void tx_later(struct tx *tx, const struct statement *statement, const void *in, tx_rows_fn *rows,
              void *context);

/*
 * Queues a statement, makes the trip, and gives its rows (an array of `count` row structures in the arena;
 * NULL when there are none) or the number of affected rows. Each out pointer may be NULL. Returns the problem
 * of the first statement that failed, by SQLSTATE (problems.tsv), PROBLEM_UNAVAILABLE when the connection was
 * lost or the time limit passed.
 */
enum problem tx_run(struct tx *tx, const struct statement *statement, const void *in, const void **rows,
                    size_t *count, int64_t *affected);

/*
 * For a tx_rows_fn: what came makes the transaction fail with `problem`, which the trip returns. Nothing
 * happens when COMMIT travels with the same trip: it is done already.
 */
void tx_refuse(struct tx *tx, enum problem problem);

/* Makes the trip for what is queued, if anything is. */
enum problem tx_flush(struct tx *tx);

/* Queues the closing statement and COMMIT unless tx_last did, and makes the trip. */
enum problem tx_commit(struct tx *tx);

/* Ends the transaction without a trace, if it is not ended yet. */
void tx_rollback(struct tx *tx);

bool tx_committed(const struct tx *tx);

/*
 * True when the failed transaction should be run again: it is known not to have committed, or it
 * `only_reads`, and it was a deadlock, a serialization failure, or the connection that went away; and there
 * is time left.
 */
bool tx_retryable(const struct tx *tx, bool only_reads);

/* SQLSTATE and constraint name of the first failure, "" when there is none. */
const char *tx_sqlstate(const struct tx *tx);

/* The name of the statement that failed first; "" when none did. */
const char *tx_failed_statement(const struct tx *tx);
const char *tx_constraint(const struct tx *tx);

#endif
