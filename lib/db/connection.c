/*
 * The process's connection: made when a transaction needs it, looked at after a pause, dropped when anything
 * about it is in doubt. It is non-blocking and in pipeline mode from the start; db_wait is the only place
 * that waits for the server, with the transaction's time limit. What was prepared is forgotten with the
 * connection. libpq's notices and messages can quote parameters, so nothing of them is logged.
 */
#include "lib/db/connection.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct db *
db_create(const char *url)
{
    struct db *db = calloc(1, sizeof *db);
    if (db != NULL) {
        db->url = url;
        db->tx.db = db;
    }
    return db;
}

void
db_drop(struct db *db)
{
    if (db->connection != NULL) {
        PQfinish(db->connection);
        db->connection = NULL;
    }
    memset(db->prepared, 0, sizeof db->prepared);
    memset(db->preparing, 0, sizeof db->preparing);
    db->tx.pending_count = 0;
    db->greeted = false;
}

void
db_on_connect(struct db *db, db_greeting_fn *greeting, void *context)
{
    db->greeting = greeting;
    db->greeting_context = context;
}

void
db_label(struct db *db, const char *label)
{
    db->relabeled = db->relabeled || strcmp(db->label, label) != 0;
    (void)snprintf(db->label, sizeof db->label, "%s", label);
}

void
db_destroy(struct db *db)
{
    if (db != NULL) {
        db_drop(db);
        free(db);
    }
}

int64_t
db_trips(const struct db *db)
{
    return db->trips;
}

/* Keeps the server's notices off stderr, where libpq would write them: they can quote parameters. */
static void
quiet_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/*
 * Whether the server has ended a connection that was quiet: there is something to read before anything was
 * asked.
 */
static bool
went_away(const struct db *db, int64_t now)
{
    if (now - db->used_at < DB_QUIET) {
        return false;
    }
    struct pollfd idle = {.fd = PQsocket(db->connection), .events = POLLIN};
    return poll(&idle, 1, 0) != 0;
}

bool
db_connect(struct db *db)
{
    int64_t now = clock_monotonic();
    if (db->connection != NULL && !db->relabeled && PQstatus(db->connection) == CONNECTION_OK &&
        !went_away(db, now)) {
        db->used_at = now;
        return true;
    }
    db_drop(db);
    if (now < db->retry_at) {
        return false;
    }
    const char *const names[] = {"dbname", "connect_timeout", "client_encoding",
                                 db->label[0] == '\0' ? NULL : "application_name", NULL};
    const char *const values[] = {db->url, "2", "UTF8", db->label, NULL};
    db->connection = PQconnectdbParams(names, values, 1);
    if (db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK ||
        PQenterPipelineMode(db->connection) != 1 || PQsetnonblocking(db->connection, 1) != 0) {
        log_event(LOG_WARN, "database-unreachable",
                  LOG_INT("server", db->connection == NULL ? 0 : PQserverVersion(db->connection)));
        db_drop(db);
        db->retry_at = clock_monotonic() + DB_RETRY_PAUSE;
        return false;
    }
    (void)PQsetNoticeReceiver(db->connection, quiet_notice, NULL);
    db->used_at = now;
    db->relabeled = false;
    return true;
}

static bool
poll_until(int socket, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = (deadline - clock_monotonic()) / 1000;
        if (left <= 0) {
            return false;
        }
        struct pollfd wanted = {.fd = socket, .events = events};
        int ready = poll(&wanted, 1, (int)left);
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

bool
db_wait(struct db *db, int64_t deadline)
{
    int unsent = PQflush(db->connection);
    while (unsent > 0) {
        if (!poll_until(PQsocket(db->connection), POLLIN | POLLOUT, deadline) ||
            PQconsumeInput(db->connection) != 1) {
            return false;
        }
        unsent = PQflush(db->connection);
    }
    if (unsent < 0) {
        return false;
    }
    while (PQisBusy(db->connection) != 0) {
        if (!poll_until(PQsocket(db->connection), POLLIN, deadline) || PQconsumeInput(db->connection) != 1) {
            return false;
        }
    }
    return true;
}
