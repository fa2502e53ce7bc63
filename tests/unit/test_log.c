/* Lines of the log: what is written, when, and what a killed process leaves. */
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_MAX = 64 * 1024 };

/* Standard error is a pipe while a test runs: each write is seen as it was made, as in a container. */
struct fixture {
    int former;
    int ends[2];
    struct log_held *held; /* shared with children */
    char text[READ_MAX];
};

static int
setup(void **state)
{
    static struct fixture fixture;
    fixture.held =
        mmap(NULL, sizeof *fixture.held, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fixture.former = dup(STDERR_FILENO);
    assert_true(fixture.held != MAP_FAILED && fixture.former >= 0);
    assert_int_equal(pipe2(fixture.ends, O_NONBLOCK), 0);
    assert_int_equal(dup2(fixture.ends[1], STDERR_FILENO), STDERR_FILENO);
    log_start("test", LOG_INFO);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    const struct fixture *fixture = *state;
    log_hold(NULL);
    assert_int_equal(dup2(fixture->former, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(fixture->former) + close(fixture->ends[0]) + close(fixture->ends[1]), 0);
    return munmap(fixture->held, sizeof *fixture->held);
}

/* The events of what was written since the last look, each followed by a blank. */
static const char *
events(struct fixture *fixture)
{
    static char found[READ_MAX];
    size_t size = 0;
    ssize_t got = read(fixture->ends[0], fixture->text, sizeof fixture->text - 1);
    fixture->text[got < 0 ? 0 : got] = '\0';
    found[0] = '\0';
    for (const char *line = fixture->text; *line != '\0'; line = strchr(line, '\n') + 1) {
        char event[32];
        const char *at = strstr(line, "\"event\":\"");
        assert_non_null(strchr(line, '\n'));
        assert_non_null(at);
        assert_int_equal(sscanf(at, "\"event\":\"%31[^\"]", event), 1);
        size += (size_t)snprintf(found + size, sizeof found - size, "%s ", event);
    }
    return found;
}

static void
lines_are_written_at_once_unless_they_may_wait(void **state)
{
    struct fixture *fixture = *state;
    log_event(LOG_INFO, "one", LOG_INT("n", 1));
    assert_string_equal(events(fixture), "one ");
    assert_false(log_waits());
    log_hold(fixture->held);
    log_event(LOG_INFO, "two", LOG_INT("n", 2));
    log_event(LOG_INFO, "three", LOG_INT("n", 3));
    assert_string_equal(events(fixture), "");
    assert_true(log_waits());
    log_flush();
    assert_string_equal(events(fixture), "two three ");
    assert_false(log_waits());
    log_flush();
    assert_string_equal(events(fixture), "");
    log_event(LOG_INFO, "four", LOG_INT("n", 4));
    log_hold(NULL);
    assert_string_equal(events(fixture), "four ");
}

static void
warnings_and_errors_wait_for_nothing_and_keep_the_order(void **state)
{
    struct fixture *fixture = *state;
    log_hold(fixture->held);
    log_event(LOG_INFO, "one", LOG_INT("n", 1));
    log_event(LOG_WARN, "two", LOG_INT("n", 2));
    assert_string_equal(events(fixture), "one two ");
    log_event(LOG_ERROR, "three", LOG_INT("n", 3));
    assert_string_equal(events(fixture), "three ");
}

static void
no_write_is_longer_than_a_pipe_keeps_together(void **state)
{
    struct fixture *fixture = *state;
    char long_text[LOG_LINE_MAX];
    size_t seen = 0;
    log_hold(fixture->held);
    for (size_t size = 0; size < sizeof long_text; size += 37) {
        memset(long_text, 'x', size);
        long_text[size] = '\0';
        log_event(LOG_INFO, "line", LOG_TEXT("text", long_text));
        ssize_t got = read(fixture->ends[0], fixture->text, sizeof fixture->text);
        if (got < 0) {
            assert_int_equal(errno, EAGAIN);
            continue;
        }
        assert_in_range(got, 1, LOG_LINE_MAX);
        assert_int_equal(fixture->text[got - 1], '\n');
        assert_int_equal(fixture->text[0], '{');
        seen++;
    }
    assert_in_range(seen, 10, sizeof long_text / 37);
}

static void
no_line_waits_for_longer_than_a_second_and_the_next_line(void **state)
{
    struct fixture *fixture = *state;
    log_hold(fixture->held);
    log_event(LOG_INFO, "one", LOG_INT("n", 1));
    atomic_fetch_sub(&fixture->held->since, CLOCK_SECOND);
    assert_string_equal(events(fixture), "");
    log_event(LOG_INFO, "two", LOG_INT("n", 2));
    assert_string_equal(events(fixture), "one two ");
}

static void
what_a_killed_process_left_is_written_by_another(void **state)
{
    struct fixture *fixture = *state;
    pid_t child = fork();
    if (child == 0) {
        log_hold(fixture->held);
        log_event(LOG_INFO, "one", LOG_INT("n", 1));
        log_event(LOG_INFO, "two", LOG_INT("n", 2));
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_string_equal(events(fixture), "");
    log_write_left(fixture->held);
    assert_string_equal(events(fixture), "one two ");
    log_write_left(fixture->held);
    assert_string_equal(events(fixture), "");
}

static void
a_size_that_no_process_leaves_is_not_believed(void **state)
{
    struct fixture *fixture = *state;
    atomic_store(&fixture->held->size, sizeof fixture->held->text + 1);
    log_write_left(fixture->held);
    atomic_store(&fixture->held->size, SIZE_MAX);
    log_write_left(fixture->held);
    assert_string_equal(events(fixture), "");
}

static void
texts_and_numbers_are_json_whatever_they_are(void **state)
{
    struct fixture *fixture = *state;
    static const int64_t numbers[] = {0, 9, 10, -1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char wanted[64];
        log_event(LOG_INFO, "n", LOG_INT("number", numbers[i]));
        (void)events(fixture);
        (void)snprintf(wanted, sizeof wanted, ",\"number\":%lld}\n", (long long)numbers[i]);
        assert_non_null(strstr(fixture->text, wanted));
    }
    for (int byte = 1; byte < 256; byte++) {
        char text[] = {'a', (char)byte, 'b', (char)byte, '\0'};
        char shown[8];
        char wanted[64];
        bool escaped = byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f;
        (void)snprintf(shown, sizeof shown, escaped ? "\\u%04x" : "%c", byte);
        (void)snprintf(wanted, sizeof wanted, ",\"text\":\"a%sb%s\"}\n", shown, shown);
        log_event(LOG_INFO, "n", LOG_TEXT("text", text));
        (void)events(fixture);
        assert_non_null(strstr(fixture->text, wanted));
    }
}

static void
a_text_that_is_too_long_is_cut_and_the_line_stays_whole(void **state)
{
    struct fixture *fixture = *state;
    static char text[2 * LOG_LINE_MAX];
    for (size_t phase = 0; phase < 8; phase++) {
        memset(text, '"', sizeof text - 1);
        memset(text, 'x', phase);
        log_event(LOG_INFO, "n", LOG_TEXT("text", text), LOG_INT("left", 1));
        assert_string_equal(events(fixture), "n ");
        assert_in_range(strlen(fixture->text), LOG_LINE_MAX - 32, LOG_LINE_MAX);
        assert_string_equal(fixture->text + strlen(fixture->text) - 9, "\\u0022\"}\n");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_written_at_once_unless_they_may_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(warnings_and_errors_wait_for_nothing_and_keep_the_order, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(no_write_is_longer_than_a_pipe_keeps_together, setup, teardown),
        cmocka_unit_test_setup_teardown(no_line_waits_for_longer_than_a_second_and_the_next_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_a_killed_process_left_is_written_by_another, setup, teardown),
        cmocka_unit_test_setup_teardown(a_size_that_no_process_leaves_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_and_numbers_are_json_whatever_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_that_is_too_long_is_cut_and_the_line_stays_whole, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
