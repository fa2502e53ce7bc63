#include "fcgi/transport.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_NO_CONTENT = 204, STATUS_NOT_MODIFIED = 304, STATUS_INTERNAL = 500, STATUS_LINE_SIZE = 64 };
enum { DECIMAL = 10 };
/* A larger number is no time, and as microseconds it would not fit. */
#define QUEUED_SECONDS_MOST (INT64_C(1) << 40)

/*
 * Takes a header from its CGI variable: HTTP_IF_MATCH is If-Match. nginx has underscores_in_headers off, so
 * no header that is written with an underscore can become another one. CONTENT_TYPE and CONTENT_LENGTH come
 * as variables of their own, and HTTP_PROXY, which nginx blanks, is ignored. A header that is empty is kept:
 * an empty Idempotency-Key must be refused, not overlooked.
 */
static void
take_header(struct request *rq, const char *variable, size_t size, const char *value)
{
    static const char *const not_ours[] = {"CONTENT_TYPE=", "CONTENT_LENGTH=", "PROXY="};
    for (size_t i = 0; i < sizeof not_ours / sizeof not_ours[0]; i++) {
        if (strncmp(variable, not_ours[i], size + 1) == 0) {
            return;
        }
    }
    char *name = arena_copy(rq->arena, variable, size);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    }
    request_take_header(rq, name, value);
}

/* Splits the address into path and query, as they came and without decoding: the route matcher knows one
 * normal form and refuses the rest. */
static void
take_uri(struct request *rq, const char *uri)
{
    const char *query = strchr(uri, '?');
    rq->path = query == NULL ? uri : arena_copy(rq->arena, uri, (size_t)(query - uri));
    rq->query = query == NULL ? "" : query + 1;
}

/* Reads a length. False when the text is none. An empty one is 0: nginx sends it so when there is no body. */
static bool
take_length(const char *text, size_t *length)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text == '-' || *end != '\0' || errno != 0) {
        return false;
    }
    *length = number > TRANSPORT_BODY_MAX ? (size_t)TRANSPORT_BODY_MAX + 1 : (size_t)number;
    return true;
}

/* Takes the client's address, which is stored, and by which requests are counted. What is no address becomes
 * none: nginx that listens on a Unix socket has none to give. */
static void
take_address(struct request *rq, const char *text)
{
    unsigned char binary[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1) {
        rq->client_address = text;
    }
}

/* Reads nginx's $msec, seconds and thousandths: when it had all of the request and connected to the lane. */
static void
take_time(struct request *rq, const char *text)
{
    char *end = NULL;
    errno = 0;
    long long seconds = strtoll(text, &end, DECIMAL);
    bool whole = *end == '.' && strlen(end) == 4 && strspn(end + 1, "0123456789") == 3;
    if (errno == 0 && whole && seconds > 0 && seconds < QUEUED_SECONDS_MOST) {
        rq->queued_at = seconds * CLOCK_SECOND + strtoll(end + 1, NULL, DECIMAL) * (CLOCK_SECOND / 1000);
    }
}

/* Takes the variables of the request. Texts stay in the connection's memory, which lives until the reply was
 * sent. False when the body's length is none. */
static bool
take_variables(struct request *rq, char *const *variables, size_t *length)
{
    static const char header[] = "HTTP_";
    rq->path = "";
    rq->method = HTTP_OTHER;
    for (; *variables != NULL; variables++) {
        const char *name = *variables;
        const char *value = strchr(name, '=');
        if (value == NULL) {
            continue;
        }
        size_t size = (size_t)(value - name);
        value++;
        if (strncmp(name, header, sizeof header - 1) == 0) {
            take_header(rq, name + sizeof header - 1, size - (sizeof header - 1), value);
        } else if (strncmp(name, "REQUEST_METHOD=", size + 1) == 0) {
            rq->method = http_method_of(value);
        } else if (strncmp(name, "REQUEST_URI=", size + 1) == 0) {
            take_uri(rq, value);
        } else if (strncmp(name, "REMOTE_ADDR=", size + 1) == 0) {
            take_address(rq, value);
        } else if (strncmp(name, "QUEUED_AT=", size + 1) == 0) {
            take_time(rq, value);
        } else if (strncmp(name, "CONTENT_TYPE=", size + 1) == 0 && *value != '\0') {
            request_take_header(rq, "content-type", value);
        } else if (strncmp(name, "CONTENT_LENGTH=", size + 1) == 0 && !take_length(value, length)) {
            return false;
        }
    }
    return true;
}

static bool
take_body(struct request *rq, FCGX_Stream *in, size_t length)
{
    if (length == 0) {
        return true;
    }
    char *body = arena_alloc(rq->arena, length);
    int got = FCGX_GetStr(body, (int)length, in);
    rq->body = (struct span){(const unsigned char *)body, length};
    return got >= 0 && (size_t)got == length;
}

/*
 * libfcgi ends a connection by waiting until the server has hung up, because closing a socket with something
 * unread in it may take the answer away from the other side. When everything was read, to the end of the
 * stream, nothing can be taken away, and nothing is waited for. The server sends the end with the body, in
 * front of which it sent the rest.
 */
static void
leave_without_waiting(FCGX_Request *connection)
{
    if (FCGX_GetChar(connection->in) == EOF) {
        FCGX_Detach(connection);
    }
}

static void
put_header(FCGX_Stream *out, const char *name, const char *value)
{
    (void)FCGX_PutS(name, out);
    (void)FCGX_PutStr(": ", 2, out);
    (void)FCGX_PutS(value, out);
    (void)FCGX_PutStr("\r\n", 2, out);
}

static void
send_reply(const struct request *rq, FCGX_Stream *out)
{
    const struct reply *reply = &rq->reply;
    bool empty = reply->status == STATUS_NO_CONTENT || reply->status == STATUS_NOT_MODIFIED;
    char line[STATUS_LINE_SIZE];
    (void)snprintf(line, sizeof line, "Status: %d\r\n", reply->status == 0 ? STATUS_INTERNAL : reply->status);
    (void)FCGX_PutS(line, out);
    for (size_t i = 0; i < reply->header_count; i++) {
        put_header(out, reply->headers[i].name, reply->headers[i].value);
    }
    if (!empty) {
        put_header(out, "Content-Type",
                   reply->content_type == NULL ? "application/json" : reply->content_type);
        (void)snprintf(line, sizeof line, "Content-Length: %zu\r\n", reply->body->size);
        (void)FCGX_PutS(line, out);
    }
    (void)FCGX_PutStr("\r\n", 2, out);
    if (!empty && rq->method != HTTP_HEAD && reply->body->size > 0) {
        (void)FCGX_PutStr(reply->body->data, (int)reply->body->size, out);
    }
}

void
transport_serve(struct app *app, FCGX_Request *connection)
{
    struct request *rq = app_request(app);
    size_t length = 0;
    if (take_variables(rq, connection->envp, &length) && take_body(rq, connection->in, length)) {
        leave_without_waiting(connection);
        app_serve(app, rq);
        send_reply(rq, connection->out);
    } else {
        log_event(LOG_WARN, "request-incomplete", LOG_TEXT("request", rq->id));
    }
    /* Sent before the request's memory is wiped: the client does not wait for that. */
    FCGX_Finish_r(connection);
    app_request_done(app, rq);
}
