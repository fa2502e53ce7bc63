#include "lib/cloud/exchange.h"

#include "lib/base/clock.h"
#include "lib/cloud/exchange_address.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    CONNECT_MILLISECONDS = 5000,
    HEADERS_MAX = 64 * 1024,
    ORIGIN_SIZE = 300,
    TARGET_MAX = 32 * 1024,
    FILE_SIZE = 4096
};

struct exchange {
    CURL *curl; /* keeps its connection between requests */
    const volatile sig_atomic_t *stop;
    char origin[ORIGIN_SIZE];
    char ca_file[FILE_SIZE];
    struct exchange_address address;
};

/* One answer while it arrives. */
struct arrival {
    CURL *curl;
    struct exchange_reply *reply;
    size_t header_bytes;
    bool too_large;
};

struct exchange *
exchange_create(const struct exchange_settings *settings, char *error, size_t size)
{
    const char *ca_file = settings->ca_file == NULL ? "" : settings->ca_file;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        exchange->curl = curl_easy_init();
        if (exchange->curl == NULL) {
            curl_global_cleanup();
        }
    }
    if (exchange == NULL || exchange->curl == NULL) {
        (void)snprintf(error, size, "libcurl cannot be initialised");
        free(exchange);
        return NULL;
    }
    exchange->stop = settings->stop;
    if (strlen(settings->origin) >= sizeof exchange->origin || strlen(ca_file) >= sizeof exchange->ca_file ||
        !exchange_address_begin(&exchange->address, settings->origin)) {
        (void)snprintf(error, size, "%.200s is no address of a server", settings->origin);
        exchange_destroy(exchange);
        return NULL;
    }
    (void)snprintf(exchange->origin, sizeof exchange->origin, "%s", settings->origin);
    (void)snprintf(exchange->ca_file, sizeof exchange->ca_file, "%s", ca_file);
    return exchange;
}

void
exchange_destroy(struct exchange *exchange)
{
    if (exchange == NULL) {
        return;
    }
    curl_easy_cleanup(exchange->curl);
    exchange_address_end(&exchange->address);
    curl_global_cleanup();
    free(exchange);
}

/* A wanted header's value, without the blanks around it. The last one of a name counts. */
static void
take_value(struct exchange_header *header, const char *line, size_t size)
{
    while (size > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        size--;
    }
    while (size > 0 && strchr(" \t\r\n", line[size - 1]) != NULL) {
        size--;
    }
    size_t kept = size < sizeof header->value ? size : sizeof header->value - 1;
    memcpy(header->value, line, kept);
    header->value[kept] = '\0';
}

static size_t
take_header(char *line, size_t size, size_t count, void *context)
{
    struct arrival *arrival = context;
    struct exchange_reply *reply = arrival->reply;
    size_t all = size * count;
    arrival->header_bytes += all;
    if (arrival->header_bytes > HEADERS_MAX) {
        arrival->too_large = true;
        return 0;
    }
    bool is_status = all > 5 && strncasecmp(line, "HTTP/", 5) == 0; /* of a 100, and then of the answer */
    for (size_t i = 0; i < reply->header_count; i++) {
        struct exchange_header *header = &reply->headers[i];
        size_t name = strlen(header->name);
        if (is_status) {
            header->value[0] = '\0';
        } else if (all > name && line[name] == ':' && strncasecmp(line, header->name, name) == 0) {
            take_value(header, line + name + 1, all - name - 1);
        }
    }
    return all;
}

static size_t
take_body(char *data, size_t size, size_t count, void *context)
{
    struct arrival *arrival = context;
    struct exchange_reply *reply = arrival->reply;
    size_t all = size * count;
    long status = 0;
    (void)curl_easy_getinfo(arrival->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 206) {
        buf_add(&reply->body, data, all);
        arrival->too_large = reply->body.failed;
    } else if (all > reply->room - reply->got) {
        arrival->too_large = true;
    } else {
        memcpy(reply->into + reply->got, data, all);
        reply->got += all;
    }
    return arrival->too_large ? 0 : all;
}

static int
go_on(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    const struct exchange *exchange = context;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return exchange->stop != NULL && *exchange->stop != 0;
}

/* What holds for every request. */
static bool
set_always(struct exchange *exchange)
{
    CURL *curl = exchange->curl;
    bool good =
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_USERAGENT, "anamnesis") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_RESOLVE, exchange_address_list(&exchange->address)) == CURLE_OK;
    if (good && exchange->ca_file[0] != '\0') {
        good = curl_easy_setopt(curl, CURLOPT_CAINFO, exchange->ca_file) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    return good;
}

