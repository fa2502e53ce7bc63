/*
 * lib/cloud's client of S3, for Python: s3_run URL REGION SECONDS [CA_FILE]. Keys come from the environment. Each
 * line of the input is an object, and so is each answer, which has "result":
 *
 *     {"do": "put", "key", "bytes": hexadecimal, "times"?, "digest"?: hexadecimal}
 *     {"do": "get", "key", "from", "size"}             gives "bytes", and whether what is behind them is untouched
 *     {"do": "head", "key"}                            gives "size" and "digest"
 *     {"do": "list", "prefix", "most"?}                gives "keys": [[key, size, modified]]
 *     {"do": "delete", "key"}  {"do": "reach"}
 *     {"do": "tag", "key", "name"}                     gives "value"
 *     {"do": "presign", "key", "size", "digest", "seconds", "late"?: seconds}          gives "url"
 *     {"do": "confine"}                                enters a worker's sandbox
 */
#include "lib/base/clock.h"
#include "lib/base/json_out.h"
#include "lib/base/json_read.h"
#include "lib/base/log.h"
#include "lib/base/sandbox.h"
#include "lib/cloud/s3.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 512 * 1024 * 1024, ANSWER_MAX = 256 * 1024 * 1024, GUARD = 64, GUARD_BYTE = 0xa5 };

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

static struct span
bytes(struct arena *arena, const char *hex, int64_t times)
{
    size_t size = strlen(hex) / 2;
    size_t count = times < 1 ? 1 : (size_t)times;
    unsigned char *data = arena_alloc(arena, size * count + 1);
    if (sodium_hex2bin(data, size + 1, hex, size * 2, NULL, NULL, NULL) != 0) {
        (void)fputs("not hexadecimal\n", stderr);
        exit(2);
    }
    for (size_t i = 1; i < count; i++) {
        memcpy(data + i * size, data, size);
    }
    return (struct span){data, size * count};
}

static enum s3_result
put(struct arena *arena, struct s3 *s3, struct json_object *line)
{
    unsigned char digest[DIGEST_SIZE];
    struct span body = bytes(arena, text(line, "bytes"), integer(line, "times"));
    digest_sha256(body, digest);
    if (text(line, "digest") != NULL) {
        memcpy(digest, bytes(arena, text(line, "digest"), 1).data, sizeof digest);
    }
    return s3_put(s3, text(line, "key"), body, digest);
}

static enum s3_result
get(struct arena *arena, struct s3 *s3, struct json_object *line, struct json_out *out)
{
    size_t size = (size_t)integer(line, "size");
    unsigned char *data = arena_alloc(arena, size + GUARD);
    size_t got = 0;
    memset(data, GUARD_BYTE, size + GUARD);
    enum s3_result result = s3_get(s3, text(line, "key"), integer(line, "from"), size, data, &got);
    char *hex = arena_alloc(arena, got * 2 + 1);
    (void)sodium_bin2hex(hex, got * 2 + 1, data, got);
    bool untouched = true;
    for (size_t i = 0; i < GUARD; i++) {
        untouched = untouched && data[size + i] == GUARD_BYTE;
    }
    json_text(out, "bytes", hex);
    json_flag(out, "untouched", untouched);
    return result;
}

static enum s3_result
head(struct s3 *s3, struct json_object *line, struct json_out *out)
{
    char digest[DIGEST_TEXT_SIZE];
    struct s3_object object;
    enum s3_result result = s3_head(s3, text(line, "key"), &object);
    json_int(out, "size", object.size);
    json_text(out, "digest", object.has_digest ? digest_hex(object.digest, digest) : NULL);
    return result;
}

struct listed {
    struct json_out *out;
    int64_t most;
};

static bool
add_entry(void *data, const struct s3_entry *entry)
{
    struct listed *listed = data;
    json_begin_array(listed->out);
    json_value_text(listed->out, entry->key);
    json_value_int(listed->out, entry->size);
    json_value_int(listed->out, entry->modified);
    json_end_array(listed->out);
    return --listed->most != 0;
}

static enum s3_result
list(struct s3 *s3, struct json_object *line, struct json_out *out)
{
    struct listed listed = {out, integer(line, "most")};
    json_array_key(out, "keys");
    enum s3_result result = s3_list(s3, text(line, "prefix"), add_entry, &listed);
    json_end_array(out);
    return result;
}

