/* The process's connection, and what is told of each new one. Its transactions are lib/db/tx.h. */
#ifndef ANAMNESIS_DB_DB_H
#define ANAMNESIS_DB_DB_H

#include "build/gen/problems.h"

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
 * connection string, kept by the caller. NULL without memory.
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

#endif
