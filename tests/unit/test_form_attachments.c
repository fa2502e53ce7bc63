/* The files among answers: each is found where it stands, under the path by which it is saved. */
#include "lib/form/items/attachments.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DEFINITION                                                                                           \
    "{'linkId':'photo','type':'attachment','repeats':true},"                                                 \
    "{'linkId':'areas','type':'group','repeats':true,'item':["                                               \
    "  {'linkId':'a/b','type':'attachment'}]},"                                                              \
    "{'linkId':'one','type':'group','item':[{'linkId':'inner','type':'attachment'}]},"                       \
    "{'linkId':'why','type':'string','item':[{'linkId':'proof','type':'attachment'}]},"                      \
    "{'linkId':'text','type':'string'}"

static struct json_object *
parse(struct form_fixture *fixture, const char *text)
{
    char *copy = arena_format(fixture->arena, "%s", text);
    for (char *at = copy; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    struct json_object *items = json_tokener_parse(copy);
    assert_non_null(items);
    return items;
}

static void
expect(struct form_fixture *fixture, const char *items, const char *const *paths, size_t expected)
{
    size_t count = 0;
    struct json_object *json = parse(fixture, items);
    const struct form_attachment *found = form_attachments(fixture->form, json, fixture->arena, &count);
    assert_int_equal(count, expected);
    for (size_t i = 0; i < expected; i++) {
        assert_string_equal(found[i].path, paths[i]);
        assert_true(json_object_object_get_ex(found[i].value, "url", NULL));
    }
    (void)json_object_put(json);
}

#define FILE_ANSWER "{'valueAttachment':{'url':'u'}}"

static void
each_has_its_path(void **state)
{
    static const char *const paths[] = {"photo",          "photo",     "areas[0]/a%2Fb",
                                        "areas[1]/a%2Fb", "one/inner", "why/proof"};
    form_of(*state, DEFINITION);
    expect(*state,
           "[{'linkId':'photo','answer':[" FILE_ANSWER "," FILE_ANSWER "]},"
           "{'linkId':'areas','item':[{'linkId':'a/b','answer':[" FILE_ANSWER "]}]},"
           "{'linkId':'areas','item':[{'linkId':'a/b','answer':[" FILE_ANSWER "]}]},"
           "{'linkId':'one','item':[{'linkId':'inner','answer':[" FILE_ANSWER "]}]},"
           "{'linkId':'why','answer':[{'valueString':'x','item':[{'linkId':'proof','answer':[" FILE_ANSWER
           "]}]}]},"
           "{'linkId':'text','answer':[{'valueString':'valueAttachment'}]}]",
           paths, sizeof paths / sizeof paths[0]);
}

static void
none_where_none_can_be(void **state)
{
    form_of(*state, DEFINITION);
    expect(*state, "[]", NULL, 0);
    expect(*state, "[{'linkId':'photo'},{'answer':[" FILE_ANSWER "]},7,null,{'linkId':'areas','item':7}]",
           NULL, 0);
    form_of(*state, "{'linkId':'text','type':'string'}");
    expect(*state, "[{'linkId':'text','answer':[" FILE_ANSWER "]}]", NULL, 0);
}

static void
a_path_is_of_its_last_item(void **state)
{
    (void)state;
    assert_true(form_path_is_of("areas[3]/a%2Fb", "a/b"));
    assert_true(form_path_is_of("photo[2]", "photo"));
    assert_false(form_path_is_of("areas/photo", "areas"));
    assert_false(form_path_is_of("photo[", "photo"));
    assert_false(form_path_is_of("", ""));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {TEST(each_has_its_path), TEST(none_where_none_can_be),
                                       TEST(a_path_is_of_its_last_item)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
