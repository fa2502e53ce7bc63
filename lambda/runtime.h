/*
 * The client side of the AWS Lambda Runtime API (version 2018-06-01): next, response, error, init/error. It
 * is reached by plain HTTP on the machine's own loopback. Bodies pass through and are never logged.
 */
#ifndef ANAMNESIS_LAMBDA_RUNTIME_H
#define ANAMNESIS_LAMBDA_RUNTIME_H

#include "lib/base/buf.h"
#include "lib/base/span.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RUNTIME_ID_SIZE = 80,
    RUNTIME_TRACE_SIZE = 512,
    /* Lambda hands over at most 6 MiB of event and takes as much of reply. */
    RUNTIME_PAYLOAD_MAX = 6 * 1024 * 1024
};

enum runtime_result {
    RUNTIME_DONE,
    RUNTIME_REFUSED,   /* 400: Lambda has given up this invocation; go on with the next */
    RUNTIME_TOO_LARGE, /* 413, or an event beyond RUNTIME_PAYLOAD_MAX */
    RUNTIME_STOPPED,   /* told to end while waiting */
    RUNTIME_BROKEN     /* 403, 500, no connection, no valid answer: end, and Lambda starts another process */
};

struct invocation {
    char id[RUNTIME_ID_SIZE];
    char trace[RUNTIME_TRACE_SIZE]; /* "" when there is none */
    int64_t deadline;               /* microseconds since 1970; 0: not told */
    struct buf event;
};

struct runtime;

/*
 * `api` is the host:port of AWS_LAMBDA_RUNTIME_API. `stop`, when it becomes other than 0, ends runtime_next.
 * NULL with a sentence in `error`.
 */
struct runtime *runtime_create(const char *api, const volatile sig_atomic_t *stop, char *error, size_t size);
void runtime_destroy(struct runtime *runtime);

/* Waits, without a limit, for the next invocation. Its event is dropped and wiped first. */
enum runtime_result runtime_next(struct runtime *runtime, struct invocation *invocation);

/* Answers the invocation. After RUNTIME_TOO_LARGE the caller must call runtime_fail. */
enum runtime_result runtime_respond(struct runtime *runtime, const struct invocation *invocation,
                                    struct span reply);

/*
 * Tells Lambda that the invocation failed; when there was none yet, that the process could not start. `type`
 * is like "Anamnesis.EventUnreadable"; `message` is a sentence without anything of the event in it.
 */
enum runtime_result runtime_fail(struct runtime *runtime, const struct invocation *invocation,
                                 const char *type, const char *message);

#endif
