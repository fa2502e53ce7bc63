#include "lib/cloud/credentials_source.h"

#include "lib/base/clock.h"
#include "lib/base/config.h"
#include "lib/base/json_read.h"
#include "lib/base/log.h"
#include "lib/cloud/exchange.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECS_ORIGIN  "http://169.254.170.2"
#define IMDS_ORIGIN "http://169.254.169.254"
#define IMDS_TOKEN  "/latest/api/token"
#define IMDS_ROLES  "/latest/meta-data/iam/security-credentials/"
#define HOPS                                                                                                 \
    "the metadata service of the machine does not answer; in a container its hop limit must be 2 "           \
    "(HttpPutResponseHopLimit)"

enum {
    ANSWER_MAX = 16 * 1024,
    ARENA_MAX = 4 * 1024 * 1024,
    MILLISECONDS = 2000, /* for each request: the source is a hop away */
    ROLE_SIZE = 256,
    TOKEN_SIZE = 4096
};

static const char *
variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Whether plain http to this host (with or without a port) goes no further than this machine and its agents. */
static bool
is_near(const char *host)
{
    static const char *const hosts[] = {"127.0.0.1",       "[::1]",          "localhost",
                                        "169.254.170.2",   "169.254.170.23", "[fd00:ec2::23]",
                                        "169.254.169.254", "[fd00:ec2::254]"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        size_t size = strlen(hosts[i]);
        if (strncmp(host, hosts[i], size) == 0 && (host[size] == '\0' || host[size] == ':')) {
            return true;
        }
    }
    return false;
}

/* Takes a URL apart into origin and target. */
static bool
take_url(struct credentials_source *source, const char *url)
{
    bool is_https = strncmp(url, "https://", 8) == 0;
    if (!is_https && strncmp(url, "http://", 7) != 0) {
        return false;
    }
    const char *host = strstr(url, "://") + 3;
    size_t origin = (size_t)(host - url) + strcspn(host, "/?#");
    const char *target = url + origin;
    if (origin >= sizeof source->origin || strlen(target) >= sizeof source->target || *target == '?' ||
        strpbrk(url, "@#\\ \t\r\n") != NULL) {
        return false;
    }
    memcpy(source->origin, url, origin);
    source->origin[origin] = '\0';
    (void)snprintf(source->target, sizeof source->target, "%s", *target == '\0' ? "/" : target);
    return is_https || is_near(source->origin + (host - url));
}

static bool
take_machine(struct credentials_source *source)
{
    const char *endpoint = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    source->is_machine = true;
    return take_url(source, endpoint == NULL ? IMDS_ORIGIN : endpoint) && strcmp(source->target, "/") == 0;
}

bool
credentials_source_find(struct credentials_source *source, char *error, size_t size)
{
    const char *relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const char *disabled = variable("AWS_EC2_METADATA_DISABLED");
    char url[SOURCE_ORIGIN_SIZE + SOURCE_TARGET_SIZE];
    memset(source, 0, sizeof *source);
    if (relative != NULL) {
        int length = snprintf(url, sizeof url, ECS_ORIGIN "%s", relative);
        if (relative[0] == '/' && (size_t)length < sizeof url && take_url(source, url)) {
            return true;
        }
        (void)snprintf(error, size, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path");
        return false;
    }
    if (full != NULL) {
        if (take_url(source, full)) {
            return true;
        }
        (void)snprintf(
            error, size,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI must begin with https://, or be of this machine or of "
            "an agent of ECS or EKS");
        return false;
    }
    if (disabled != NULL && strcasecmp(disabled, "true") == 0) {
        (void)snprintf(
            error, size,
            "there are no keys of AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the "
            "container or the machine a role");
        return false;
    }
    if (!take_machine(source)) {
        (void)snprintf(error, size,
                       "AWS_EC2_METADATA_SERVICE_ENDPOINT must be http:// and an address of this machine");
        return false;
    }
    return true;
}

static void
failed(const struct credentials_source *source, const char *why, long status)
{
    log_event(LOG_WARN, "credentials-failed",
              LOG_TEXT("source", source->is_machine ? "machine" : "container"), LOG_TEXT("why", why),
              LOG_INT("status", status));
}

/* One request; its answer's body is text without NUL. False with a line in the log. */
static bool
ask(const struct credentials_source *source, struct exchange *exchange, const char *method,
    const char *target, const struct uri_pair *header, const char *silence, struct buf *body)
{
    struct exchange_reply reply = {.status = 0};
    const struct exchange_request request = {.method = method,
                                             .target = target,
                                             .headers = header,
                                             .header_count = header == NULL ? 0 : 1,
                                             .milliseconds = MILLISECONDS,
                                             .stalled = MILLISECONDS};
    buf_init(&reply.body, ANSWER_MAX);
    enum exchange_result result = exchange_run(exchange, &request, &reply);
    bool good = result == EXCHANGE_ANSWERED && reply.status == 200 && reply.body.size > 0 &&
                strlen(buf_string(&reply.body)) == reply.body.size;
    if (good) {
        buf_reset(body);
        buf_add(body, reply.body.data, reply.body.size);
        good = !body->failed;
    } else {
        failed(source, result == EXCHANGE_ANSWERED ? "what it answers has no keys" : silence, reply.status);
    }
    buf_free(&reply.body);
    return good;
}

static const char *
member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    bool is_text =
        json_object_object_get_ex(object, name, &value) && json_object_is_type(value, json_type_string);
    return is_text ? json_object_get_string(value) : "";
}

