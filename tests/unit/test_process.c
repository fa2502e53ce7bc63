/* What a process does to itself: limits that only fall, nothing to look into, signals that are taken, writes that are whole. */
#include "lib/base/process.h"
#include "lib/base/signals.h"
#include "lib/base/write_all.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGE = 1 << 20 };

/* The exit status of a child that did this. */
static int
in_a_child(int (*deed)(void))
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(deed());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
limits_twice(void)
{
    struct rlimit now;
    return process_limit(RLIMIT_FSIZE, 5000) && process_limit(RLIMIT_FSIZE, 6000) &&
                   getrlimit(RLIMIT_FSIZE, &now) == 0 && now.rlim_cur == 5000 && now.rlim_max == 5000
               ? 0
               : 1;
}

static int
hides(void)
{
    struct rlimit core;
    bool done = process_hide() && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
#ifndef __SANITIZE_ADDRESS__
    done = done && prctl(PR_GET_DUMPABLE) == 0;
#endif
    return done ? 0 : 1;
}

static void
a_limit_only_falls(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(limits_twice), 0);
}

static void
nobody_looks_into_it(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(hides), 0);
}

static void
signals_are_noted_and_end_a_sleep(void **state)
{
    (void)state;
    assert_true(signals_take());
    signals_sleep(0);
    assert_int_equal(raise(SIGHUP), 0);
    assert_true(signals_reload == 1 && signals_stop == 0);
    signals_sleep(INT64_C(3600) * 1000000); /* at once: it was told something */
    signals_reload = 0;
    assert_int_equal(raise(SIGTERM), 0);
    assert_true(signals_stop == 1);
    signals_sleep(INT64_C(3600) * 1000000);
    signals_stop = 0;
}

static void
blocked_signals_wait(void **state)
{
    (void)state;
    sigset_t signals;
    sigset_t before;
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &before), 0);
    assert_true(signals_block(&signals));
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(sigtimedwait(&signals, NULL, &(struct timespec){0, 0}), SIGTERM);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

/* A pipe takes less at once than this. */
static void
a_write_is_whole(void **state)
{
    (void)state;
    int ends[2];
    char *bytes = malloc(LARGE);
    assert_non_null(bytes);
    memset(bytes, 'x', LARGE);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        _exit(write_all(ends[1], bytes, LARGE) ? 0 : 1);
    }
    (void)close(ends[1]);
    size_t got = 0;
    for (ssize_t size = 1; size > 0; got += size > 0 ? (size_t)size : 0) {
        size = read(ends[0], bytes, 1000);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(got, LARGE);
    assert_false(write_all(ends[0], bytes, 1)); /* not open for that */
    assert_int_equal(errno, EBADF);
    (void)close(ends[0]);
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_only_falls),
        cmocka_unit_test(nobody_looks_into_it),
        cmocka_unit_test(signals_are_noted_and_end_a_sleep),
        cmocka_unit_test(blocked_signals_wait),
        cmocka_unit_test(a_write_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
