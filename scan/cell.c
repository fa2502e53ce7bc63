#include "scan/cell.h"

#include "lib/base/clock.h"
#include "lib/base/namespaces.h"
#include "lib/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    /* Where its descriptors stand in the process: what a library prints must not reach one of them. */
    FILE_AT = STDERR_FILENO + 1,
    ANSWER_AT,
    RESULT_AT,
    ASIDE = 64, /* above all of them */
    DESCRIPTORS = 32,
    LINE_MAX_SIZE = 128,
    TREE_DESCRIPTORS = 16
};

/* In the tmpfs that is the process's root. */
static const char own_directory[] = "/tmp";

/* The directories above one, as far as they are not there. False when the path is too long. */
static bool
make_above(const char *path)
{
    char above[CELL_DIRECTORY_SIZE];
    size_t size = strlen(path);
    if (size >= sizeof above) {
        return false;
    }
    for (size_t i = 1; i <= size; i++) {
        if (path[i] == '/' || path[i] == '\0') {
            memcpy(above, path, i);
            above[i] = '\0';
            (void)mkdir(above, S_IRWXU);
        }
    }
    return true;
}

/* Lays a directory of the machine into the new root, which is the current directory, for reading. One that is not there is passed over. */
static bool
share(const char *directory)
{
    const char *place = directory + 1;
    return access(directory, F_OK) != 0 ||
           (make_above(place) && mount(directory, place, NULL, MS_BIND | MS_REC, NULL) == 0 &&
            mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                  NULL) == 0);
}

static bool
share_all(const char *const *shared)
{
    bool good = true;
    for (; good && shared != NULL && *shared != NULL; shared++) {
        good = share(*shared);
    }
    return good;
}

/* An empty tmpfs in place of all files. pivot_root(".", ".") lays the old root over the new one: pivot_root(2). */
static bool
own_root(uint64_t bytes, const char *const *shared)
{
    char options[LINE_MAX_SIZE];
    (void)snprintf(options, sizeof options, "size=%" PRIu64 ",mode=0700,nr_inodes=8192", bytes);
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) == 0 &&
           chdir("/tmp") == 0 && share_all(shared) && syscall(SYS_pivot_root, ".", ".") == 0 &&
           umount2(".", MNT_DETACH) == 0 && chdir("/") == 0 && mkdir(own_directory, S_IRWXU) == 0;
}

/* A second is left to say that it was too long. */
static bool
limit_processor(uint32_t seconds)
{
    struct rlimit now;
    if (!process_limit(RLIMIT_CPU, (uint64_t)seconds + 1) || getrlimit(RLIMIT_CPU, &now) != 0) {
        return false;
    }
    now.rlim_cur = now.rlim_max < seconds ? now.rlim_max : seconds;
    return setrlimit(RLIMIT_CPU, &now) == 0;
}

static bool
set_limits(const struct cell_plan *plan)
{
#ifndef __SANITIZE_ADDRESS__
    if (!process_limit(RLIMIT_AS, plan->addresses)) {
        return false;
    }
#endif
    return limit_processor(plan->processor) && process_limit(RLIMIT_FSIZE, plan->files) &&
           process_limit(RLIMIT_CORE, 0) && process_limit(RLIMIT_NOFILE, DESCRIPTORS) &&
           process_limit(RLIMIT_MEMLOCK, 0) && process_limit(RLIMIT_MSGQUEUE, 0);
}

/* In the process: leaves everything behind that is not needed for one file. */
static bool
confine(const struct cell_plan *plan, const char *directory)
{
    bool apart = (plan->held & CELL_HELD_NAMESPACES) != 0;
    return (!apart || (namespaces_enter(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) &&
                       own_root(plan->files, plan->shared))) &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ((plan->held & CELL_HELD_LANDLOCK) == 0 || cell_landlock(directory, plan->shared)) &&
           namespaces_drop_capabilities() && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && set_limits(plan) &&
           cell_filter(plan->kind);
}

/* In the process: dies with its program, and no handler of the program's runs in it. */
static bool
be_alone(pid_t parent)
{
    static const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD};
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;
    (void)sigemptyset(&none);
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++) {
        if (sigaction(handled[i], &usual, NULL) != 0) {
            return false;
        }
    }
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent &&
           sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* Its descriptors, and no other: 0 to 2 lead nowhere, but for the sanitizers' reports. */
