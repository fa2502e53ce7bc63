#include "lib/base/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In newer kernels than the headers of Debian 12: file size by truncate(2), and ioctl(2) of devices. */
#define ACCESS_TRUNCATE  (UINT64_C(1) << 14)
#define ACCESS_IOCTL_DEV (UINT64_C(1) << 15)

/* The first version of Landlock that knows each. */
enum { VERSION_REFER = 2, VERSION_TRUNCATE = 3, VERSION_IOCTL_DEV = 5 };

/* Everything that this kernel can forbid. */
static uint64_t
all_of(long version)
{
    uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    all |= version >= VERSION_REFER ? (uint64_t)LANDLOCK_ACCESS_FS_REFER : 0;
    all |= version >= VERSION_TRUNCATE ? ACCESS_TRUNCATE : 0;
    all |= version >= VERSION_IOCTL_DEV ? ACCESS_IOCTL_DEV : 0;
    return all;
}

static uint64_t
access_of(unsigned uses)
{
    uint64_t access = 0;
    access |= (uses & LANDLOCK_READ) != 0 ? LANDLOCK_ACCESS_FS_READ_FILE : 0;
    access |= (uses & LANDLOCK_LIST) != 0 ? LANDLOCK_ACCESS_FS_READ_DIR : 0;
    access |= (uses & LANDLOCK_WRITE) != 0
                  ? LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR
                  : 0;
    return access;
}

static bool
allow(int rules, const struct landlock_place *place)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access_of(place->uses),
                                              .parent_fd = place->directory};
    return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

static bool
enter(int rules, const struct landlock_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!allow(rules, &places[i])) {
            return false;
        }
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
}

enum landlock_state
landlock_enter(const struct landlock_place *places, size_t count)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) {
        return LANDLOCK_NOT_THERE; /* ENOSYS, or EOPNOTSUPP: switched off */
    }
    struct landlock_ruleset_attr all = {.handled_access_fs = all_of(version)};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0) {
        return LANDLOCK_REFUSED;
    }
    bool entered = enter(rules, places, count);
    int reason = errno;
    (void)close(rules);
    errno = reason;
    return entered ? LANDLOCK_ENTERED : LANDLOCK_REFUSED;
}
