/*
 * lib/cloud's signatures, for tests/peers/cloud. Each line of the input is an object:
 *
 *     {"id", "secret", "token"?, "region", "service", "method", "path", "query": [[name, value]], "headers":
 *      [[name, value]], "payload", "at"}                  seconds since 1970; gives {"authorization"}
 *     the same with "seconds"                             gives {"target"}: a presigned path and query
 *     the same with "claim": a raw query, "at" is now     gives {"verdict"}
 *
 * What cannot be done gives null in its member's place.
 */
#include "lib/base/clock.h"
#include "lib/base/json_out.h"
#include "lib/base/json_read.h"
#include "lib/cloud/sigv4.h"
#include "lib/cloud/sigv4_verify.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 16 * 1024 * 1024 };

static const char *
text(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : NULL;
}

static int64_t
integer(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, name, &value) ? json_object_get_int64(value) : 0;
}

static const struct uri_pair *
read_pairs(struct arena *arena, struct json_object *object, const char *name, size_t *count)
{
    struct json_object *list = NULL;
    (void)json_object_object_get_ex(object, name, &list);
    *count = json_object_array_length(list);
    struct uri_pair *pairs = arena_array(arena, *count + 1, sizeof *pairs);
    for (size_t i = 0; i < *count; i++) {
        struct json_object *pair = json_object_array_get_idx(list, i);
        pairs[i].name = json_object_get_string(json_object_array_get_idx(pair, 0));
        pairs[i].value = json_object_get_string(json_object_array_get_idx(pair, 1));
    }
    return pairs;
}

static const char *
verdict(const struct sigv4_keys *keys, const struct sigv4_request *request, const char *query, int64_t now)
{
    static const char *const names[] = {[SIGV4_GOOD] = "good",
                                        [SIGV4_WRONG] = "wrong",
                                        [SIGV4_EARLY] = "early",
                                        [SIGV4_EXPIRED] = "expired",
                                        [SIGV4_NOT_SIGNED] = "not-signed"};
    static struct sigv4_claim claim;
    if (!sigv4_read_claim(query, &claim)) {
        return "unreadable";
    }
    return names[sigv4_verify(&claim, keys, request, now)];
}

static void
answer(struct arena *arena, struct json_object *line)
{
    struct json_out out;
    struct buf made;
    struct buf json;
    const struct sigv4_keys keys = {text(line, "id"), text(line, "secret"), text(line, "token"),
                                    text(line, "region"), text(line, "service")};
    struct sigv4_request request = {
        .method = text(line, "method"), .path = text(line, "path"), .payload = text(line, "payload")};
    request.query = read_pairs(arena, line, "query", &request.query_count);
    request.headers = read_pairs(arena, line, "headers", &request.header_count);
    int64_t at = integer(line, "at") * CLOCK_SECOND;
    int64_t seconds = integer(line, "seconds");
    const char *claim = text(line, "claim");
    buf_init(&made, 64 * 1024);
    buf_init(&json, 256 * 1024);
    json_start(&out, &json);
    json_begin_object(&out);
    if (claim != NULL) {
        json_text(&out, "verdict", verdict(&keys, &request, claim, at));
    } else if (seconds != 0) {
        json_text(&out, "target",
                  sigv4_presign(&keys, &request, at, seconds, &made) ? buf_string(&made) : NULL);
    } else {
        json_text(&out, "authorization", sigv4_sign(&keys, &request, at, &made) ? buf_string(&made) : NULL);
    }
    json_end_object(&out);
    (void)puts(buf_string(&json));
    buf_free(&made);
    buf_free(&json);
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size = 0;
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    for (size = getline(&line, &room, stdin); size > 0; size = getline(&line, &room, stdin)) {
        struct json_fault fault;
        struct json_object *object =
            json_read(arena, (struct span){(const unsigned char *)line, (size_t)size}, &fault);
        if (object == NULL) {
            (void)fprintf(stderr, "not JSON: %s", line);
            return 2;
        }
        answer(arena, object);
        arena_reset(arena);
    }
    arena_destroy(arena);
    free(line);
    return 0;
}
