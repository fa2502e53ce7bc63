/* store/: heads of requests and ranges, read strictly. */
#include "store/head.c" /* the programs' own files are in no library */
#include "store/range.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/buf.h"
#include "tests/unit/random_fixture.h"

#define GOOD                                                                                                 \
    "PUT /files/incoming/a/1?X-Amz-Date=1&b HTTP/1.1\r\n"                                                    \
    "Host: store\r\n"                                                                                        \
    "Connection: close\r\n"                                                                                  \
    "Content-Length: 8388608\r\n"                                                                            \
    "X-Amz-Checksum-SHA256: \t abc=\t \r\n"                                                                  \
    "if-none-match: *\r\n"                                                                                   \
    "RANGE: bytes=0-1\r\n"                                                                                   \
    "X-Request-Id: 7\r\n"                                                                                    \
    "\r\n"

static enum head_step
read_text(const char *text, struct head *head)
{
    return head_read(text, strlen(text), head);
}

static void
what_nginx_writes_is_read(void **state)
{
    (void)state;
    struct head head;
    assert_int_equal(read_text(GOOD "body", &head), HEAD_WHOLE);
    assert_int_equal(head.method, HEAD_PUT);
    assert_true(head_is(head.path, "/files/incoming/a/1"));
    assert_true(head_is(head.query, "X-Amz-Date=1&b"));
    assert_int_equal(head.length, 8388608);
    assert_false(head.is_coded);
    assert_true(head_is(head.checksum, "abc="));
    assert_true(head_is(head.none_match, "*"));
    assert_true(head_is(head.range, "bytes=0-1"));
    assert_true(head_is(head.request_id, "7"));
    assert_int_equal(head.size, sizeof GOOD - 1);
}

static void
what_is_not_there_is_told_apart(void **state)
{
    (void)state;
    struct head head;
    assert_int_equal(read_text("HEAD /a HTTP/1.1\r\nHost: x\r\nIf-None-Match:\r\n\r\n", &head), HEAD_WHOLE);
    assert_int_equal(head.method, HEAD_HEAD);
    assert_int_equal(head.length, -1);
    assert_null(head.query.data);
    assert_null(head.range.data);
    assert_non_null(head.none_match.data); /* it is there, and is empty */
    assert_int_equal(head.none_match.size, 0);
    assert_int_equal(read_text("GET /a? HTTP/1.1\r\n\r\n", &head), HEAD_WHOLE);
    assert_int_equal(head.method, HEAD_GET);
    assert_non_null(head.query.data);
    assert_int_equal(read_text("DELETE /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", &head),
                     HEAD_WHOLE);
    assert_int_equal(head.method, HEAD_OTHER);
    assert_true(head.is_coded);
}

/* However it is cut into pieces: nothing before the end, the same at it. */
static void
every_start_of_it_is_not_yet_whole(void **state)
{
    (void)state;
    struct head head;
    for (size_t size = 0; size < sizeof GOOD - 1; size++) {
        assert_int_equal(head_read(GOOD, size, &head), HEAD_MORE);
    }
    assert_int_equal(head_read(GOOD, sizeof GOOD - 1, &head), HEAD_WHOLE);
}

static void
what_two_readers_could_understand_differently_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1 \r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",
        "GET a HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\n\r\n",
        "GET * HTTP/1.1\r\n\r\n",
        "GET /#a HTTP/1.1\r\n\r\n",
        "GET /\x80 HTTP/1.1\r\n\r\n",
        "GET /\x7f HTTP/1.1\r\n\r\n",
        "GET /a\tb HTTP/1.1\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost\r\n\r\n",
        "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nH\xc3\xa4: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length:\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 01\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 1,1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 1234567890123456\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n",
        "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "PUT / HTTP/1.1\r\nIf-None-Match: *\r\nIf-None-Match: *\r\n\r\n",
        "PUT / HTTP/1.1\r\nx-amz-checksum-sha256: a\r\nX-Amz-Checksum-Sha256: b\r\n\r\n",
        "GET / HTTP/1.1\r\nRange: bytes=0-1\r\nRange: bytes=0-1\r\n\r\n",
    };
    struct head head;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_text(bad[i], &head) != HEAD_BAD) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    static const char with_nul[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
    assert_int_equal(head_read(with_nul, sizeof with_nul - 1, &head), HEAD_BAD);
    static const char nul_in_name[] = "GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n";
    assert_int_equal(head_read(nul_in_name, sizeof nul_in_name - 1, &head), HEAD_BAD);
}

