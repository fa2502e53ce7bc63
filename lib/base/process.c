#include "lib/base/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

bool
process_limit(int resource, uint64_t most)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0) {
        return false;
    }
    rlim_t value = now.rlim_max < most ? now.rlim_max : most;
    return setrlimit((__rlimit_resource_t)resource, &(struct rlimit){.rlim_cur = value, .rlim_max = value}) ==
           0;
}

bool
process_hide(void)
{
    bool done = process_limit(RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__
    done = done && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#endif
    return done;
}
