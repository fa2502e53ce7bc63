/*
 * anamnesis-lambda: the same handlers as an AWS Lambda function behind an API Gateway HTTP API. It is the
 * `bootstrap` of a custom runtime (provided.al2023): one event at a time, until Lambda ends it. Configured by
 * ANAMNESIS_* variables. Neither events nor replies are ever logged.
 */
#include "app/app.h"
#include "lambda/event.h"
#include "lambda/runtime.h"
#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/base/log.h"
#include "lib/base/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NEW_FILES_MASK = 0077, ERROR_SIZE = 512, INIT_ERROR_MAX = 4096 };

static volatile sig_atomic_t told_to_stop;

static void
on_stop(int number)
{
    (void)number;
    told_to_stop = 1;
}

static bool
take_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    return sigaction(SIGTERM, &stop, NULL) == 0 && sigaction(SIGINT, &stop, NULL) == 0 &&
           sigaction(SIGPIPE, &ignore, NULL) == 0;
}

static enum runtime_result
fail(struct runtime *runtime, const struct invocation *invocation, const char *type, const char *message,
     const char *why)
{
    log_event(LOG_ERROR, "invocation-failed", LOG_TEXT("invocation", invocation->id), LOG_TEXT("type", type),
              LOG_TEXT("why", why));
    return runtime_fail(runtime, invocation, type, message);
}

static enum runtime_result
answer(struct runtime *runtime, const struct invocation *invocation, const struct request *rq)
{
    struct buf reply;
    enum runtime_result result = RUNTIME_TOO_LARGE;
    buf_init(&reply, RUNTIME_PAYLOAD_MAX);
    if (event_reply(rq, &reply)) {
        struct span span = {(const unsigned char *)reply.data, reply.size};
        result = runtime_respond(runtime, invocation, span);
    }
    buf_free(&reply);
    if (result == RUNTIME_TOO_LARGE) {
        result = fail(runtime, invocation, "Function.ResponseSizeTooLarge",
                      "The reply is larger than Lambda takes", "reply");
    }
    return result;
}

static enum runtime_result
serve(struct runtime *runtime, struct app *app, const struct invocation *invocation)
{
    struct span event = {(const unsigned char *)invocation->event.data, invocation->event.size};
    struct request *rq = app_request(app);
    enum runtime_result result;
    const char *why = NULL;
    if (event_read(rq, event, &why)) {
        app_serve(app, rq);
        result = answer(runtime, invocation, rq);
    } else {
        result = fail(runtime, invocation, "Anamnesis.EventUnreadable",
                      "The event is not one of an API Gateway HTTP API, payload format 2.0", why);
    }
    app_request_done(app, rq);
    return result;
}

/* Whether the invocation's time is over: nobody waits for the reply any more, so nothing must be written. */
static bool
is_late(const struct invocation *invocation)
{
    return invocation->deadline != 0 && clock_now() >= invocation->deadline;
}

static enum runtime_result
step(struct runtime *runtime, struct app *app, struct invocation *invocation)
{
    enum runtime_result result = runtime_next(runtime, invocation);
    if (result == RUNTIME_TOO_LARGE) {
        return fail(runtime, invocation, "Anamnesis.EventTooLarge", "The event is larger than Lambda's limit",
                    "event");
    }
    if (result != RUNTIME_DONE) {
        return result;
    }
    if (invocation->trace[0] != '\0') {
        (void)setenv("_X_AMZN_TRACE_ID", invocation->trace, 1);
    } else {
        (void)unsetenv("_X_AMZN_TRACE_ID");
    }
    if (is_late(invocation)) {
        return fail(runtime, invocation, "Anamnesis.DeadlinePassed", "The deadline has passed", "deadline");
    }
    return serve(runtime, app, invocation);
}

static int
loop(struct runtime *runtime, struct app *app)
{
    struct invocation invocation;
    memset(&invocation, 0, sizeof invocation);
    buf_init(&invocation.event, RUNTIME_PAYLOAD_MAX);
    enum runtime_result result = RUNTIME_DONE;
    while (told_to_stop == 0 && result != RUNTIME_STOPPED && result != RUNTIME_BROKEN) {
        result = step(runtime, app, &invocation);
        buf_reset(&invocation.event);
    }
    buf_free(&invocation.event);
    return result == RUNTIME_BROKEN ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Reads the configuration. False with what is wrong with it in `error`. */
static bool
configure(struct config *config, char *error, size_t size)
{
    char *complaints = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&complaints, &length);
    if (stream == NULL) {
        memset(config, 0, sizeof *config);
        (void)snprintf(error, size, "out of memory");
        return false;
    }
    bool good = config_load(config, stream);
    (void)fclose(stream);
    if (!good) {
        (void)snprintf(error, size, "%s", complaints);
    } else if (!log_start_configured("lambda", config)) {
        (void)snprintf(error, size, "%s must be debug, info, warn or error", config_name(CONFIG_LOG_LEVEL));
        good = false;
    }
    free(complaints);
    return good;
}

static int
run(struct runtime *runtime)
{
    char error[INIT_ERROR_MAX] = "";
    struct config config;
    struct app *app = NULL;
    (void)config_name_unknown(stderr);
    if (configure(&config, error, sizeof error)) {
        app = app_create(&config, error, sizeof error);
    }
    int status = EXIT_FAILURE;
    if (app == NULL) {
        log_event(LOG_ERROR, "lambda-not-started", LOG_TEXT("why", error));
        (void)runtime_fail(runtime, NULL, "Anamnesis.NotConfigured", error);
    } else {
        log_event(LOG_INFO, "lambda-started", LOG_INT("reply_max", RUNTIME_PAYLOAD_MAX));
        status = loop(runtime, app);
        log_event(LOG_INFO, "lambda-ended", LOG_INT("served", app->served), LOG_INT("status", status));
    }
    app_destroy(app);
    config_free(&config);
    return status;
}

int
main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "--help") == 0) {
        (void)fprintf(stderr,
                      "usage: anamnesis-lambda\n\nThe bootstrap of a Lambda function behind an API Gateway "
                      "HTTP API. Lambda sets AWS_LAMBDA_RUNTIME_API;\neverything else is configured by "
                      "ANAMNESIS_* variables: see `anamnesis config`.\n");
        return EXIT_SUCCESS;
    }
    char error[ERROR_SIZE] = "";
    log_start("lambda", LOG_INFO);
    (void)umask(NEW_FILES_MASK);
    if (!process_hide() || !take_signals()) {
        log_event(LOG_ERROR, "lambda-not-started", LOG_TEXT("why", strerrordesc_np(errno)));
        return EXIT_FAILURE;
    }
    struct runtime *runtime =
        runtime_create(getenv("AWS_LAMBDA_RUNTIME_API"), &told_to_stop, error, sizeof error);
    if (runtime == NULL) {
        log_event(LOG_ERROR, "lambda-not-started", LOG_TEXT("why", error));
        return EXIT_FAILURE;
    }
    int status = run(runtime);
    runtime_destroy(runtime);
    return status;
}
