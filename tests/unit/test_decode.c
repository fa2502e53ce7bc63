#include "tests/unit/http_fixture.h"

#include "lib/http/decode.h"
#include "lib/http/schema_moment.h"

#include <json-c/json.h>

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

static struct request *
request_for(void **state, const char *id, const char *query)
{
    const struct api_operation *op = operation(id);
    struct request *rq = fixture_request(*state, op->method, op->path, query);
    rq->path_values[0] = SOME_ID;
    return rq;
}

static enum problem
decode(struct request *rq, const char *id, void **in)
{
    return decode_input(rq, operation(id), in);
}

static const char patient[] =
    "{\"given_name\":\"Ann\",\"family_name\":\"O\\u2019Hara\",\"birth_date\":\"1980-02-29\","
    "\"email\":\"ann@example.org\",\"language\":null}";

static void
a_body_becomes_a_structure(void **state)
{
    struct request *rq = request_for(state, "patient_create", "");
    void *in = NULL;
    fixture_body(rq, patient);
    fixture_header(rq, "idempotency-key", "k-1");
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_NONE);
    const struct patient_create_in *patient_in = in;
    assert_string_equal(patient_in->given_name, "Ann");
    assert_string_equal(patient_in->family_name, "O\xe2\x80\x99Hara");
    assert_string_equal(patient_in->idempotency_key, "k-1");
    assert_true(patient_in->has_language);
    assert_null(patient_in->language);
    assert_false(patient_in->has_record_number);
    assert_null(patient_in->record_number);
}

static void
every_violation_is_told_and_no_value(void **state)
{
    struct request *rq = request_for(state, "patient_create", "a=SECRET&b=1");
    void *in = NULL;
    fixture_body(
        rq,
        "{\"given_name\":\"\",\"birth_date\":\"1981-02-29SECRET\",\"email\":\"SECRET\",\"role\":\"SECRET\","
        "\"language\":7}");
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_INVALID_REQUEST);
    assert_null(in);
    assert_true(fixture_has_error(rq, "/given_name", "length"));
    assert_true(fixture_has_error(rq, "/birth_date", "length"));
    assert_true(fixture_has_error(rq, "/email", "format"));
    assert_true(fixture_has_error(rq, "/role", "unknown"));
    assert_true(fixture_has_error(rq, "/language", "type"));
    assert_true(fixture_has_error(rq, "/query/a", "unknown"));
    assert_true(fixture_has_error(rq, "/query/b", "unknown"));
    for (size_t i = 0; i < rq->error_count; i++) {
        assert_null(strstr(rq->errors[i].pointer, "SECRET"));
        assert_null(strstr(rq->errors[i].detail, "SECRET"));
    }
}

static void
pointers_escape_what_rfc_6901_says(void **state)
{
    struct request *rq = request_for(state, "patient_create", "x%2Fy~=1");
    void *in = NULL;
    fixture_body(rq, "{\"a/b~c\":1}");
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_INVALID_REQUEST);
    assert_true(fixture_has_error(rq, "/a~1b~0c", "unknown"));
    assert_true(fixture_has_error(rq, "/birth_date", "required"));
    assert_true(fixture_has_error(rq, "/query/x~1y~0", "unknown"));
}

/* One of the ways of a body that has several: what it gives, and what is wrong with the one that it is most
 * like. */
static void
a_body_of_alternatives_is_one_of_them(void **state)
{
    struct request *rq = request_for(state, "staff_mfa", "");
    void *in = NULL;
    fixture_body(rq, "{\"mfa_token\":\"t\",\"code\":\"012345\"}");
    assert_int_equal(decode(rq, "staff_mfa", &in), PROBLEM_NONE);
    const struct mfa_in *mfa = in;
    assert_string_equal(mfa->mfa_token, "t");
    assert_string_equal(mfa->code, "012345");
    assert_false(mfa->has_passkey);
    assert_null(mfa->recovery_code);
}

