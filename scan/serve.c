#include "scan/serve.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct server {
    int socket;
    const struct serve_program *program;
    struct cell cells[SERVE_AT_ONCE_MAX]; /* pid 0: free */
    unsigned running;
    bool gone; /* the conductor is, or speaks nonsense */
    int status;
};

static volatile sig_atomic_t told_to_stop;

static void
on_stop(int number)
{
    (void)number;
    told_to_stop = 1;
}

bool
serve_begin(void)
{
    struct sigaction stop = {.sa_handler = on_stop};
    sigset_t waiting;
    (void)sigemptyset(&waiting);
    (void)sigaddset(&waiting, SIGTERM);
    return process_hide() && sigprocmask(SIG_BLOCK, &waiting, NULL) == 0 &&
           sigaction(SIGTERM, &stop, NULL) == 0;
}

/* Says what became of one. A socket that takes no answer is the conductor's end. */
static void
answer(struct server *server, struct wire_reply *reply, int result)
{
    static const char *const ends[WIRE_ENDS] = {"not-started", "answered", "killed", "overtime", "no-answer"};
    if (reply->end != WIRE_END_ANSWERED) {
        log_event(LOG_WARN, "cell-failed", LOG_TEXT("end", ends[reply->end]),
                  LOG_INT("milliseconds", reply->milliseconds));
    }
    if (!server->gone && !wire_send_reply(server->socket, reply, result)) {
        server->gone = true;
        if (errno != EPIPE) {
            log_event(LOG_ERROR, "reply-not-sent", LOG_INT("errno", errno));
            server->status = EXIT_FAILURE;
        }
    }
    if (result >= 0) {
        (void)close(result);
    }
}

static struct cell *
free_cell(struct server *server)
{
    for (unsigned i = 0; i < server->program->at_once; i++) {
        if (server->cells[i].pid == 0) {
            return &server->cells[i];
        }
    }
    return NULL;
}

/* Takes one request and starts its process. */
static void
take(struct server *server)
{
    struct wire_request request;
    int file;
    struct cell *cell = free_cell(server);
    if (!wire_receive_request(server->socket, &request, &file)) {
        server->gone = true;
        if (errno != EPIPE && errno != ECONNRESET) {
            log_event(LOG_ERROR, "request-not-understood", LOG_INT("errno", errno));
            server->status = EXIT_FAILURE;
        }
        return;
    }
    if ((server->program->takes & 1U << request.what) != 0 &&
        cell_start(cell, server->program->plan, &request, file)) {
        server->running++;
    } else {
        struct wire_reply none = {.id = request.id, .reason = WIRE_NOT_SCANNED};
        answer(server, &none, -1);
    }
    (void)close(file);
}

static void
collect(struct server *server)
{
    for (unsigned i = 0; i < server->program->at_once; i++) {
        struct wire_reply reply;
        int result;
        if (server->cells[i].pid != 0 && cell_collect(&server->cells[i], &reply, &result)) {
            server->running--;
            answer(server, &reply, result);
        }
    }
}

/* Until something is to be done: at the latest when the first process has had its time. */
static bool
wait_for_work(struct server *server)
{
    struct pollfd all[SERVE_AT_ONCE_MAX + 1];
    int64_t left = INT64_MAX;
    sigset_t open;
    (void)sigemptyset(&open);
    /* Without room, and once it is to stop, it looks only whether the conductor is still there. */
    bool takes = told_to_stop == 0 && free_cell(server) != NULL;
    all[0] = (struct pollfd){.fd = server->socket, .events = takes ? POLLIN : 0};
    for (unsigned i = 0; i < server->program->at_once; i++) {
        const struct cell *cell = &server->cells[i];
        all[i + 1] = (struct pollfd){.fd = cell->pid == 0 ? -1 : cell->watch, .events = POLLIN};
        int64_t own = cell->until - clock_monotonic();
        left = cell->pid != 0 && own < left ? own : left;
    }
    left = left < 0 ? 0 : left;
    struct timespec time = {.tv_sec = left / CLOCK_SECOND, .tv_nsec = left % CLOCK_SECOND * 1000};
    int ready = ppoll(all, server->program->at_once + 1, server->running == 0 ? NULL : &time, &open);
    if ((all[0].revents & (POLLERR | POLLHUP)) != 0 && (all[0].revents & POLLIN) == 0) {
        server->gone = true;
    }
    return ready > 0 && takes && (all[0].revents & POLLIN) != 0;
}

int
serve(int socket, const struct serve_program *program, struct wire_hello *hello)
{
    struct server server = {.socket = socket, .program = program, .status = EXIT_SUCCESS};
    hello->held = program->plan->held;
    if (!wire_send_hello(socket, hello)) {
        log_event(LOG_ERROR, "hello-not-sent", LOG_INT("errno", errno));
        return EXIT_FAILURE;
    }
    while (!server.gone && (told_to_stop == 0 || server.running > 0)) {
        if (wait_for_work(&server)) {
            take(&server);
        }
        collect(&server);
    }
    for (unsigned i = 0; i < program->at_once; i++) {
        if (server.cells[i].pid != 0) {
            cell_kill(&server.cells[i]);
        }
    }
    return server.status;
}
