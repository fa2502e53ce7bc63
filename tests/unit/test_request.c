#include "tests/unit/http_fixture.h"

static char names[REQUEST_HEADERS_MAX + 1][24];

/* A request with so many headers of so many bytes each. */
static const struct request *
with_headers(void **state, size_t count, size_t size)
{
    struct request *rq = fixture_request(*state, HTTP_GET, "/", "");
    char *value = arena_alloc(rq->arena, size + 1);
    memset(value, 'v', size);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "h%zu", i);
        request_take_header(rq, names[i], value);
    }
    return rq;
}

static void
headers_are_taken_up_to_their_number(void **state)
{
    const struct request *rq = with_headers(state, REQUEST_HEADERS_MAX, 1);
    assert_int_equal(rq->unreadable, PROBLEM_NONE);
    assert_non_null(request_header(rq, names[REQUEST_HEADERS_MAX - 1]));
    rq = with_headers(state, REQUEST_HEADERS_MAX + 1, 1);
    assert_int_equal(rq->unreadable, PROBLEM_HEADERS_TOO_LARGE);
}

static void
headers_are_taken_up_to_their_size(void **state)
{
    enum { NAME = 2 };
    const struct request *rq = with_headers(state, 2, REQUEST_HEADER_BYTES_MAX / 2 - NAME);
    assert_int_equal(rq->unreadable, PROBLEM_NONE);
    rq = with_headers(state, 2, REQUEST_HEADER_BYTES_MAX / 2 - NAME + 1);
    assert_int_equal(rq->unreadable, PROBLEM_HEADERS_TOO_LARGE);
}

/* RFC 9110 section 5.5: a field's value can have any byte beyond the controls. */
static void
a_header_as_text_is_text(void **state)
{
    static const char *const cases[][2] = {
        {"Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"},
        {"Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f"},
        {"Gr\xfc\xdf e", "Gr\xef\xbf\xbd\xef\xbf\xbd e"},
        {"a\x01\x7f", "a\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"cut \xf0\x9f\x98", "cut \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request *rq = fixture_request(*state, HTTP_GET, "/", "");
        request_take_header(rq, "user-agent", cases[i][0]);
        assert_string_equal(request_header_text(rq, "user-agent"), cases[i][1]);
        assert_null(request_header_text(rq, "referer"));
    }
}

/* RFC 9110 section 9.1: methods are case-sensitive. */
static void
a_method_is_its_word_and_no_other(void **state)
{
    static const struct {
        const char *name;
        enum http_method method;
    } cases[] = {{"GET", HTTP_GET},         {"HEAD", HTTP_HEAD},     {"POST", HTTP_POST},
                 {"PUT", HTTP_PUT},         {"PATCH", HTTP_PATCH},   {"DELETE", HTTP_DELETE},
                 {"OPTIONS", HTTP_OPTIONS}, {"get", HTTP_OTHER},     {"GETS", HTTP_OTHER},
                 {"", HTTP_OTHER},          {"PROPFIND", HTTP_OTHER}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(http_method_of(cases[i].name), cases[i].method);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_taken_up_to_their_number),
        cmocka_unit_test(headers_are_taken_up_to_their_size),
        cmocka_unit_test(a_header_as_text_is_text),
        cmocka_unit_test(a_method_is_its_word_and_no_other),
    };
    return cmocka_run_group_tests_name("request", tests, fixture_open, fixture_close);
}