static void
a_body_that_fits_no_alternative_is_told_by_the_one_that_it_is_most_like(void **state)
{
    static const struct {
        const char *body;
        const char *pointer;
        const char *code;
        size_t count;
    } samples[] = {
        {"{\"mfa_token\":\"t\",\"code\":\"12345a\"}", "/code", "pattern", 1},
        {"{\"mfa_token\":\"t\",\"recovery_code\":\"short\"}", "/recovery_code", "length", 1},
        {"{\"code\":\"012345\"}", "/mfa_token", "required", 1},
        {"{\"mfa_token\":\"t\",\"code\":\"012345\",\"more\":1}", "/more", "unknown", 1},
        {"{\"mfa_token\":\"t\",\"passkey\":{\"id\":1}}", "/passkey/id", "type", 4},
        {"{\"mfa_token\":\"t\",\"code\":\"012345\",\"recovery_code\":\"abcdefgh\"}", "", "one-of", 1},
        {"{\"mfa_token\":\"t\"}", "", "one-of", 1},
        {"{}", "", "one-of", 1},
        {"[]", "", "type", 1}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct request *rq = request_for(state, "staff_mfa", "");
        void *in = NULL;
        fixture_body(rq, samples[i].body);
        assert_int_equal(decode(rq, "staff_mfa", &in), PROBLEM_INVALID_REQUEST);
        assert_true(fixture_has_error(rq, samples[i].pointer, samples[i].code));
        assert_int_equal(rq->error_count, samples[i].count);
    }
}

/* The limits of dates and times are measured from now, as moments, and told. */
static void
a_date_out_of_its_range_is_told(void **state)
{
    char tomorrow[CLOCK_TEXT_SIZE];
    char after[CLOCK_TEXT_SIZE];
    const int64_t day = INT64_C(86400) * CLOCK_SECOND;
    (void)moment_text(FORMAT_DATE, clock_now() + day, tomorrow);
    (void)moment_text(FORMAT_DATE, clock_now() + 3 * day, after);
    const struct {
        const char *date;
        bool fits;
    } samples[] = {{"1879-12-31", false}, {"1880-01-01", true}, {"0000-01-01", false},
                   {"9999-12-31", false}, {tomorrow, true},     {after, false}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct request *rq = request_for(state, "registration_create", "");
        void *in = NULL;
        char body[128];
        (void)snprintf(body, sizeof body, "{\"token\":\"t\",\"password\":\"p\",\"birth_date\":\"%s\"}",
                       samples[i].date);
        fixture_body(rq, body);
        assert_int_equal(decode(rq, "registration_create", &in),
                         samples[i].fits ? PROBLEM_NONE : PROBLEM_INVALID_REQUEST);
        assert_int_equal(fixture_has_error(rq, "/birth_date", "range"), !samples[i].fits);
    }
    struct request *rq =
        request_for(state, "response_list", "from=9999-12-31T23:59:59-23:59&to=0001-01-01T00:00:00%2B00:01");
    void *in = NULL;
    assert_int_equal(decode(rq, "response_list", &in), PROBLEM_INVALID_REQUEST);
    assert_true(fixture_has_error(rq, "/query/from", "range"));
    assert_true(fixture_has_error(rq, "/query/to", "range"));
}

static void
a_thousand_violations_are_counted_and_a_hundred_listed(void **state)
{
    struct request *rq = request_for(state, "patient_create", "");
    struct buf body;
    void *in = NULL;
    buf_init(&body, 100000);
    buf_text(&body, patient);
    body.data[--body.size] = '\0';
    for (int i = 0; i < 1000; i++) {
        buf_format(&body, ",\"x%d\":0", i);
    }
    buf_byte(&body, '}');
    fixture_body(rq, buf_string(&body));
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_INVALID_REQUEST);
    assert_int_equal(rq->error_count, 1000);
    buf_free(&body);
}

