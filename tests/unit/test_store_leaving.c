/* store/: processes that were told to leave have a limit, in time and in number. */
#include "store/leaving.c" /* the programs' own files are in no library */
#include "store/rate.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

static struct leaving leaving;

static int
set_up(void **state)
{
    (void)state;
    leaving = (struct leaving){.all = {{.pid = 0}}};
    return 0;
}

/* A process that is busy: SIGTERM does not end it. */
static pid_t
busy(void)
{
    sigset_t told;
    (void)sigemptyset(&told);
    (void)sigaddset(&told, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &told, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        for (;;) {
            (void)pause();
        }
    }
    (void)sigprocmask(SIG_UNBLOCK, &told, NULL);
    assert_true(pid > 0);
    return pid;
}

/* Waits for its end, by which signal. */
static void
assert_ended_by(pid_t pid, int signal)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signal);
    assert_true(leaving_ended(&leaving, pid));
    assert_false(leaving_ended(&leaving, pid));
}

static void
assert_lives(pid_t pid)
{
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
}

static void
who_is_told_leaves(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        for (;;) {
            (void)pause();
        }
    }
    assert_true(leaving_add(&leaving, pid, 0));
    assert_int_equal(leaving_count(&leaving), 1);
    assert_ended_by(pid, SIGTERM);
    assert_int_equal(leaving_count(&leaving), 0);
}

static void
who_is_busy_has_a_limit(void **state)
{
    (void)state;
    pid_t pid = busy();
    assert_true(leaving_add(&leaving, pid, 1000));
    leaving_check(&leaving, 1000 + LEAVING_PATIENCE - 1);
    assert_lives(pid);
    leaving_check(&leaving, 1000 + LEAVING_PATIENCE);
    assert_ended_by(pid, SIGKILL);
}

/* The largest part at the lowest rate that is allowed has come by then. */
static void
the_limit_cuts_no_upload(void **state)
{
    (void)state;
    struct rate rate;
    int64_t now = 0;
    size_t left = PART_SIZE_MAX;
    rate_begin(&rate, now, 0);
    while (left > 0) {
        size_t bytes = left < RATE_BYTES ? left : RATE_BYTES;
        rate_add(&rate, bytes);
        left -= bytes;
        now = rate.until;
        assert_true(left == 0 || !rate_is_slow(&rate, now));
    }
    assert_true(now <= LEAVING_PATIENCE);
}

static void
of_too_many_the_oldest_is_killed(void **state)
{
    (void)state;
    pid_t pids[LEAVING_MOST + 1];
    for (int i = 0; i <= LEAVING_MOST; i++) {
        pids[i] = busy();
        assert_int_equal(leaving_add(&leaving, pids[i], i), i < LEAVING_MOST);
    }
    assert_ended_by(pids[0], SIGKILL);
    assert_true(leaving_add(&leaving, pids[LEAVING_MOST], LEAVING_MOST));
    assert_int_equal(leaving_count(&leaving), LEAVING_MOST);
    for (int i = 1; i <= LEAVING_MOST; i++) {
        assert_lives(pids[i]);
    }
    leaving_tell(&leaving, SIGKILL);
    for (int i = 1; i <= LEAVING_MOST; i++) {
        assert_ended_by(pids[i], SIGKILL);
    }
    assert_int_equal(leaving_count(&leaving), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(who_is_told_leaves, set_up),
        cmocka_unit_test_setup(who_is_busy_has_a_limit, set_up),
        cmocka_unit_test_setup(the_limit_cuts_no_upload, set_up),
        cmocka_unit_test_setup(of_too_many_the_oldest_is_killed, set_up),
    };
    return cmocka_run_group_tests_name("store-leaving", tests, NULL, NULL);
}
