/* lib/base/landlock: what a process that has entered still reaches. */
#include "lib/base/landlock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_ENTERED = 99, NOT_THERE = 98, PATH_SIZE = 256 };

/* Two directories, each with the file `file`. */
static char top[PATH_SIZE];
static int in;
static int out;

static int
make_directory(const char *name)
{
    char path[2 * PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", top, name);
    if (mkdir(path, S_IRWXU) != 0) {
        return -1;
    }
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = openat(directory, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    return file >= 0 && write(file, "a", 1) == 1 && close(file) == 0 ? directory : -1;
}

static int
set_up(void **state)
{
    (void)state;
    (void)snprintf(top, sizeof top, "%s/anamnesis-landlock-XXXXXX",
                   getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR"));
    if (mkdtemp(top) == NULL) {
        return -1;
    }
    in = make_directory("in");
    out = make_directory("out");
    return in < 0 || out < 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
    (void)state;
    static const char *const made[] = {"in/linked", "in/file", "out/file", "in", "out"};
    char path[2 * PATH_SIZE];
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", top, made[i]);
        (void)remove(path);
    }
    return rmdir(top);
}

typedef int (*deed)(int directory);

static int
reads(int directory)
{
    char byte;
    int file = openat(directory, "file", O_RDONLY | O_CLOEXEC);
    return file >= 0 && read(file, &byte, 1) == 1 ? close(file) : errno;
}

static int
lists(int directory)
{
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return again >= 0 && fsync(again) == 0 ? close(again) : errno;
}

/* As the store makes a part. */
static int
writes_and_links(int directory)
{
    char path[PATH_SIZE];
    int file = openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR);
    if (file < 0 || write(file, "a", 1) != 1) {
        return errno;
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (linkat(AT_FDCWD, path, directory, "linked", AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST) {
        return errno;
    }
    return close(file);
}

static int
removes(int directory)
{
    return unlinkat(directory, "file", 0) == 0 ? 0 : errno;
}

static int
reads_the_system(int directory)
{
    (void)directory;
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    return file >= 0 ? close(file) : errno;
}

/* What comes of it inside, when `in` is for these uses; NOT_THERE where the kernel has no Landlock. */
static int
inside(unsigned uses, deed what, int directory)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct landlock_place place = {in, uses};
        enum landlock_state entered = landlock_enter(&place, 1);
        _exit(entered == LANDLOCK_NOT_THERE ? NOT_THERE
              : entered == LANDLOCK_REFUSED ? NOT_ENTERED
                                            : what(directory));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
what_a_place_is_for_is_allowed_there_alone(void **state)
{
    (void)state;
    static const struct {
        unsigned uses;
        deed what;
    } cases[] = {{LANDLOCK_READ, reads}, {LANDLOCK_LIST, lists}, {LANDLOCK_WRITE, writes_and_links}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t j = 0; j < sizeof cases / sizeof cases[0]; j++) {
            int here = inside(cases[i].uses, cases[j].what, in);
            if (here == NOT_THERE) {
                skip();
            }
            assert_int_equal(here, i == j ? 0 : EACCES);
            assert_int_equal(inside(cases[i].uses, cases[j].what, out), EACCES);
        }
    }
}

static void
nothing_is_removed_and_nothing_else_is_read(void **state)
{
    (void)state;
    unsigned all = LANDLOCK_READ | LANDLOCK_LIST | LANDLOCK_WRITE;
    if (inside(all, reads, in) == NOT_THERE) {
        skip();
    }
    assert_int_equal(inside(all, removes, in), EACCES);
    assert_int_equal(inside(all, reads_the_system, in), EACCES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_place_is_for_is_allowed_there_alone),
        cmocka_unit_test(nothing_is_removed_and_nothing_else_is_read),
    };
    return cmocka_run_group_tests_name("landlock", tests, set_up, tear_down);
}
