/* Gateway events to requests, replies to gateway replies: what the tests through the program do not reach. */
#include "lambda/event.c" /* the programs' own files are in no library */
#include "lambda/reply.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { ARENA_MAX = 64 * 1024 * 1024 };

struct fixture {
    struct arena *arena;
    struct buf body;
    struct buf reply;
    struct request rq;
};

static int
setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    fixture.arena = arena_create(ARENA_MAX, NULL, NULL);
    buf_init(&fixture.body, REPLY_BODY_MAX);
    buf_init(&fixture.reply, 6 * 1024 * 1024);
    fixture.rq.arena = fixture.arena;
    fixture.rq.query = "";
    fixture.rq.reply.body = &fixture.body;
    *state = &fixture;
    return fixture.arena == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    buf_free(&fixture->body);
    buf_free(&fixture->reply);
    arena_destroy(fixture->arena);
    return 0;
}

static const char good[] =
    "{\"version\":\"2.0\",\"rawPath\":\"/a/"
    "b\",\"rawQueryString\":\"x=1&y=%20\",\"cookies\":[\"a=1\",\"b=2\"],"
    "\"headers\":{\"Content-Type\":\"application/json\",\"cookie\":\"forged=1\",\"x-many\":\"1,2\"},"
    "\"requestContext\":{\"stage\":\"$default\",\"http\":{\"method\":\"PATCH\",\"sourceIp\":\"2001:db8::1\"}}"
    ","
    "\"body\":\"{\\\"a\\\":\\\"\\u00fc\\\"}\",\"isBase64Encoded\":false,\"new\":{\"member\":[1]}}";

static bool
read_text(struct fixture *fixture, const char *text, size_t size, const char **why)
{
    *why = NULL;
    return event_read(&fixture->rq, (struct span){(const unsigned char *)text, size}, why);
}

static void
an_event_is_a_request(void **state)
{
    struct fixture *fixture = *state;
    struct request *rq = &fixture->rq;
    const char *why = NULL;
    assert_true(read_text(fixture, good, strlen(good), &why));
    assert_null(why);
    assert_int_equal(rq->method, HTTP_PATCH);
    assert_string_equal(rq->path, "/a/b");
    assert_string_equal(rq->query, "x=1&y=%20");
    assert_string_equal(rq->client_address, "2001:db8::1");
    assert_string_equal(request_header(rq, "content-type"), "application/json");
    assert_string_equal(request_header(rq, "cookie"), "a=1; b=2");
    assert_string_equal(request_header(rq, "x-many"), "1,2");
    assert_int_equal(rq->header_count, 3);
    assert_int_equal(rq->body.size, strlen("{\"a\":\"\u00fc\"}"));
    assert_memory_equal(rq->body.data, "{\"a\":\"\u00fc\"}", rq->body.size);
}

/* Every prefix of an event, and every event with one byte changed, is refused or read; nothing else happens.
 */
static void
broken_events_do_no_harm(void **state)
{
    struct fixture *fixture = *state;
    const char *why = NULL;
    char text[sizeof good];
    for (size_t size = 0; size < sizeof good - 1; size++) {
        fixture->rq.header_count = 0;
        assert_false(read_text(fixture, good, size, &why));
        assert_non_null(why);
    }
    for (size_t at = 0; at < sizeof good - 1; at++) {
        for (const char *byte = "\"\\{}[]:,0x\x01\xff"; *byte != '\0'; byte++) {
            memcpy(text, good, sizeof good);
            text[at] = *byte;
            fixture->rq.header_count = 0;
            bool read = read_text(fixture, text, sizeof good - 1, &why);
            assert_true(read == (why == NULL));
        }
        arena_reset(fixture->arena);
    }
}

/* An event whose headers are `count` of `size` bytes each, beside a cookie. */
static void
read_headers(struct fixture *fixture, int count, int size)
{
    struct buf text;
    const char *why = NULL;
    buf_init(&text, 128 * 1024);
    buf_text(&text, "{\"version\":\"2.0\",\"rawPath\":\"/\",\"headers\":{");
    for (int i = 0; i < count; i++) {
        buf_format(&text, "%s\"h%d\":\"%0*d\"", i == 0 ? "" : ",", i, size, 0);
    }
    buf_text(&text, "},\"cookies\":[\"a=1\"],\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":"
                    "\"192.0.2.1\"}}}");
    memset(&fixture->rq, 0, sizeof fixture->rq);
    fixture->rq.arena = fixture->arena;
    assert_true(read_text(fixture, buf_string(&text), text.size, &why));
    buf_free(&text);
}

