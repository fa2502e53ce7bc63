#include "store/server.h"

#include "lib/base/clock.h"
#include "lib/base/landlock.h"
#include "lib/base/log.h"
#include "lib/base/process.h"
#include "lib/base/sandbox.h"
#include "store/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ERROR_SIZE = 512, DESCRIPTORS_MAX = 1024, ACCEPTS_AT_ONCE = 16, NANOSECONDS = 1000 };

/* Nothing is due for longer than this: how long a poll may wait. */
#define LONGEST_POLL (5 * CLOCK_SECOND)
/* When the next connection is the other process's, which may change. */
#define LOOK_AGAIN (CLOCK_SECOND / 50)

static volatile sig_atomic_t told_to_leave;

static void
on_term(int number)
{
    (void)number;
    told_to_leave = 1;
}

struct server {
    struct store store;
    int listener;
    struct share *share;
    size_t number; /* of this process, in `share` */
    size_t count;
    struct connection *connections[CONNECTION_PLACES];
    struct fetchers fetchers;
    struct pollfd polled[CONNECTION_PLACES + 1 + FETCHERS];
};

bool
server_is_remote(const struct config *config)
{
    const char *url = config_text(config, CONFIG_STORE_URL);
    return url != NULL && url[0] != '\0';
}

int
server_open_directory(const struct config *config, const char *name, char *error, size_t size)
{
    const char *top = config_text(config, CONFIG_STORE_DIR);
    char path[4096];
    if (top == NULL || top[0] == '\0') {
        (void)snprintf(error, size, "%s is not set: the directory of the files' bytes",
                       config_name(CONFIG_STORE_DIR));
        return -1;
    }
    int length = snprintf(path, sizeof path, "%s/%s", top, name);
    int directory =
        length < 0 || (size_t)length >= sizeof path ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        (void)snprintf(error, size, "cannot open the directory %s/%s (%s); %s says where the objects are",
                       top, name, strerror(errno), config_name(CONFIG_STORE_DIR));
    }
    return directory;
}

/* Builds that look for leaks, or note which lines were reached, read and write files of their own at the end (as
 * with sandbox_enter). */
static bool
enter_landlock(const struct store *store, int sealed)
{
#if defined __SANITIZE_ADDRESS__ || defined ANAMNESIS_COVERAGE
    (void)store;
    (void)sealed;
    return true;
#else
    if (store->root < 0) {
        return landlock_enter(NULL, 0) != LANDLOCK_REFUSED;
    }
    const struct landlock_place places[] = {{store->incoming, LANDLOCK_WRITE | LANDLOCK_LIST},
                                            {sealed, LANDLOCK_READ}};
    return landlock_enter(places, sizeof places / sizeof places[0]) != LANDLOCK_REFUSED;
#endif
}

/* Neither a core dump nor a debugger of the same user shall see keys. */
static bool
confine(const struct config *config, const struct store *store, int sealed)
{
    bool done = process_hide() && process_limit(RLIMIT_NOFILE, DESCRIPTORS_MAX) &&
                sandbox_address_space(config_number(config, CONFIG_ADDRESS_SPACE)) &&
                prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    return done && enter_landlock(store, sealed) && sandbox_enter(SANDBOX_STORE);
}

static bool
take_signals(void)
{
    struct sigaction leave = {.sa_handler = on_term};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    return sigaction(SIGTERM, &leave, NULL) == 0 && sigaction(SIGINT, &ignore, NULL) == 0 &&
           sigaction(SIGHUP, &ignore, NULL) == 0 && sigaction(SIGPIPE, &ignore, NULL) == 0;
}

static bool
is_mine(const struct server *server, int64_t now)
{
    return share_is_mine(server->share, server->number, server->count, now);
}

static void
accept_some(struct server *server, int64_t now)
{
    for (int i = 0; i < ACCEPTS_AT_ONCE && server->count < CONNECTION_PLACES && is_mine(server, now); i++) {
        int socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR && errno != ECONNABORTED) {
                log_event(LOG_ERROR, "accept-failed", LOG_INT("errno", errno));
            }
            return; /* the other process was there first, or nobody is there */
        }
        struct connection *connection = connection_open(socket, now);
        if (connection != NULL) {
            server->connections[server->count++] = connection;
            share_note(server->share, server->number, server->count, now);
        }
    }
}

/* Says what to wait for. Returns for how long at most, in microseconds. */
static int64_t
prepare(struct server *server, int64_t now)
{
    bool mine = is_mine(server, now);
    if (told_to_leave == 0) { /* else its number is another one's */
        share_note(server->share, server->number, server->count, now);
    }
    int64_t wait = mine ? LONGEST_POLL : LOOK_AGAIN;
    bool takes = told_to_leave == 0 && server->count < CONNECTION_PLACES && mine;
    server->polled[server->count] = (struct pollfd){.fd = takes ? server->listener : -1, .events = POLLIN};
    for (size_t i = 0; i < server->count; i++) {
        const struct connection *connection = server->connections[i];
        server->polled[i] = (struct pollfd){connection->socket, connection_waits_for(connection), 0};
        int64_t left = connection->deadline - now;
        wait = left < wait ? left : wait;
    }
    for (size_t i = 0; i < FETCHERS; i++) {
        server->polled[server->count + 1 + i] = (struct pollfd){server->fetchers.all[i].socket, POLLIN, 0};
    }
    return wait < 0 ? 0 : wait;
}

