#include "fcgi/lane.h"

#include "lib/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    /* Connections that may wait while all workers are busy; beyond it nginx answers 503. */
    LANE_BACKLOG = 512,
    LANE_MODE = 0660,
    API_FOR_EACH = 4,
    /* With the other lanes' workers and a replacement each, fewer than PostgreSQL's own max_connections
     * (100). */
    API_WORKERS_MOST = 32,
    AUTH_WORKERS_MOST = 16,
    /* A request of this lane, an export for instance, may take so many times longer. */
    BULK_FACTOR = 10,
    /*
     * accept() gives up after this long and the worker looks around. The option also keeps accept() from
     * being restarted after a signal, while reads of a request are restarted (signal(7)).
     */
    ACCEPT_SECONDS = 30
};

/* Four for each processor, since a worker waits for the database for most of a request; not more than the
 * database has connections for. */
static size_t
usual_of_api(size_t processors)
{
    return processors < API_WORKERS_MOST / API_FOR_EACH ? API_FOR_EACH * processors : API_WORKERS_MOST;
}

/* One for two processors, so that hashing passwords leaves half of them to everything else; at least one, and
 * not more than the database has connections for. */
static size_t
usual_of_auth(size_t processors)
{
    if (processors < 2) {
        return 1;
    }
    return processors / 2 < AUTH_WORKERS_MOST ? processors / 2 : AUTH_WORKERS_MOST;
}

static size_t
usual_of_bulk(size_t processors)
{
    (void)processors;
    return 1;
}

void
lanes_init(struct lane lanes[LANE_COUNT], const struct config *config)
{
    static const struct {
        const char *name;
        enum config_key workers;
        size_t (*usual)(size_t processors);
        int64_t factor;
    } table[LANE_COUNT] = {{"api", CONFIG_WORKERS_API, usual_of_api, 1},
                           {"auth", CONFIG_WORKERS_AUTH, usual_of_auth, 1},
                           {"bulk", CONFIG_WORKERS_BULK, usual_of_bulk, BULK_FACTOR}};
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    memset(lanes, 0, LANE_COUNT * sizeof lanes[0]);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        lanes[i].name = table[i].name;
        lanes[i].workers = (size_t)config_number(config, table[i].workers);
        if (lanes[i].workers == 0) {
            lanes[i].workers = table[i].usual(online < 1 ? 1 : (size_t)online);
        }
        lanes[i].request_limit =
            config_number(config, CONFIG_REQUEST_SECONDS) * table[i].factor * CLOCK_SECOND;
        lanes[i].for_devices = strcmp(table[i].name, "auth") == 0;
        for (size_t j = 0; j < LANE_DOORS; j++) {
            lanes[i].doors[j].socket = -1;
        }
    }
}

struct lane *
lane_find(struct lane lanes[LANE_COUNT], const char *name)
{
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (strcmp(lanes[i].name, name) == 0) {
            return &lanes[i];
        }
    }
    return NULL;
}

/* Binds to a temporary name, and then renames it to the lane's: nginx always finds a socket there. */
static bool
bind_and_listen(struct lane_door *door, const struct sockaddr_un *address)
{
    struct timeval patience = {.tv_sec = ACCEPT_SECONDS};
    struct stat file;
    (void)unlink(address->sun_path);
    bool done = bind(door->socket, (const struct sockaddr *)address, sizeof *address) == 0 &&
                chmod(address->sun_path, LANE_MODE) == 0 &&
                setsockopt(door->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
                listen(door->socket, LANE_BACKLOG) == 0 && rename(address->sun_path, door->path) == 0 &&
                stat(door->path, &file) == 0;
    if (done) {
        door->device = file.st_dev;
        door->inode = file.st_ino;
    }
    return done;
}

static bool
open_door(struct lane_door *door, const char *directory, const char *name, const char *side, char *error,
          size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(door->path, sizeof door->path, "%s/%s%s.sock", directory, name, side);
    int own = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s%s.%ld", directory, name, side,
                       (long)getpid());
    if (length < 0 || (size_t)length >= sizeof door->path || own < 0 ||
        (size_t)own >= sizeof address.sun_path) {
        (void)snprintf(error, size, "%s is too long a path for a Unix socket; choose a shorter %s", directory,
                       config_name(CONFIG_SOCKET_DIR));
        return false;
    }
    door->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (door->socket < 0 || !bind_and_listen(door, &address)) {
        (void)snprintf(error, size,
                       "cannot listen on %s (%s); does the directory of %s exist and is it ours?", door->path,
                       strerror(errno), config_name(CONFIG_SOCKET_DIR));
        return false;
    }
    return true;
}

static bool
do_not_wait(const struct lane_door *door)
{
    int flags = fcntl(door->socket, F_GETFL);
    return flags >= 0 && fcntl(door->socket, F_SETFL, flags | O_NONBLOCK) == 0;
}

bool
lane_listen(struct lane *lane, const char *directory, char *error, size_t size)
{
    struct lane_door *front = &lane->doors[LANE_FRONT];
    struct lane_door *devices = &lane->doors[LANE_DEVICES];
    if (!lane->for_devices) {
        return open_door(front, directory, lane->name, "", error, size);
    }
    /* A worker polls both doors, so accept() must not wait at one of them. */
    return open_door(devices, directory, lane->name, "-device", error, size) && do_not_wait(devices) &&
           open_door(front, directory, lane->name, "", error, size) && do_not_wait(front);
}

void
lane_close(struct lane *lane)
{
    for (size_t i = 0; i < LANE_DOORS; i++) {
        if (lane->doors[i].socket >= 0) {
            (void)close(lane->doors[i].socket);
            lane->doors[i].socket = -1;
        }
    }
}

void
lane_close_door(struct lane *lane)
{
    for (size_t i = 0; i < LANE_DOORS; i++) {
        const struct lane_door *door = &lane->doors[i];
        struct stat file;
        if (door->socket < 0) {
            continue;
        }
        if (stat(door->path, &file) == 0 && file.st_dev == door->device && file.st_ino == door->inode) {
            (void)unlink(door->path);
        }
        (void)do_not_wait(door);
    }
}
