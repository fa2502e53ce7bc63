/* Two responses answer by answer, over one version or two. */
#include "lib/base/arena.h"
#include "lib/form/versions/responses.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <string.h>

static const char asked[] =
    "{'linkId':'a','type':'decimal','item':[{'linkId':'why','type':'string'}]},"
    "{'linkId':'c','type':'choice','repeats':true,'answerOption':[{'valueCoding':{'system':'urn:s','code':'x'"
    "}},"
    "{'valueCoding':{'system':'urn:s','code':'y'}}],'item':[{'linkId':'more','type':'string'}]},"
    "{'linkId':'g','type':'group','repeats':true,'item':[{'linkId':'name','type':'string'},"
    "{'linkId':'deep','type':'group','item':[{'linkId':'dose','type':'integer'}]}]}";

static struct form_differences
compared(struct form_fixture *fixture, const struct form *former, const char *before, const char *after)
{
    struct form_differences differences;
    assert_true(form_responses_compare(former, form_json(fixture, before), fixture->form,
                                       form_json(fixture, after), fixture->arena, &differences));
    return differences;
}

/* Fails unless the differences are these, each "change path;". */
static void
are(const struct form_fixture *fixture, struct form_differences found, const char *expected)
{
    const char *text = "";
    for (size_t i = 0; i < found.count; i++) {
        const struct form_difference *one = &found.items[i];
        text = arena_format(fixture->arena, "%s%s %s;", text, one->change, one->path);
        const char *last = strrchr(one->path, '/');
        last = last == NULL ? one->path : last + 1;
        assert_memory_equal(one->link_id, last, strlen(one->link_id));
        assert_int_equal(one->before == NULL, strcmp(one->change, "added") == 0);
        assert_int_equal(one->after == NULL, strcmp(one->change, "removed") == 0);
    }
    assert_string_equal(text, expected);
}

static void
what_means_the_same_is_the_same(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, asked);
    are(fixture, compared(fixture, fixture->form, "[]", "[]"), "");
    are(fixture,
        compared(fixture, fixture->form,
                 "[{'linkId':'a','answer':[{'valueDecimal':1.50}]},"
                 "{'linkId':'c','answer':[{'valueCoding':{'system':'urn:s','code':'x','display':'X'}}]}]",
                 "[{'linkId':'a','answer':[{'valueDecimal':1.5}]},"
                 "{'linkId':'c','answer':[{'valueCoding':{'system':'urn:s','code':'x'}}]}]"),
        "same a;same c;");
    are(fixture,
        compared(fixture, fixture->form, "[{'linkId':'a','answer':[{'valueDecimal':1}]}]",
                 "[{'linkId':'a','answer':[{'valueDecimal':2}]}]"),
        "changed a;");
    are(fixture,
        compared(fixture, fixture->form,
                 "[{'linkId':'c','answer':[{'valueCoding':{'system':'urn:s','code':'x'}}]}]",
                 "[{'linkId':'c','answer':[{'valueCoding':{'system':'urn:s','code':'x'}},"
                 "{'valueCoding':{'system':'urn:s','code':'y'}}]}]"),
        "changed c;");
}

static void
places_are_item_paths(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, asked);
    static const char before[] =
        "[{'linkId':'a','answer':[{'valueDecimal':1,'item':[{'linkId':'why','answer':[{'valueString':'w'}]}]}"
        "]},"
        "{'linkId':'c','answer':[{'valueCoding':{'system':'urn:s','code':'x'}},"
        "{'valueCoding':{'system':'urn:s','code':'y'},'item':[{'linkId':'more','answer':[{'valueString':'m'}]"
        "}]}]},"
        "{'linkId':'g','item':[{'linkId':'name','answer':[{'valueString':'one'}]}]},"
        "{'linkId':'g','item':[{'linkId':'deep','item':[{'linkId':'dose','answer':[{'valueInteger':2}]}]}]}]";
    are(fixture, compared(fixture, fixture->form, before, before),
        "same a;same a/why;same c;same c[1]/more;same g/name;same g[1]/deep/dose;");
    are(fixture, compared(fixture, fixture->form, before, "[]"),
        "removed a;removed a/why;removed c;removed c[1]/more;removed g/name;removed g[1]/deep/dose;");
    are(fixture, compared(fixture, fixture->form, "[]", before),
        "added a;added a/why;added c;added c[1]/more;added g/name;added g[1]/deep/dose;");
    struct form_differences found = compared(
        fixture, fixture->form, before,
        "[{'linkId':'g','item':[{'linkId':'name','answer':[{'valueString':'two'}]}]},"
        "{'linkId':'g','item':[{'linkId':'deep','item':[{'linkId':'dose','answer':[{'valueInteger':2}]}]}]},"
        "{'linkId':'g','item':[{'linkId':'name','answer':[{'valueString':'three'}]}]}]");
    are(fixture, found,
        "changed g/name;same g[1]/deep/dose;added g[2]/name;removed a;removed a/why;removed c;removed "
        "c[1]/more;");
    form_same(fixture, found.items[0].before, "[{'valueString':'one'}]");
    form_same(fixture, found.items[0].after, "[{'valueString':'two'}]");
    found = compared(fixture, fixture->form, before, before);
    form_same(fixture, found.items[0].after, "[{'valueDecimal':1}]"); /* without what stands below */
}

static void
a_question_of_another_type_is_not_compared(void **state)
{
    struct form_fixture *fixture = *state;
    form_of(fixture, "{'linkId':'a','type':'integer'},{'linkId':'b','type':'string'}");
    struct form *former = fixture->form;
    fixture->form = NULL;
    form_of(fixture, "{'linkId':'a','type':'string'},{'linkId':'b','type':'string','text':'New words'}");
    are(fixture,
        compared(
            fixture, former,
            "[{'linkId':'a','answer':[{'valueInteger':1}]},{'linkId':'b','answer':[{'valueString':'x'}]}]",
            "[{'linkId':'a','answer':[{'valueString':'1'}]},{'linkId':'b','answer':[{'valueString':'x'}]}]"),
        "not-comparable a;same b;");
    form_free(former);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_means_the_same_is_the_same, form_setup, form_teardown),
        cmocka_unit_test_setup_teardown(places_are_item_paths, form_setup, form_teardown),
        cmocka_unit_test_setup_teardown(a_question_of_another_type_is_not_compared, form_setup,
                                        form_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