static void
malformed_json_says_where(void **state)
{
    struct request *rq = request_for(state, "patient_create", "");
    void *in = NULL;
    fixture_body(rq, "{\"email\":\"a\",\n \"\\u0065mail\":\"b\"}");
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_MALFORMED_JSON);
    assert_int_equal(rq->error_count, 1);
    assert_string_equal(rq->errors[0].code, "duplicate-member");
    assert_non_null(strstr(rq->errors[0].detail, "line 2, byte 2"));
}

static void
the_content_type_must_be_json_in_utf_8(void **state)
{
    static const struct {
        const char *type;
        enum problem problem;
    } samples[] = {{"application/json", PROBLEM_NONE},
                   {"Application/JSON; charset=UTF-8", PROBLEM_NONE},
                   {"application/json;charset=\"utf-8\"", PROBLEM_NONE},
                   {"application/json; charset=latin1", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/jsonx", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/json;", PROBLEM_NONE},
                   {"application/json ; charset=utf8 ;", PROBLEM_NONE},
                   {"application/json; charset=\"UTF8\"; a=b", PROBLEM_NONE},
                   {"application/json; a=b", PROBLEM_NONE},
                   {"application/json; a=\"b;\\\"c\"; charset=utf-8", PROBLEM_NONE},
                   {"application/json; a=\"b; charset=utf-8", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/json; charset=", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/json; charset=\"\"", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/json; charset", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/json; charset=utf-8 latin1", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/json charset=utf-8", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"application/json+x", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"text/plain", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {"", PROBLEM_UNSUPPORTED_MEDIA_TYPE},
                   {NULL, PROBLEM_UNSUPPORTED_MEDIA_TYPE}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct request *rq = request_for(state, "patient_create", "");
        void *in = NULL;
        rq->body = (struct span){(const unsigned char *)patient, sizeof patient - 1};
        if (samples[i].type != NULL) {
            fixture_header(rq, "content-type", samples[i].type);
        }
        assert_int_equal(decode(rq, "patient_create", &in), samples[i].problem);
    }
}

static void
the_body_limit_is_the_rows(void **state)
{
    size_t limit = operation("patient_create")->body_limit;
    void *in = NULL;
    for (size_t over = 0; over <= 1; over++) {
        struct request *rq = request_for(state, "patient_create", "");
        char *body = arena_alloc(rq->arena, limit + over + 1);
        memset(body, ' ', limit + over);
        memcpy(body, patient, sizeof patient - 1);
        fixture_body(rq, body);
        assert_int_equal(decode(rq, "patient_create", &in), over == 0 ? PROBLEM_NONE : PROBLEM_TOO_LARGE);
    }
}

static void
a_missing_or_unwanted_body_is_told(void **state)
{
    void *in = NULL;
    struct request *rq = request_for(state, "patient_create", "");
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_INVALID_REQUEST);
    assert_true(fixture_has_error(rq, "", "required"));
    rq = request_for(state, "patient_get", "");
    fixture_body(rq, " {} ");
    assert_int_equal(decode(rq, "patient_get", &in), PROBLEM_NONE);
    static const char *const bodies[] = {"{\"a\":1}", "[]", "null", "{", "{}{}", "x"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        rq = request_for(state, "patient_get", "");
        fixture_body(rq, bodies[i]);
        assert_int_equal(decode(rq, "patient_get", &in), PROBLEM_INVALID_REQUEST);
    }
}

static void
a_compressed_body_is_told(void **state)
{
    static const struct {
        const char *coding;
        enum problem problem;
    } samples[] = {{"gzip", PROBLEM_CONTENT_CODING},
                   {"br, gzip", PROBLEM_CONTENT_CODING},
                   {"identity", PROBLEM_NONE},
                   {"Identity", PROBLEM_NONE},
                   {"", PROBLEM_NONE}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        void *in = NULL;
        struct request *rq = request_for(state, "patient_create", "");
        fixture_body(rq, patient);
        fixture_header(rq, "content-encoding", samples[i].coding);
        assert_int_equal(decode(rq, "patient_create", &in), samples[i].problem);
    }
}

