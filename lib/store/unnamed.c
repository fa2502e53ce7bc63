#include "lib/store/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { MODE = 0640, PATH_SIZE = 64 };

int
unnamed_open(int directory, int64_t size)
{
    int file = openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE);
    int reason = file < 0 || size == 0 ? 0 : posix_fallocate(file, 0, (off_t)size);
    if (reason != 0) {
        (void)close(file);
        errno = reason;
        return -1;
    }
    return file;
}

static bool
link_as(int file, int directory, const char *name)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW) == 0;
}

enum unnamed_end
unnamed_keep(int file, int directory, int above, const char *name)
{
    if (fdatasync(file) != 0) {
        return UNNAMED_FAILED;
    }
    if (!link_as(file, directory, name)) {
        return errno == EEXIST ? UNNAMED_TAKEN : UNNAMED_FAILED;
    }
    return unnamed_sync(directory, above) ? UNNAMED_KEPT : UNNAMED_UNSURE;
}

bool
unnamed_sync(int directory, int above)
{
    return fsync(directory) == 0 && fsync(above) == 0;
}

bool
unnamed_can_link(int file, int directory)
{
    /* "." is there already: this is asked for, and never done. */
    return !link_as(file, directory, ".") && errno == EEXIST;
}
