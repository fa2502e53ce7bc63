#include "tests/unit/http_fixture.h"

#include "lib/http/route.h"

/* The operation that a path leads to, or NULL with the problem kept for the assertions. */
static enum problem problem;
static const char *allow;

static const struct api_operation *
match(void **state, enum http_method method, const char *path)
{
    return route_match(fixture_request(*state, method, path, ""), &problem, &allow);
}

static void
every_operation_of_the_contract_is_found_by_its_own_path(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < api_operation_count; i++) {
        const struct api_operation *operation = &api_operations[i];
        char path[256];
        size_t size = 0;
        for (const char *at = operation->path; *at != '\0' && size < sizeof path - 64; at++) {
            if (*at == '{') {
                size += (size_t)snprintf(path + size, sizeof path - size, "%s", SOME_ID);
                at = strchr(at, '}');
            } else {
                path[size++] = *at;
            }
        }
        path[size] = '\0';
        assert_ptr_equal(match(state, operation->method, path), operation);
        assert_int_equal(problem, PROBLEM_NONE);
        if (strchr(operation->path, '{') != NULL) {
            assert_string_equal(fixture->rq.path_values[0], SOME_ID);
        }
    }
}

static void
head_is_answered_by_the_row_of_get(void **state)
{
    assert_string_equal(match(state, HTTP_HEAD, "/livez")->id, "livez");
}

static void
another_method_is_405_with_allow(void **state)
{
    assert_null(match(state, HTTP_DELETE, "/livez"));
    assert_int_equal(problem, PROBLEM_METHOD_NOT_ALLOWED);
    assert_string_equal(allow, "GET, HEAD");
    assert_null(match(state, HTTP_OTHER, "/admin/auth/login"));
    assert_string_equal(allow, "POST");
    assert_null(match(state, HTTP_GET, "/nowhere"));
    assert_int_equal(problem, PROBLEM_NOT_FOUND);
    assert_null(allow);
}

/* One normal form: what another program might take for one of our paths is none. */
static void
paths_that_are_not_in_normal_form_are_not_found(void **state)
{
    static const char *const paths[] = {"",
                                        "livez",
                                        "/",
                                        "//livez",
                                        "/livez/",
                                        "/LIVEZ",
                                        "/%6civez",
                                        "/./livez",
                                        "/admin/../livez",
                                        "/admin/patients/..",
                                        "/admin/patients/.",
                                        "/admin/patients//assignments",
                                        "/admin/patients/..;/livez",
                                        "/livez;a=1",
                                        "/admin/patients/a%2fb",
                                        "/admin/patients/a%2Fb",
                                        "/admin%2fpatients",
                                        "/admin/patients/a%5cb",
                                        "/admin/patients/a\\b",
                                        "/admin/patients/a%00",
                                        "/admin/patients/a%0a",
                                        "/admin/patients/%2e%2e",
                                        "/admin/patients/%41",
                                        "/admin/patients/a%",
                                        "/admin/patients/a%2",
                                        "/admin/patients/a%zz",
                                        "/admin/patients/%ff",
                                        "/admin/patients/%c0%af",
                                        "/admin/patients/\xc3\xa9",
                                        "/admin/patients/a b",
                                        "/admin/patients/a?b",
                                        "/admin/patients/a#b",
                                        "/a/b/c/d/e/f/g/h/i/j/k/l/m/n"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (match(state, HTTP_GET, paths[i]) != NULL || problem != PROBLEM_NOT_FOUND) {
            fail_msg("%s was found", paths[i]);
        }
    }
}

static void
values_are_decoded(void **state)
{
    struct fixture *fixture = *state;
    assert_non_null(match(state, HTTP_GET, "/admin/patients/a%20b%C3%A9:c"));
    assert_string_equal(fixture->rq.path_values[0], "a b\xc3\xa9:c");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_of_the_contract_is_found_by_its_own_path),
        cmocka_unit_test(head_is_answered_by_the_row_of_get),
        cmocka_unit_test(another_method_is_405_with_allow),
        cmocka_unit_test(paths_that_are_not_in_normal_form_are_not_found),
        cmocka_unit_test(values_are_decoded),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
