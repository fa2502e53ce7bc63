#include "store/connection.h"

#include "lib/base/log.h"
#include "lib/store/object_name.h"
#include "store/reply.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READS_AT_ONCE = 4, /* then it is another one's turn */
    STATUS_OK = 200,
    STATUS_PART = 206,
    STATUS_REFUSED = 400, /* from here on */
    STATUS_NO_SUCH_RANGE = 416
};

#define HEAD_LIMIT  (10 * CLOCK_SECOND)
#define DRAIN_LIMIT (10 * CLOCK_SECOND)
/* For an answer that has no file, without any progress. */
#define SEND_LIMIT (30 * CLOCK_SECOND)
/* Until a piece of a file is there; whoever asks for it has FETCH_SECONDS. */
#define FETCH_LIMIT (30 * CLOCK_SECOND)

static const char path_of_parts[] = "/files/incoming/";
static const char path_of_files[] = "/.files/"; /* nginx comes here for a worker, */
static const char path_of_led[] = "/files/t/";  /* and here for a client that was led to it */

struct connection *
connection_open(int socket, int64_t now)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        (void)close(socket);
        return NULL;
    }
    connection->socket = socket;
    connection->began = now;
    connection->deadline = now + HEAD_LIMIT;
    connection->put = (struct put){.directory = -1, .file = -1};
    buf_init(&connection->out, REPLY_SIZE_MAX);
    return connection;
}

static void
free_place(struct store *store, struct connection *connection)
{
    if (connection->has_place) {
        store->busy[connection->kind]--;
    }
    connection->has_place = false;
}

static void
drop_download(struct store *store, struct connection *connection)
{
    if (connection->download != NULL && store->fetchers != NULL) {
        fetchers_forget(store->fetchers, &connection->download->fetch);
    }
    download_close(connection->download);
    connection->download = NULL;
}

void
connection_close(struct store *store, struct connection *connection)
{
    free_place(store, connection);
    put_drop(&connection->put);
    drop_download(store, connection);
    buf_free(&connection->out);
    (void)close(connection->socket);
    explicit_bzero(connection, sizeof *connection);
    free(connection);
}

short
connection_waits_for(const struct connection *connection)
{
    return connection->stage == STAGE_REPLY ? POLLOUT : connection->stage == STAGE_FETCH ? 0 : POLLIN;
}

/* One line for each request: neither path nor name, as in nginx's log. */
static void
note(const struct connection *connection, const char *event, int64_t now)
{
    static const char *const names[KIND_COUNT] = {"none", "put", "get"};
    log_event(LOG_INFO, event, LOG_TEXT("request", connection->request),
              LOG_TEXT("kind", names[connection->kind]), LOG_INT("status", connection->status),
              LOG_INT("bytes", connection->bytes), LOG_INT("microseconds", now - connection->began));
}

static void
end(struct connection *connection, const char *why, int64_t now)
{
    note(connection, why, now);
    connection->stage = STAGE_END;
}

static void
reply(struct connection *connection, int status, int64_t now)
{
    connection->status = status;
    connection->stage = STAGE_REPLY;
    connection->deadline = now + SEND_LIMIT;
}

static void
refuse(struct connection *connection, enum problem problem, bool with_body, int64_t now)
{
    put_drop(&connection->put);
    reply_problem(&connection->out, problem, connection->request, with_body);
    reply(connection, problem_status(problem), now);
}

/* The name under which nginx tells the client of this request; one of our own when there is none. */
static void
name_request(struct connection *connection, const struct head *head)
{
    unsigned char bytes[UUID_SIZE];
    char given[UUID_TEXT_SIZE] = "";
    if (head->request_id.data != NULL && head->request_id.size == UUID_TEXT_SIZE - 1) {
        memcpy(given, head->request_id.data, UUID_TEXT_SIZE - 1);
    }
    if (uuid_parse(given, bytes)) {
        (void)uuid_text(bytes, connection->request);
    } else {
        (void)uuid_new(connection->request);
    }
}

static bool
is_below(struct span path, const char *directory)
{
    size_t size = strlen(directory);
    return path.size > size && memcmp(path.data, directory, size) == 0;
}

/* False when there are too many of this kind already: neither takes all places from the other. */
static bool
take_place(struct store *store, struct connection *connection, enum kind kind)
{
    if (store->busy[kind] >= CONNECTION_PLACES_OF_KIND) {
        return false;
    }
    store->busy[kind]++;
    connection->kind = kind;
    connection->has_place = true;
    return true;
}