static void
lengths_up_to_fifteen_digits_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t length;
    } cases[] = {{"0", 0}, {"9", 9}, {"10", 10}, {"8388609", 8388609}, {"999999999999999", 999999999999999}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[128];
        struct head head;
        (void)snprintf(text, sizeof text, "PUT / HTTP/1.1\r\nContent-Length: %s\r\n\r\n", cases[i].text);
        assert_int_equal(read_text(text, &head), HEAD_WHOLE);
        assert_int_equal(head.length, cases[i].length);
    }
}

/* A request with so many fields, and a path that makes it so large. */
static enum head_step
step_of(size_t fields, size_t size)
{
    struct buf text;
    struct head head;
    buf_init(&text, 4 * HEAD_SIZE_MAX);
    buf_text(&text, "GET /");
    size_t rest = sizeof " HTTP/1.1\r\n\r\n" - 1 + fields * (sizeof "A: b\r\n" - 1);
    while (text.size + rest < size) {
        buf_byte(&text, 'a');
    }
    buf_text(&text, " HTTP/1.1\r\n");
    for (size_t i = 0; i < fields; i++) {
        buf_text(&text, "A: b\r\n");
    }
    buf_text(&text, "\r\n");
    assert_false(text.failed);
    enum head_step step = head_read(text.data, text.size, &head);
    buf_free(&text);
    return step;
}

static void
what_is_too_much_is_told(void **state)
{
    (void)state;
    assert_int_equal(step_of(HEAD_FIELDS_MAX, 0), HEAD_WHOLE);
    assert_int_equal(step_of(HEAD_FIELDS_MAX + 1, 0), HEAD_TOO_LARGE);
    assert_int_equal(step_of(1, HEAD_SIZE_MAX), HEAD_WHOLE);
    assert_int_equal(step_of(1, HEAD_SIZE_MAX + 1), HEAD_TOO_LARGE);
    assert_int_equal(step_of(1, 3 * HEAD_SIZE_MAX), HEAD_TOO_LARGE);
}

/* Bytes of a good request are changed, added and taken away by chance: no step out of the bytes, and what is
 * read stands within them. */
static void
whatever_it_is_it_stays_within_the_bytes(void **state)
{
    (void)state;
    static const char odd[] = "\r\n\t :?#\0\x7f\x80\xff/0a*";
    for (int round = 0; round < 20000; round++) {
        size_t size = sizeof GOOD - 1;
        /* As large as it is, so that the sanitizer sees a byte too many. */
        for (int changes = random_below(4); changes > 0 && size > 40; changes--) {
            size -= (size_t)random_below(3);
        }
        char *bytes = malloc(size);
        assert_non_null(bytes);
        memcpy(bytes, GOOD, size);
        for (int changes = random_below(5); changes > 0; changes--) {
            bytes[random_below((int)size)] = odd[random_below((int)sizeof odd - 1)];
        }
        struct head head;
        enum head_step step = head_read(bytes, size, &head);
        if (step == HEAD_WHOLE) {
            const struct span parts[] = {head.path, head.query, head.checksum, head.none_match, head.range};
            assert_true(head.size <= size && head.path.size > 0 && head.path.data[0] == '/');
            for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
                const char *start = (const char *)parts[i].data;
                assert_true(start == NULL || (start >= bytes && start + parts[i].size <= bytes + head.size));
                assert_true(start == NULL || memchr(start, '\n', parts[i].size) == NULL);
            }
        }
        free(bytes);
    }
}

static enum range_kind
range_of(const char *text, int64_t size, struct range *range)
{
    return range_read((struct span){(const unsigned char *)text, strlen(text)}, size, range);
}

