/* lib/base/sandbox: what a confined process may still do, what is refused, and what ends it. */
#include "lib/base/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_ENTERED = 99, SIZE = 1 << 20, LIMIT_MEGABYTES = 600, MEGABYTE = 1 << 20 };

/* What a process that has entered does; 0: it could, otherwise errno. */
typedef int (*deed)(void);

/* The wait status of a child that entered and did it. */
static int
done_inside(enum sandbox kind, deed what)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(sandbox_enter(kind) ? what() : NOT_ENTERED);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void
assert_allowed(enum sandbox kind, deed what)
{
    int status = done_inside(kind, what);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
assert_refused(enum sandbox kind, deed what)
{
    int status = done_inside(kind, what);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EPERM);
}

static void
assert_deadly(enum sandbox kind, deed what)
{
    int status = done_inside(kind, what);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static int
closed(int descriptor)
{
    return descriptor < 0 ? errno : close(descriptor);
}

static int
reads_a_file(void)
{
    char byte;
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    return file < 0 || read(file, &byte, 1) != 1 ? errno : close(file);
}

static int
writes_a_file(void)
{
    return closed(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static int
makes_a_file(void)
{
    return closed(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR));
}

/* As the store makes a part: written without a name, then linked. */
static int
links_what_it_has_written(void)
{
    char path[64];
    int directory = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR);
    if (file < 0 || write(file, "a", 1) != 1 || fdatasync(file) != 0) {
        return errno;
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    /* /tmp is there already: that the name is taken is the kernel's answer, and not the filter's. */
    bool taken = linkat(AT_FDCWD, path, AT_FDCWD, "/tmp", AT_SYMLINK_FOLLOW) != 0 && errno == EEXIST;
    return !taken ? errno : fsync(directory) == 0 ? close(file) : errno;
}

static int
opens_a_unix_socket(void)
{
    return closed(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
opens_an_internet_socket(void)
{
    return closed(socket(AF_INET, SOCK_STREAM, 0));
}

static int
connects(void)
{
    struct sockaddr_storage nothing = {.ss_family = AF_UNIX};
    return connect(STDIN_FILENO, (struct sockaddr *)&nothing, sizeof nothing) == 0 ? 0 : errno;
}

static int
makes_a_named_file(void)
{
    return closed(open("/tmp/anamnesis-never", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR));
}

static int
removes(void)
{
    return unlink("/tmp/anamnesis-never") == 0 ? 0 : errno;
}

static int
uses_memory(void)
{
    unsigned char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return errno;
    }
    memory[SIZE - 1] = 1;
    return mprotect(memory, SIZE, PROT_READ) == 0 && munmap(memory, SIZE) == 0 ? 0 : errno;
}

static int
maps_code(void)
{
    void *memory = mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? errno : 0;
}

static int
makes_memory_code(void)
{
    void *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED && mprotect(memory, SIZE, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
}

static void *
in_a_thread(void *argument)
{
    return argument;
}

static int
makes_a_thread(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, in_a_thread, NULL);
    return error != 0 ? error : pthread_join(thread, NULL);
}

static int
forks(void)
{
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    return child < 0 ? errno : 0;
}

static int
looks_a_name_up(void)
{
    struct addrinfo *found = NULL;
    int error = getaddrinfo("localhost", "443", NULL, &found);
    if (found != NULL) {
        freeaddrinfo(found);
    }
    return error == 0 ? 0 : 1;
}

static int
opens_network_sockets(void)
{
    int status = closed(socket(AF_INET, SOCK_STREAM, 0));
    return status != 0 ? status : closed(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
opens_netlink(void)
{
    return closed(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int
opens_packets(void)
{
    return closed(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
binds(void)
{
    struct sockaddr_storage nothing = {.ss_family = AF_INET};
    return bind(STDIN_FILENO, (struct sockaddr *)&nothing, sizeof nothing) == 0 ? 0 : errno;
}

static int
raises_a_limit(void)
{
    struct rlimit same;
    return getrlimit(RLIMIT_NOFILE, &same) == 0 && setrlimit(RLIMIT_NOFILE, &same) == 0 ? 0 : errno;
}

static int
signals_its_parent(void)
{
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int
runs_a_program(void)
{
    char *nothing[] = {NULL};
    return execve("/bin/true", nothing, nothing) == 0 ? 0 : errno;
}

static int
traces(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno;
}

static int
listens(void)
{
    return listen(STDIN_FILENO, 1) == 0 ? 0 : errno;
}

static int
renames(void)
{
    return rename("/nonexistent/one", "/nonexistent/two") != 0 && errno == ENOENT ? 0 : errno;
}

static int
makes_a_memory_file(void)
{
    int file = memfd_create("file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return file >= 0 &&
                   fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0
               ? 0
               : errno;
}

static void
what_serving_needs_is_allowed(void **state)
{
    (void)state;
    for (int kind = SANDBOX_WORKER; kind <= SANDBOX_JOBS; kind++) {
        assert_allowed((enum sandbox)kind, reads_a_file);
        assert_allowed((enum sandbox)kind, uses_memory);
        assert_allowed((enum sandbox)kind, opens_network_sockets);
        assert_allowed((enum sandbox)kind, looks_a_name_up);
    }
}

static void
what_nobody_needs_is_refused(void **state)
{
    (void)state;
    for (int kind = SANDBOX_WORKER; kind <= SANDBOX_SCAN; kind++) {
        assert_refused((enum sandbox)kind, opens_netlink);
        assert_refused((enum sandbox)kind, opens_packets);
        assert_refused((enum sandbox)kind, binds);
        assert_refused((enum sandbox)kind, maps_code);
        assert_refused((enum sandbox)kind, makes_memory_code);
        assert_refused((enum sandbox)kind, forks);
        assert_refused((enum sandbox)kind, raises_a_limit);
        assert_refused((enum sandbox)kind, signals_its_parent);
    }
}

static void
only_the_background_program_writes_files_and_has_threads(void **state)
{
    (void)state;
    assert_refused(SANDBOX_WORKER, writes_a_file);
    assert_refused(SANDBOX_WORKER, makes_a_file);
    assert_refused(SANDBOX_WORKER, makes_a_thread);
    assert_refused(SANDBOX_WORKER, renames);
    assert_allowed(SANDBOX_JOBS, writes_a_file);
    assert_allowed(SANDBOX_JOBS, makes_a_thread);
    assert_allowed(SANDBOX_JOBS, renames);
}

static void
the_store_links_files_and_connects_to_nobody(void **state)
{
    (void)state;
    assert_allowed(SANDBOX_STORE, reads_a_file);
    assert_allowed(SANDBOX_STORE, uses_memory);
    assert_allowed(SANDBOX_STORE, links_what_it_has_written);
    assert_refused(SANDBOX_STORE, makes_a_file);
    assert_refused(SANDBOX_STORE, writes_a_file);
    assert_refused(SANDBOX_STORE, makes_a_named_file);
    assert_refused(SANDBOX_STORE, removes);
    assert_refused(SANDBOX_STORE, renames);
    assert_refused(SANDBOX_STORE, opens_a_unix_socket);
    assert_refused(SANDBOX_STORE, opens_an_internet_socket);
    assert_refused(SANDBOX_STORE, connects);
    assert_refused(SANDBOX_STORE, makes_a_thread);
}

static void
the_scanner_keeps_objects_and_connects_to_the_database(void **state)
{
    (void)state;
    assert_allowed(SANDBOX_SCAN, reads_a_file);
    assert_allowed(SANDBOX_SCAN, uses_memory);
    assert_allowed(SANDBOX_SCAN, links_what_it_has_written);
    assert_allowed(SANDBOX_SCAN, opens_network_sockets);
    assert_allowed(SANDBOX_SCAN, looks_a_name_up);
    assert_allowed(SANDBOX_SCAN, makes_a_memory_file);
    assert_refused(SANDBOX_SCAN, makes_a_file);
    assert_refused(SANDBOX_SCAN, writes_a_file);
    assert_refused(SANDBOX_SCAN, makes_a_named_file);
    assert_refused(SANDBOX_SCAN, renames);
    assert_refused(SANDBOX_SCAN, makes_a_thread);
}

static void
what_only_an_intruder_would_try_ends_the_process(void **state)
{
    (void)state;
    for (int kind = SANDBOX_WORKER; kind <= SANDBOX_SCAN; kind++) {
        assert_deadly((enum sandbox)kind, runs_a_program);
        assert_deadly((enum sandbox)kind, traces);
        assert_deadly((enum sandbox)kind, listens);
    }
}

static int
limited_to(int64_t megabytes)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool set = sandbox_address_space(megabytes);
        void *much =
            mmap(NULL, (size_t)LIMIT_MEGABYTES * MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        _exit(!set ? NOT_ENTERED : much == MAP_FAILED ? errno : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void
addresses_are_limited(void **state)
{
    (void)state;
    assert_int_equal(limited_to(LIMIT_MEGABYTES), ENOMEM);
    assert_int_equal(limited_to(2 * LIMIT_MEGABYTES), 0);
}

/* Both watchers need more of the kernel than the filter leaves to anybody. */
static bool
is_watched(void)
{
#if defined __SANITIZE_ADDRESS__ || defined ANAMNESIS_COVERAGE
    return true;
#else
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
#endif
}

int
main(void)
{
    if (is_watched()) {
        (void)puts("sandbox: not under the address sanitizer or valgrind");
        return EXIT_SUCCESS;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_serving_needs_is_allowed),
        cmocka_unit_test(what_nobody_needs_is_refused),
        cmocka_unit_test(only_the_background_program_writes_files_and_has_threads),
        cmocka_unit_test(the_store_links_files_and_connects_to_nobody),
        cmocka_unit_test(the_scanner_keeps_objects_and_connects_to_the_database),
        cmocka_unit_test(what_only_an_intruder_would_try_ends_the_process),
        cmocka_unit_test(addresses_are_limited),
    };
    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
