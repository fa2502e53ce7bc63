#include "lib/base/watch.h"

#include <stddef.h>
#include <sys/stat.h>

/* The change time, not the modification time: no program can set it back. */
static bool
look(const char *path, struct watch *now)
{
    struct stat status;
    if (path == NULL || stat(path, &status) != 0) {
        return false;
    }
    *now = (struct watch){.path = path,
                          .device = status.st_dev,
                          .inode = status.st_ino,
                          .changed = (int64_t)status.st_ctim.tv_sec * 1000000000 + status.st_ctim.tv_nsec};
    return true;
}

void
watch_start(struct watch *watch, const char *path)
{
    *watch = (struct watch){.path = path};
    (void)look(path, watch);
}

bool
watch_changed(struct watch *watch)
{
    struct watch now;
    if (!look(watch->path, &now) ||
        (now.device == watch->device && now.inode == watch->inode && now.changed == watch->changed)) {
        return false;
    }
    *watch = now;
    return true;
}
