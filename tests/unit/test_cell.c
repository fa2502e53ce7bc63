/* scan/cell: what a process that looks at a file can do, what it cannot, and which answers count. */
#include "scan/cell.c" /* the programs' own files are in no library */
#include "scan/cell_filter.c"
#include "scan/wire.c"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

enum {
    SIZE = 1000,
    LONG_ENOUGH = 60000, /* milliseconds */
    MEGABYTE = 1 << 20,
    ADDRESSES_MB = 300,
    FILES_MB = 8,
    PROCESSOR = 20,
    NOT_ENDED = 90,
    NOT_TRIED = 91,
    WIDTH = 640
};

/* What a process does; its return value comes back as the reply's width: 0 for done, otherwise errno. */
typedef int (*deed)(const struct cell_task *task);

static bool
does(const struct cell_task *task, struct wire_reply *reply)
{
    deed what = *(const deed *)task->own;
    reply->verdict = WIRE_CLEAN;
    reply->width = (uint32_t)what(task);
    return true;
}

static struct cell_plan
plan_of(cell_work work, const void *own)
{
    return (struct cell_plan){.kind = CELL_ENGINE,
                              .work = work,
                              .own = own,
                              .addresses = (uint64_t)ADDRESSES_MB * MEGABYTE,
                              .files = (uint64_t)FILES_MB * MEGABYTE,
                              .processor = PROCESSOR,
                              .directory = "/tmp"};
}

static struct wire_request
request(uint64_t result_max, uint32_t milliseconds)
{
    return (struct wire_request){.what = WIRE_LOOK,
                                 .id = 7,
                                 .size = SIZE,
                                 .result_max = result_max,
                                 .milliseconds = milliseconds,
                                 .type = "text/plain"};
}

static int
sealed_file(void)
{
    int file = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return file >= 0 && ftruncate(file, SIZE) == 0 && pwrite(file, "abc", 3, 0) == 3 && wire_seal(file) ? file
                                                                                                        : -1;
}

/* Runs one to its end. False when none could be started. */
static bool
run(const struct cell_plan *plan, const struct wire_request *asked, struct wire_reply *reply, int *result)
{
    struct cell cell;
    int file = sealed_file();
    bool started = file >= 0 && cell_start(&cell, plan, asked, file);
    (void)close(file);
    while (started && !cell_collect(&cell, reply, result)) {
        int64_t left = (cell.until - clock_monotonic()) * 1000 / CLOCK_SECOND;
        (void)poll(&(struct pollfd){.fd = cell.watch, .events = POLLIN}, 1, left > 0 ? (int)left + 1 : 0);
    }
    return started;
}

static struct wire_reply
reply_of(cell_work work, const void *own, enum cell_kind kind, uint64_t result_max, uint32_t milliseconds)
{
    struct cell_plan plan = plan_of(work, own);
    struct wire_request asked = request(result_max, milliseconds);
    struct wire_reply reply;
    const char *why;
    int result = -1;
    plan.kind = kind;
    assert_true(cell_try(&plan, &why));
    assert_true(run(&plan, &asked, &reply, &result));
    assert_int_equal(reply.id, asked.id);
    assert_int_equal(result >= 0, reply.result_size > 0);
    if (result >= 0) {
        assert_true(wire_is_sealed(result, reply.result_size));
        (void)close(result);
    }
    return reply;
}

/* 0 when it was done, an errno when it was refused, and -1 when it was the process's end. */
static int
outcome(deed what, enum cell_kind kind)
{
    struct wire_reply reply = reply_of(does, &what, kind, 0, LONG_ENOUGH);
    if (reply.end == WIRE_END_ANSWERED) {
        return (int)reply.width;
    }
    assert_int_equal(reply.end, WIRE_END_KILLED);
    assert_int_equal(reply.verdict, WIRE_FAILED);
    return -1;
}

static int
reads_its_file(const struct cell_task *task)
{
    char byte;
    return pread(task->file, &byte, 1, 1) == 1 && byte == 'b' && task->result == -1 ? 0 : EIO;
}

