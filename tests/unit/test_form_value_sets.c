/* Value sets: which codes of a contained or stored one may be answered, and what is said when that cannot be
 * told. */
#include "tests/unit/form_fixture.h"

#include "lib/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIST(codes)                  "{'system':'s','concept':[" codes "]}"
#define CODE(code)                   "{'code':'" code "'}"
#define SET(id, url, body)           "{'resourceType':'ValueSet','id':'" id "','url':'" url "'," body "}"
#define INCLUDE(entries)             "'compose':{'include':[" entries "]}"
#define INCLUDE_BUT(entries, others) "'compose':{'include':[" entries "],'exclude':[" others "]}"
#define FROM(contained, name)                                                                                \
    "{'resourceType':'Questionnaire','status':'draft','contained':[" contained                               \
    "],'item':[{'linkId':'a','type':'choice','answerValueSet':'" name "'}]}"
#define AB SET("ab", "http://x/ab", INCLUDE(LIST(CODE("a") "," CODE("b"))))
#define BC SET("bc", "http://x/bc", INCLUDE(LIST(CODE("b") "," CODE("c"))))

static bool
takes(struct form_fixture *fixture, const char *system, const char *code)
{
    return form_judge(fixture, FORM_DRAFT,
                      arena_format(fixture->arena,
                                   "[{'linkId':'a','answer':[{'valueCoding':{'system':'%s','code':'%s'}}]}]",
                                   system, code));
}

/* The codes a, b, c and d of system s that may be answered, and a of system t as "A". */
static const char *
taken(struct form_fixture *fixture, const char *questionnaire)
{
    static const char *const codes[] = {"a", "b", "c", "d"};
    const char *text = "";
    if (!form_try(fixture, questionnaire)) {
        return "refused";
    }
    assert_int_equal(form_notes(fixture), 0);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (takes(fixture, "s", codes[i])) {
            text = arena_format(fixture->arena, "%s%s", text, codes[i]);
        }
    }
    return takes(fixture, "t", "a") ? arena_format(fixture->arena, "%sA", text) : text;
}

static void
what_a_set_lists(void **state)
{
    static const struct {
        const char *codes;
        const char *questionnaire;
    } cases[] = {
        {"ab", FROM(AB, "#ab")},
        {"ab", FROM(AB, "http://x/ab")}, /* a contained one has a url too */
        {"abA", FROM(SET("v", "u",
                         INCLUDE(LIST(CODE("a") "," CODE("b")) ",{'system':'t','concept':[" CODE("a") "]}")),
                     "#v")},
        {"b", FROM(SET("v", "u", INCLUDE_BUT(LIST(CODE("a") "," CODE("b")), LIST(CODE("a") "," CODE("c")))),
                   "#v")},
        {"A",
         FROM(SET("v", "u",
                  INCLUDE_BUT(LIST(CODE("a")) ",{'system':'t','concept':[" CODE("a") "]}", "{'system':'s'}")),
              "#v")},
        /* Other sets: all of one entry's sets have the code; the entries together. */
        {"ab", FROM(AB "," SET("v", "u", INCLUDE("{'valueSet':['http://x/ab']}")), "#v")},
        {"b", FROM(AB "," BC "," SET("v", "u", INCLUDE("{'valueSet':['http://x/ab','http://x/bc']}")), "#v")},
        {"abc", FROM(AB "," BC "," SET("v", "u",
                                       INCLUDE("{'valueSet':['http://x/ab']},{'valueSet':['http://x/bc']}")),
                     "#v")},
        {"a", FROM(AB "," BC "," SET("v", "u", INCLUDE_BUT("{'valueSet':['#ab']}", "{'valueSet':['#bc']}")),
                   "#v")},
        {"a", FROM(AB "," SET(
                       "v", "u",
                       INCLUDE("{'system':'s','concept':[" CODE("a") "," CODE("c") "],'valueSet':['#ab']}")),
                   "#v")},
        {"", FROM(AB "," SET("v", "u", INCLUDE("{'system':'t','valueSet':['#ab']}")), "#v")},
        {"ab", FROM(AB "," SET("v", "u", INCLUDE("{'system':'s','valueSet':['#ab']}")), "#v")},
        /* What is composed counts where it lists its codes; else an expansion does. Headings cannot be
           chosen. */
        {"a",
         FROM(SET("v", "u", INCLUDE(LIST(CODE("a"))) ",'expansion':{'contains':[{'system':'s','code':'c'}]}"),
              "#v")},
        {"cd", FROM(SET("v", "u",
                        INCLUDE("{'system':'s'}") ",'expansion':{'total':2,'contains':[{'system':'s','code':'"
                                                  "c'},{'system':'s','code':'d'}]}"),
                    "#v")},
        {"d", FROM(SET("v", "u",
                       INCLUDE("{'valueSet':['http://x/none']}") ",'expansion':{'contains':[{'system':'s','"
                                                                 "code':'d'}]}"),
                   "#v")},
        {"bc", FROM(SET("v", "u",
                        "'expansion':{'contains':[{'abstract':true,'system':'s','code':'a','contains':[{'"
                        "system':'s','code':'b','contains':[{'system':'s','code':'c'}]}]}]}"),
                    "#v")},
    };
    struct form_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *codes = taken(fixture, cases[i].questionnaire);
        if (strcmp(codes, cases[i].codes) != 0) {
            fail_msg("%s, not %s: %s", codes, cases[i].codes, cases[i].questionnaire);
        }
    }
}

