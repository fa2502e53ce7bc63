#include "tests/unit/http_fixture.h"

#include "lib/http/contract.h"
#include "lib/http/problem.h"

#include <stdlib.h>
#include <unistd.h>

static const char *
reply_header_value(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < rq->reply.header_count; i++) {
        if (strcmp(rq->reply.headers[i].name, name) == 0) {
            return rq->reply.headers[i].value;
        }
    }
    return NULL;
}

static const struct api_operation *
operation(const char *id)
{
    for (size_t i = 0; i < api_operation_count; i++) {
        if (strcmp(api_operations[i].id, id) == 0) {
            return &api_operations[i];
        }
    }
    fail_msg("the contract has no %s", id);
    return NULL;
}

static void
every_problem_fits_its_schema(void **state)
{
    for (int code = 1; code < PROBLEM_COUNT; code++) {
        struct request *rq = fixture_request(*state, HTTP_GET, "/", "");
        char why[256] = "";
        struct api_operation any = *operation("livez");
        struct api_reply reply = {problem_status((enum problem)code), api_problem_schema,
                                  "application/problem+json"};
        any.replies = &reply;
        any.reply_count = 1;
        rq->operation = &any;
        problem_write(rq, (enum problem)code);
        if (!reply_matches_contract(rq, why, sizeof why)) {
            fail_msg("%s: %s", problem_code((enum problem)code), why);
        }
        assert_int_equal(rq->reply.status, reply.status);
    }
}

static void
the_body_is_rfc_9457s(void **state)
{
    struct request *rq = fixture_request(*state, HTTP_GET, "/", "");
    buf_text(rq->reply.body, "{\"half\":");
    request_error(rq, "/a\"b", "type", "must be text");
    rq->result.extension = "\"conflicts\":[]";
    problem_write(rq, PROBLEM_INVALID_REQUEST);
    assert_string_equal(rq->reply.content_type, "application/problem+json");
    assert_string_equal(
        buf_string(rq->reply.body),
        "{\"type\":\"urn:anamnesis:problem:invalid-request\","
        "\"title\":\"The request does not match the contract\",\"status\":400,"
        "\"code\":\"invalid-request\",\"instance\":\"urn:uuid:" SOME_ID "\","
        "\"errors\":[{\"pointer\":\"/a\\\"b\",\"code\":\"type\",\"detail\":\"must be text\"}],"
        "\"conflicts\":[]}");
}

static void
waiting_and_signing_in_are_told_in_headers(void **state)
{
    struct request *rq = fixture_request(*state, HTTP_GET, "/", "");
    rq->result.retry_after = 17;
    problem_write(rq, PROBLEM_THROTTLED);
    assert_string_equal(reply_header_value(rq, "Retry-After"), "17");
    assert_string_equal(reply_header_value(rq, "RateLimit"), "\"failures\";r=0;t=17");
    rq = fixture_request(*state, HTTP_GET, "/", "");
    problem_write(rq, PROBLEM_UNAVAILABLE);
    assert_string_equal(reply_header_value(rq, "Retry-After"), "2");
    assert_null(reply_header_value(rq, "RateLimit"));
    rq = fixture_request(*state, HTTP_GET, "/", "");
    problem_write(rq, PROBLEM_NOT_SIGNED_IN);
    assert_non_null(reply_header_value(rq, "WWW-Authenticate"));
    assert_null(reply_header_value(rq, "Retry-After"));
}

static void
sqlstates_are_mapped_whole_before_their_class(void **state)
{
    (void)state;
    assert_int_equal(problem_of_sqlstate("AN401"), PROBLEM_NOT_SIGNED_IN);
    assert_int_equal(problem_of_sqlstate("08006"), PROBLEM_UNAVAILABLE);
    assert_int_equal(problem_of_sqlstate("57P01"), PROBLEM_UNAVAILABLE);
    assert_int_equal(problem_of_sqlstate("XX000"), PROBLEM_INTERNAL);
    assert_int_equal(problem_of_sqlstate(""), PROBLEM_INTERNAL);
}

static bool
matches(void **state, int status, const char *type, const char *body, char *why, size_t size)
{
    struct request *rq = fixture_request(*state, HTTP_GET, "/livez", "");
    rq->operation = operation("livez");
    rq->reply.status = status;
    rq->reply.content_type = type;
    buf_text(rq->reply.body, body);
    return reply_matches_contract(rq, why, size);
}

static void
a_reply_that_the_contract_does_not_declare_is_found(void **state)
{
    char why[256] = "";
    static const char good[] = "{\"status\":\"alive\"}";
    assert_true(matches(state, 200, NULL, good, why, sizeof why));
    assert_true(matches(state, 200, "application/json", good, why, sizeof why));
    assert_false(matches(state, 201, NULL, good, why, sizeof why));
    assert_string_equal(why, "livez does not declare 201");
    assert_false(matches(state, 200, "text/plain", good, why, sizeof why));
    assert_false(matches(state, 200, NULL, "{\"status\":\"dead\"}", why, sizeof why));
    assert_string_equal(why, "/status: const: must be the value that the contract fixes");
    assert_false(matches(state, 200, NULL, "{\"status\":\"alive\",\"more\":1}", why, sizeof why));
    assert_string_equal(why, "/more: unknown: is not known here");
    assert_false(matches(state, 200, NULL, "{\"status\":\"alive\",\"status\":\"alive\"}", why, sizeof why));
    assert_false(matches(state, 200, NULL, "", why, sizeof why));
    assert_false(matches(state, 503, NULL, good, why, sizeof why));
}

static void
what_was_produced_is_noted(void **state)
{
    char name[] = "/tmp/anamnesis-contract-XXXXXX";
    int descriptor = mkstemp(name);
    assert_true(descriptor >= 0);
    struct request *rq = fixture_request(*state, HTTP_GET, "/livez", "");
    rq->operation = operation("livez");
    rq->reply.status = 200;
    contract_note(descriptor, rq);
    char text[64] = "";
    assert_int_equal(pread(descriptor, text, sizeof text - 1, 0), 10);
    assert_string_equal(text, "livez 200\n");
    (void)close(descriptor);
    (void)unlink(name);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_problem_fits_its_schema),
        cmocka_unit_test(the_body_is_rfc_9457s),
        cmocka_unit_test(waiting_and_signing_in_are_told_in_headers),
        cmocka_unit_test(sqlstates_are_mapped_whole_before_their_class),
        cmocka_unit_test(a_reply_that_the_contract_does_not_declare_is_found),
        cmocka_unit_test(what_was_produced_is_noted),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