/* Null is what many programs write for a member that is not there. */
static void
null_stands_for_an_absent_member_that_cannot_be_null(void **state)
{
    void *in = NULL;
    struct request *rq = request_for(state, "invitation_create", "");
    fixture_body(rq, "{\"expires_in_hours\":null,\"questionnaires\":null,\"delivery\":null}");
    assert_int_equal(decode(rq, "invitation_create", &in), PROBLEM_NONE);
    const struct invitation_create_in *invitation = in;
    assert_false(invitation->has_expires_in_hours);
    assert_false(invitation->has_questionnaires);
    assert_null(invitation->questionnaires);
    rq = request_for(state, "staff_mfa", "");
    fixture_body(rq, "{\"mfa_token\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"code\":\"123 456\","
                     "\"recovery_code\":null,\"passkey\":null}");
    assert_int_equal(decode(rq, "staff_mfa", &in), PROBLEM_NONE);
    assert_string_equal(((const struct mfa_in *)in)->code, "123 456");
    /* What is required is missing then, and what may be null is. */
    rq = request_for(state, "patient_create", "");
    fixture_body(rq,
                 "{\"given_name\":null,\"family_name\":\"F\",\"birth_date\":null,\"email\":\"a@b.example\"}");
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_INVALID_REQUEST);
    assert_int_equal(rq->error_count, 1);
    assert_true(fixture_has_error(rq, "/birth_date", "required"));
    rq = request_for(state, "patient_patch", "");
    fixture_header(rq, "if-match", "\"1\"");
    fixture_body(rq, "{\"record_number\":null}");
    assert_int_equal(decode(rq, "patient_patch", &in), PROBLEM_NONE);
    assert_true(((const struct patient_patch_in *)in)->has_record_number);
}

static void
empty_pairs_of_a_query_are_none(void **state)
{
    static const char *const queries[] = {"&limit=5", "&&limit=5&", "limit=5&&", "&limit=5&&"};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        void *in = NULL;
        struct request *rq = request_for(state, "response_list", queries[i]);
        assert_int_equal(decode(rq, "response_list", &in), PROBLEM_NONE);
        assert_int_equal(((const struct response_list_in *)in)->limit, 5);
    }
}

static void
query_values_are_typed_and_have_defaults(void **state)
{
    void *in = NULL;
    struct request *rq =
        request_for(state, "response_list", "status=in-progress&limit=200&from=2024-02-29T12:00:00%2B01:00");
    assert_int_equal(decode(rq, "response_list", &in), PROBLEM_NONE);
    const struct response_list_in *list = in;
    assert_int_equal(list->limit, 200);
    assert_true(list->has_limit);
    assert_string_equal(list->status, "in-progress");
    assert_string_equal(list->from, "2024-02-29T12:00:00+01:00");
    assert_null(list->to);
    assert_false(list->has_version);
    rq = request_for(state, "response_list", "");
    assert_int_equal(decode(rq, "response_list", &in), PROBLEM_NONE);
    list = in;
    assert_false(list->has_limit);
    assert_int_equal(list->limit, 50);
}