static bool
set_callbacks(struct exchange *exchange, struct arrival *arrival)
{
    CURL *curl = exchange->curl;
    return curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, arrival) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, arrival) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, go_on) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange) == CURLE_OK;
}

/* A stalled answer is one of less than a byte a second: a slow one has the time of the request. */
static bool
set_limits(CURL *curl, const struct exchange_request *request)
{
    long all = (long)request->milliseconds;
    long connect = all < CONNECT_MILLISECONDS ? all : CONNECT_MILLISECONDS;
    long stalled = (long)((request->stalled + 999) / 1000);
    return curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, all) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stalled) == CURLE_OK;
}

static bool
set_request(CURL *curl, const struct exchange_request *request, const char *url, struct curl_slist *headers)
{
    bool good = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    if (strcmp(request->method, "HEAD") == 0) {
        return good && curl_easy_setopt(curl, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }
    if (strcmp(request->method, "PUT") == 0) {
        const void *data = request->body.size == 0 ? "" : (const void *)request->body.data;
        good =
            good &&
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size) == CURLE_OK &&
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, data) == CURLE_OK;
    }
    return good && curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

static bool
add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    *list = longer == NULL ? *list : longer;
    return longer != NULL;
}

/*
 * The headers as lines, and what libcurl must not add: it would wait for "100 Continue", and say that a form
 * is sent.
 */
static bool
make_headers(const struct exchange_request *request, struct curl_slist **list)
{
    bool good = add_line(list, "Expect:") && add_line(list, "Accept:") && add_line(list, "Content-Type:");
    for (size_t i = 0; i < request->header_count && good; i++) {
        struct buf line;
        buf_init(&line, TARGET_MAX);
        buf_format(&line, "%s: %s", request->headers[i].name, request->headers[i].value);
        good = !line.failed && add_line(list, buf_string(&line));
        buf_free(&line);
    }
    return good;
}

/* Signatures and tokens are among them. */
static void
free_headers(struct curl_slist *list)
{
    for (struct curl_slist *line = list; line != NULL; line = line->next) {
        sodium_memzero(line->data, strlen(line->data));
    }
    curl_slist_free_all(list);
}

static enum exchange_result
result_of(CURLcode code, const struct arrival *arrival)
{
    long status = 0;
    (void)curl_easy_getinfo(arrival->curl, CURLINFO_RESPONSE_CODE, &status);
    arrival->reply->status = status;
    switch (code) {
    case CURLE_OK:
        return EXCHANGE_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return EXCHANGE_UNREACHED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return EXCHANGE_UNTRUSTED;
    case CURLE_ABORTED_BY_CALLBACK:
        return EXCHANGE_STOPPED;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return EXCHANGE_FAILED;
    default:
        return arrival->too_large ? EXCHANGE_TOO_LARGE : EXCHANGE_CUT;
    }
}

static enum exchange_result
perform(struct exchange *exchange, struct arrival *arrival)
{
    curl_off_t length = -1;
    CURLcode code = curl_easy_perform(exchange->curl);
    enum exchange_result result = result_of(code, arrival);
    if (result == EXCHANGE_ANSWERED) {
        (void)curl_easy_getinfo(exchange->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    } else {
        exchange_address_doubt(&exchange->address);
    }
    arrival->reply->length = length;
    return result;
}

enum exchange_result
exchange_run(struct exchange *exchange, const struct exchange_request *request, struct exchange_reply *reply)
{
    struct arrival arrival = {.curl = exchange->curl, .reply = reply};
    struct curl_slist *headers = NULL;
    struct buf url;
    int64_t begun = clock_monotonic();
    struct exchange_request rest = *request;
    reply->status = 0;
    reply->got = 0;
    reply->length = -1;
    buf_reset(&reply->body);
    for (size_t i = 0; i < reply->header_count; i++) {
        reply->headers[i].value[0] = '\0';
    }
    if (!exchange_address_find(&exchange->address)) {
        return EXCHANGE_UNREACHED;
    }
    rest.milliseconds -= (clock_monotonic() - begun) / 1000;
    if (rest.milliseconds < 1) {
        return EXCHANGE_UNREACHED;
    }
    buf_init(&url, ORIGIN_SIZE + TARGET_MAX);
    buf_format(&url, "%s%s", exchange->origin, request->target);
    curl_easy_reset(exchange->curl);
    bool good = !url.failed && make_headers(request, &headers) && set_always(exchange) &&
                set_callbacks(exchange, &arrival) && set_limits(exchange->curl, &rest) &&
                set_request(exchange->curl, request, buf_string(&url), headers);
    enum exchange_result result = good ? perform(exchange, &arrival) : EXCHANGE_FAILED;
    curl_easy_reset(exchange->curl);
    free_headers(headers);
    buf_free(&url);
    return result;
}
