/* scan/ask: a program that works, one that cannot, and one that does not speak as it should. */
#include "lib/base/write_all.h"
#include "scan/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASKED = 7 };

/* What a program does with the request. */
struct program {
    struct wire_reply reply;
    size_t result; /* bytes that it sends along */
    bool is_gone;  /* it reads and ends */
    enum wire_what what;
    enum probe found;
};

_Noreturn static void
be_the_program(int socket, const struct program *program)
{
    struct wire_request request;
    int file = -1;
    int result = -1;
    struct wire_reply reply = program->reply;
    bool good = wire_receive_request(socket, &request, &file) && request.id == ASKED &&
                request.what == (uint32_t)program->what && request.size > 0;
    if (program->result > 0) {
        result = memfd_create("result", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        good = good && write_all(result, "made of it", program->result) && wire_seal(result);
        reply.result_size = program->result;
        reply.part_count = 1;
        reply.parts[0] =
            (struct wire_part){.kind = WIRE_VIEW, .width = 1, .height = 1, .size = program->result};
    }
    _exit(good && (program->is_gone || wire_send_reply(socket, &reply, result)) ? 0 : 1);
}

static const struct program programs[] = {
    {{.id = ASKED, .verdict = WIRE_CLEAN, .end = WIRE_END_ANSWERED}, 0, false, WIRE_LOOK, PROBE_FIT},
    {{.id = ASKED, .verdict = WIRE_CLEAN, .end = WIRE_END_ANSWERED}, 9, false, WIRE_REMAKE, PROBE_FIT},
    {{.id = ASKED, .reason = WIRE_NOT_SCANNED, .end = WIRE_END_NONE}, 0, false, WIRE_LOOK, PROBE_UNFIT},
    {{.id = ASKED, .reason = WIRE_NOT_SCANNED, .end = WIRE_END_KILLED}, 0, false, WIRE_REMAKE, PROBE_UNFIT},
    {{.id = ASKED, .verdict = WIRE_INFECTED, .end = WIRE_END_ANSWERED, .signature = "All"},
     0,
     false,
     WIRE_LOOK,
     PROBE_UNFIT},
    {{.id = ASKED, .verdict = WIRE_REJECTED, .reason = WIRE_DAMAGED, .end = WIRE_END_ANSWERED},
     0,
     false,
     WIRE_REMAKE,
     PROBE_UNFIT},
    {{.id = ASKED, .verdict = WIRE_CLEAN, .end = WIRE_END_ANSWERED}, 9, false, WIRE_LOOK, PROBE_BROKEN},
    {{.id = ASKED, .verdict = WIRE_CLEAN, .end = WIRE_END_ANSWERED}, 0, false, WIRE_REMAKE, PROBE_BROKEN},
    {{.id = ASKED + 1, .verdict = WIRE_CLEAN, .end = WIRE_END_ANSWERED}, 0, false, WIRE_LOOK, PROBE_BROKEN},
    {{.id = ASKED}, 0, true, WIRE_LOOK, PROBE_BROKEN},
};

static void
test_what_a_program_is_found_to_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        int ends[2];
        int status;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            (void)close(ends[0]);
            be_the_program(ends[1], &programs[i]);
        }
        (void)close(ends[1]);
        assert_int_equal(scan_probe(ends[0], programs[i].what, ASKED), programs[i].found);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        (void)close(ends[0]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_a_program_is_found_to_be)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
