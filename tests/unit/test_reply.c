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

static void
a_member_of_an_object_within_is_named_too(void **state)
{
    struct request *rq = started(*state);
    reply_patient_session(&rq->reply.json, &(struct reply_patient_session){.expires_at = reply_time(0)});
    assert_string_equal(rq->reply.json.missing, "PatientSelf.id");
}

struct progress_row {
    int64_t answered;
    int64_t total;
    int64_t required_missing;
};

static void
what_may_be_null_is_kept_or_is_null(void **state)
{
    struct request *rq = started(*state);
    struct reply_my_questionnaire_item items[2];
    struct {
        const char *assignment_id, *questionnaire_id, *title, *status, *response_id, *response_status;
        int64_t version, due_at;
        bool has_due_at;
    } row = {"a", "q", "T", "assigned", NULL, NULL, 1, 0, false};
    for (int64_t i = 0; i < 2; i++) {
        struct progress_row counts = {i, 2, 1};
        items[i] = REPLY_MY_QUESTIONNAIRE_ITEM_OF(
            &row, reply_progress_if(rq->arena, i == 1, REPLY_PROGRESS_OF(&counts)));
    }
    reply_my_questionnaire_list(
        &rq->reply.json,
        &(struct reply_my_questionnaire_list){.items = items, .items_count = 2, .next_cursor = reply_null});
    assert_null(rq->reply.json.missing);
    const char *body = buf_string(rq->reply.body);
    assert_non_null(
        strstr(body, "\"due_at\":null,\"response_id\":null,\"response_status\":null,\"progress\":null}"));
    assert_non_null(strstr(body, "\"progress\":{\"answered\":1,\"total\":2,\"required_missing\":1}}"));
}

static void
a_hash_is_hexadecimal_and_has_its_size(void **state)
{
    struct request *rq = started(*state);
    const unsigned char bytes[32] = {0x0a, 0xff};
    struct reply_proof proof = {{bytes, sizeof bytes}, {bytes, sizeof bytes}};
    reply_proof(&rq->reply.json, &proof);
    assert_null(rq->reply.json.missing);
    assert_non_null(strstr(buf_string(rq->reply.body), "\"response_sha256\":\"0aff0000"));
    rq = started(*state);
    proof.response_sha256.size--;
    reply_proof(&rq->reply.json, &proof);
    assert_string_equal(rq->reply.json.missing, "Proof.response_sha256");
}

static void
what_is_kept_as_json_is_whole_or_not_there(void **state)
{
    struct request *rq = started(*state);
    struct reply_score score = {.link_id = "s", .text = "Sum", .value = "7.50", .band = REPLY_NULL};
    assert_string_equal(reply_scores(rq->arena, NULL, 0, 2), "[]");
    const char *text = reply_scores(rq->arena, &score, 1, 100);
    assert_string_equal(text, "[{\"link_id\":\"s\",\"text\":\"Sum\",\"value\":7.50,\"band\":null}]");
    assert_null(reply_scores(rq->arena, &score, 1, strlen(text) - 1));
    score.value = NULL;
    assert_null(reply_scores(rq->arena, &score, 1, 100));
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
        cmocka_unit_test(a_member_of_an_object_within_is_named_too),
        cmocka_unit_test(what_may_be_null_is_kept_or_is_null),
        cmocka_unit_test(a_hash_is_hexadecimal_and_has_its_size),
        cmocka_unit_test(what_is_kept_as_json_is_whole_or_not_there),
        cmocka_unit_test(an_optional_member_is_left_out_and_a_constant_writes_itself),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