/* What has come from S3, and then who waits for it, or for somebody who asks. */
static void
fetch(struct server *server, int64_t now)
{
    for (size_t i = 0; i < FETCHERS; i++) {
        if (server->polled[server->count + 1 + i].revents != 0) {
            (void)fetchers_step(&server->fetchers, i);
        }
    }
    for (size_t i = 0; i < server->count; i++) {
        connection_look(&server->store, server->connections[i], now);
    }
    if (server->store.fetchers != NULL && !fetchers_are_whole(&server->fetchers)) {
        told_to_leave = 1; /* another one has all of them */
    }
}

static void
serve(struct server *server, int64_t now)
{
    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection = server->connections[i];
        if (server->polled[i].revents != 0) {
            connection_step(&server->store, connection, now);
        }
        if (connection->stage != STAGE_END && now >= connection->deadline) {
            connection_late(&server->store, connection, now);
        }
    }
}

/* When a kind has all its places, the slowest of those that have had one for long gives it up. */
static void
make_room(struct server *server, enum kind kind, int64_t now)
{
    struct connection *slowest = NULL;
    int64_t least = INT64_MAX;
    if (server->store.busy[kind] < CONNECTION_PLACES_OF_KIND) {
        return;
    }
    for (size_t i = 0; i < server->count; i++) {
        int64_t rate = 0;
        if (connection_may_give_way(server->connections[i], kind, now, &rate) && rate < least) {
            slowest = server->connections[i];
            least = rate;
        }
    }
    if (slowest != NULL) {
        connection_give_way(&server->store, slowest, now);
    }
}

/* Takes out what is at its end; the others keep their order. */
static void
sweep(struct server *server)
{
    size_t kept = 0;
    for (size_t i = 0; i < server->count; i++) {
        if (server->connections[i]->stage == STAGE_END) {
            connection_close(&server->store, server->connections[i]);
        } else {
            server->connections[kept++] = server->connections[i];
        }
    }
    server->count = kept;
}

static int
loop(struct server *server)
{
    sigset_t none;
    (void)sigemptyset(&none);
    while (told_to_leave == 0 || server->count > 0) {
        int64_t wait = prepare(server, clock_monotonic());
        struct timespec limit_of_it = {.tv_sec = wait / CLOCK_SECOND,
                                       .tv_nsec = wait % CLOCK_SECOND * NANOSECONDS};
        int ready = ppoll(server->polled, server->count + 1 + FETCHERS, &limit_of_it, &none);
        if (ready < 0 && errno != EINTR) {
            log_event(LOG_ERROR, "poll-failed", LOG_INT("errno", errno));
            return SERVER_FAILED;
        }
        int64_t now = clock_monotonic();
        if (ready < 0) { /* a signal: what was polled says nothing */
            continue;
        }
        bool waits = server->polled[server->count].revents != 0;
        serve(server, now);
        fetch(server, now);
        make_room(server, KIND_PUT, now);
        make_room(server, KIND_GET, now);
        sweep(server);
        if (waits) {
            accept_some(server, now);
        }
    }
    return SERVER_LEFT;
}

/* The directories of a store on the disk, or those who ask S3. False with a sentence in `error`. */
static bool
open_store(struct server *server, const struct config *config, int *sealed, char *error, size_t size)
{
    *sealed = -1;
    fetchers_none(&server->fetchers);
    server->store.incoming = -1;
    server->store.root = -1;
    if (server_is_remote(config)) {
        server->store.fetchers = &server->fetchers;
        return fetchers_start(&server->fetchers, error, size);
    }
    server->store.incoming = server_open_directory(config, "incoming", error, size);
    server->store.root = server_open_directory(config, ".", error, size);
    *sealed = server_open_directory(config, "sealed", error, size);
    return server->store.incoming >= 0 && server->store.root >= 0 && *sealed >= 0;
}

int
server_run(const struct config *config, int listener, struct share *share, size_t number)
{
    static struct server server;
    char error[ERROR_SIZE] = "";
    int sealed = -1;
    bool opened = open_store(&server, config, &sealed, error, sizeof error); /* before there are keys */
    struct access *access = opened ? access_create(config, error, sizeof error) : NULL;
    server.listener = listener;
    server.share = share;
    server.number = number;
    server.store.access = access;
    server.store.scratch = malloc(CONNECTION_SCRATCH);
    int status = SERVER_MISCONFIGURED;
    if (error[0] != '\0' || server.store.scratch == NULL) {
        log_event(LOG_ERROR, "store-not-started",
                  LOG_TEXT("why", error[0] == '\0' ? "out of memory" : error));
    } else if (!take_signals() || !confine(config, &server.store, sealed)) {
        log_event(LOG_ERROR, "store-not-started", LOG_TEXT("why", "the kernel refuses to confine it"),
                  LOG_INT("errno", errno));
    } else {
        log_event(LOG_INFO, "store-ready", LOG_INT("places", CONNECTION_PLACES));
        atomic_store(&share->ready[number], true);
        status = loop(&server);
    }
    free(server.store.scratch);
    access_free(access);
    return status;
}
