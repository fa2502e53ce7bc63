#include "lambda/event.h"

#include "lib/base/json_read.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <json-c/json.h>
#include <sodium.h>
#include <string.h>

/* Gives a member that is a text; `text` is NULL when it is missing or null. False for anything else. */
static bool
text_member(struct json_object *object, const char *name, const char **text, size_t *size)
{
    struct json_object *value = NULL;
    *text = NULL;
    *size = 0;
    if (!json_object_object_get_ex(object, name, &value) || value == NULL) {
        return true;
    }
    if (!json_object_is_type(value, json_type_string)) {
        return false;
    }
    *text = json_object_get_string(value);
    *size = (size_t)json_object_get_string_len(value);
    return true;
}

/* Gives a member that must be there, a text that is not empty. False when it is not. */
static const char *
required(struct json_object *object, const char *name)
{
    const char *text = NULL;
    size_t size = 0;
    return text_member(object, name, &text, &size) && size > 0 ? text : NULL;
}

static struct json_object *
member(struct json_object *object, const char *name, enum json_type type)
{
    struct json_object *value = NULL;
    bool there = json_object_object_get_ex(object, name, &value) && json_object_is_type(value, type);
    return there ? value : NULL;
}

static bool
is_visible(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Joins the cookies, which the gateway lists outside of the headers, into the one header that RFC 6265 has. */
static bool
take_cookies(struct request *rq, struct json_object *event)
{
    struct json_object *cookies = NULL;
    if (!json_object_object_get_ex(event, "cookies", &cookies) || cookies == NULL) {
        return true;
    }
    if (!json_object_is_type(cookies, json_type_array)) {
        return false;
    }
    const char *all = NULL;
    for (size_t i = 0; i < json_object_array_length(cookies); i++) {
        struct json_object *cookie = json_object_array_get_idx(cookies, i);
        if (!json_object_is_type(cookie, json_type_string) || !is_visible(json_object_get_string(cookie))) {
            return false;
        }
        const char *text = json_object_get_string(cookie);
        all = all == NULL ? text : arena_format(rq->arena, "%s; %s", all, text);
    }
    if (all != NULL) {
        request_take_header(rq, "cookie", all);
    }
    return true;
}

static bool
take_headers(struct request *rq, struct json_object *event)
{
    struct json_object *headers = member(event, "headers", json_type_object);
    if (headers == NULL) {
        return false;
    }
    bool has_cookies = request_header(rq, "cookie") != NULL;
    json_object_object_foreach(headers, key, value)
    {
        if (!json_object_is_type(value, json_type_string) || !is_visible(json_object_get_string(value))) {
            return false;
        }
        char *name = arena_text(rq->arena, key);
        for (char *at = name; *at != '\0'; at++) {
            *at = (char)tolower((unsigned char)*at);
        }
        if (!has_cookies || strcmp(name, "cookie") != 0) {
            request_take_header(rq, name, json_object_get_string(value));
        }
    }
    return true;
}

/* Takes the stage off the path: by the gateway's own host a named stage is called as `/stage/path`. */
static const char *
without_stage(const char *path, const char *stage)
{
    size_t size = stage == NULL || strcmp(stage, "$default") == 0 ? 0 : strlen(stage);
    if (size == 0 || path[0] != '/' || strncmp(path + 1, stage, size) != 0) {
        return path;
    }
    const char *rest = path + 1 + size;
    if (*rest == '\0') {
        return "/";
    }
    return *rest == '/' ? rest : path;
}

/*
 * Takes method, path, query and client address. NULL, or the member of the event that is missing or wrong.
 * Gateways differ in whether rawPath is decoded already. It makes no difference here: a path in the route
 * matcher's normal form holds nothing to decode, and all others are refused.
 */
static const char *
take_target(struct request *rq, struct json_object *event)
{
    struct json_object *context = member(event, "requestContext", json_type_object);
    struct json_object *http = context == NULL ? NULL : member(context, "http", json_type_object);
    const char *path = required(event, "rawPath");
    const char *method = http == NULL ? NULL : required(http, "method");
    const char *address = http == NULL ? NULL : required(http, "sourceIp");
    const char *query = NULL;
    const char *stage = NULL;
    size_t size = 0;
    if (method == NULL) {
        return "requestContext.http.method";
    }
    if (path == NULL || path[0] != '/') {
        return "rawPath";
    }
    if (!text_member(event, "rawQueryString", &query, &size) ||
        !text_member(context, "stage", &stage, &size)) {
        return "rawQueryString";
    }
    unsigned char binary[sizeof(struct in6_addr)];
    bool known = address != NULL &&
                 (inet_pton(AF_INET, address, binary) == 1 || inet_pton(AF_INET6, address, binary) == 1);
    if (!known) {
        return "requestContext.http.sourceIp";
    }
    rq->method = http_method_of(method);
    rq->path = without_stage(path, stage);
    rq->query = query == NULL ? "" : query;
    rq->client_address = address;
    return NULL;
}

static bool
take_body(struct request *rq, struct json_object *event)
{
    const char *text = NULL;
    size_t size = 0;
    struct json_object *encoded = NULL;
    if (!text_member(event, "body", &text, &size)) {
        return false;
    }
    if (json_object_object_get_ex(event, "isBase64Encoded", &encoded) &&
        !json_object_is_type(encoded, json_type_boolean)) {
        return false;
    }
    rq->body = (struct span){(const unsigned char *)text, size};
    if (size == 0 || !json_object_get_boolean(encoded)) {
        return true;
    }
    size_t decoded_size = 0;
    unsigned char *decoded = arena_alloc(rq->arena, size / 4 * 3 + 3);
    if (sodium_base642bin(decoded, size / 4 * 3 + 3, text, size, NULL, &decoded_size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
        return false;
    }
    rq->body = (struct span){decoded, decoded_size};
    return true;
}

bool
event_read(struct request *rq, struct span text, const char **why)
{
    struct json_fault fault;
    struct json_object *event = json_read(rq->arena, text, &fault);
    if (fault.code != JSON_FINE) {
        if (fault.code == JSON_NUL_CHARACTER || fault.code == JSON_LONE_SURROGATE) {
            rq->unreadable = PROBLEM_MALFORMED_JSON;
            return true;
        }
        *why = json_fault_name(fault.code);
        return false;
    }
    if (!json_object_is_type(event, json_type_object)) {
        *why = "not-an-object";
        return false;
    }
    const char *version = required(event, "version");
    if (version == NULL || strcmp(version, "2.0") != 0) {
        *why = "version";
        return false;
    }
    *why = take_target(rq, event);
    if (*why != NULL) {
        return false;
    }
    if (!take_cookies(rq, event)) {
        *why = "cookies";
    } else if (!take_headers(rq, event)) {
        *why = "headers";
    } else if (!take_body(rq, event)) {
        *why = "body";
    }
    return *why == NULL;
}