static enum s3_result
tag(struct s3 *s3, struct json_object *line, struct json_out *out)
{
    char value[S3_TAG_SIZE];
    enum s3_result result = s3_get_tag(s3, text(line, "key"), text(line, "name"), value);
    json_text(out, "value", value);
    return result;
}

static enum s3_result
presign(struct arena *arena, struct s3 *s3, struct credentials *credentials, struct json_object *line,
        struct json_out *out)
{
    struct cloud_keys keys;
    struct buf url;
    int64_t seconds = integer(line, "seconds");
    int64_t at = clock_now() - integer(line, "late") * CLOCK_SECOND;
    const struct s3_part part = {text(line, "key"), integer(line, "size"),
                                 bytes(arena, text(line, "digest"), 1).data};
    buf_init(&url, 16 * 1024);
    bool good = credentials_keys(credentials, clock_now(), at + seconds * CLOCK_SECOND, &keys) &&
                s3_presign_put(s3_place_of(s3), &keys, &part, at, seconds, &url);
    json_text(out, "url", good ? buf_string(&url) : NULL);
    buf_free(&url);
    return good ? S3_DONE : S3_FAILED;
}

static enum s3_result
answer(struct arena *arena, struct s3 *s3, struct credentials *credentials, struct json_object *line,
       struct json_out *out)
{
    const char *what = text(line, "do");
    if (strcmp(what, "put") == 0) {
        return put(arena, s3, line);
    }
    if (strcmp(what, "get") == 0) {
        return get(arena, s3, line, out);
    }
    if (strcmp(what, "head") == 0) {
        return head(s3, line, out);
    }
    if (strcmp(what, "list") == 0) {
        return list(s3, line, out);
    }
    if (strcmp(what, "delete") == 0) {
        return s3_delete(s3, text(line, "key"));
    }
    if (strcmp(what, "tag") == 0) {
        return tag(s3, line, out);
    }
    if (strcmp(what, "presign") == 0) {
        return presign(arena, s3, credentials, line, out);
    }
    if (strcmp(what, "confine") == 0) {
        return sandbox_enter(SANDBOX_WORKER) ? S3_DONE : S3_FAILED;
    }
    return s3_reach(s3);
}

static void
answer_lines(struct s3 *s3, struct credentials *credentials)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size = 0;
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    for (size = getline(&line, &room, stdin); size > 0; size = getline(&line, &room, stdin)) {
        struct json_fault fault;
        struct json_out out;
        struct buf json;
        struct json_object *object =
            json_read(arena, (struct span){(const unsigned char *)line, (size_t)size}, &fault);
        if (object == NULL) {
            (void)fprintf(stderr, "not JSON: %.80s", line);
            exit(2);
        }
        buf_init(&json, ANSWER_MAX);
        json_start(&out, &json);
        json_begin_object(&out);
        json_text(&out, "result", s3_result_text(answer(arena, s3, credentials, object, &out)));
        json_end_object(&out);
        (void)puts(buf_string(&json));
        (void)fflush(stdout);
        buf_free(&json);
        arena_reset(arena);
    }
    arena_destroy(arena);
    free(line);
}

int
main(int argc, char **argv)
{
    char error[256] = "s3_run URL REGION SECONDS [CA_FILE]";
    struct credentials *credentials = argc < 4 ? NULL : credentials_create(error, sizeof error);
    struct s3 *s3 = NULL;
    log_start("s3_run", LOG_DEBUG);
    if (credentials != NULL) {
        s3 = s3_create(&(struct s3_settings){.url = argv[1],
                                             .region = argv[2],
                                             .credentials = credentials,
                                             .seconds = strtol(argv[3], NULL, 10),
                                             .ca_file = argc > 4 ? argv[4] : NULL},
                       error, sizeof error);
    }
    if (s3 == NULL) {
        (void)fprintf(stderr, "%s\n", error);
    } else {
        answer_lines(s3, credentials);
    }
    s3_destroy(s3);
    credentials_destroy(credentials);
    return s3 == NULL ? 2 : 0;
}