/* All of the headers, or none of the request. */
static void
too_many_or_too_large_headers_make_it_unreadable(void **state)
{
    struct fixture *fixture = *state;
    const struct request *rq = &fixture->rq;
    read_headers(fixture, REQUEST_HEADERS_MAX - 1, 1);
    assert_int_equal(rq->unreadable, PROBLEM_NONE);
    assert_int_equal(rq->header_count, REQUEST_HEADERS_MAX);
    read_headers(fixture, REQUEST_HEADERS_MAX, 1);
    assert_int_equal(rq->unreadable, PROBLEM_HEADERS_TOO_LARGE);
    read_headers(fixture, 4, REQUEST_HEADER_BYTES_MAX / 4 - 100);
    assert_int_equal(rq->unreadable, PROBLEM_NONE);
    read_headers(fixture, 4, REQUEST_HEADER_BYTES_MAX / 4);
    assert_int_equal(rq->unreadable, PROBLEM_HEADERS_TOO_LARGE);
}

/* The gateway passes on what the client sent: that is the client's fault, and is told so. */
static void
text_that_is_not_i_json_makes_it_unreadable(void **state)
{
    struct fixture *fixture = *state;
    const char *why = NULL;
    static const char event[] = "{\"version\":\"2.0\",\"rawPath\":\"/\\u0000\"}";
    assert_true(read_text(fixture, event, sizeof event - 1, &why));
    assert_int_equal(fixture->rq.unreadable, PROBLEM_MALFORMED_JSON);
}

static const char *
reply_text(struct fixture *fixture)
{
    buf_reset(&fixture->reply);
    assert_true(event_reply(&fixture->rq, &fixture->reply));
    return buf_string(&fixture->reply);
}

static void
has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("not there: %s\nin: %s", part, text);
    }
}

static void
bodies_are_text_or_base64(void **state)
{
    struct fixture *fixture = *state;
    fixture->rq.reply.status = 200;
    buf_text(&fixture->body, "{\"a\":\"\u00fc\\n\"}");
    has(reply_text(fixture), "\"body\":\"{\\\"a\\\":\\\"\u00fc\\\\n\\\"}\",\"isBase64Encoded\":false}");
    buf_reset(&fixture->body);
    buf_add(&fixture->body, "\x89PNG\x00\xff", 6);
    has(reply_text(fixture), "\"body\":\"iVBORwD/\",\"isBase64Encoded\":true}");
    buf_reset(&fixture->body);
    for (int i = 0; i < 1024 * 1024; i++) {
        buf_text(&fixture->body, "\"\"\"\"");
    }
    has(reply_text(fixture), "\"isBase64Encoded\":true}"); /* 5.6 MB; with escapes it would be 8 */
}

static void
empty_statuses_have_no_body(void **state)
{
    struct fixture *fixture = *state;
    fixture->rq.reply.status = 204;
    buf_text(&fixture->body, "{}");
    assert_null(strstr(reply_text(fixture), "\"body\""));
    assert_null(strstr(reply_text(fixture), "Content-Type\""));
    fixture->rq.reply.status = 200;
    fixture->rq.method = HTTP_HEAD;
    assert_null(strstr(reply_text(fixture), "\"body\""));
    has(reply_text(fixture), "\"Content-Type\":\"application/json\"");
}

static void
headers_and_cookies_are_kept_apart(void **state)
{
    struct fixture *fixture = *state;
    struct request *rq = &fixture->rq;
    rq->reply.status = 200;
    reply_header(rq, "Set-Cookie", "a=1; Secure");
    reply_header(rq, "Vary", "Origin");
    reply_header(rq, "set-cookie", "b=2");
    reply_header(rq, "vary", "Cookie");
    const char *text = reply_text(fixture);
    has(text, "\"cookies\":[\"a=1; Secure\",\"b=2\"]");
    has(text, "\"Vary\":\"Origin, Cookie\"}");
}

static void
a_reply_over_the_limit_is_told(void **state)
{
    struct fixture *fixture = *state;
    static char block[1024];
    memset(block, 'x', sizeof block);
    fixture->rq.reply.status = 200;
    for (int i = 0; i < 6 * 1024; i++) {
        buf_add(&fixture->body, block, sizeof block);
    }
    assert_false(event_reply(&fixture->rq, &fixture->reply));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_is_a_request, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_events_do_no_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_or_too_large_headers_make_it_unreadable, setup, teardown),
        cmocka_unit_test_setup_teardown(text_that_is_not_i_json_makes_it_unreadable, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_are_text_or_base64, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_statuses_have_no_body, setup, teardown),
        cmocka_unit_test_setup_teardown(headers_and_cookies_are_kept_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reply_over_the_limit_is_told, setup, teardown),
    };
    return cmocka_run_group_tests_name("lambda: events", tests, NULL, NULL);
}
