#include "store/leaving.h"

#include <signal.h>

/* Where there is none, or else the one that was told first. */
static size_t
place(const struct leaving *leaving)
{
    size_t found = 0;
    for (size_t i = 0; i < LEAVING_MOST; i++) {
        if (leaving->all[i].pid == 0) {
            return i;
        }
        found = leaving->all[i].kill_at < leaving->all[found].kill_at ? i : found;
    }
    return found;
}

bool
leaving_add(struct leaving *leaving, pid_t pid, int64_t now)
{
    size_t free = place(leaving);
    if (leaving->all[free].pid != 0) {
        (void)kill(leaving->all[free].pid, SIGKILL);
        return false;
    }
    (void)kill(pid, SIGTERM);
    leaving->all[free].pid = pid;
    leaving->all[free].kill_at = now + LEAVING_PATIENCE;
    return true;
}

void
leaving_check(const struct leaving *leaving, int64_t now)
{
    for (size_t i = 0; i < LEAVING_MOST; i++) {
        if (leaving->all[i].pid != 0 && now >= leaving->all[i].kill_at) {
            (void)kill(leaving->all[i].pid, SIGKILL);
        }
    }
}

bool
leaving_ended(struct leaving *leaving, pid_t pid)
{
    for (size_t i = 0; i < LEAVING_MOST; i++) {
        if (leaving->all[i].pid == pid) {
            leaving->all[i].pid = 0;
            return true;
        }
    }
    return false;
}

void
leaving_tell(const struct leaving *leaving, int signal)
{
    for (size_t i = 0; i < LEAVING_MOST; i++) {
        if (leaving->all[i].pid != 0) {
            (void)kill(leaving->all[i].pid, signal);
        }
    }
}

size_t
leaving_count(const struct leaving *leaving)
{
    size_t count = 0;
    for (size_t i = 0; i < LEAVING_MOST; i++) {
        count += leaving->all[i].pid != 0 ? 1 : 0;
    }
    return count;
}
