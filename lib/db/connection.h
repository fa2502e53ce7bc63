/* The inside of lib/db: the connection and its one transaction. Include lib/db/tx.h instead. */
#ifndef ANAMNESIS_DB_CONNECTION_H
#define ANAMNESIS_DB_CONNECTION_H

#include "lib/base/arena.h"
#include "lib/db/db.h"
#include "lib/db/statement.h"

#include <libpq-fe.h>

enum { TX_PENDING_MAX = 32, DB_STATEMENTS_MAX = 512, DB_SQLSTATE_SIZE = 6, DB_CONSTRAINT_SIZE = 64 };

/* From tx_open, once connected, to COMMIT's result: so that a client gets its answer within 5 seconds. */
#define TX_LIMIT (INT64_C(4500) * 1000)

/*
 * For so long after a failed connect nobody tries again: requests get 503 at once instead of waiting in a
 * row.
 */
#define DB_RETRY_PAUSE (INT64_C(250) * 1000)

/* A connection that was not used for so long is looked at before its next use, for one system call. */
#define DB_QUIET (INT64_C(1000) * 1000)

struct pending {
    const struct statement *statement;
    bool prepares; /* the answer to a Parse, not to an Execute */
    tx_rows_fn *rows;
    void *context;
};

enum tx_state { TX_IDLE, TX_STARTED, TX_COMMITTED, TX_FAILED };

struct tx {
    struct db *db;
    struct arena *arena;
    enum tx_state state;
    bool begun;       /* BEGIN has been queued */
    bool held;        /* the last run does not commit */
    bool commit_sent; /* its outcome is unknown until its result has come */
    bool reads;       /* a statement that writes is refused */
    bool misused;     /* one was */
    bool unqueued;    /* something could not be queued: the transaction cannot go on */
    int64_t deadline; /* monotonic, microseconds */
    struct pending pending[TX_PENDING_MAX];
    size_t pending_count;
    tx_closing_fn *closing;
    void *closing_context;
    PGresult *result; /* of the last Execute read; owned by the arena */
    enum problem problem;
    const struct statement *failed; /* the first one that did; NULL: none */
    char sqlstate[DB_SQLSTATE_SIZE];
    char constraint[DB_CONSTRAINT_SIZE];
};

struct db {
    const char *url;
    PGconn *connection; /* NULL while not connected */
    bool prepared[DB_STATEMENTS_MAX];
    bool preparing[DB_STATEMENTS_MAX]; /* queued in this trip, not confirmed */
    int64_t trips;
    int64_t retry_at; /* monotonic: no connect before */
    int64_t used_at;  /* monotonic */
    db_greeting_fn *greeting;
    void *greeting_context;
    bool greeted;   /* this connection, with success */
    bool relabeled; /* the connection has another name than `label` */
    char label[DB_LABEL_MAX + 1];
    struct tx tx;
};

/* Opens the connection if there is none. False when it cannot be had now. */
bool db_connect(struct db *db);

/* Sends what is buffered, then waits until a whole result is there. False when lost or too late. */
bool db_wait(struct db *db, int64_t deadline);

#endif
