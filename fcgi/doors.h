/*
 * The doors of a lane, seen from one of its workers: the listening sockets from which it takes connections
 * (fcgi/lane.h).
 *
 * The auth lane has two. Requests that carry a device's token come by the devices' door and are taken first,
 * so that people who have signed in from this device before do not stand behind a crowd of strangers; after
 * eight of them in a row one stranger is taken, so that whoever invents tokens, or has many, never keeps the
 * strangers out. A stranger who has waited for more than five seconds is told that there are too many (429),
 * since a new try stands at the end again. A lane with one door makes no difference between callers, and
 * nobody is turned away there for waiting.
 */
#ifndef ANAMNESIS_FCGI_DOORS_H
#define ANAMNESIS_FCGI_DOORS_H

#include <stdbool.h>
#include <stdint.h>

struct doors {
    int front;
    int devices;     /* -1: there is none */
    unsigned in_row; /* connections taken at the devices' door since the last stranger */
    bool device;     /* the request that is being served came by the devices' door */
    int64_t
        waited; /* microseconds that the last stranger had waited; 0: nobody was at the front door since */
};

/*
 * Takes a connection and returns its descriptor, which the caller owns. -EAGAIN when nobody came (without
 * `may_wait`: when nobody is there now), or somebody came while it waited at two doors: call it again.
 * Another -errno as of accept(2). Signals interrupt the wait. It waits half a minute at most.
 *
 * Lines of the log that wait (lib/base/log.h) are written before it waits. At one door another worker may
 * take the connection that was seen there: then they wait on until somebody comes, or a signal (pool_watch).
 */
int doors_accept(struct doors *doors, bool may_wait);

/*
 * Notes how long the request that is being served had waited. False: too long, for a stranger where there is
 * a devices' door.
 */
bool doors_waited(struct doors *doors, int64_t microseconds);

/*
 * Whether the request that is being served came by the devices' door and others still wait: at that door, or
 * strangers who wait for more than a second.
 */
bool doors_crowded(const struct doors *doors);

#endif
