#include "app/app.h"

#include "lib/base/clock.h"
#include "lib/crypto/key_cache.h"
#include "lib/crypto/keyring.h"
#include "lib/db/tx.h"
#include "lib/form/definition/form_cache.h"
#include "lib/store/store.h"
#include "lib/webauthn/webauthn.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Compiled questionnaires of one worker. */
enum { FORM_CACHE_BYTES = 4 * 1024 * 1024 };
/* A worker waits for S3 no longer, for a patient waits for the worker. */
enum { STORE_SECONDS = 8 };

struct app *
app_create(const struct config *config, char *error, size_t size)
{
    if (sodium_init() < 0) {
        (void)snprintf(error, size, "libsodium cannot be initialised");
        return NULL;
    }
    webauthn_start();
    struct app *app = calloc(1, sizeof *app);
    if (app == NULL) {
        (void)snprintf(error, size, "out of memory");
        return NULL;
    }
    app->config = config;
    app->contract_log = -1;
    app->relaxed_reads = strcmp(config_text(config, CONFIG_AUDIT_READS), "relaxed") == 0;
    buf_init(&app->body, REPLY_BODY_MAX);
    const char *url = config_text(config, CONFIG_DATABASE_URL);
    if (url == NULL) {
        (void)snprintf(error, size, "%s is not set: the workers' database connection",
                       config_name(CONFIG_DATABASE_URL));
        app_destroy(app);
        return NULL;
    }
    app->keyring = keyring_load_for(config, KEYRING_WORKERS, error, size);
    if (app->keyring == NULL) {
        app_destroy(app);
        return NULL;
    }
    app->store = store_create(config, &(struct store_patience){.seconds = STORE_SECONDS}, error, size);
    if (app->store == NULL) {
        app_destroy(app);
        return NULL;
    }
    app->arena = arena_create(APP_ARENA_MAX, NULL, NULL);
    app->db = db_create(url);
    app->keys = key_cache_create();
    app->forms = form_cache_create(FORM_CACHE_BYTES);
    const char *contract_log = config_text(config, CONFIG_CONTRACT_LOG);
    if (contract_log != NULL) {
        app->contract_log = open(contract_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (app->arena == NULL || app->db == NULL || app->keys == NULL || app->forms == NULL ||
        (contract_log != NULL && app->contract_log < 0)) {
        (void)snprintf(error, size, "out of memory, or the contract log cannot be opened");
        app_destroy(app);
        return NULL;
    }
    key_guard_start(&app->guard, config, KEYRING_WORKERS, &app->keyring, app->db);
    return app;
}

void
app_destroy(struct app *app)
{
    if (app == NULL) {
        return;
    }
    arena_destroy(app->arena);
    db_destroy(app->db);
    key_cache_destroy(app->keys);
    keyring_free(app->keyring);
    store_destroy(app->store);
    form_cache_destroy(app->forms);
    buf_free(&app->body);
    if (app->contract_log >= 0) {
        (void)close(app->contract_log);
    }
    free(app);
}

struct request *
app_request(struct app *app)
{
    struct request *rq = &app->request;
    memset(rq, 0, sizeof *rq);
    rq->arena = app->arena;
    rq->app = app;
    rq->now = clock_now();
    rq->query = "";
    rq->client_address = "";
    uuid_new(rq->id);
    rq->reply.body = &app->body;
    json_start(&rq->reply.json, &app->body);
    return rq;
}

void
app_request_done(struct app *app, struct request *rq)
{
    arena_on_full(app->arena, NULL, NULL);
    arena_reset(app->arena);
    buf_reset(&app->body);
    explicit_bzero(rq, sizeof *rq);
}