static void
stored_sets(void **state)
{
    struct form_fixture *fixture = *state;
    const char *plain = "{'resourceType':'Questionnaire','status':'draft','item':"
                        "[{'linkId':'a','type':'choice','answerValueSet':'http://x/v%s'}]}";
    fixture->value_sets = form_json(
        fixture, "[{'resourceType':'ValueSet','url':'http://x/v','version':'1'," INCLUDE(
                     LIST(CODE("a"))) "},"
                                      "{'resourceType':'CodeSystem','url':'http://x/v'},"
                                      "{'resourceType':'ValueSet','url':'http://x/v','version':'2'," INCLUDE(
                                          "{'valueSet':['http://x/ab']}," LIST(CODE("d"))) "}," AB "]");
    assert_string_equal(taken(fixture, arena_format(fixture->arena, plain, "|1")), "a");
    assert_string_equal(taken(fixture, arena_format(fixture->arena, plain, "|2")), "abd");
    assert_string_equal(taken(fixture, arena_format(fixture->arena, plain, "")), "abd"); /* the last one */
    assert_true(form_try(fixture, arena_format(fixture->arena, plain, "|3")));
    assert_true(form_noted(fixture, "value-set-not-known", "/item/0/answerValueSet"));
    assert_true(form_try(fixture, arena_format(fixture->arena, plain, "w")));
    assert_true(form_noted(fixture, "value-set-not-known", "/item/0/answerValueSet"));
    /* What the questionnaire contains is meant before what is stored; "#id" is contained only. */
    assert_string_equal(taken(fixture, FROM(SET("c", "http://x/v", INCLUDE(LIST(CODE("c")))), "http://x/v")),
                        "c");
    assert_false(form_try(fixture, FROM(BC, "#ab")));
    assert_true(form_noted(fixture, "value-set-missing", "/item/0/answerValueSet"));
}

/* Where the codes cannot be listed any code is taken, and the author is told. */
static void
sets_that_cannot_be_listed(void **state)
{
    static const struct {
        const char *code;
        const char *questionnaire;
        bool compiles;
    } cases[] = {
        {"value-set-not-listed", FROM(SET("v", "u", INCLUDE("{'system':'s'}")), "#v"), true},
        {"value-set-not-listed",
         FROM(SET("v", "u", INCLUDE("{'system':'s','filter':[{'property':'p','op':'=','value':'v'}]}")),
              "#v"),
         true},
        {"value-set-not-listed",
         FROM(SET("v", "u",
                  INCLUDE_BUT(LIST(CODE("a")),
                              "{'system':'s','filter':[{'property':'p','op':'=','value':'v'}]}")),
              "#v"),
         true},
        {"value-set-not-listed", FROM("{'resourceType':'ValueSet','id':'v'}", "#v"), true},
        /* One page of an expansion is not the whole. */
        {"value-set-not-listed",
         FROM(
             SET("v", "u",
                 INCLUDE("{'system':'s'}") ",'expansion':{'total':9,'contains':[{'system':'s','code':'c'}]}"),
             "#v"),
         true},
        {"value-set-not-listed",
         FROM(SET("w", "http://x/w",
                  INCLUDE("{'system':'s'}")) "," SET("v", "u", INCLUDE("{'valueSet':['http://x/w']}")),
              "#v"),
         true},
        {"value-set-not-known", FROM(SET("v", "u", INCLUDE("{'valueSet':['http://x/none']}")), "#v"), true},
        {"value-set-not-known",
         FROM(SET("v", "u", INCLUDE_BUT(LIST(CODE("a")), "{'valueSet':['http://x/none']}")), "#v"), true},
        {"value-set-missing", FROM(SET("v", "u", INCLUDE("{'valueSet':['#none']}")), "#v"), false},
        {"value-set-cycle", FROM(SET("v", "u", INCLUDE("{'valueSet':['#v']}")), "#v"), false},
        {"value-set-cycle",
         FROM(SET("v", "u", INCLUDE("{'valueSet':['#w']}")) "," SET("w", "u2", INCLUDE("{'valueSet':['u']}")),
              "#v"),
         false},
    };
    struct form_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(form_try(fixture, cases[i].questionnaire), cases[i].compiles);
        assert_true(form_noted(fixture, cases[i].code, "/item/0/answerValueSet"));
        assert_true(!cases[i].compiles || takes(fixture, "s", "z"));
    }
}

