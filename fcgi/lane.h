/*
 * A lane: a Unix socket that nginx sends some of the paths to, and the pool of workers that share it.
 *
 * The auth lane, where passwords are hashed, has a second door (NAME-device.sock) for requests that carry a
 * device's token (handlers/auth/device.h): its workers take those first, so that nobody who was here before
 * stands behind a crowd of strangers.
 */
#ifndef ANAMNESIS_FCGI_LANE_H
#define ANAMNESIS_FCGI_LANE_H

#include "lib/base/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

enum { LANE_COUNT = 3, LANE_PATH_SIZE = sizeof(((struct sockaddr_un *)NULL)->sun_path) };

enum lane_side { LANE_FRONT, LANE_DEVICES, LANE_DOORS };

struct lane_door {
    int socket; /* listening, or -1 */
    char path[LANE_PATH_SIZE];
    dev_t device; /* of the socket's file: it is removed only while it is still ours */
    ino_t inode;
};

struct lane {
    const char *name;
    size_t workers;        /* how many it should have */
    int64_t request_limit; /* microseconds that one request may take */
    bool for_devices;      /* it has a devices' door */
    struct lane_door doors[LANE_DOORS];
    unsigned quick_ends; /* workers in a row that ended soon after their start */
    int64_t not_before;  /* clock_monotonic() before which no worker is started again */
};

/* Sets names and numbers from the configuration and the number of processors. Opens no socket. */
void lanes_init(struct lane lanes[LANE_COUNT], const struct config *config);

/*
 * Listens on DIRECTORY/NAME.sock, and beside it at the devices' door where there is one, mode 0660, in the
 * place of what was there: a supervisor that replaces another takes over without a moment when nginx finds no
 * socket. False with a sentence that says what to do in `error`.
 */
bool lane_listen(struct lane *lane, const char *directory, char *error, size_t size);

/* Closes the sockets in this process; other processes keep theirs, and the files stay. */
void lane_close(struct lane *lane);

/* Ends a lane: nobody can connect any more, and accept() does not wait. Connections that wait already are
 * served until none is left. */
void lane_close_door(struct lane *lane);

/* The lane of that name, or NULL. */
struct lane *lane_find(struct lane lanes[LANE_COUNT], const char *name);

#endif