static bool
take(char *out, size_t size, const char *text)
{
    int length = snprintf(out, size, "%s", text);
    return length >= 0 && (size_t)length < size;
}

/* Each of the keys is printable, for it becomes a part of a header. */
static bool
is_printable(const char *text)
{
    while (*text > ' ' && *text <= '~') {
        text++;
    }
    return *text == '\0';
}

static bool
read_members(struct json_object *object, struct cloud_keys *keys)
{
    const char *code = member(object, "Code");
    return (code[0] == '\0' || strcmp(code, "Success") == 0) &&
           take(keys->id, sizeof keys->id, member(object, "AccessKeyId")) &&
           take(keys->secret, sizeof keys->secret, member(object, "SecretAccessKey")) &&
           take(keys->token, sizeof keys->token, member(object, "Token")) && keys->id[0] != '\0' &&
           keys->secret[0] != '\0' && keys->token[0] != '\0' && is_printable(keys->id) &&
           is_printable(keys->token) && clock_parse(member(object, "Expiration"), &keys->until) &&
           keys->until > clock_now();
}

static bool
read_keys(const struct credentials_source *source, const struct buf *body, struct cloud_keys *keys)
{
    struct json_fault fault;
    struct cloud_keys found = {.until = 0};
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    bool good = false;
    if (arena != NULL) {
        struct json_object *object =
            json_read(arena, (struct span){(const unsigned char *)body->data, body->size}, &fault);
        good =
            object != NULL && json_object_is_type(object, json_type_object) && read_members(object, &found);
    }
    if (good) {
        *keys = found;
    } else {
        failed(source, "its answer has no keys that are good now", 200);
    }
    sodium_memzero(&found, sizeof found);
    arena_destroy(arena);
    return good;
}

/* Whoever has this token is the container. */
static bool
container_token(char token[TOKEN_SIZE])
{
    const char *file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *text = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    char *content = file == NULL ? NULL : config_read_file(file);
    if (file != NULL && content == NULL) {
        return false;
    }
    text = file != NULL ? content : text;
    bool good = take(token, TOKEN_SIZE, text == NULL ? "" : text) && strpbrk(token, "\r\n") == NULL;
    if (content != NULL) {
        sodium_memzero(content, strlen(content));
        free(content);
    }
    return good;
}

static bool
ask_container(const struct credentials_source *source, struct exchange *exchange, struct buf *body,
              struct cloud_keys *keys)
{
    char token[TOKEN_SIZE] = "";
    if (!container_token(token)) {
        failed(source, "AWS_CONTAINER_AUTHORIZATION_TOKEN or its file cannot be read", 0);
        return false;
    }
    const struct uri_pair header = {"Authorization", token};
    bool good = ask(source, exchange, "GET", source->target, token[0] == '\0' ? NULL : &header,
                    "the agent of the container does not answer", body) &&
                read_keys(source, body, keys);
    sodium_memzero(token, sizeof token);
    return good;
}

/* The name of the machine's role: the first line, which becomes a part of a path. */
static bool
role_of(const struct buf *body, char target[SOURCE_TARGET_SIZE])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-";
    size_t size = strcspn(buf_string(body), "\r\n");
    if (size == 0 || size >= ROLE_SIZE || strspn(buf_string(body), letters) < size) {
        return false;
    }
    (void)snprintf(target, SOURCE_TARGET_SIZE, IMDS_ROLES "%.*s", (int)size, buf_string(body));
    return true;
}

/* Version 2: a token first, which a request that was forged by way of this program could not have. */
static bool
ask_machine(const struct credentials_source *source, struct exchange *exchange, struct buf *body,
            struct cloud_keys *keys)
{
    char token[TOKEN_SIZE] = "";
    char target[SOURCE_TARGET_SIZE];
    const struct uri_pair lifetime = {"X-aws-ec2-metadata-token-ttl-seconds", "60"};
    const struct uri_pair header = {"X-aws-ec2-metadata-token", token};
    if (!ask(source, exchange, "PUT", IMDS_TOKEN, &lifetime, HOPS, body)) {
        return false;
    }
    bool good = take(token, sizeof token, buf_string(body)) && is_printable(token);
    good = good && ask(source, exchange, "GET", IMDS_ROLES, &header, HOPS, body);
    if (good && !role_of(body, target)) {
        failed(source, "the machine has no role", 200);
        good = false;
    }
    good = good && ask(source, exchange, "GET", target, &header, HOPS, body) && read_keys(source, body, keys);
    sodium_memzero(token, sizeof token);
    return good;
}

bool
credentials_source_ask(const struct credentials_source *source, struct cloud_keys *keys)
{
    char error[256];
    struct buf body;
    struct exchange *exchange =
        exchange_create(&(struct exchange_settings){.origin = source->origin}, error, sizeof error);
    if (exchange == NULL) {
        failed(source, error, 0);
        return false;
    }
    buf_init(&body, ANSWER_MAX);
    bool good = source->is_machine ? ask_machine(source, exchange, &body, keys)
                                   : ask_container(source, exchange, &body, keys);
    buf_free(&body);
    exchange_destroy(exchange);
    return good;
}