static void
wrong_queries_are_refused(void **state)
{
    static const struct {
        const char *query;
        const char *pointer;
        const char *code;
    } samples[] = {{"limit=0", "/query/limit", "range"},
                   {"limit=201", "/query/limit", "range"},
                   {"limit=", "/query/limit", "type"},
                   {"limit", "/query/limit", "type"},
                   {"limit=+5", "/query/limit", "type"},
                   {"limit=05", "/query/limit", "type"},
                   {"limit=5.0", "/query/limit", "type"},
                   {"limit=99999999999999999999", "/query/limit", "type"},
                   {"limit=-9223372036854775808", "/query/limit", "range"},
                   {"limit=5&limit=5", "/query/limit", "duplicate"},
                   {"limit=5&%6cimit=5", "/query/limit", "duplicate"},
                   {"status=done", "/query/status", "enum"},
                   {"patient_id=1", "/query/patient_id", "format"},
                   {"from=2024-02-30T00:00:00Z", "/query/from", "format"},
                   {"from=2024-02-29T12:00:00+01:00", "/query/from", "format"}, /* the + is a blank */
                   {"page=2", "/query/page", "unknown"},
                   {"Limit=2", "/query/Limit", "unknown"},
                   {"cursor=%ff", "/query", "encoding"},
                   {"cursor=%00", "/query", "encoding"},
                   {"cursor=%0a", "/query", "encoding"},
                   {"cursor=%4", "/query", "encoding"},
                   {"cursor=%", "/query", "encoding"},
                   {"=&limit=5", "/query/", "unknown"}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        void *in = NULL;
        struct request *rq = request_for(state, "response_list", samples[i].query);
        if (decode(rq, "response_list", &in) != PROBLEM_INVALID_REQUEST ||
            !fixture_has_error(rq, samples[i].pointer, samples[i].code)) {
            fail_msg("%s: %s %s was not noted", samples[i].query, samples[i].pointer, samples[i].code);
        }
    }
}

static void
a_path_value_that_names_nothing_is_not_found(void **state)
{
    void *in = NULL;
    struct request *rq = request_for(state, "patient_get", "x=1");
    rq->path_values[0] = "1";
    assert_int_equal(decode(rq, "patient_get", &in), PROBLEM_NOT_FOUND);
    assert_int_equal(rq->error_count, 0);
    rq = request_for(state, "questionnaire_version_get", "");
    rq->path_values[1] = "01";
    assert_int_equal(decode(rq, "questionnaire_version_get", &in), PROBLEM_NOT_FOUND);
    rq = request_for(state, "questionnaire_version_get", "");
    rq->path_values[1] = "17";
    assert_int_equal(decode(rq, "questionnaire_version_get", &in), PROBLEM_NONE);
    assert_int_equal(((const struct questionnaire_version_get_in *)in)->n, 17);
}

static void
if_match_is_a_revision(void **state)
{
    static const struct {
        const char *value;
        enum problem problem;
        int64_t revision;
    } samples[] = {{"\"3\"", PROBLEM_NONE, 3},
                   /* Revisions are 32 bits wide: one that never was, never another's. */
                   {"\"2147483648\"", PROBLEM_NONE, INT32_MAX},
                   {"\"9999999999\"", PROBLEM_NONE, INT32_MAX},
                   {NULL, PROBLEM_PRECONDITION_REQUIRED, 0},
                   {"\"99999999999\"", PROBLEM_NONE, INT32_MAX},
                   {"\"03\"", PROBLEM_NONE, INT32_MAX},
                   {"\"\"", PROBLEM_NONE, INT32_MAX},
                   {"\"x\"", PROBLEM_NONE, INT32_MAX},
                   /* RFC 9110, 13.1.1; of several, the largest until the present one is known. */
                   {"W/\"3\"", PROBLEM_NONE, 3},
                   {"*", PROBLEM_NONE, 0},
                   {" * ", PROBLEM_NONE, 0},
                   {"\"3\", W/\"4\"", PROBLEM_NONE, 4},
                   {",\"3\" ,, \"1\",", PROBLEM_NONE, 3},
                   {"3", PROBLEM_INVALID_REQUEST, 0},
                   {"", PROBLEM_INVALID_REQUEST, 0},
                   {",", PROBLEM_INVALID_REQUEST, 0},
                   {"\"3", PROBLEM_INVALID_REQUEST, 0},
                   {"w/\"3\"", PROBLEM_INVALID_REQUEST, 0},
                   {"\"3\" \"4\"", PROBLEM_INVALID_REQUEST, 0},
                   {"*, \"3\"", PROBLEM_INVALID_REQUEST, 0},
                   {"\"3\", *", PROBLEM_INVALID_REQUEST, 0},
                   {"\"a b\"", PROBLEM_INVALID_REQUEST, 0}};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        void *in = NULL;
        struct request *rq = request_for(state, "patient_patch", "");
        fixture_body(rq, "{\"given_name\":\"Bea\"}");
        if (samples[i].value != NULL) {
            fixture_header(rq, "if-match", samples[i].value);
        }
        assert_int_equal(decode(rq, "patient_patch", &in), samples[i].problem);
        if (in != NULL) {
            assert_int_equal(((const struct patient_patch_in *)in)->if_match, samples[i].revision);
        }
    }
}

