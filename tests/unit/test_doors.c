/* Who is taken next where a lane has a door for devices, and who is turned away. */
#include "fcgi/doors.c" /* the programs' own files are in no library */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALLERS = 24, BACKLOG = 64 };

/* Listens under a name that the kernel chooses (unix(7), autobind). */
static int
listening(int flags)
{
    struct sockaddr_un nowhere = {.sun_family = AF_UNIX};
    int door = socket(AF_UNIX, SOCK_STREAM | flags, 0);
    assert_true(door >= 0);
    assert_int_equal(bind(door, (const struct sockaddr *)&nowhere, sizeof nowhere.sun_family), 0);
    assert_int_equal(listen(door, BACKLOG), 0);
    return door;
}

static void
come(int door)
{
    struct sockaddr_un address;
    socklen_t size = sizeof address;
    assert_int_equal(getsockname(door, (struct sockaddr *)&address, &size), 0);
    int caller = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(caller, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(close(caller), 0); /* they still stand there */
}

struct waiting {
    int log;
    int door;
};

static int
setup(void **state)
{
    static struct doors doors;
    doors = (struct doors){.front = listening(SOCK_NONBLOCK), .devices = listening(SOCK_NONBLOCK)};
    *state = &doors;
    return 0;
}

static int
teardown(void **state)
{
    const struct doors *doors = *state;
    return close(doors->front) + close(doors->devices);
}

/* Whether the next one came by the devices' door. */
static bool
next_is_device(struct doors *doors)
{
    int connection = doors_accept(doors, false);
    assert_true(connection >= 0);
    assert_int_equal(close(connection), 0);
    return doors->device;
}

static void
devices_go_first_and_strangers_have_a_turn(void **state)
{
    struct doors *doors = *state;
    assert_int_equal(doors_accept(doors, false), -EAGAIN);
    for (size_t i = 0; i < CALLERS; i++) {
        come(doors->front);
        come(doors->devices);
    }
    size_t devices = 0;
    size_t row = 0;
    while (devices < CALLERS) {
        bool device = next_is_device(doors);
        row = device ? row + 1 : 0;
        devices += device;
        assert_true(row <= IN_ROW_MOST);
    }
    for (size_t i = 0; i < CALLERS - (CALLERS - 1) / IN_ROW_MOST; i++) {
        assert_false(next_is_device(doors));
    }
    assert_int_equal(doors_accept(doors, false), -EAGAIN);
}

static void
devices_alone_go_on_and_then_the_first_stranger_is_next(void **state)
{
    struct doors *doors = *state;
    for (size_t i = 0; i < 2 * IN_ROW_MOST; i++) {
        come(doors->devices);
        assert_true(next_is_device(doors));
    }
    come(doors->devices);
    come(doors->front);
    assert_false(next_is_device(doors));
    assert_true(next_is_device(doors));
}

static void
strangers_are_turned_away_when_they_stood_too_long(void **state)
{
    struct doors *doors = *state;
    come(doors->front);
    assert_false(next_is_device(doors));
    assert_true(doors_waited(doors, PATIENCE));
    assert_false(doors_waited(doors, PATIENCE + 1));
    assert_true(doors_waited(doors, -PATIENCE)); /* a clock was set */
    come(doors->devices);
    assert_true(next_is_device(doors));
    assert_true(doors_waited(doors, 2 * PATIENCE));
}

static void
it_is_crowded_when_others_wait(void **state)
{
    struct doors *doors = *state;
    come(doors->front);
    assert_false(next_is_device(doors));
    assert_true(doors_waited(doors, CROWD + 1));
    come(doors->front);
    assert_false(doors_crowded(doors)); /* who came by the front door has passed nobody */
    come(doors->devices);
    assert_true(next_is_device(doors));
    assert_true(doors_crowded(doors));
    assert_false(next_is_device(doors));
    assert_true(doors_waited(doors, CROWD)); /* a moment is no crowd */
    come(doors->front);
    come(doors->devices);
    assert_true(next_is_device(doors));
    assert_false(doors_crowded(doors));
    come(doors->devices);
    assert_true(doors_crowded(doors));
    assert_true(next_is_device(doors));
    assert_false(next_is_device(doors));
}

static void
a_crowd_is_forgotten_when_nobody_stands_there(void **state)
{
    struct doors *doors = *state;
    come(doors->front);
    assert_false(next_is_device(doors));
    assert_true(doors_waited(doors, CROWD + 1));
    assert_int_equal(doors_accept(doors, false), -EAGAIN);
    come(doors->front);
    come(doors->devices);
    assert_true(next_is_device(doors));
    assert_false(doors_crowded(doors));
    assert_false(next_is_device(doors));
}

static void
a_lane_of_one_door_turns_nobody_away(void **state)
{
    const struct doors *both = *state;
    struct doors doors = {.front = both->front, .devices = -1};
    come(doors.front);
    come(doors.front);
    assert_false(next_is_device(&doors));
    assert_true(doors_waited(&doors, 2 * PATIENCE));
    assert_false(doors_crowded(&doors));
    assert_false(next_is_device(&doors));
    assert_int_equal(doors_accept(&doors, false), -EAGAIN);
}

/* Comes only when the line is there to be read: whoever waits without having written it waits in vain. */
static void *
come_after_the_line(void *context)
{
    const struct waiting *waiting = context;
    char line[LOG_LINE_MAX];
    assert_true(read(waiting->log, line, sizeof line) > 0);
    come(waiting->door);
    return NULL;
}

static void
lines_are_written_before_a_wait(void **state)
{
    struct doors *both = *state;
    static struct log_held held;
    struct doors one = {.front = listening(0), .devices = -1};
    struct doors *lanes[] = {&one, both};
    int former = dup(STDERR_FILENO);
    int ends[2];
    assert_true(former >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    log_hold(&held);
    for (size_t i = 0; i < 2; i++) {
        struct waiting waiting = {.log = ends[0], .door = lanes[i]->front};
        pthread_t other;
        log_event(LOG_INFO, "served", LOG_INT("lane", i));
        come(lanes[i]->front);
        assert_false(next_is_device(lanes[i])); /* somebody is there: the line waits */
        assert_true(log_waits());
        assert_int_equal(pthread_create(&other, NULL, come_after_the_line, &waiting), 0);
        int connection = doors_accept(lanes[i], true);
        assert_false(log_waits());
        connection = connection == -EAGAIN ? doors_accept(lanes[i], true) : connection;
        assert_true(connection >= 0);
        assert_int_equal(close(connection), 0);
        assert_int_equal(pthread_join(other, NULL), 0);
    }
    log_hold(NULL);
    assert_int_equal(dup2(former, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(former) + close(ends[0]) + close(ends[1]) + close(one.front), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(devices_go_first_and_strangers_have_a_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(devices_alone_go_on_and_then_the_first_stranger_is_next, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(strangers_are_turned_away_when_they_stood_too_long, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_crowded_when_others_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crowd_is_forgotten_when_nobody_stands_there, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_are_written_before_a_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lane_of_one_door_turns_nobody_away, setup, teardown),
    };
    return cmocka_run_group_tests_name("doors", tests, NULL, NULL);
}