static void
chains_of_sets_are_bounded(void **state)
{
    struct form_fixture *fixture = *state;
    for (int length = 16; length <= 17; length++) {
        const char *sets = SET("0", "u0", INCLUDE(LIST(CODE("a"))));
        for (int i = 1; i < length; i++) {
            sets = arena_format(fixture->arena, "%s," SET("%d", "u%d", INCLUDE("{'valueSet':['u%d']}")), sets,
                                i, i, i - 1);
        }
        assert_true(form_try(fixture, arena_format(fixture->arena, FROM("%s", "#%d"), sets, length - 1)));
        assert_int_equal(form_notes(fixture), length == 16 ? 0 : 1);
    }
    assert_true(form_noted(fixture, "value-set-not-listed", "/item/0/answerValueSet"));
}

static void
too_many_sets_are_refused(void **state)
{
    struct form_fixture *fixture = *state;
    fixture->value_sets = form_json(fixture, "[]");
    struct json_object *set = form_json(fixture, AB);
    for (int i = 0; i < FORM_VALUE_SETS_MAX; i++) {
        assert_int_equal(json_object_array_add(fixture->value_sets, json_object_get(set)), 0);
    }
    assert_true(form_try(fixture, "{'resourceType':'Questionnaire','status':'draft'}"));
    assert_false(form_try(fixture, FROM(AB, "#ab")));
    assert_true(form_noted(fixture, "too-many-value-sets", "/contained"));
}

/* Sets that multiply what they look at end in a refusal, not in minutes of work. */
static void
putting_sets_together_is_bounded(void **state)
{
    struct form_fixture *fixture = *state;
    for (int entries = 1000; entries <= 10000; entries += 9000) {
        struct buf text;
        buf_init(&text, 1024 * 1024);
        buf_text(&text, "{'resourceType':'Questionnaire','status':'draft','contained':[{'resourceType':'"
                        "ValueSet','id':'v',"
                        "'compose':{'include':[{'system':'s','concept':[");
        for (int i = 0; i < 2000; i++) {
            buf_format(&text, "%s{'code':'%d'}", i == 0 ? "" : ",", i);
        }
        buf_text(&text, "]}]}},{'resourceType':'ValueSet','id':'w','compose':{'include':[");
        for (int i = 0; i < entries; i++) {
            buf_format(&text, "%s{'system':'other','valueSet':['#v']}", i == 0 ? "" : ",");
        }
        buf_text(&text, "]}}],'item':[{'linkId':'a','type':'choice','answerValueSet':'#w'}]}");
        assert_int_equal(form_try(fixture, buf_string(&text)), entries == 1000);
        buf_free(&text);
    }
    assert_true(form_noted(fixture, "too-large", "/contained"));
}

static void
which_sets_are_used(void **state)
{
    struct form_fixture *fixture = *state;
    size_t count = 9;
    struct json_object *questionnaire = form_json(
        fixture,
        "{'resourceType':'Questionnaire','status':'draft','contained':[" SET(
            "c", "http://x/in",
            INCLUDE("{'valueSet':['http://x/deep','#c']}")) "],"
                                                            "'item':[{'linkId':'g','type':'group','item':[{'"
                                                            "linkId':'1','type':'choice','answerValueSet':'"
                                                            "http://x/b|2'},"
                                                            "{'linkId':'2','type':'choice','answerValueSet':'"
                                                            "#c'},{'linkId':'3','type':'choice','"
                                                            "answerValueSet':'http://x/in'},"
                                                            "{'linkId':'4','type':'choice','answerValueSet':'"
                                                            "http://x/in|7'},"
                                                            "{'linkId':'5','type':'choice','answerValueSet':'"
                                                            "http://x/b|2'}]},"
                                                            "{'linkId':'6','type':'quantity','extension':[{'"
                                                            "url':'http://hl7.org/fhir/StructureDefinition/"
                                                            "questionnaire-unitValueSet','valueCanonical':'"
                                                            "http://x/a'}]}]}");
    const char *const *used = form_value_sets_used(questionnaire, fixture->arena, &count);
    assert_int_equal(count, 4);
    assert_string_equal(used[0], "http://x/a");
    assert_string_equal(used[1], "http://x/b|2");
    assert_string_equal(used[2], "http://x/deep");
    assert_string_equal(used[3], "http://x/in|7"); /* the contained one has no such version */
    used = form_value_sets_used(
        form_json(fixture, SET("v", "v", INCLUDE_BUT("{'valueSet':['u']}", "{'valueSet':['t']}"))),
        fixture->arena, &count);
    assert_int_equal(count, 2);
    assert_string_equal(used[0], "t");
    assert_string_equal(used[1], "u");
    (void)form_value_sets_used(form_json(fixture, "{'item':[{'answerValueSet':5},7]}"), fixture->arena,
                               &count);
    assert_int_equal(count, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_a_set_lists),           TEST(stored_sets),
        TEST(sets_that_cannot_be_listed), TEST(chains_of_sets_are_bounded),
        TEST(too_many_sets_are_refused),  TEST(putting_sets_together_is_bounded),
        TEST(which_sets_are_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