static void
if_match_given_twice_is_one_list(void **state)
{
    void *in = NULL;
    struct request *rq = request_for(state, "patient_patch", "");
    fixture_body(rq, "{\"given_name\":\"Bea\"}");
    fixture_header(rq, "if-match", "\"3\"");
    fixture_header(rq, "if-match", "\"4\"");
    assert_int_equal(decode(rq, "patient_patch", &in), PROBLEM_NONE);
    assert_int_equal(if_match_choose(&rq->if_match, 3), 3);
    assert_int_equal(if_match_choose(&rq->if_match, 4), 4);
    assert_int_equal(if_match_choose(&rq->if_match, 5), 4);
}

static void
another_header_given_twice_is_refused(void **state)
{
    void *in = NULL;
    struct request *rq = request_for(state, "patient_create", "");
    fixture_body(rq, patient);
    fixture_header(rq, "idempotency-key", "1");
    fixture_header(rq, "idempotency-key", "2");
    assert_int_equal(decode(rq, "patient_create", &in), PROBLEM_INVALID_REQUEST);
    assert_true(fixture_has_error(rq, "/header/idempotency-key", "duplicate"));
}

static void
containers_are_handed_over_as_trees(void **state)
{
    void *in = NULL;
    struct request *rq = request_for(state, "my_response_autosave", "");
    fixture_body(rq, "{\"set\":{\"a/b[1]\":[{\"valueDecimal\":1.10}]},\"clear\":[\"c\"]}");
    fixture_header(rq, "if-match", "\"1\"");
    assert_int_equal(decode(rq, "my_response_autosave", &in), PROBLEM_NONE);
    const struct my_response_autosave_in *save = in;
    assert_int_equal(json_object_object_length(save->set), 1);
    assert_non_null(strstr(json_object_to_json_string(save->set), "1.10"));
    assert_int_equal(json_object_array_length(save->clear), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_becomes_a_structure),
        cmocka_unit_test(every_violation_is_told_and_no_value),
        cmocka_unit_test(pointers_escape_what_rfc_6901_says),
        cmocka_unit_test(a_body_of_alternatives_is_one_of_them),
        cmocka_unit_test(a_body_that_fits_no_alternative_is_told_by_the_one_that_it_is_most_like),
        cmocka_unit_test(a_date_out_of_its_range_is_told),
        cmocka_unit_test(a_thousand_violations_are_counted_and_a_hundred_listed),
        cmocka_unit_test(malformed_json_says_where),
        cmocka_unit_test(the_content_type_must_be_json_in_utf_8),
        cmocka_unit_test(the_body_limit_is_the_rows),
        cmocka_unit_test(a_missing_or_unwanted_body_is_told),
        cmocka_unit_test(a_compressed_body_is_told),
        cmocka_unit_test(null_stands_for_an_absent_member_that_cannot_be_null),
        cmocka_unit_test(empty_pairs_of_a_query_are_none),
        cmocka_unit_test(query_values_are_typed_and_have_defaults),
        cmocka_unit_test(wrong_queries_are_refused),
        cmocka_unit_test(a_path_value_that_names_nothing_is_not_found),
        cmocka_unit_test(if_match_is_a_revision),
        cmocka_unit_test(if_match_given_twice_is_one_list),
        cmocka_unit_test(another_header_given_twice_is_refused),
        cmocka_unit_test(containers_are_handed_over_as_trees),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
