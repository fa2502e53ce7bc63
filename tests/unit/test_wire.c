/* scan/wire: what is said about files arrives as it was sent, and nothing else is believed. */
#include "scan/wire.c" /* the programs' own files are in no library */

#include <setjmp.h>
#include <stdarg.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <sys/mman.h>

enum { FIRST, SECOND, PAIR, SIZE = 1000, ANY = 42 };

struct ends {
    int at[PAIR];
    int file; /* sealed, SIZE bytes */
};

static int
memfd_of(size_t size, bool sealed)
{
    int file = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, (off_t)size), 0);
    assert_true(!sealed || wire_seal(file));
    return file;
}

static int
set_up(void **state)
{
    static struct ends ends;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.at), 0);
    ends.file = memfd_of(SIZE, true);
    *state = &ends;
    return 0;
}

static int
tear_down(void **state)
{
    struct ends *ends = *state;
    (void)close(ends->at[FIRST]);
    (void)close(ends->at[SECOND]);
    (void)close(ends->file);
    return 0;
}

static size_t
open_descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count;
}

static struct wire_request
request(void)
{
    return (struct wire_request){
        .what = WIRE_REMAKE, .id = ANY, .size = SIZE, .milliseconds = 5, .type = "image/jpeg"};
}

static struct wire_reply
clean(void)
{
    return (struct wire_reply){.verdict = WIRE_CLEAN, .id = ANY, .end = WIRE_END_ANSWERED};
}

static struct wire_reply
remade(void)
{
    struct wire_reply reply = clean();
    reply.result_size = SIZE;
    reply.part_count = 2;
    reply.parts[0] = (struct wire_part){.kind = WIRE_VIEW, .size = SIZE - 1};
    reply.parts[1] = (struct wire_part){.kind = WIRE_PAGE, .page = 1, .offset = SIZE - 1, .size = 1};
    return reply;
}

static void
a_request_arrives_with_its_file(void **state)
{
    struct ends *ends = *state;
    struct wire_request sent = request();
    struct wire_request got;
    int file;
    assert_true(wire_send_request(ends->at[FIRST], &sent, ends->file));
    assert_true(wire_receive_request(ends->at[SECOND], &got, &file));
    assert_memory_equal(&sent, &got, sizeof sent);
    assert_true(wire_is_sealed(file, SIZE));
    assert_int_equal(fcntl(file, F_GETFD), FD_CLOEXEC);
    assert_int_equal(ftruncate(file, 0), -1);
    assert_int_equal(write(file, "x", 1), -1);
    (void)close(file);
}

static void
a_reply_arrives_with_what_was_made_or_without(void **state)
{
    struct ends *ends = *state;
    struct wire_reply sent[] = {clean(), remade()};
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        struct wire_reply got;
        int result;
        bool made = sent[i].result_size > 0;
        assert_true(wire_send_reply(ends->at[SECOND], &sent[i], made ? ends->file : -1));
        assert_true(wire_receive_reply(ends->at[FIRST], &got, &result));
        assert_memory_equal(&sent[i], &got, sizeof got);
        assert_int_equal(result >= 0, made);
        (void)close(result);
    }
}

static void
a_hello_arrives(void **state)
{
    struct ends *ends = *state;
    struct wire_hello sent = {.held = 3, .signatures_at = ANY, .signatures = "main:1"};
    struct wire_hello got;
    assert_true(wire_send_hello(ends->at[SECOND], &sent));
    assert_true(wire_receive_hello(ends->at[FIRST], &got));
    assert_memory_equal(&sent, &got, sizeof got);
}

static void
the_end_of_the_other_is_told(void **state)
{
    struct ends *ends = *state;
    struct wire_request got;
    int file;
    assert_int_equal(shutdown(ends->at[FIRST], SHUT_WR), 0);
    assert_false(wire_receive_request(ends->at[SECOND], &got, &file));
    assert_int_equal(errno, EPIPE);
    struct wire_request sent = request();
    assert_int_equal(shutdown(ends->at[SECOND], SHUT_RD), 0);
    assert_false(wire_send_request(ends->at[FIRST], &sent, ends->file));
    assert_int_equal(errno, EPIPE);
}

/* A request as somebody sends it who does not use this module. */
static void
refuses_request(struct ends *ends, struct wire_request sent, size_t size, int file)
{
    struct wire_request got;
    int taken;
    size_t before = open_descriptors();
    sent.magic = sent.magic == 0 ? MAGIC_REQUEST : sent.magic;
    assert_true(send_message(ends->at[FIRST], &sent, size, file));
    assert_false(wire_receive_request(ends->at[SECOND], &got, &taken));
    assert_int_equal(errno, EBADMSG);
    assert_int_equal(taken, -1);
    assert_int_equal(open_descriptors(), before);
}

