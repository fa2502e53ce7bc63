/*
 * libFuzzer over the production entry points: the first byte chooses an operation; then come, separated by
 * newlines, path, query and If-Match; the rest is the body. Nothing may crash, leak, or be accepted that
 * breaks its schema.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/http/api.h"
#include "lib/http/contract.h"
#include "lib/http/decode.h"
#include "lib/http/problem.h"
#include "lib/http/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 1024 * 1024 };

/* The next line, as a string in the arena. */
static const char *
line(struct arena *arena, const unsigned char **data, size_t *size)
{
    const unsigned char *end = memchr(*data, '\n', *size);
    size_t length = end == NULL ? *size : (size_t)(end - *data);
    const char *text = arena_copy(arena, *data, length);
    size_t used = length + (end == NULL ? 0 : 1);
    *data += used;
    *size -= used;
    return text;
}

static void
serve(struct request *rq, const struct api_operation *op)
{
    enum problem problem = PROBLEM_NONE;
    const char *allow = NULL;
    void *in = NULL;
    char why[256];
    const struct api_operation *found = route_match(rq, &problem, &allow);
    rq->operation = found == NULL ? op : found;
    problem = decode_input(rq, rq->operation, &in);
    if ((problem == PROBLEM_NONE) != (in != NULL)) {
        abort();
    }
    if (problem != PROBLEM_NONE) {
        problem_write(rq, problem);
        rq->operation = op;
        bool declared = reply_matches_contract(rq, why, sizeof why);
        if (!declared && strstr(why, "does not declare") == NULL) {
            (void)fprintf(stderr, "%s\n", why);
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static struct request rq;
    if (size == 0) {
        return 0;
    }
    const struct api_operation *op = &api_operations[data[0] % api_operation_count];
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    struct buf body;
    data++;
    size--;
    buf_init(&body, BODY_MAX);
    memset(&rq, 0, sizeof rq);
    rq.arena = arena;
    rq.method = op->method;
    rq.path = line(arena, &data, &size);
    rq.query = line(arena, &data, &size);
    rq.headers[0] = (struct header){"if-match", line(arena, &data, &size)};
    rq.headers[1] = (struct header){"content-type", "application/json"};
    rq.header_count = 2;
    rq.body = (struct span){data, size};
    for (size_t i = 0; i < REQUEST_PATH_VALUES_MAX; i++) {
        rq.path_values[i] = "0190aaaa-0000-7000-8000-000000000001";
    }
    rq.reply.body = &body;
    (void)snprintf(rq.id, sizeof rq.id, "%s", rq.path_values[0]);
    serve(&rq, op);
    buf_free(&body);
    arena_destroy(arena);
    return 0;
}
