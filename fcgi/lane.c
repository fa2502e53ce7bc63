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
    /* Exports and other long work. */
    BULK_FACTOR = 10,
    /*
     * accept() gives up after this long and the worker looks around. The option also keeps accept() from
     * being restarted after a signal, while reads of a request are restarted (signal(7)).
     */
    ACCEPT_SECONDS = 30
};

/* So many that hash passwords leave as many processors to everything else; one, where there is one. */
static size_t
half_of_the_processors(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 2 ? 1 : (size_t)online / 2;
}

void
lanes_init(struct lane lanes[LANE_COUNT], const struct config *config)
{
    static const struct {
        const char *name;
        enum config_key workers;
        int64_t factor;
    } table[LANE_COUNT] = {{"api", CONFIG_WORKERS_API, 1},
                           {"auth", CONFIG_WORKERS_AUTH, 1},
                           {"bulk", CONFIG_WORKERS_BULK, BULK_FACTOR}};
    memset(lanes, 0, LANE_COUNT * sizeof lanes[0]);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        lanes[i].name = table[i].name;
        lanes[i].workers = (size_t)config_number(config, table[i].workers);
        if (lanes[i].workers == 0) {
            lanes[i].workers = half_of_the_processors();
        }
        lanes[i].request_limit =
            config_number(config, CONFIG_REQUEST_SECONDS) * table[i].factor * CLOCK_SECOND;
        lanes[i].socket = -1;
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

/* Binds to a name of its own, which then takes the lane's name in one step. */
static bool
bind_and_listen(struct lane *lane, const struct sockaddr_un *address)
{
    struct timeval patience = {.tv_sec = ACCEPT_SECONDS};
    struct stat file;
    (void)unlink(address->sun_path);
    bool done = bind(lane->socket, (const struct sockaddr *)address, sizeof *address) == 0 &&
                chmod(address->sun_path, LANE_MODE) == 0 &&
                setsockopt(lane->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
                listen(lane->socket, LANE_BACKLOG) == 0 && rename(address->sun_path, lane->path) == 0 &&
                stat(lane->path, &file) == 0;
    if (done) {
        lane->device = file.st_dev;
        lane->inode = file.st_ino;
    }
    return done;
}

bool
lane_listen(struct lane *lane, const char *directory, char *error, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(lane->path, sizeof lane->path, "%s/%s.sock", directory, lane->name);
    int own = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.%ld", directory, lane->name,
                       (long)getpid());
    if (length < 0 || (size_t)length >= sizeof lane->path || own < 0 ||
        (size_t)own >= sizeof address.sun_path) {
        (void)snprintf(error, size, "%s is too long a path for a Unix socket; choose a shorter %s", directory,
                       config_name(CONFIG_SOCKET_DIR));
        return false;
    }
    lane->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (lane->socket < 0 || !bind_and_listen(lane, &address)) {
        (void)snprintf(error, size,
                       "cannot listen on %s (%s); does the directory of %s exist and is it ours?", lane->path,
                       strerror(errno), config_name(CONFIG_SOCKET_DIR));
        return false;
    }
    return true;
}

void
lane_close_door(struct lane *lane)
{
    struct stat file;
    if (lane->socket < 0) {
        return;
    }
    if (stat(lane->path, &file) == 0 && file.st_dev == lane->device && file.st_ino == lane->inode) {
        (void)unlink(lane->path);
    }
    int flags = fcntl(lane->socket, F_GETFL);
    if (flags >= 0) {
        (void)fcntl(lane->socket, F_SETFL, flags | O_NONBLOCK);
    }
}