static int
makes_a_file(const struct cell_task *task)
{
    char path[CELL_DIRECTORY_SIZE + 2];
    (void)snprintf(path, sizeof path, "%s/x", task->directory);
    int file = open(path, O_CREAT | O_EXCL | O_RDWR, S_IRUSR | S_IWUSR);
    bool good = file >= 0 && write(file, path, sizeof path) == (ssize_t)sizeof path && close(file) == 0 &&
                access(path, F_OK) == 0;
    return good && mkdir("/tmp/elsewhere/x", S_IRWXU) != 0 ? 0 : errno;
}

static int
finds_a_file(const struct cell_task *task)
{
    static const char *const paths[] = {"/etc/passwd", "/proc/self/status", "/dev/null",
                                        "/bin/sh",     "../etc/passwd",     "/proc/1/environ"};
    (void)task;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (open(paths[i], O_RDONLY) >= 0) {
            return 0;
        }
    }
    return ENOENT;
}

static int
lists_the_machine(const struct cell_task *task)
{
    int found = 0;
    (void)task;
    DIR *directory = opendir("/");
    for (struct dirent *one = directory == NULL ? NULL : readdir(directory); one != NULL;
         one = readdir(directory)) {
        found += one->d_name[0] != '.' && strcmp(one->d_name, "tmp") != 0;
    }
    return found > 0 ? 0 : ENOENT;
}

static int
has_another_descriptor(const struct cell_task *task)
{
    (void)task;
    for (int descriptor = RESULT_AT; descriptor < 4 * ASIDE; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0) {
            return 0;
        }
    }
    return EBADF;
}

static int
changes_its_file(const struct cell_task *task)
{
    return pwrite(task->file, "x", 1, 0) == 1 ? 0 : errno;
}

static int
makes_a_socket(const struct cell_task *task)
{
    (void)task;
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : errno;
}

static int
connects(const struct cell_task *task)
{
    struct sockaddr nothing = {.sa_family = AF_UNIX};
    return connect(task->file, &nothing, sizeof nothing) == 0 ? 0 : errno;
}

static int
runs_a_program(const struct cell_task *task)
{
    char *nothing[] = {NULL};
    (void)task;
    return execve("/bin/true", nothing, nothing) == 0 ? 0 : errno;
}

static int
forks(const struct cell_task *task)
{
    (void)task;
    return fork() >= 0 ? 0 : errno;
}

