#include "scan/cell_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPTIMIZE_BINARY_TREE = 2 };

/* Names that an architecture or an older libseccomp does not know are skipped: they cannot be asked for. */
static const char *const allowed[] = {
    /* what is open, and files of its own directory: there are no others */
    "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "close", "lseek", "fstat",
    "newfstatat", "stat", "lstat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
    "getcwd", "getdents64", "fcntl", "dup", "open", "openat", "ftruncate", "fallocate", "fsync", "fdatasync",
    "fadvise64", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
    "chmod", "fchmod", "fchmodat", "umask", "statfs", "fstatfs",
    /* memory, its locks */
    "munmap", "mremap", "brk", "madvise", "futex", "set_robust_list", "rseq", "sched_yield",
    "sched_getaffinity", "restart_syscall", "nanosleep", "clock_nanosleep",
    /* time, chance, ourselves */
    "clock_gettime", "clock_getres", "gettimeofday", "time", "times", "getrandom", "getpid", "getppid",
    "gettid", "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo", "getrlimit", "getrusage",
    /* signals and the end */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "exit", "exit_group", NULL};

static bool
rule(scmp_filter_ctx filter, uint32_t action, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR || number < 0 || seccomp_rule_add(filter, action, number, 0) == 0;
}

/* Allowed when these bits of an argument, counted from 0, are so. */
static bool
only(scmp_filter_ctx filter, const char *name, unsigned argument, scmp_datum_t mask, scmp_datum_t bits)
{
    struct scmp_arg_cmp condition = {
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = bits};
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR || number < 0 ||
           seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &condition) == 0;
}

/* clone3 hides its flags from a filter: without it glibc uses clone, of which threads alone are allowed. */
static bool
allow_threads(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
           only(filter, "clone", 0, CLONE_THREAD, CLONE_THREAD) &&
           only(filter, "prctl", 0, UINT32_MAX, PR_SET_NAME);
}

/*
 * Memory is never code. Limits may be read and not set. A signal goes to this process alone (abort). Asking
 * whether a descriptor is a terminal is answered with no: the C library asks when it prints.
 */
static bool
fill(scmp_filter_ctx filter, enum cell_kind kind)
{
    bool good = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
                seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_BINARY_TREE) == 0;
    for (size_t i = 0; good && allowed[i] != NULL; i++) {
        good = rule(filter, SCMP_ACT_ALLOW, allowed[i]);
    }
    return good && only(filter, "mmap", 2, PROT_EXEC, 0) && only(filter, "mprotect", 2, PROT_EXEC, 0) &&
           only(filter, "prlimit64", 2, UINT64_MAX, 0) &&
           only(filter, "tgkill", 0, UINT32_MAX, (scmp_datum_t)getpid()) &&
           rule(filter, SCMP_ACT_ERRNO(ENOTTY), "ioctl") && (kind != CELL_PICTURE || allow_threads(filter));
}

bool
cell_filter(enum cell_kind kind)
{
#if defined __SANITIZE_ADDRESS__ || defined ANAMNESIS_COVERAGE
    (void)kind;
    (void)fill;
    return true;
#else
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        return false;
    }
    bool good = fill(filter, kind) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
#endif
}

/* All that the first version of Landlock knows; what newer ones add is on no list of the filter. */
enum {
    READS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    FILES = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
            LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
            LANDLOCK_ACCESS_FS_MAKE_REG,
    ALL = FILES | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
          LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM
};

static bool
allow_below(int rules, const char *directory, uint64_t access)
{
    struct landlock_path_beneath_attr below = {.allowed_access = access};
    below.parent_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (below.parent_fd < 0) {
        return false;
    }
    bool good = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0;
    (void)close(below.parent_fd);
    return good;
}

bool
cell_landlock(const char *directory, const char *const *shared)
{
    struct landlock_ruleset_attr handled = {.handled_access_fs = ALL};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (rules < 0) {
        return false;
    }
    bool good = directory == NULL || allow_below(rules, directory, FILES);
    for (; good && shared != NULL && *shared != NULL; shared++) {
        good = allow_below(rules, *shared, READS) || errno == ENOENT;
    }
    good = good && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    (void)close(rules);
    return good;
}