static void
finish_put(struct connection *connection, int64_t now)
{
    enum problem problem = put_end(&connection->put);
    put_drop(&connection->put);
    if (problem != PROBLEM_NONE) {
        refuse(connection, problem, true, now);
        return;
    }
    reply_taken(&connection->out);
    reply(connection, STATUS_OK, now);
}

/* Bytes of the body. What comes behind it belongs to nobody. */
static void
take_body(struct connection *connection, const unsigned char *bytes, size_t size, int64_t now)
{
    size_t most = connection->put.left < (int64_t)size ? (size_t)connection->put.left : size;
    rate_add(&connection->rate, most);
    connection->bytes += (int64_t)most;
    enum problem problem = put_write(&connection->put, bytes, most);
    if (problem != PROBLEM_NONE) {
        refuse(connection, problem, true, now);
    } else if (connection->put.left == 0) {
        finish_put(connection, now);
    }
}

static enum problem
begin_put(struct store *store, struct connection *connection, const struct head *head)
{
    struct signed_part part;
    if (head->is_coded || head->length < 0) {
        return PROBLEM_LENGTH_REQUIRED;
    }
    if (head->length > PART_SIZE_MAX) {
        return PROBLEM_TOO_LARGE;
    }
    if (!access_part(store->access, head, clock_now(), &part)) {
        return PROBLEM_URL_REFUSED;
    }
    if (!take_place(store, connection, KIND_PUT)) {
        return PROBLEM_UNAVAILABLE;
    }
    return put_begin(&connection->put, store->incoming, &part);
}

static void
serve_put(struct store *store, struct connection *connection, const struct head *head, int64_t now)
{
    enum problem problem = begin_put(store, connection, head);
    if (problem != PROBLEM_NONE) {
        refuse(connection, problem, true, now);
        return;
    }
    rate_begin(&connection->rate, now, 0);
    connection->stage = STAGE_BODY;
    connection->deadline = connection->rate.until;
    take_body(connection, (const unsigned char *)connection->head + head->size, connection->size - head->size,
              now);
}

static int64_t
time_for(int64_t size)
{
    int64_t seconds = size / CONNECTION_GIVES_RATE;
    return (seconds > CONNECTION_GIVES_SECONDS ? seconds : CONNECTION_GIVES_SECONDS) * CLOCK_SECOND;
}

static void
await_rate(struct connection *connection)
{
    int64_t until = connection->rate.until;
    connection->deadline = until < connection->end ? until : connection->end;
}

/* How slowly it is read is measured from here on: S3's time is not its client's. */
static void
measure(struct connection *connection, int64_t now)
{
    rate_begin(&connection->rate, now, RATE_SPARE);
    await_rate(connection);
}

static void
wait_for_piece(struct connection *connection, int64_t now)
{
    int64_t until = now + FETCH_LIMIT;
    connection->stage = STAGE_FETCH;
    connection->deadline = until < connection->end ? until : connection->end;
}

/* The file, or what of it a Range names; of a HEAD the head alone. It may have to wait for its first piece, and then begins here again. */
static void
give(struct store *store, struct connection *connection, const struct head *head, int64_t now)
{
    bool whole = head->method == HEAD_GET;
    struct download *download = connection->download;
    struct range range;
    enum range_kind kind = download_range(download, head->range, &range);
    enum download_step step = whole && kind != RANGE_NONE ? download_next(download) : DOWNLOAD_ENDS;
    if (kind == RANGE_NONE) {
        reply_no_range(&connection->out, download->whole, connection->request, whole);
        reply(connection, STATUS_NO_SUCH_RANGE, now);
    } else if (step == DOWNLOAD_AWAITS) {
        wait_for_piece(connection, now);
        return;
    } else if (step == DOWNLOAD_DAMAGED) {
        enum problem problem = download->is_gone ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE;
        refuse(connection, problem, true, now); /* before anything was promised */
    } else {
        bool part = kind == RANGE_PART;
        const struct reply_file file = {.type = download->content_type,
                                        .manner = download->manner,
                                        .ranges = download->takes_ranges,
                                        .size = download->whole};
        reply_file(&connection->out, &file, part ? &range : NULL);
        reply(connection, part ? STATUS_PART : STATUS_OK, now);
    }
    if (!whole || connection->status >= STATUS_REFUSED) {
        drop_download(store, connection);
    } else {
        measure(connection, now);
    }
}