static void
a_request_that_is_none_is_refused(void **state)
{
    struct ends *ends = *state;
    struct wire_request one = request();
    refuses_request(ends, one, sizeof one, -1);
    refuses_request(ends, one, sizeof one - 1, ends->file);
    one = request();
    one.magic = MAGIC_REPLY;
    refuses_request(ends, one, sizeof one, ends->file);
    one = request();
    one.what = WIRE_WHATS;
    refuses_request(ends, one, sizeof one, ends->file);
    one = request();
    one.page = 1; /* of what is not drawn */
    refuses_request(ends, one, sizeof one, ends->file);
    one = request();
    one.what = WIRE_DRAW; /* no page */
    refuses_request(ends, one, sizeof one, ends->file);
    one = request();
    one.size++;
    refuses_request(ends, one, sizeof one, ends->file);
    one = request();
    one.milliseconds = 0;
    refuses_request(ends, one, sizeof one, ends->file);
    one.milliseconds = MILLISECONDS_MAX + 1;
    refuses_request(ends, one, sizeof one, ends->file);
    one = request();
    memset(one.type, 'x', sizeof one.type);
    refuses_request(ends, one, sizeof one, ends->file);
    int open_still = memfd_of(SIZE, false);
    refuses_request(ends, request(), sizeof one, open_still);
    (void)close(open_still);
    refuses_request(ends, request(), sizeof one, STDIN_FILENO);
}

static void
a_longer_message_and_a_second_descriptor_are_refused(void **state)
{
    struct ends *ends = *state;
    struct {
        struct wire_request one;
        char more;
    } longer = {request(), 0};
    longer.one.magic = MAGIC_REQUEST;
    struct wire_request got;
    int taken;
    assert_true(send_message(ends->at[FIRST], &longer, sizeof longer, ends->file));
    assert_false(wire_receive_request(ends->at[SECOND], &got, &taken));
    assert_int_equal(errno, EBADMSG);

    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control = {.bytes = {0}};
    int many[] = {ends->file, ends->file, ends->file};
    for (size_t count = 2; count <= sizeof many / sizeof many[0]; count++) {
        struct iovec data = {.iov_base = &longer.one, .iov_len = sizeof longer.one};
        struct msghdr head = {.msg_iov = &data,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = CMSG_SPACE(count * sizeof(int))};
        control.head = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET,
                                        .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.head), many, count * sizeof(int));
        size_t before = open_descriptors();
        assert_true(sendmsg(ends->at[FIRST], &head, 0) > 0);
        assert_false(wire_receive_request(ends->at[SECOND], &got, &taken));
        assert_int_equal(errno, EBADMSG);
        assert_int_equal(open_descriptors(), before);
    }
}

static void
a_reply_that_contradicts_itself_is_none(void **state)
{
    (void)state;
    struct wire_reply one = remade();
    assert_true(wire_reply_is_good(&one));
    one.parts[1].offset--; /* a byte that is in both */
    assert_false(wire_reply_is_good(&one));
    one = remade();
    one.parts[1].size = UINT64_MAX; /* beyond the result */
    assert_false(wire_reply_is_good(&one));
    one = remade();
    one.result_size++; /* a byte that is in none */
    assert_false(wire_reply_is_good(&one));
    one = remade();
    one.parts[0].kind = WIRE_KINDS;
    assert_false(wire_reply_is_good(&one));
    one = remade();
    one.parts[1].page = 0;
    assert_false(wire_reply_is_good(&one));
    one = remade();
    one.part_count = WIRE_PARTS_MAX + 1;
    assert_false(wire_reply_is_good(&one));
    one = remade();
    memset(one.signature, 'x', sizeof one.signature);
    assert_false(wire_reply_is_good(&one));
}

static void
only_what_was_looked_at_to_the_end_is_judged(void **state)
{
    (void)state;
    struct wire_reply nothing = {.verdict = 0};
    assert_false(wire_reply_is_good(&nothing));
    for (uint32_t end = 0; end <= WIRE_ENDS; end++) {
        struct wire_reply one = clean();
        one.end = end;
        assert_int_equal(wire_reply_is_good(&one), end == WIRE_END_ANSWERED);
    }
    for (uint32_t reason = 0; reason <= WIRE_REASONS; reason++) {
        struct wire_reply one = clean();
        one.reason = reason;
        assert_int_equal(wire_reply_is_good(&one), reason == WIRE_NO_REASON);
        one.verdict = WIRE_REJECTED;
        assert_int_equal(wire_reply_is_good(&one), reason > WIRE_NOT_SCANNED && reason < WIRE_REASONS);
        one.verdict = WIRE_FAILED;
        assert_int_equal(wire_reply_is_good(&one), reason == WIRE_NOT_SCANNED);
        assert_int_equal(wire_reason_name(reason) != NULL, reason > WIRE_NO_REASON && reason < WIRE_REASONS);
    }
    struct wire_reply infected = clean();
    infected.verdict = WIRE_INFECTED;
    assert_false(wire_reply_is_good(&infected));
    infected.signature[0] = 'x';
    assert_true(wire_reply_is_good(&infected));
    infected.verdict = WIRE_VERDICTS;
    assert_false(wire_reply_is_good(&infected));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_arrives_with_its_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reply_arrives_with_what_was_made_or_without, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hello_arrives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_the_other_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_that_is_none_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_longer_message_and_a_second_descriptor_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test(a_reply_that_contradicts_itself_is_none),
        cmocka_unit_test(only_what_was_looked_at_to_the_end_is_judged),
    };
    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
