#include "lambda/runtime.h"

#include "lib/base/json_out.h"
#include "lib/base/log.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "2018-06-01"

enum {
    CONNECT_SECONDS = 5,
    POST_SECONDS = 30,
    API_MAX = 255,
    URL_SIZE = API_MAX + 256,
    ERROR_MAX = 4096,
    TYPE_HEADER_SIZE = 128
};

struct runtime {
    CURL *curl; /* one handle for all exchanges, which keeps its connection */
    const volatile sig_atomic_t *stop;
    bool stoppable; /* waiting for work: told to stop, it ends the wait; answers are always sent */
    char api[API_MAX + 1];
};

/* Where the answer of one exchange goes. */
struct sink {
    struct invocation *invocation; /* NULL: nothing is kept */
    bool overflow;
};

static size_t
take_body(char *data, size_t size, size_t count, void *context)
{
    struct sink *sink = context;
    if (sink->invocation != NULL && !sink->overflow) {
        buf_add(&sink->invocation->event, data, size * count);
        sink->overflow = sink->invocation->event.failed;
    }
    return size * count;
}

/* Returns the value of the header `name` when the line is that header; NULL when it is another. */
static const char *
value_of(const char *line, size_t size, const char *name, size_t *length)
{
    size_t skip = strlen(name);
    if (size < skip || strncasecmp(line, name, skip) != 0) {
        return NULL;
    }
    while (skip < size && (line[skip] == ' ' || line[skip] == '\t')) {
        skip++;
    }
    while (size > skip && isspace((unsigned char)line[size - 1])) {
        size--;
    }
    *length = size - skip;
    return line + skip;
}

/* Whether an invocation's id has only the characters that Lambda uses. It becomes a part of an address. */
static bool
take_id(struct invocation *invocation, const char *value, size_t length)
{
    if (length == 0 || length >= sizeof invocation->id) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)value[i]) && value[i] != '-') {
            return false;
        }
    }
    memcpy(invocation->id, value, length);
    invocation->id[length] = '\0';
    return true;
}

static void
take_deadline(struct invocation *invocation, const char *value, size_t length)
{
    char text[24];
    char *end = NULL;
    if (length == 0 || length >= sizeof text) {
        return;
    }
    memcpy(text, value, length);
    text[length] = '\0';
    errno = 0;
    long long milliseconds = strtoll(text, &end, 10);
    if (errno == 0 && *end == '\0' && milliseconds > 0 && milliseconds < INT64_MAX / 1000) {
        invocation->deadline = milliseconds * 1000;
    }
}

static size_t
take_header(char *line, size_t size, size_t count, void *context)
{
    struct sink *sink = context;
    size_t length = 0;
    size_t all = size * count;
    if (sink->invocation == NULL) {
        return all;
    }
    const char *value = value_of(line, all, "Lambda-Runtime-Aws-Request-Id:", &length);
    if (value != NULL && !take_id(sink->invocation, value, length)) {
        sink->invocation->id[0] = '\0';
    }
    value = value_of(line, all, "Lambda-Runtime-Deadline-Ms:", &length);
    if (value != NULL) {
        take_deadline(sink->invocation, value, length);
    }
    value = value_of(line, all, "Lambda-Runtime-Trace-Id:", &length);
    if (value != NULL && length < sizeof sink->invocation->trace) {
        memcpy(sink->invocation->trace, value, length);
        sink->invocation->trace[length] = '\0';
    }
    return all;
}

static int
go_on(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    const struct runtime *runtime = context;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return runtime->stoppable && *runtime->stop != 0;
}

static bool
set_up(struct runtime *runtime)
{
    CURL *curl = runtime->curl;
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "anamnesis") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, go_on) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, runtime) == CURLE_OK;
}

struct runtime *
runtime_create(const char *api, const volatile sig_atomic_t *stop, char *error, size_t size)
{
    if (api == NULL || api[0] == '\0' || strlen(api) > API_MAX || strpbrk(api, "/?#@\\ \r\n") != NULL) {
        (void)snprintf(
            error, size,
            "AWS_LAMBDA_RUNTIME_API is not set to host:port; Lambda sets it, so run this inside Lambda");
        return NULL;
    }
    struct runtime *runtime = calloc(1, sizeof *runtime);
    if (runtime != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        runtime->curl = curl_easy_init();
    }
    if (runtime == NULL || runtime->curl == NULL || !set_up(runtime)) {
        (void)snprintf(error, size, "libcurl cannot be initialised");
        runtime_destroy(runtime);
        return NULL;
    }
    runtime->stop = stop;
    (void)snprintf(runtime->api, sizeof runtime->api, "%s", api);
    return runtime;
}

void
runtime_destroy(struct runtime *runtime)
{
    if (runtime == NULL) {
        return;
    }
    curl_easy_cleanup(runtime->curl);
    curl_global_cleanup();
    free(runtime);
}