static int
signals_its_program(const struct cell_task *task)
{
    (void)task;
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int
signals_a_thread_elsewhere(const struct cell_task *task)
{
    (void)task;
    return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0 ? 0 : errno;
}

static int
traces(const struct cell_task *task)
{
    (void)task;
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? 0 : errno;
}

static int
maps_code(const struct cell_task *task)
{
    (void)task;
    return mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ? 0
                                                                                                     : errno;
}

static int
makes_memory_code(const struct cell_task *task)
{
    (void)task;
    void *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(memory, SIZE, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
}

static int
raises_a_limit(const struct cell_task *task)
{
    struct rlimit same = {DESCRIPTORS, DESCRIPTORS};
    (void)task;
    return setrlimit(RLIMIT_NOFILE, &same) == 0 ? 0 : errno;
}

static int
leaves_by_namespaces(const struct cell_task *task)
{
    (void)task;
    return unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
}

static int
mounts(const struct cell_task *task)
{
    (void)task;
    return mount("proc", "/tmp", "proc", 0, NULL) == 0 ? 0 : errno;
}

static int
aborts(const struct cell_task *task)
{
    (void)task;
    abort();
}

static void *
in_a_thread(void *argument)
{
    return argument;
}

static int
makes_a_thread(const struct cell_task *task)
{
    pthread_t thread;
    (void)task;
    int error = pthread_create(&thread, NULL, in_a_thread, NULL);
    return error != 0 ? error : pthread_join(thread, NULL);
}

static int
takes_more_memory_than_it_may(const struct cell_task *task)
{
    (void)task;
    void *much = mmap(NULL, (size_t)ADDRESSES_MB * MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return much != MAP_FAILED ? 0 : errno;
}

/* Writes `each` bytes to one file after another, `count` of them. */
static int
fills(const struct cell_task *task, int count, int64_t each)
{
    static const char block[MEGABYTE];
    char path[CELL_DIRECTORY_SIZE + 2];
    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%c", task->directory, 'a' + i);
        int file = open(path, O_CREAT | O_WRONLY, S_IRUSR | S_IWUSR);
        for (int64_t done = 0; done < each; done += MEGABYTE) {
            if (write(file, block, MEGABYTE) != MEGABYTE) {
                return errno;
            }
        }
        (void)close(file);
    }
    return 0;
}

static int
makes_a_file_that_is_too_large(const struct cell_task *task)
{
    return fills(task, 1, (int64_t)(FILES_MB + 1) * MEGABYTE);
}

static int
makes_too_many_files(const struct cell_task *task)
{
    return fills(task, 2, (int64_t)FILES_MB * MEGABYTE / 4 * 3);
}

static int
opens_too_many(const struct cell_task *task)
{
    for (int i = 0; i < DESCRIPTORS; i++) {
        if (dup(task->file) < 0) {
            return errno;
        }
    }
    return 0;
}

static int
calculates(const struct cell_task *task)
{
    for (volatile const struct cell_task *one = task; one != NULL;) {
    }
    return 0;
}

static int
sleeps(const struct cell_task *task)
{
    (void)task;
    return (int)sleep(LONG_ENOUGH / 1000);
}

static void
it_reads_its_file_and_makes_others_in_its_directory(void **state)
{
    (void)state;
    assert_int_equal(outcome(reads_its_file, CELL_ENGINE), 0);
    assert_int_equal(outcome(makes_a_file, CELL_ENGINE), 0);
}

static void
it_finds_nothing_of_the_machine(void **state)
{
    (void)state;
    int elsewhere = open("/etc/passwd", O_RDONLY); /* open in the program, on purpose without close-on-exec */
    assert_true(elsewhere >= 0);
    assert_int_equal(outcome(finds_a_file, CELL_ENGINE), ENOENT);
    assert_int_equal(outcome(lists_the_machine, CELL_ENGINE), ENOENT);
    assert_int_equal(outcome(has_another_descriptor, CELL_ENGINE), EBADF);
    assert_int_equal(outcome(changes_its_file, CELL_ENGINE), EPERM);
    (void)close(elsewhere);
}

static void
what_nobody_needs_who_reads_a_file_is_its_end(void **state)
{
    static const deed deeds[] = {makes_a_socket,
                                 connects,
                                 runs_a_program,
                                 forks,
                                 mounts,
                                 maps_code,
                                 makes_memory_code,
                                 raises_a_limit,
                                 signals_its_program,
                                 traces,
                                 leaves_by_namespaces,
                                 aborts,
                                 signals_a_thread_elsewhere};
    (void)state;
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        for (int kind = CELL_ENGINE; kind <= CELL_PICTURE; kind++) {
            if (outcome(deeds[i], (enum cell_kind)kind) != -1) {
                fail_msg("deed %zu was not the end of kind %d", i, kind);
            }
        }
    }
}

static void
only_the_picture_program_has_threads(void **state)
{
    (void)state;
    assert_int_equal(outcome(makes_a_thread, CELL_ENGINE), -1);
    assert_int_equal(outcome(makes_a_thread, CELL_PICTURE), 0);
}

static void
its_limits_hold(void **state)
{
    (void)state;
    assert_int_equal(outcome(takes_more_memory_than_it_may, CELL_ENGINE), ENOMEM);
    assert_int_equal(outcome(makes_a_file_that_is_too_large, CELL_ENGINE), -1);
    assert_int_equal(outcome(makes_too_many_files, CELL_ENGINE), ENOSPC);
    assert_int_equal(outcome(opens_too_many, CELL_ENGINE), EMFILE);
}

static void
it_ends_when_its_time_is_over(void **state)
{
    deed what = sleeps;
    (void)state;
    struct wire_reply reply = reply_of(does, &what, CELL_ENGINE, 0, 1);
    assert_int_equal(reply.end, WIRE_END_OVERTIME);
    assert_int_equal(reply.verdict, WIRE_FAILED);
    assert_int_equal(reply.reason, WIRE_NOT_SCANNED);

    deed other = calculates;
    struct cell_plan plan = plan_of(does, &other);
    struct wire_request asked = request(0, LONG_ENOUGH);
    const char *why;
    int result;
    plan.processor = 1;
    assert_true(cell_try(&plan, &why));
    assert_true(run(&plan, &asked, &reply, &result));
    assert_int_equal(reply.end, WIRE_END_KILLED);
}

static void
it_ends_with_its_program(void **state)
{
    deed what = sleeps;
    struct cell_plan plan = plan_of(does, &what);
    struct wire_request asked = request(0, LONG_ENOUGH);
    const char *why;
    int told[2];
    (void)state;
    assert_true(cell_try(&plan, &why));
    assert_int_equal(pipe(told), 0);
    pid_t program = fork();
    if (program == 0) {
        struct cell cell;
        bool started = cell_start(&cell, &plan, &asked, sealed_file());
        _exit(started && write(told[1], &cell.pid, sizeof cell.pid) > 0 ? 0 : 1);
    }
    pid_t pid;
    assert_int_equal(read(told[0], &pid, sizeof pid), sizeof pid);
    int watch = pidfd_open(pid, 0);
    assert_true(watch >= 0 || errno == ESRCH);
    assert_true(watch < 0 || poll(&(struct pollfd){.fd = watch, .events = POLLIN}, 1, LONG_ENOUGH) == 1);
    assert_int_equal(waitpid(program, NULL, 0), program);
    (void)close(watch);
    (void)close(told[0]);
    (void)close(told[1]);
}

/* --- Answers */

static bool
says_clean(const struct cell_task *task, struct wire_reply *reply)
{
    (void)task;
    *reply = (struct wire_reply){.verdict = WIRE_CLEAN, .width = WIDTH, .id = 1};
    return true;
}

static bool
makes_something(const struct cell_task *task, struct wire_reply *reply)
{
    *reply = (struct wire_reply){.verdict = WIRE_CLEAN, .result_size = SIZE, .part_count = 1};
    reply->parts[0] = (struct wire_part){.kind = WIRE_VIEW, .width = 1, .height = 1, .size = SIZE};
    return ftruncate(task->result, SIZE) == 0;
}

static bool
makes_more_than_it_says(const struct cell_task *task, struct wire_reply *reply)
{
    return makes_something(task, reply) && ftruncate(task->result, SIZE + 1) == 0;
}

static bool
makes_more_than_it_may(const struct cell_task *task, struct wire_reply *reply)
{
    bool made = makes_something(task, reply) && ftruncate(task->result, 2 * SIZE) == 0;
    reply->result_size = 2 * SIZE;
    reply->parts[0].size = 2 * SIZE;
    return made;
}

static bool
gives_up(const struct cell_task *task, struct wire_reply *reply)
{
    return says_clean(task, reply) && false;
}

static bool
leaves_without_an_answer(const struct cell_task *task, struct wire_reply *reply)
{
    (void)says_clean(task, reply);
    _exit(EXIT_SUCCESS);
}

static bool
leaves_half_an_answer(const struct cell_task *task, struct wire_reply *reply)
{
    (void)says_clean(task, reply);
    _exit(write(ANSWER_AT, reply, sizeof *reply / 2) > 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool
answers_twice(const struct cell_task *task, struct wire_reply *reply)
{
    (void)says_clean(task, reply);
    return write(ANSWER_AT, reply, sizeof *reply) > 0;
}

static bool
crashes_after_its_answer(const struct cell_task *task, struct wire_reply *reply)
{
    (void)says_clean(task, reply);
    if (write(ANSWER_AT, reply, sizeof *reply) > 0) {
        abort();
    }
    return false;
}

static bool
fails_after_its_answer(const struct cell_task *task, struct wire_reply *reply)
{
    (void)says_clean(task, reply);
    _exit(write(ANSWER_AT, reply, sizeof *reply) > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static bool
contradicts_itself(const struct cell_task *task, struct wire_reply *reply)
{
    (void)says_clean(task, reply);
    reply->reason = WIRE_ENCRYPTED;
    return true;
}

static void
a_whole_answer_counts(void **state)
{
    (void)state;
    struct wire_reply reply = reply_of(says_clean, NULL, CELL_ENGINE, 0, LONG_ENOUGH);
    assert_int_equal(reply.verdict, WIRE_CLEAN);
    assert_int_equal(reply.width, WIDTH);
    reply = reply_of(makes_something, NULL, CELL_PICTURE, SIZE, LONG_ENOUGH);
    assert_int_equal(reply.verdict, WIRE_CLEAN);
    assert_int_equal(reply.result_size, SIZE);
}

static void
anything_else_is_no_answer(void **state)
{
    static const struct {
        cell_work work;
        enum wire_end end;
    } cases[] = {
        {gives_up, WIRE_END_NO_ANSWER},
        {leaves_without_an_answer, WIRE_END_NO_ANSWER},
        {leaves_half_an_answer, WIRE_END_NO_ANSWER},
        {answers_twice, WIRE_END_NO_ANSWER},
        {crashes_after_its_answer, WIRE_END_KILLED},
        {fails_after_its_answer, WIRE_END_NO_ANSWER},
        {contradicts_itself, WIRE_END_NO_ANSWER},
        {makes_more_than_it_says, WIRE_END_NO_ANSWER},
        {makes_more_than_it_may, WIRE_END_NO_ANSWER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_reply reply = reply_of(cases[i].work, NULL, CELL_ENGINE, SIZE, LONG_ENOUGH);
        assert_int_equal(reply.verdict, WIRE_FAILED);
        assert_int_equal(reply.reason, WIRE_NOT_SCANNED);
        assert_int_equal(reply.end, cases[i].end);
        assert_int_equal(reply.part_count, 0);
    }
}

/* --- Kernels that give less: a process whose filter answers so, as a container's does */

static bool
refuse(const char *const *names)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL;
    for (size_t i = 0; good && names[i] != NULL; i++) {
        good =
            seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(names[i]), 0) == 0;
    }
    good = good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

/*
 * What becomes of a deed where the kernel refuses these calls: exit status 0, an errno, NOT_ENDED for the
 * process's end, NOT_TRIED when nothing would be looked at. Demands that exactly `held` holds, and that
 * nothing is left in the directory.
 */
static int
outcome_without(const char *const *names, uint32_t held, deed what, const char *directory)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct cell_plan plan = plan_of(does, &what);
        struct wire_request asked = request(0, LONG_ENOUGH);
        struct wire_reply reply;
        const char *why;
        int result;
        plan.directory = directory;
        if (!refuse(names) || !cell_try(&plan, &why) || plan.held != held) {
            _exit(NOT_TRIED);
        }
        if (!run(&plan, &asked, &reply, &result) || (held == CELL_HELD_LANDLOCK && rmdir(directory) != 0)) {
            _exit(NOT_TRIED);
        }
        _exit(reply.end == WIRE_END_ANSWERED ? (int)reply.width : NOT_ENDED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int
outcome_in_a_directory(const char *const *names, uint32_t held, deed what)
{
    char directory[] = "/tmp/test-cell-XXXXXX";
    assert_non_null(mkdtemp(directory));
    int got = outcome_without(names, held, what, directory);
    (void)rmdir(directory);
    return got;
}

static void
one_of_namespaces_and_landlock_is_enough(void **state)
{
    static const char *const no_namespaces[] = {"unshare", NULL};
    static const char *const no_landlock[] = {"landlock_create_ruleset", NULL};
    static const struct {
        deed what;
        int outcome;
    } cases[] = {{reads_its_file, 0},         {makes_a_file, 0},
                 {finds_a_file, ENOENT},      {lists_the_machine, ENOENT},
                 {makes_a_socket, NOT_ENDED}, {takes_more_memory_than_it_may, ENOMEM}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(outcome_in_a_directory(no_namespaces, CELL_HELD_LANDLOCK, cases[i].what),
                         cases[i].outcome);
        assert_int_equal(outcome_without(no_landlock, CELL_HELD_NAMESPACES, cases[i].what, "/nonexistent"),
                         cases[i].outcome);
    }
}

static const char *const shared[] = {"/etc/alternatives", "/nonexistent", NULL};

static int
reads_what_is_shared(const struct cell_task *task)
{
    (void)task;
    int directory = open("/etc/alternatives", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char some[LINE_MAX_SIZE];
    return directory >= 0 && syscall(SYS_getdents64, directory, some, sizeof some) > 0 ? 0 : errno;
}

static int
writes_where_it_is_shared(const struct cell_task *task)
{
    (void)task;
    int file = open("/etc/alternatives/anamnesis-test", O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR);
    int why = errno;
    (void)unlink("/etc/alternatives/anamnesis-test");
    return file >= 0 ? 0 : why == EROFS || why == EACCES ? EROFS : why;
}

static int
finds_its_neighbour(const struct cell_task *task)
{
    (void)task;
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    int other = open("/etc/alternatives/../passwd", O_RDONLY | O_CLOEXEC);
    return file >= 0 || other >= 0 ? 0 : errno == ENOENT || errno == EACCES ? ENOENT : errno;
}

static int
outcome_with_shared(deed what, const char *const *without, uint32_t held)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct cell_plan plan = plan_of(does, &what);
        struct wire_request asked = request(0, LONG_ENOUGH);
        struct wire_reply reply;
        const char *why;
        int result;
        plan.shared = shared;
        bool good = (without == NULL || refuse(without)) && cell_try(&plan, &why) && plan.held == held &&
                    run(&plan, &asked, &reply, &result) && reply.end == WIRE_END_ANSWERED;
        _exit(good ? (int)reply.width : NOT_TRIED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
what_is_shared_can_be_read_and_no_more(void **state)
{
    static const char *const no_namespaces[] = {"unshare", NULL};
    static const char *const no_landlock[] = {"landlock_create_ruleset", NULL};
    static const struct {
        deed what;
        int outcome;
    } cases[] = {{reads_what_is_shared, 0},
                 {writes_where_it_is_shared, EROFS},
                 {finds_its_neighbour, ENOENT},
                 {makes_a_file, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(outcome_with_shared(cases[i].what, NULL, CELL_HELD_NAMESPACES | CELL_HELD_LANDLOCK),
                         cases[i].outcome);
        assert_int_equal(outcome_with_shared(cases[i].what, no_landlock, CELL_HELD_NAMESPACES),
                         cases[i].outcome);
        assert_int_equal(outcome_with_shared(cases[i].what, no_namespaces, CELL_HELD_LANDLOCK),
                         cases[i].outcome);
    }
}

static void
without_both_nothing_is_looked_at(void **state)
{
    static const char *const neither[] = {"unshare", "landlock_create_ruleset", NULL};
    static const char *const no_filter[] = {"seccomp", NULL};
    static const char *const no_namespaces[] = {"unshare", NULL};
    (void)state;
    assert_int_equal(outcome_in_a_directory(neither, 0, reads_its_file), NOT_TRIED);
    assert_int_equal(
        outcome_without(no_filter, CELL_HELD_NAMESPACES | CELL_HELD_LANDLOCK, reads_its_file, "/tmp"),
        NOT_TRIED);
    assert_int_equal(outcome_without(no_namespaces, CELL_HELD_LANDLOCK, reads_its_file, "/nonexistent"),
                     NOT_TRIED);
}

/* Valgrind needs more of the kernel than the filter leaves to anybody. */
static bool
is_under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}

int
main(void)
{
    const struct CMUnitTest answers[] = {
        cmocka_unit_test(a_whole_answer_counts),
        cmocka_unit_test(anything_else_is_no_answer),
        cmocka_unit_test(it_reads_its_file_and_makes_others_in_its_directory),
        cmocka_unit_test(it_finds_nothing_of_the_machine),
        cmocka_unit_test(it_ends_when_its_time_is_over),
        cmocka_unit_test(it_ends_with_its_program),
    };
    const struct CMUnitTest confined[] = {
        cmocka_unit_test(what_nobody_needs_who_reads_a_file_is_its_end),
        cmocka_unit_test(only_the_picture_program_has_threads),
        cmocka_unit_test(its_limits_hold),
        cmocka_unit_test(one_of_namespaces_and_landlock_is_enough),
        cmocka_unit_test(what_is_shared_can_be_read_and_no_more),
        cmocka_unit_test(without_both_nothing_is_looked_at),
    };
    if (is_under_valgrind()) {
        (void)puts("cell: not under valgrind");
        return EXIT_SUCCESS;
    }
    int failed = cmocka_run_group_tests_name("cell: answers", answers, NULL, NULL);
#if defined __SANITIZE_ADDRESS__ || defined ANAMNESIS_COVERAGE
    (void)confined;
    return failed;
#else
    return failed + cmocka_run_group_tests_name("cell: confinement", confined, NULL, NULL);
#endif
}