static void
serve_get(struct store *store, struct connection *connection, const struct head *head, bool led, int64_t now)
{
    size_t prefix = led ? sizeof path_of_led - 1 : sizeof path_of_files - 1;
    struct span ticket = {head->path.data + prefix, head->path.size - prefix};
    enum problem problem = PROBLEM_UNAVAILABLE;
    if (take_place(store, connection, KIND_GET)) {
        problem = download_open(store->access, store->root, ticket, led, clock_now(), &connection->download);
    }
    if (problem == PROBLEM_NONE) {
        connection->end = now + time_for(connection->download->whole);
        give(store, connection, head, now);
    } else {
        refuse(connection, problem, head->method == HEAD_GET, now);
    }
}

static void
serve(struct store *store, struct connection *connection, const struct head *head, int64_t now)
{
    bool is_read = head->method == HEAD_GET || head->method == HEAD_HEAD;
    bool led = is_below(head->path, path_of_led);
    if (is_below(head->path, path_of_parts) && store->incoming >= 0) {
        if (head->method == HEAD_PUT) {
            serve_put(store, connection, head, now);
        } else {
            refuse(connection, PROBLEM_METHOD_NOT_ALLOWED, head->method != HEAD_HEAD, now);
        }
    } else if (is_read && (led || is_below(head->path, path_of_files)) && head->length <= 0 &&
               !head->is_coded) {
        serve_get(store, connection, head, led, now);
    } else {
        refuse(connection, PROBLEM_NOT_FOUND, head->method != HEAD_HEAD, now);
    }
}

/* -1: nothing is there yet. 0: the other side has closed, or is gone. */
static ssize_t
receive(const struct connection *connection, void *bytes, size_t room)
{
    ssize_t size = recv(connection->socket, bytes, room, MSG_DONTWAIT);
    bool later = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return size >= 0 ? size : later ? -1 : 0;
}

static void
step_head(struct store *store, struct connection *connection, int64_t now)
{
    ssize_t size = receive(connection, connection->head + connection->size, HEAD_SIZE_MAX - connection->size);
    if (size <= 0) {
        if (size == 0) {
            end(connection, "cut", now);
        }
        return;
    }
    struct head head;
    connection->size += (size_t)size;
    enum head_step step = head_read(connection->head, connection->size, &head);
    if (step == HEAD_MORE) {
        return;
    }
    name_request(connection, &head);
    if (step == HEAD_WHOLE) {
        serve(store, connection, &head, now);
    } else {
        refuse(connection, step == HEAD_BAD ? PROBLEM_INVALID_REQUEST : PROBLEM_HEADERS_TOO_LARGE,
               head.method != HEAD_HEAD, now);
    }
}

static void
step_body(struct store *store, struct connection *connection, int64_t now)
{
    for (int reads = 0; reads < READS_AT_ONCE && connection->stage == STAGE_BODY; reads++) {
        ssize_t size = receive(connection, store->scratch, CONNECTION_SCRATCH);
        if (size < 0) {
            return;
        }
        if (size == 0) {
            end(connection, "cut", now);
            return;
        }
        take_body(connection, store->scratch, (size_t)size, now);
    }
}

/* Sends what is there. False when the other side has no room until it reads, or at the end. */
static bool
send_some(struct connection *connection, const char *bytes, size_t size, size_t *sent, int64_t now)
{
    ssize_t taken = send(connection->socket, bytes + *sent, size - *sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            end(connection, "cut", now);
        }
        return false;
    }
    *sent += (size_t)taken;
    return *sent == size;
}

/* The head has promised more: the client sees that it was cut. */
static void
break_off(struct connection *connection, int64_t now)
{
    end(connection, connection->download->is_gone ? "gone" : "damaged", now);
}

/* The next bytes of the file. False when nothing can be sent now, or nothing is left. */
static bool
send_file(struct connection *connection, int64_t now)
{
    struct download *download = connection->download;
    if (download == NULL) {
        return false;
    }
    if (now >= connection->end) {
        end(connection, "too-long", now);
        return false;
    }
    enum download_step step =
        download->sent == download->bytes.size ? download_next(download) : DOWNLOAD_READY;
    if (step == DOWNLOAD_DAMAGED) {
        break_off(connection, now);
    } else if (step == DOWNLOAD_AWAITS) {
        wait_for_piece(connection, now);
    }
    if (step != DOWNLOAD_READY) {
        return false;
    }
    size_t before = download->sent;
    bool more =
        send_some(connection, (const char *)download->bytes.data, download->bytes.size, &download->sent, now);
    rate_add(&connection->rate, download->sent - before);
    connection->bytes += (int64_t)(download->sent - before);
    return more;
}