static bool
keep_only(int file, int answer, int result)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    int files = fcntl(file, F_DUPFD, ASIDE);
    int answers = fcntl(answer, F_DUPFD, ASIDE);
    int results = result < 0 ? -1 : fcntl(result, F_DUPFD, ASIDE);
    if (nowhere < 0 || files < 0 || answers < 0 || (result >= 0 && results < 0)) {
        return false;
    }
    bool good = dup2(nowhere, STDIN_FILENO) >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0;
#ifndef __SANITIZE_ADDRESS__
    good = good && dup2(nowhere, STDERR_FILENO) >= 0;
#endif
    good = good && dup2(files, FILE_AT) >= 0 && dup2(answers, ANSWER_AT) >= 0 &&
           (results < 0 || dup2(results, RESULT_AT) >= 0);
    return good && close_range(results < 0 ? RESULT_AT : RESULT_AT + 1, UINT32_MAX, 0) == 0;
}

_Noreturn static void
look(const struct cell *cell, const struct cell_plan *plan, const struct wire_request *request, int file,
     int answer)
{
    const char *directory = cell->directory[0] == '\0' ? own_directory : cell->directory;
    if (!keep_only(file, answer, cell->result) || !confine(plan, directory)) {
        _exit(EXIT_FAILURE);
    }
    struct cell_task task = {.request = request,
                             .own = plan->own,
                             .file = FILE_AT,
                             .result = cell->result < 0 ? -1 : RESULT_AT,
                             .directory = directory};
    struct wire_reply reply = {.magic = 0};
    bool good = plan->work(&task, &reply);
    _exit(good && write(ANSWER_AT, &reply, sizeof reply) == (ssize_t)sizeof reply ? EXIT_SUCCESS
                                                                                  : EXIT_FAILURE);
}

static int
remove_one(const char *path, const struct stat *found, int type, struct FTW *place)
{
    (void)found;
    (void)type;
    (void)place;
    (void)remove(path);
    return 0;
}

static void
close_one(int *descriptor)
{
    if (*descriptor >= 0) {
        (void)close(*descriptor);
    }
    *descriptor = -1;
}