/* Makes one exchange with the Runtime API. `status` is 0 when there was no answer. */
static CURLcode
exchange(struct runtime *runtime, const char *path, struct sink *sink, long *status)
{
    char url[URL_SIZE];
    (void)snprintf(url, sizeof url, "http://%s/" VERSION "/runtime/%s", runtime->api, path);
    CURLcode code = curl_easy_setopt(runtime->curl, CURLOPT_URL, url);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_WRITEDATA, sink);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_HEADERDATA, sink);
    }
    if (code == CURLE_OK) {
        code = curl_easy_perform(runtime->curl);
    }
    *status = 0;
    if (code == CURLE_OK) {
        (void)curl_easy_getinfo(runtime->curl, CURLINFO_RESPONSE_CODE, status);
    }
    return code;
}

enum runtime_result
runtime_next(struct runtime *runtime, struct invocation *invocation)
{
    struct sink sink = {.invocation = invocation};
    long status = 0;
    buf_reset(&invocation->event);
    invocation->id[0] = '\0';
    invocation->trace[0] = '\0';
    invocation->deadline = 0;
    runtime->stoppable = true;
    CURLcode code = curl_easy_setopt(runtime->curl, CURLOPT_HTTPGET, 1L);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_HTTPHEADER, NULL);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_TIMEOUT, 0L);
    }
    if (code == CURLE_OK) {
        code = exchange(runtime, "invocation/next", &sink, &status);
    }
    runtime->stoppable = false;
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        return RUNTIME_STOPPED;
    }
    if (status != 200 || invocation->id[0] == '\0') {
        log_event(LOG_ERROR, "runtime-next-failed", LOG_INT("status", status), LOG_INT("curl", code));
        return RUNTIME_BROKEN;
    }
    return sink.overflow ? RUNTIME_TOO_LARGE : RUNTIME_DONE;
}

static enum runtime_result
result_of(long status, CURLcode code, const char *what)
{
    if (status == 202) {
        return RUNTIME_DONE;
    }
    log_event(LOG_ERROR, "runtime-refused", LOG_TEXT("what", what), LOG_INT("status", status),
              LOG_INT("curl", code));
    switch (status) {
    case 400:
        return RUNTIME_REFUSED;
    case 413:
        return RUNTIME_TOO_LARGE;
    default:
        return RUNTIME_BROKEN;
    }
}

static enum runtime_result
post(struct runtime *runtime, const char *path, const char *error_type, struct span body)
{
    struct sink sink = {.invocation = NULL};
    char type[TYPE_HEADER_SIZE];
    long status = 0;
    /* No "Expect: 100-continue": the Runtime API answers at once or never. */
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    struct curl_slist *last =
        headers == NULL ? NULL : curl_slist_append(headers, "Content-Type: application/json");
    if (last != NULL && error_type != NULL) {
        (void)snprintf(type, sizeof type, "Lambda-Runtime-Function-Error-Type: %s", error_type);
        last = curl_slist_append(headers, type);
    }
    CURLcode code = last == NULL ? CURLE_OUT_OF_MEMORY : curl_easy_setopt(runtime->curl, CURLOPT_POST, 1L);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_HTTPHEADER, headers);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_TIMEOUT, (long)POST_SECONDS);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(runtime->curl, CURLOPT_POSTFIELDS, body.data);
    }
    if (code == CURLE_OK) {
        code = exchange(runtime, path, &sink, &status);
    }
    (void)curl_easy_setopt(runtime->curl, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(runtime->curl, CURLOPT_POSTFIELDS, NULL);
    curl_slist_free_all(headers);
    return result_of(status, code, error_type == NULL ? "response" : error_type);
}

enum runtime_result
runtime_respond(struct runtime *runtime, const struct invocation *invocation, struct span reply)
{
    char path[RUNTIME_ID_SIZE + 32];
    (void)snprintf(path, sizeof path, "invocation/%s/response", invocation->id);
    return post(runtime, path, NULL, reply);
}

enum runtime_result
runtime_fail(struct runtime *runtime, const struct invocation *invocation, const char *type,
             const char *message)
{
    char path[RUNTIME_ID_SIZE + 32];
    struct buf body;
    struct json_out out;
    (void)snprintf(path, sizeof path, "init/error");
    if (invocation != NULL) {
        (void)snprintf(path, sizeof path, "invocation/%s/error", invocation->id);
    }
    buf_init(&body, ERROR_MAX);
    json_start(&out, &body);
    json_begin_object(&out);
    json_text(&out, "errorMessage", message);
    json_text(&out, "errorType", type);
    json_array_key(&out, "stackTrace");
    json_end_array(&out);
    json_end_object(&out);
    struct span span = {(const unsigned char *)body.data, body.size};
    enum runtime_result result = post(runtime, path, type, span);
    buf_free(&body);
    return result;
}
