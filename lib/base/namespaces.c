#include "lib/base/namespaces.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 128 };

static bool
write_line(const char *path, const char *line)
{
    size_t size = strlen(line);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    bool good = write(file, line, size) == (ssize_t)size;
    (void)close(file);
    return good;
}

/* Without a mapping of its own id a process cannot make files in a tmpfs of its namespace. */
bool
namespaces_enter(int kinds)
{
    char uids[LINE_MAX_SIZE];
    char gids[LINE_MAX_SIZE];
    (void)snprintf(uids, sizeof uids, "%u %u 1\n", geteuid(), geteuid());
    (void)snprintf(gids, sizeof gids, "%u %u 1\n", getegid(), getegid());
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 && /* otherwise /proc/self is not its own */
           unshare(CLONE_NEWUSER | kinds) == 0 && write_line("/proc/self/setgroups", "deny") &&
           write_line("/proc/self/uid_map", uids) && write_line("/proc/self/gid_map", gids);
}

bool
namespaces_drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    return syscall(SYS_capset, &head, none) == 0;
}