/* What it had, when the process itself is no more. */
static void
clear(struct cell *cell)
{
    close_one(&cell->watch);
    close_one(&cell->answer);
    close_one(&cell->result);
    if (cell->directory[0] != '\0') {
        (void)nftw(cell->directory, remove_one, TREE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    }
    *cell = (struct cell){.watch = -1, .answer = -1, .result = -1};
}

static bool
make_directory(const struct cell_plan *plan, char path[CELL_DIRECTORY_SIZE])
{
    path[0] = '\0';
    if ((plan->held & CELL_HELD_NAMESPACES) != 0) {
        return true;
    }
    int size = snprintf(path, CELL_DIRECTORY_SIZE, "%s/cell-XXXXXX", plan->directory);
    if (size < CELL_DIRECTORY_SIZE && mkdtemp(path) != NULL) {
        return true;
    }
    path[0] = '\0';
    return false;
}

/* Forks it, and gets a descriptor that tells of its end. */
static bool
launch(struct cell *cell, const struct cell_plan *plan, const struct wire_request *request, int file,
       int answer)
{
    pid_t parent = getpid();
    cell->pid = fork();
    if (cell->pid == 0) {
        if (!be_alone(parent)) {
            _exit(EXIT_FAILURE);
        }
        look(cell, plan, request, file, answer);
    }
    if (cell->pid < 0) {
        cell->pid = 0;
        return false;
    }
    cell->watch = pidfd_open(cell->pid, 0);
    return cell->watch >= 0;
}

bool
cell_start(struct cell *cell, const struct cell_plan *plan, const struct wire_request *request, int file)
{
    int answers[2];
    *cell = (struct cell){.watch = -1, .answer = -1, .result = -1, .id = request->id};
    if (pipe2(answers, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    cell->answer = answers[0];
    cell->result_max = request->result_max;
    cell->began = clock_monotonic();
    cell->until = cell->began + (int64_t)request->milliseconds * (CLOCK_SECOND / 1000);
    bool ready = make_directory(plan, cell->directory);
    if (ready && request->result_max > 0) {
        cell->result = memfd_create("result", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        ready = cell->result >= 0;
    }
    bool good = ready && launch(cell, plan, request, file, answers[1]);
    int error = errno;
    (void)close(answers[1]);
    if (!good) {
        cell_kill(cell);
        errno = error;
    }
    return good;
}

/* The answer that is in the pipe: whole, and nothing after it. */
static bool
read_answer(int answer, struct wire_reply *reply)
{
    char more;
    return read(answer, reply, sizeof *reply) == (ssize_t)sizeof *reply && read(answer, &more, 1) == 0;
}

/* Whether what the process made is what its answer says; it is sealed then, if it is anything. */
static bool
result_is_good(const struct cell *cell, const struct wire_reply *reply)
{
    struct stat found = {.st_size = 0};
    if (reply->result_size > cell->result_max || (cell->result >= 0 && fstat(cell->result, &found) != 0) ||
        (uint64_t)found.st_size != reply->result_size) {
        return false;
    }
    return reply->result_size == 0 || wire_seal(cell->result);
}

static uint32_t
milliseconds_of(const struct rusage *used)
{
    return (uint32_t)((used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000 +
                      (used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1000);
}

bool
cell_collect(struct cell *cell, struct wire_reply *reply, int *result)
{
    struct pollfd ended = {.fd = cell->watch, .events = POLLIN};
    int status;
    struct rusage used = {.ru_maxrss = 0};
    bool over = clock_monotonic() >= cell->until;
    bool gone = poll(&ended, 1, 0) > 0;
    if (!gone && !over) {
        return false;
    }
    if (!gone) {
        (void)kill(cell->pid, SIGKILL);
    }
    if (wait4(cell->pid, &status, 0, &used) != cell->pid) {
        status = EXIT_FAILURE << 8;
    }
    *result = -1;
    enum wire_end end = !gone                               ? WIRE_END_OVERTIME
                        : WIFSIGNALED(status)               ? WIRE_END_KILLED
                        : WEXITSTATUS(status) != 0          ? WIRE_END_NO_ANSWER
                        : !read_answer(cell->answer, reply) ? WIRE_END_NO_ANSWER
                                                            : WIRE_END_ANSWERED;
    if (end == WIRE_END_ANSWERED) {
        reply->end = (uint32_t)end;
        reply->id = cell->id;
        end = wire_reply_is_good(reply) && result_is_good(cell, reply) ? end : WIRE_END_NO_ANSWER;
    }
    if (end != WIRE_END_ANSWERED) {
        *reply = (struct wire_reply){.id = cell->id, .reason = WIRE_NOT_SCANNED, .end = (uint32_t)end};
    } else if (reply->result_size > 0) {
        *result = cell->result;
        cell->result = -1;
    }
    reply->milliseconds = (uint32_t)((clock_monotonic() - cell->began) * 1000 / CLOCK_SECOND);
    reply->processor = milliseconds_of(&used);
    clear(cell);
    return true;
}

void
cell_kill(struct cell *cell)
{
    if (cell->pid > 0) {
        (void)kill(cell->pid, SIGKILL);
        (void)waitpid(cell->pid, NULL, 0);
    }
    clear(cell);
}

/* Whether a process confines itself so, and then finds nothing of the machine. */
static bool
holds(struct cell_plan *plan, uint32_t held, const char *directory)
{
    int status;
    pid_t parent = getpid();
    plan->held = held;
    pid_t pid = fork();
    if (pid == 0) {
        bool good = be_alone(parent) && confine(plan, held == CELL_HELD_LANDLOCK ? directory : own_directory);
        _exit(good && open("/proc/self/status", O_RDONLY | O_CLOEXEC) < 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool
cell_try(struct cell_plan *plan, const char **why)
{
    char directory[CELL_DIRECTORY_SIZE];
    *why = "no process can be confined: neither user namespaces nor Landlock, or no seccomp";
    bool both = holds(plan, CELL_HELD_NAMESPACES | CELL_HELD_LANDLOCK, NULL);
    if (both || holds(plan, CELL_HELD_NAMESPACES, NULL)) {
        return true;
    }
    plan->held = CELL_HELD_LANDLOCK;
    if (!make_directory(plan, directory)) {
        *why = "there are no user namespaces, and no directory can be made in the one for temporary files";
        return false;
    }
    bool good = holds(plan, CELL_HELD_LANDLOCK, directory);
    (void)rmdir(directory);
    return good;
}
