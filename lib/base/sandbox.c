#include "lib/base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Binary search in the kernel instead of a walk along the list: less than a microsecond for each call. */
enum { OPTIMIZE_BINARY_TREE = 2 };

/* Names that an architecture or an older libseccomp does not know are skipped: they cannot be asked for. */
static const char *const for_all[] = {
    /* files that are read, and what is open already */
    "read", "readv", "pread64", "write", "writev", "close", "lseek", "fstat", "newfstatat", "stat", "lstat",
    "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "getdents64", "fcntl",
    "dup", "statfs", "fstatfs",
    /* memory, its locks, and waiting */
    "munmap", "mremap", "brk", "madvise", "mlock", "mlock2", "munlock", "futex", "set_robust_list", "rseq",
    "sched_yield", "sched_getaffinity", "poll", "ppoll", "select", "pselect6", "nanosleep", "clock_nanosleep",
    "restart_syscall",
    /* connections */
    "getsockopt", "setsockopt", "getsockname", "getpeername", "sendto", "sendmsg", "sendmmsg", "recvfrom",
    "recvmsg", "shutdown",
    /* time, chance, ourselves */
    "clock_gettime", "clock_getres", "gettimeofday", "time", "getrandom", "getpid", "getppid", "gettid",
    "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo", "getrlimit", "getrusage", "umask",
    /* signals and the end */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "tgkill", "exit", "exit_group", NULL};

static const char *const for_workers[] = {"connect", "accept4", "accept", NULL};

static const char *const for_jobs[] = {
    "connect",  "fsync",      "fdatasync",     "ftruncate", "fallocate",  "pwrite64",    "pwritev",
    "flock",    "fchmod",     "fchmodat",      "rename",    "renameat",   "renameat2",   "link",
    "linkat",   "unlink",     "unlinkat",      "mkdir",     "mkdirat",    "pipe",        "pipe2",
    "eventfd2", "socketpair", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", NULL};

/* It serves what connects to it. What it writes is a file without a name, which gets one when it is whole. */
static const char *const for_store[] = {"accept4",  "accept", "fsync",   "fdatasync", "fallocate",
                                        "pwrite64", "linkat", "mkdirat", NULL};

/* It reads parts, puts them together in memory, and writes objects as the store writes parts. */
static const char *const for_scan[] = {"connect",   "fchmod",       "fsync",  "fdatasync",
                                       "fallocate", "pwrite64",     "linkat", "mkdirat",
                                       "unlinkat",  "memfd_create", NULL};

static const char *const *const lists[] = {[SANDBOX_WORKER] = for_workers,
                                           [SANDBOX_JOBS] = for_jobs,
                                           [SANDBOX_STORE] = for_store,
                                           [SANDBOX_SCAN] = for_scan};

static const char *const deadly[] = {"execve",
                                     "execveat",
                                     "ptrace",
                                     "process_vm_readv",
                                     "process_vm_writev",
                                     "pidfd_getfd",
                                     "kcmp",
                                     "listen",
                                     "init_module",
                                     "finit_module",
                                     "delete_module",
                                     "kexec_load",
                                     "kexec_file_load",
                                     "bpf",
                                     "perf_event_open",
                                     "userfaultfd",
                                     "unshare",
                                     "setns",
                                     "mount",
                                     "umount2",
                                     "pivot_root",
                                     "chroot",
                                     "setuid",
                                     "setgid",
                                     "setreuid",
                                     "setregid",
                                     "setresuid",
                                     "setresgid",
                                     "setgroups",
                                     "capset",
                                     "keyctl",
                                     "add_key",
                                     "request_key",
                                     "io_uring_setup",
                                     "personality",
                                     NULL};

static bool
rule(scmp_filter_ctx filter, uint32_t action, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR || number < 0 || seccomp_rule_add(filter, action, number, 0) == 0;
}

static bool
rules(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
    bool good = true;
    for (size_t i = 0; names[i] != NULL; i++) {
        good = rule(filter, action, names[i]) && good;
    }
    return good;
}

/* That an argument, counted from 0, is this; or that of the mask's bits, these are set. */
static struct scmp_arg_cmp
equal(unsigned argument, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value};
}

