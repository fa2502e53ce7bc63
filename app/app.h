/*
 * The application: what a process keeps between requests (configuration, keyring, the connection, caches),
 * and the one way in. It serves one request at a time, from one thread. Transports (FastCGI, Lambda, tests)
 * make a request, serve it, send the reply, and say that they are done with it, which wipes everything of the
 * request:
 *
 *     struct request *rq = app_request(app);
 *     ... method, path, query, headers, body, client_address ...
 *     app_serve(app, rq);
 *     ... send rq->reply ...
 *     app_request_done(app, rq);
 */
#ifndef ANAMNESIS_APP_APP_H
#define ANAMNESIS_APP_APP_H

#include "app/key_guard.h"
#include "lib/base/config.h"
#include "lib/http/request.h"

#include <stdbool.h>
#include <stddef.h>

struct db;
struct fairness;
struct form_cache;
struct key_cache;
struct keyring;
struct store;

enum {
    /* A decoded definition of 5,000 items with its issues; the largest body is 4 MiB. */
    APP_ARENA_MAX = 192 * 1024 * 1024
};

struct app {
    const struct config *config; /* borrowed */
    struct arena *arena;
    struct buf body;
    struct request request;
    struct db *db;
    struct keyring *keyring;
    struct store *store; /* where files are */
    struct key_guard guard;
    struct key_cache *keys;
    struct form_cache *forms;
    const struct fairness *fairness; /* the transport's, set after app_create; NULL: none is needed */
    bool relaxed_reads;              /* ANAMNESIS_AUDIT_READS: reads do not wait for the disk */
    bool gives_files; /* the transport's, set after app_create: who is in front follows X-Accel-Redirect */
    int contract_log; /* file descriptor, or -1 */
    int64_t served;   /* requests */
};

/*
 * Reads the keyring and prepares everything but the database connection, which is opened on first use. NULL
 * with a sentence that says what to do in `error`. `config` must outlive the application.
 */
struct app *app_create(const struct config *config, char *error, size_t size);

/* Closes, wipes and frees. NULL is ignored. */
void app_destroy(struct app *app);

/* A fresh request: id, time, arena and reply buffer are ready. One at a time. Never NULL. */
struct request *app_request(struct app *app);

/* dispatch.c: serves it. Afterwards rq->reply holds a status, headers and a body, whatever happened. */
void app_serve(struct app *app, struct request *rq);

/* Runs the destructors and wipes everything of the request. */
void app_request_done(struct app *app, struct request *rq);

#endif
