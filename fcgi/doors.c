#include "fcgi/doors.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>

enum {
    IN_ROW_MOST = 8,
    /* So long does a worker wait at two doors: as long as accept() at one (ACCEPT_SECONDS in fcgi/lane.c). */
    WAIT_MILLISECONDS = 30 * 1000
};

/* A stranger who waited longer is refused. */
static const int64_t PATIENCE = 5 * CLOCK_SECOND;
/* A stranger who waits longer shows that there is a crowd of them. */
static const int64_t CROWD = CLOCK_SECOND;

static int
accept_at(struct doors *doors, bool device)
{
    int connection = accept4(device ? doors->devices : doors->front, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) {
        int reason = errno;
        doors->waited = !device && reason == EAGAIN ? 0 : doors->waited;
        return -reason;
    }
    doors->device = device;
    doors->in_row = device ? doors->in_row + 1 : 0;
    return connection;
}

static bool
somebody_at(int door)
{
    struct pollfd one = {.fd = door, .events = POLLIN};
    return poll(&one, 1, 0) == 1;
}

int
doors_accept(struct doors *doors, bool may_wait)
{
    if (doors->devices < 0) {
        if (log_waits() && !somebody_at(doors->front)) {
            log_flush();
        }
        return accept_at(doors, false);
    }
    bool devices_first = doors->in_row < IN_ROW_MOST;
    int connection = accept_at(doors, devices_first);
    if (connection == -EAGAIN) {
        connection = accept_at(doors, !devices_first);
    }
    if (connection != -EAGAIN || !may_wait) {
        return connection;
    }
    log_flush();
    struct pollfd both[] = {{.fd = doors->devices, .events = POLLIN}, {.fd = doors->front, .events = POLLIN}};
    return poll(both, 2, WAIT_MILLISECONDS) < 0 ? -errno : -EAGAIN;
}

bool
doors_waited(struct doors *doors, int64_t microseconds)
{
    if (doors->devices < 0 || doors->device) {
        return true;
    }
    doors->waited = microseconds;
    return microseconds <= PATIENCE;
}

bool
doors_crowded(const struct doors *doors)
{
    if (doors->devices < 0 || !doors->device) {
        return false;
    }
    return somebody_at(doors->devices) || (doors->waited > CROWD && somebody_at(doors->front));
}