static struct scmp_arg_cmp
masked(unsigned argument, scmp_datum_t mask, scmp_datum_t bits)
{
    return (struct scmp_arg_cmp){.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = bits};
}

/* Allowed when the argument, or its masked bits, are these. */
static bool
only(scmp_filter_ctx filter, const char *name, struct scmp_arg_cmp condition)
{
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR || number < 0 ||
           seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &condition) == 0;
}

/* Memory is never executable: nothing that was written is run. */
static bool
allow_memory(scmp_filter_ctx filter)
{
    return only(filter, "mmap", masked(2, PROT_EXEC, 0)) && only(filter, "mprotect", masked(2, PROT_EXEC, 0));
}

/* The store makes no connection, and so no socket. */
static bool
allow_sockets(scmp_filter_ctx filter, enum sandbox kind)
{
    bool good = only(filter, "ioctl", equal(1, FIONREAD)) && only(filter, "ioctl", equal(1, FIONBIO));
    return good && (kind == SANDBOX_STORE ||
                    (only(filter, "socket", equal(0, AF_UNIX)) && only(filter, "socket", equal(0, AF_INET)) &&
                     only(filter, "socket", equal(0, AF_INET6))));
}

/* Limits may be read (the new ones are NULL), not set. */
static bool
allow_limits(scmp_filter_ctx filter)
{
    return only(filter, "prlimit64", equal(2, 0));
}

/* A worker opens files for reading only; who keeps objects also ones without a name (O_TMPFILE) for writing only. */
static bool
allow_files(scmp_filter_ctx filter, enum sandbox kind)
{
    if (kind == SANDBOX_JOBS) {
        return rule(filter, SCMP_ACT_ALLOW, "open") && rule(filter, SCMP_ACT_ALLOW, "openat");
    }
    scmp_datum_t changes = O_ACCMODE | O_CREAT | O_TRUNC;
    scmp_datum_t nameless = O_TMPFILE & ~O_DIRECTORY;
    return only(filter, "open", masked(1, changes, O_RDONLY)) &&
           only(filter, "openat", masked(2, changes, O_RDONLY)) &&
           (kind == SANDBOX_WORKER ||
            only(filter, "openat", masked(2, changes | nameless, O_WRONLY | nameless)));
}

/* clone3 hides its flags from a filter: without it glibc uses clone, of which threads alone are allowed. */
static bool
allow_threads(scmp_filter_ctx filter, enum sandbox kind)
{
    bool good = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
    return good && (kind != SANDBOX_JOBS || only(filter, "clone", masked(0, CLONE_THREAD, CLONE_THREAD)));
}

static bool
fill(scmp_filter_ctx filter, enum sandbox kind)
{
    return seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_BINARY_TREE) == 0 &&
           rules(filter, SCMP_ACT_ALLOW, for_all) && rules(filter, SCMP_ACT_ALLOW, lists[kind]) &&
           rules(filter, SCMP_ACT_KILL_PROCESS, deadly) && allow_memory(filter) &&
           allow_sockets(filter, kind) && allow_limits(filter) && allow_files(filter, kind) &&
           allow_threads(filter, kind);
}

bool
sandbox_enter(enum sandbox kind)
{
#if defined __SANITIZE_ADDRESS__ || defined ANAMNESIS_COVERAGE
    (void)kind;
    (void)fill;
    return true;
#else
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL) {
        errno = ENOMEM;
        return false;
    }
    int result = fill(filter, kind) ? seccomp_load(filter) : -EINVAL;
    seccomp_release(filter);
    errno = result < 0 ? -result : 0;
    return result == 0;
#endif
}

bool
sandbox_address_space(int64_t megabytes)
{
#ifdef __SANITIZE_ADDRESS__
    (void)megabytes;
    return true;
#else
    struct rlimit now;
    if (getrlimit(RLIMIT_AS, &now) != 0) {
        return false;
    }
    rlim_t most = (rlim_t)megabytes * 1024 * 1024;
    rlim_t value = now.rlim_max < most ? now.rlim_max : most;
    struct rlimit then = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(RLIMIT_AS, &then) == 0;
#endif
}