static void
ranges_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t size;
        enum range_kind kind;
        int64_t first;
        int64_t last;
    } cases[] = {
        {"bytes=0-0", 10, RANGE_PART, 0, 0},
        {"bytes=0-9", 10, RANGE_PART, 0, 9},
        {"bytes=0-10", 10, RANGE_PART, 0, 9},
        {"bytes=9-", 10, RANGE_PART, 9, 9},
        {"bytes=3-5", 10, RANGE_PART, 3, 5},
        {"bytes=-1", 10, RANGE_PART, 9, 9},
        {"bytes=-10", 10, RANGE_PART, 0, 9},
        {"bytes=-11", 10, RANGE_PART, 0, 9},
        {"bytes=0-99999999999999999999999999", 10, RANGE_PART, 0, 9},
        {"bytes=-99999999999999999999999999", 10, RANGE_PART, 0, 9},
        {"bytes=10-", 10, RANGE_NONE, 0, 0},
        {"bytes=10-11", 10, RANGE_NONE, 0, 0},
        {"bytes=99999999999999999999999999-", 10, RANGE_NONE, 0, 0},
        {"bytes=-0", 10, RANGE_NONE, 0, 0},
        {"bytes=0-", 0, RANGE_NONE, 0, 0},
        {"bytes=-1", 0, RANGE_NONE, 0, 0},
        /* several, and what is no range: as if there were none */
        {"bytes=0-1,3-4", 10, RANGE_WHOLE, 0, 0},
        {"bytes=5-3", 10, RANGE_WHOLE, 0, 0},
        {"bytes=-", 10, RANGE_WHOLE, 0, 0},
        {"bytes=", 10, RANGE_WHOLE, 0, 0},
        {"bytes=a-", 10, RANGE_WHOLE, 0, 0},
        {"bytes=1-b", 10, RANGE_WHOLE, 0, 0},
        {"bytes= 1-2", 10, RANGE_WHOLE, 0, 0},
        {"bytes=1", 10, RANGE_WHOLE, 0, 0},
        {"items=0-1", 10, RANGE_WHOLE, 0, 0},
        {"bytes", 10, RANGE_WHOLE, 0, 0},
        {"", 10, RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct range range = {0, 0};
        assert_int_equal(range_of(cases[i].text, cases[i].size, &range), cases[i].kind);
        if (cases[i].kind == RANGE_PART) {
            assert_int_equal(range.first, cases[i].first);
            assert_int_equal(range.last, cases[i].last);
        }
    }
    assert_int_equal(range_read((struct span){NULL, 0}, 10, &(struct range){0, 0}), RANGE_WHOLE);
}

/* Against another way to say the same: the bytes that a range names, one by one. */
static void
a_part_lies_within_the_file(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[64];
        int64_t size = random_below(30);
        int first = random_below(35);
        int last = random_below(35);
        int kind = random_below(3);
        (void)snprintf(text, sizeof text,
                       kind == 0   ? "bytes=%d-%d"
                       : kind == 1 ? "bytes=%d-"
                                   : "bytes=-%d",
                       kind == 2 ? last : first, last);
        int64_t count = 0;
        for (int64_t at = 0; at < size; at++) {
            bool in = kind == 0 ? at >= first && at <= last : kind == 1 ? at >= first : at >= size - last;
            count += in ? 1 : 0;
        }
        struct range range;
        enum range_kind found = range_of(text, size, &range);
        if (kind == 0 && last < first) {
            assert_int_equal(found, RANGE_WHOLE);
        } else if (count == 0) {
            assert_int_equal(found, RANGE_NONE);
        } else {
            assert_int_equal(found, RANGE_PART);
            assert_int_equal(range.last - range.first + 1, count);
            assert_true(range.first >= 0 && range.last < size);
            assert_true(kind == 2 || range.first == first);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nginx_writes_is_read),
        cmocka_unit_test(what_is_not_there_is_told_apart),
        cmocka_unit_test(every_start_of_it_is_not_yet_whole),
        cmocka_unit_test(what_two_readers_could_understand_differently_is_refused),
        cmocka_unit_test(lengths_up_to_fifteen_digits_are_read),
        cmocka_unit_test(what_is_too_much_is_told),
        cmocka_unit_test(whatever_it_is_it_stays_within_the_bytes),
        cmocka_unit_test(ranges_are_read),
        cmocka_unit_test(a_part_lies_within_the_file),
    };
    return cmocka_run_group_tests_name("store-head", tests, NULL, NULL);
}