static void
step_reply(struct connection *connection, int64_t now)
{
    if (connection->sent < connection->out.size &&
        !send_some(connection, connection->out.data, connection->out.size, &connection->sent, now)) {
        return;
    }
    for (int chunks = 0; chunks < READS_AT_ONCE; chunks++) {
        if (!send_file(connection, now)) {
            break;
        }
    }
    bool is_sent = connection->download == NULL || download_is_over(connection->download);
    if (connection->stage == STAGE_REPLY && is_sent) {
        note(connection, "answered", now);
        download_close(connection->download);
        connection->download = NULL;
        (void)shutdown(connection->socket, SHUT_WR);
        connection->stage = STAGE_DRAIN;
        connection->deadline = now + DRAIN_LIMIT;
    }
}

void
connection_look(struct store *store, struct connection *connection, int64_t now)
{
    if (connection->stage != STAGE_FETCH) {
        return;
    }
    struct head head;
    struct fetch *fetch = &connection->download->fetch;
    if (!fetch->asked) {
        (void)fetchers_ask(store->fetchers, fetch);
    }
    if (!fetch->over) {
        return;
    }
    enum problem problem = download_fetched(connection->download);
    bool promised = connection->status != 0;
    if (problem != PROBLEM_NONE && promised) {
        break_off(connection, now);
    } else if (problem != PROBLEM_NONE) {
        refuse(connection, problem, true, now);
        drop_download(store, connection);
    } else if (promised) {
        connection->stage = STAGE_REPLY;
        measure(connection, now);
    } else if (head_read(connection->head, connection->size, &head) == HEAD_WHOLE) {
        give(store, connection, &head, now);
    }
}

static void
step_drain(struct store *store, struct connection *connection)
{
    for (int reads = 0; reads < READS_AT_ONCE; reads++) {
        ssize_t size = receive(connection, store->scratch, CONNECTION_SCRATCH);
        if (size <= 0) {
            connection->stage = size == 0 ? STAGE_END : connection->stage;
            return;
        }
    }
}

/* A body that has come, or is not wanted any more, leaves its place to the next one. */
static void
leave_place(struct store *store, struct connection *connection)
{
    if (connection->kind == KIND_PUT && connection->stage > STAGE_BODY) {
        free_place(store, connection);
    }
}

void
connection_step(struct store *store, struct connection *connection, int64_t now)
{
    switch (connection->stage) {
    case STAGE_HEAD:
        step_head(store, connection, now);
        break;
    case STAGE_BODY:
        step_body(store, connection, now);
        break;
    case STAGE_FETCH: /* the other side is gone */
        end(connection, "cut", now);
        break;
    case STAGE_REPLY:
        step_reply(connection, now);
        break;
    case STAGE_DRAIN:
        step_drain(store, connection);
        break;
    case STAGE_END:
        break;
    }
    leave_place(store, connection);
}

/* Who sends is told so; of who reads a file the head was promised already, and sees that it was cut. */
static void
too_slow(struct connection *connection, int64_t now)
{
    if (connection->stage == STAGE_BODY) {
        refuse(connection, PROBLEM_TOO_SLOW, true, now);
    } else {
        end(connection, "too-slow", now);
    }
}

bool
connection_may_give_way(const struct connection *connection, enum kind kind, int64_t now, int64_t *rate)
{
    int64_t age = now - connection->began;
    bool moves =
        connection->stage == STAGE_BODY || (connection->stage == STAGE_REPLY && connection->download != NULL);
    if (!moves || connection->kind != kind || age < RATE_WINDOW) {
        return false;
    }
    *rate = connection->bytes / (age / CLOCK_SECOND);
    return true;
}

void
connection_give_way(struct store *store, struct connection *connection, int64_t now)
{
    too_slow(connection, now);
    leave_place(store, connection);
}

void
connection_late(struct store *store, struct connection *connection, int64_t now)
{
    if (connection->stage == STAGE_BODY ||
        (connection->stage == STAGE_REPLY && connection->download != NULL)) {
        if (connection->stage == STAGE_REPLY && now >= connection->end) {
            end(connection, "too-long", now);
        } else if (rate_is_slow(&connection->rate, now)) {
            too_slow(connection, now);
        } else if (connection->stage == STAGE_REPLY) {
            await_rate(connection);
        } else {
            connection->deadline = connection->rate.until;
        }
    } else if (connection->stage == STAGE_HEAD) {
        (void)uuid_new(connection->request);
        refuse(connection, PROBLEM_TOO_SLOW, true, now);
    } else if (connection->stage == STAGE_FETCH && connection->status == 0) {
        refuse(connection, PROBLEM_UNAVAILABLE, true, now);
        drop_download(store, connection);
    } else {
        if (connection->stage == STAGE_REPLY || connection->stage == STAGE_FETCH) {
            note(connection, "cut", now);
        }
        connection->stage = STAGE_END;
    }
    leave_place(store, connection);
}
