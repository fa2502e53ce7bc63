#include "store/listener.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, MODE = 0660 };

/* What the name led to when it was ours. */
static char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
static struct stat ours;

/* Binds to a temporary name, and then renames it. */
static bool
listen_at(int descriptor, const struct sockaddr_un *address)
{
    (void)unlink(address->sun_path);
    return bind(descriptor, (const struct sockaddr *)address, sizeof *address) == 0 &&
           chmod(address->sun_path, MODE) == 0 && listen(descriptor, BACKLOG) == 0 &&
           rename(address->sun_path, path) == 0 && stat(path, &ours) == 0;
}

int
listener_open(const char *directory, char *error, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(path, sizeof path, "%s/store.sock", directory);
    int own = snprintf(address.sun_path, sizeof address.sun_path, "%s/store.%ld", directory, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof path || own < 0 || (size_t)own >= sizeof address.sun_path) {
        (void)snprintf(error, size, "%s is too long a path for a Unix socket", directory);
        return -1;
    }
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor >= 0 && listen_at(descriptor, &address)) {
        return descriptor;
    }
    (void)snprintf(error, size, "cannot listen on %s (%s); does the directory exist and is it ours?", path,
                   strerror(errno));
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return -1;
}

void
listener_close_door(void)
{
    struct stat now;
    if (stat(path, &now) == 0 && now.st_dev == ours.st_dev && now.st_ino == ours.st_ino) {
        (void)unlink(path);
    }
}
