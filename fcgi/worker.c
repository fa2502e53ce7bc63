#include "fcgi/worker.h"

#include "fcgi/doors.h"
#include "fcgi/footprint.h"
#include "fcgi/lane.h"
#include "fcgi/share.h"
#include "fcgi/slots.h"
#include "fcgi/transport.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/process.h"
#include "lib/base/sandbox.h"

#include <errno.h>
#include <fcgiapp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    /* libfcgi uses select(2), which cannot see descriptors from this number on. */
    DESCRIPTORS_MAX = 1024,
    AUTH_NICENESS = 10,
    ERROR_SIZE = 512,
    NO_SOCKET = -1 /* in place of a listening socket: libfcgi must not accept by itself */
};

static volatile sig_atomic_t told_to_leave;

static void
on_term(int number)
{
    (void)number;
    told_to_leave = 1;
}

/* It has nothing to do: the signal interrupts the wait, and the worker writes its lines before it waits
 * again. */
static void
on_write_lines(int number)
{
    (void)number;
}

/* Forbids core dumps, debuggers of the same user and new privileges, and lets the worker end with its
 * supervisor. */
static bool
confine(const struct config *config)
{
    bool done = process_hide() && process_limit(RLIMIT_NOFILE, DESCRIPTORS_MAX) &&
                sandbox_address_space(config_number(config, CONFIG_ADDRESS_SPACE)) &&
                prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0;
    return done;
}

/*
 * Signals interrupt accept() and the poll() at two doors only (both have a time limit, see lane.c and
 * doors.c): reads of a request that is being served go on. After FCGX_Init, which sets handlers of its own.
 */
static bool
take_signals(void)
{
    struct sigaction leave = {.sa_handler = on_term, .sa_flags = SA_RESTART};
    struct sigaction write_lines = {.sa_handler = on_write_lines, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    return sigaction(SIGTERM, &leave, NULL) == 0 && sigaction(WORKER_WRITE_LINES, &write_lines, NULL) == 0 &&
           sigaction(SIGINT, &ignore, NULL) == 0 && sigaction(SIGHUP, &ignore, NULL) == 0 &&
           sigaction(SIGPIPE, &ignore, NULL) == 0;
}

/*
 * Accepts here, not in libfcgi: a connection counts as being served from its first moment, so that the
 * watchdog also ends a worker to which half a request was sent. The library takes the connection over in the
 * state that it has between two requests of a kept one. Returns 0, or -errno.
 */
static int
take_connection(struct slot *slot, struct doors *doors, bool may_wait, FCGX_Request *request)
{
    int connection = doors_accept(doors, may_wait);
    if (connection < 0) {
        return connection;
    }
    atomic_store(&slot->busy_since, clock_monotonic());
    request->ipcFd = connection;
    request->keepConnection = 1;
    return 0;
}

static bool
is_last(const struct slot *slot, uint64_t most)
{
    int leave = atomic_load(&slot->leave);
    return leave == LEAVE_NOW || (leave == LEAVE_NOT && told_to_leave != 0) ||
           (most != 0 && atomic_load(&slot->served) >= most);
}

static int
serve_until_told(struct app *app, struct share *share, uint64_t most)
{
    FCGX_Request request;
    struct slot *slot = share->own;
    if (FCGX_InitRequest(&request, NO_SOCKET, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
        return WORKER_FAILED;
    }
    atomic_store(&slot->ready, true);
    while (!is_last(slot, most)) {
        bool emptying = atomic_load(&slot->leave) == LEAVE_WHEN_EMPTY;
        int result = take_connection(slot, share->doors, !emptying, &request);
        if (result == -EAGAIN && emptying) {
            break;
        }
        if (result == -EINTR || result == -EAGAIN || result == -ECONNABORTED) {
            continue;
        }
        if (result < 0) {
            log_event(LOG_ERROR, "accept-failed", LOG_INT("error", -result));
            return WORKER_FAILED;
        }
        /* A connection without a whole request is closed by the library, which then finds no socket to accept
         * from. */
        if (FCGX_Accept_r(&request) == 0) {
            transport_serve(app, &request);
            share_leave(share);
            atomic_fetch_add(&slot->served, 1);
        }
        atomic_store(&slot->busy_since, 0);
    }
    return WORKER_LEFT;
}

/*
 * Hashing passwords takes all the processor there is, so the auth lane's workers let the other lanes' go
 * first.
 */
static void
yield_to_other_lanes(const char *lane)
{
    if (strcmp(lane, "auth") == 0) {
        (void)setpriority(PRIO_PROCESS, 0, AUTH_NICENESS);
    }
}

int
worker_run(const struct config *config, const char *lane, size_t slot, size_t slots)
{
    char error[ERROR_SIZE] = "";
    struct log_held *lines = lines_map(WORKER_LINES); /* before the number is given to anything else */
    struct slots shared = slots_map(WORKER_SLOTS, slots);
    if (shared.slots == NULL && errno == ESTALE) {
        log_event(LOG_ERROR, "worker-not-started", LOG_TEXT("lane", lane),
                  LOG_TEXT("why", "the supervisor is of another version: restart it"));
        return WORKER_FAILED;
    }
    if (shared.slots == NULL || !confine(config) || FCGX_Init() != 0 || !take_signals()) {
        log_event(LOG_ERROR, "worker-not-started", LOG_TEXT("lane", lane), LOG_TEXT("why", strerror(errno)));
        return WORKER_FAILED;
    }
    yield_to_other_lanes(lane);
    struct app *app = app_create(config, error, sizeof error);
    if (app == NULL) {
        log_event(LOG_ERROR, "worker-not-started", LOG_TEXT("lane", lane), LOG_TEXT("why", error));
        return WORKER_MISCONFIGURED;
    }
    if (!sandbox_enter(SANDBOX_WORKER)) {
        log_event(LOG_ERROR, "worker-not-started", LOG_TEXT("lane", lane), LOG_TEXT("why", "seccomp"),
                  LOG_INT("errno", errno));
        app_destroy(app);
        return WORKER_MISCONFIGURED;
    }
    footprint_trim();
    struct lane lanes[LANE_COUNT];
    struct share share;
    lanes_init(lanes, config);
    const struct lane *own = lane_find(lanes, lane);
    struct doors doors = {.front = WORKER_SOCKET, .devices = own->for_devices ? WORKER_DEVICES : -1};
    share_init(&share, shared, &shared.slots[slot], own->workers,
               (size_t)config_number(config, CONFIG_PRACTICE_SHARE), &doors);
    app->fairness = &share.fairness;
    app->gives_files = true;
    log_hold(lines);
    int status = serve_until_told(app, &share, (uint64_t)config_number(config, CONFIG_WORKER_REQUESTS));
    log_flush();
    app_destroy(app);
    return status;
}
