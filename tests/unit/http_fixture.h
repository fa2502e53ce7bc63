/* A request that no transport brought, for the tests of lib/http. */
#ifndef ANAMNESIS_TESTS_UNIT_HTTP_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_HTTP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "build/gen/api.h"
#include "lib/http/request.h"

#include <stdio.h>
#include <string.h>

#define SOME_ID "0190aaaa-0000-7000-8000-000000000001"

enum { FIXTURE_ARENA_MAX = 64 * 1024 * 1024 };

struct fixture {
    struct arena *arena;
    struct buf body;
    struct request rq;
};

static inline int
fixture_open(void **state)
{
    static struct fixture fixture;
    fixture.arena = arena_create(FIXTURE_ARENA_MAX, NULL, NULL);
    buf_init(&fixture.body, REPLY_BODY_MAX);
    *state = &fixture;
    return fixture.arena == NULL ? -1 : 0;
}

static inline int
fixture_close(void **state)
{
    struct fixture *fixture = *state;
    arena_destroy(fixture->arena);
    buf_free(&fixture->body);
    return 0;
}

/* A fresh request; the one before is gone. */
static inline struct request *
fixture_request(struct fixture *fixture, enum http_method method, const char *path, const char *query)
{
    struct request *rq = &fixture->rq;
    arena_reset(fixture->arena);
    buf_reset(&fixture->body);
    memset(rq, 0, sizeof *rq);
    rq->arena = fixture->arena;
    rq->method = method;
    rq->path = path;
    rq->query = query;
    rq->reply.body = &fixture->body;
    (void)snprintf(rq->id, sizeof rq->id, "%s", SOME_ID);
    json_start(&rq->reply.json, &fixture->body);
    return rq;
}

static inline void
fixture_header(struct request *rq, const char *name, const char *value)
{
    rq->headers[rq->header_count++] = (struct header){name, value};
}

static inline void
fixture_body(struct request *rq, const char *json)
{
    rq->body = (struct span){(const unsigned char *)json, strlen(json)};
    fixture_header(rq, "content-type", "application/json");
}

/* Whether a violation with this pointer and code was noted. */
static inline bool
fixture_has_error(const struct request *rq, const char *pointer, const char *code)
{
    for (size_t i = 0; i < rq->error_count && i < REQUEST_ERRORS_MAX; i++) {
        if (strcmp(rq->errors[i].pointer, pointer) == 0 && strcmp(rq->errors[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

#endif
