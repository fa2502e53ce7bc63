/* scan/serve: every request is answered once, a few at a time, and an end is an orderly one. */
#include "scan/cell.c" /* the programs' own files are in no library */
#include "scan/cell_filter.c"
#include "scan/serve.c"
#include "scan/wire.c"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <stdio.h>

enum { AT_ONCE = 2, MANY = 20, LONG_ENOUGH = 60000, CRASHES = 1000, STAYS = 2000, MEGABYTE = 1 << 20 };

/* A program in a process of its own, and our end of its socket. */
struct running {
    pid_t pid;
    int socket;
};

static bool
looks(const struct cell_task *task, struct wire_reply *reply)
{
    if (task->request->id == CRASHES) {
        abort();
    }
    if (task->request->id == STAYS) {
        (void)sleep(LONG_ENOUGH / 1000);
    }
    *reply = (struct wire_reply){.verdict = WIRE_CLEAN, .width = (uint32_t)task->request->id};
    return true;
}

_Noreturn static void
be_the_program(int socket)
{
    struct cell_plan plan = {.kind = CELL_ENGINE,
                             .work = looks,
                             .addresses = (uint64_t)512 * MEGABYTE,
                             .files = MEGABYTE,
                             .processor = 5,
                             .directory = "/tmp"};
    struct serve_program program = {.takes = 1U << WIRE_LOOK, .plan = &plan, .at_once = AT_ONCE};
    struct wire_hello hello = {.signatures = "test:1"};
    const char *why;
    log_start("test", LOG_ERROR + 1);
    _exit(serve_begin() && cell_try(&plan, &why) ? serve(socket, &program, &hello) : 99);
}

static int
set_up(void **state)
{
    static struct running running;
    int ends[2];
    struct wire_hello hello;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    running.pid = fork();
    assert_true(running.pid >= 0);
    if (running.pid == 0) {
        (void)close(ends[0]);
        be_the_program(ends[1]);
    }
    (void)close(ends[1]);
    running.socket = ends[0];
    assert_true(wire_receive_hello(running.socket, &hello));
    assert_string_equal(hello.signatures, "test:1");
    assert_true(hello.held != 0);
    *state = &running;
    return 0;
}

static int
status_of(struct running *running)
{
    int status;
    assert_int_equal(waitpid(running->pid, &status, 0), running->pid);
    running->pid = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int
tear_down(void **state)
{
    struct running *running = *state;
    (void)close(running->socket);
    if (running->pid > 0) {
        (void)status_of(running);
    }
    return 0;
}

static void
ask(const struct running *running, uint64_t id, enum wire_what what, uint32_t milliseconds)
{
    struct wire_request request = {
        .what = what, .id = id, .milliseconds = milliseconds, .type = "text/plain"};
    int file = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(wire_seal(file));
    assert_true(wire_send_request(running->socket, &request, file));
    (void)close(file);
}

static struct wire_reply
next_reply(const struct running *running)
{
    struct wire_reply reply;
    int result;
    assert_true(wire_receive_reply(running->socket, &reply, &result));
    assert_int_equal(result, -1);
    return reply;
}

static void
every_request_is_answered_once(void **state)
{
    struct running *running = *state;
    bool answered[MANY + 1] = {false};
    for (uint64_t id = 1; id <= MANY; id++) {
        ask(running, id, WIRE_LOOK, LONG_ENOUGH);
    }
    for (int i = 0; i < MANY; i++) {
        struct wire_reply reply = next_reply(running);
        assert_int_equal(reply.verdict, WIRE_CLEAN);
        assert_int_equal(reply.width, reply.id);
        assert_in_range(reply.id, 1, MANY);
        assert_false(answered[reply.id]);
        answered[reply.id] = true;
    }
}

static void
one_that_fails_harms_no_other(void **state)
{
    struct running *running = *state;
    static const struct {
        uint64_t id;
        enum wire_what what;
        uint32_t milliseconds;
        enum wire_end end;
    } cases[] = {{CRASHES, WIRE_LOOK, LONG_ENOUGH, WIRE_END_KILLED},
                 {STAYS, WIRE_LOOK, 1, WIRE_END_OVERTIME},
                 {1, WIRE_REMAKE, LONG_ENOUGH, WIRE_END_NONE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ask(running, cases[i].id, cases[i].what, cases[i].milliseconds);
        struct wire_reply reply = next_reply(running);
        assert_int_equal(reply.id, cases[i].id);
        assert_int_equal(reply.verdict, WIRE_FAILED);
        assert_int_equal(reply.end, cases[i].end);
        ask(running, 2, WIRE_LOOK, LONG_ENOUGH);
        assert_int_equal(next_reply(running).verdict, WIRE_CLEAN);
    }
}

static void
told_to_stop_it_answers_what_it_has_in_hand(void **state)
{
    struct running *running = *state;
    ask(running, STAYS, WIRE_LOOK, 500);
    ask(running, 1, WIRE_LOOK, LONG_ENOUGH);
    assert_int_equal(next_reply(running).id, 1); /* so the first one is in hand, too */
    assert_int_equal(kill(running->pid, SIGTERM), 0);
    assert_int_equal(next_reply(running).id, STAYS);
    assert_int_equal(status_of(running), EXIT_SUCCESS);
}

static void
it_ends_with_its_conductor(void **state)
{
    struct running *running = *state;
    ask(running, STAYS, WIRE_LOOK, LONG_ENOUGH);
    ask(running, STAYS, WIRE_LOOK, LONG_ENOUGH); /* no room for more: it still sees the end */
    ask(running, 1, WIRE_LOOK, LONG_ENOUGH);
    assert_int_equal(shutdown(running->socket, SHUT_RDWR), 0);
    assert_int_equal(status_of(running), EXIT_SUCCESS);
}

static void
a_conductor_that_speaks_nonsense_is_left(void **state)
{
    struct running *running = *state;
    assert_int_equal(send(running->socket, "nonsense", 8, 0), 8);
    assert_int_equal(status_of(running), EXIT_FAILURE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_request_is_answered_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_fails_harms_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(told_to_stop_it_answers_what_it_has_in_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_ends_with_its_conductor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_conductor_that_speaks_nonsense_is_left, set_up, tear_down),
    };
    const char *preloaded = getenv("LD_PRELOAD");
    if (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL) {
        (void)puts("serve: not under valgrind");
        return EXIT_SUCCESS;
    }
    return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
