/* The generated writers of replies: what they write, and what they refuse. */
#include "build/gen/reply.h"
#include "tests/unit/http_fixture.h"

static struct request *
started(struct fixture *fixture)
{
    struct request *rq = fixture_request(fixture, HTTP_GET, "/", "");
    json_start(&rq->reply.json, rq->reply.body);
    return rq;
}

static struct reply_assignment
whole_assignment(void)
{
    return (struct reply_assignment){.id = "a",
                                     .patient_id = "p",
                                     .questionnaire_id = "q",
                                     .version = reply_integer(0),
                                     .title = "T \"1\"",
                                     .status = "assigned",
                                     .due_at = reply_optional_time(false, 0),
                                     .created_at = reply_time(0)};
}

static void
members_are_written_in_the_order_of_the_contract(void **state)
{
    struct request *rq = started(*state);
    struct reply_assignment it = whole_assignment();
    reply_assignment(&rq->reply.json, &it);
    assert_null(rq->reply.json.missing);
    assert_string_equal(rq->reply.body->data,
                        "{\"id\":\"a\",\"patient_id\":\"p\",\"questionnaire_id\":\"q\",\"version\":0,"
                        "\"title\":\"T \\\"1\\\"\",\"status\":\"assigned\",\"due_at\":null,"
                        "\"created_at\":\"1970-01-01T00:00:00.000Z\"}");
}

static void
a_required_member_that_is_not_set_is_named(void **state)
{
    struct request *rq = started(*state);
    struct reply_assignment it = whole_assignment();
    it.version = (struct reply_integer){.value = 1};
    it.title = NULL;
    reply_assignment(&rq->reply.json, &it);
    assert_string_equal(rq->reply.json.missing, "Assignment.version"); /* the first */
}

static void
null_stands_only_where_the_contract_has_it(void **state)
{
    struct request *rq = started(*state);
    struct reply_assignment it = whole_assignment();
    it.title = REPLY_NULL;
    reply_assignment(&rq->reply.json, &it);
    assert_string_equal(rq->reply.json.missing, "Assignment.title");
}

static void
a_nullable_member_must_be_set_too(void **state)
{
    struct request *rq = started(*state);
    struct reply_assignment_list page = {.items = (struct reply_assignment[1]){whole_assignment()},
                                         .items_count = 1};
    reply_assignment_list(&rq->reply.json, &page);
    assert_string_equal(rq->reply.json.missing, "AssignmentList.next_cursor");
}

static void
an_empty_list_is_a_list_and_none_is_refused(void **state)
{
    struct request *rq = started(*state);
    struct reply_assignment_list page = {.next_cursor = REPLY_NULL};
    reply_assignment_list(&rq->reply.json, &page);
    assert_string_equal(rq->reply.json.missing, "AssignmentList.items");
    rq = started(*state);
    page.items = (struct reply_assignment[1]){whole_assignment()};
    reply_assignment_list(&rq->reply.json, &page);
    assert_null(rq->reply.json.missing);
    assert_string_equal(rq->reply.body->data, "{\"items\":[],\"next_cursor\":null}");
}

static void
an_optional_member_is_left_out_and_a_constant_writes_itself(void **state)
{
    struct request *rq = started(*state);
    reply_stepped_up(&rq->reply.json, &(struct reply_stepped_up){.fresh_until = reply_time(0)});
    assert_null(rq->reply.json.missing);
    assert_string_equal(rq->reply.body->data,
                        "{\"status\":\"fresh\",\"fresh_until\":\"1970-01-01T00:00:00.000Z\"}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_written_in_the_order_of_the_contract),
        cmocka_unit_test(a_required_member_that_is_not_set_is_named),
        cmocka_unit_test(null_stands_only_where_the_contract_has_it),
        cmocka_unit_test(a_nullable_member_must_be_set_too),
        cmocka_unit_test(an_empty_list_is_a_list_and_none_is_refused),
        cmocka_unit_test(an_optional_member_is_left_out_and_a_constant_writes_itself),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
