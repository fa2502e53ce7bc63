/* lib/fhirpath: whatever is written, an answer or a fault comes within the limits. */
#include "lib/base/buf.h"
#include "lib/base/json_read.h"
#include "tests/unit/fhirpath_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <string.h>

enum { TEXT_MAX = 64 * 1024, ITEMS = 3000 };

/* `before` so many times, then `middle`, then `after` so many times; in the arena. */
static const char *
nested(const char *before, size_t times, const char *middle, const char *after)
{
    struct buf buf;
    buf_init(&buf, TEXT_MAX);
    for (size_t i = 0; i < times; i++) {
        buf_text(&buf, before);
    }
    buf_text(&buf, middle);
    for (size_t i = 0; i < times; i++) {
        buf_text(&buf, after);
    }
    assert_false(buf.failed);
    const char *text = arena_text(fixture_arena, buf_string(&buf));
    buf_free(&buf);
    return text;
}

static void
focus_on_many_items(void)
{
    struct buf buf;
    struct json_fault fault;
    buf_init(&buf, (size_t)ITEMS * TEXT_MAX);
    buf_text(&buf, "{\"resourceType\":\"QuestionnaireResponse\",\"item\":[");
    for (int i = 0; i < ITEMS; i++) {
        buf_format(
            &buf, "%s{\"linkId\":\"q%d\",\"answer\":[{\"valueString\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}]}",
            i > 0 ? "," : "", i);
    }
    buf_text(&buf, "]}");
    const char *json = arena_text(fixture_arena, buf_string(&buf));
    fixture_list = fhirpath_of_json(
        fixture_arena,
        json_read(fixture_arena, (struct span){(const unsigned char *)json, buf.size}, &fault));
    buf_free(&buf);
}

static void
texts_are_long_and_deep_to_a_limit(void **state)
{
    (void)state;
    CHECK({nested("(", FHIRPATH_NESTING_MAX - 1, "1", ")"), "1"},
          {nested("(", FHIRPATH_NESTING_MAX, "1", ")"), "<too-deep>"},
          {nested("-", FHIRPATH_NESTING_MAX, "1", ""), "<too-deep>"},
          {nested("iif(true,", FHIRPATH_NESTING_MAX, "1", ")"), "<too-deep>"},
          {nested("(", 16000, "", ""), "<too-deep>"}, {nested("1+", FHIRPATH_HEIGHT_MAX - 1, "1", ""), "512"},
          {nested("1+", FHIRPATH_HEIGHT_MAX, "1", ""), "<too-deep>"},
          {nested("a.", FHIRPATH_HEIGHT_MAX, "a", ""), "<too-deep>"},
          {nested(" ", FHIRPATH_TEXT_MAX, "1", ""), "<too-long>"},
          {nested(" ", FHIRPATH_TEXT_MAX - 1, "1", ""), "1"}, {nested("'", 1, "", ""), "<syntax>"});
}

static void
collections_grow_to_a_limit(void **state)
{
    (void)state;
    focus_on_many_items();
    CHECK({"descendants().descendants().descendants().count()", "3000"}, {"item.count()", "3000"},
          {"item.linkId.distinct().count()", "3000"}, {"item ~ item.select($this)", "true"},
          {"repeat($this).count()", "1"});
    assert_int_equal(fixture_fault("item.select(%resource.item)", NULL), FHIRPATH_COLLECTION);
    assert_int_equal(fixture_fault("item.where(%resource.item.where(linkId.length() > 9).exists())", NULL),
                     FHIRPATH_MEMORY);
    assert_int_equal(fixture_fault("1.repeat($this + 1)", NULL), FHIRPATH_MEMORY);
    assert_int_equal(
        fixture_fault("item.combine(item) ~ item.skip(1500).combine(item).combine(item.take(1500))", NULL),
        FHIRPATH_MEMORY);
    assert_int_equal(fixture_fault("item.select(%resource.item.where(linkId = 'none'))", NULL),
                     FHIRPATH_STEPS);
}

static void
strings_grow_to_a_limit(void **state)
{
    (void)state;
    fixture_focus("{'a':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}");
    static const char twice[] = ".select($this & $this)";
    assert_int_equal(
        fixture_fault(nested("", 0, arena_format(fixture_arena, "a%s", nested("", 0, twice, "")), ""), NULL),
        FHIRPATH_FINE);
    const char *doubled = nested("", 20, "a", twice);
    assert_int_equal(fixture_fault(doubled, NULL), FHIRPATH_COLLECTION);
    assert_int_equal(fixture_fault("a.replace('', a).replace('', a).replace('', a)", NULL),
                     FHIRPATH_COLLECTION);
}

static void
a_caller_may_allow_less(void **state)
{
    (void)state;
    focus_on_many_items();
    fixture_environment.steps = 1000;
    assert_int_equal(fixture_fault("item.count()", NULL), FHIRPATH_STEPS);
    fixture_environment.steps = 0;
    fixture_environment.memory = 10000;
    assert_int_equal(fixture_fault("item.count()", NULL), FHIRPATH_MEMORY);
    fixture_environment.memory = 0;
    assert_int_equal(fixture_fault("item.count()", NULL), FHIRPATH_FINE);
}

static void
regular_expressions_are_bounded_together(void **state)
{
    (void)state;
    focus_on_many_items();
    assert_int_equal(fixture_fault("item.answer.value.first().matches('^(a+)+$')", NULL),
                     FHIRPATH_COSTLY_PATTERN);
    assert_int_equal(fixture_fault("item.answer.value.where(matches('^(a|aa){1,14}$'))", NULL),
                     FHIRPATH_COSTLY_PATTERN);
    assert_int_equal(fixture_fault("item.answer.value.where(matches('^a+!$')).count() = 3000", NULL),
                     FHIRPATH_FINE);
}

/* Three bytes a character: 85,000 of them are near the limit of a string. */
static struct json_object *
big_text(void)
{
    struct buf buf;
    buf_init(&buf, FHIRPATH_STRING_MAX + 2);
    buf_text(&buf, "'");
    for (int i = 0; i < 85000; i++) {
        buf_text(&buf, "\xe2\x82\xac");
    }
    buf_text(&buf, "'");
    struct json_object *text = fixture_json(buf_string(&buf));
    buf_free(&buf);
    return text;
}

static void
long_texts_cost_by_their_bytes(void **state)
{
    (void)state;
    struct fhirpath_variable variables[] = {{"big", fhirpath_of_json(fixture_arena, big_text())}};
    fixture_environment.variables = variables;
    fixture_environment.variable_count = 1;
    static const char *const dear[] = {
        "%big.toChars().select(%big).exclude('q').count()",
        "%big.toChars().select(%big).distinct().count()",
        "%big.toChars().select(%big).isDistinct()",
        "%big.toChars().select(%big).intersect('q')",
        "'q'.subsetOf(%big.toChars().select(%big))",
        "%big.toChars().select(%big).repeat($this)",
        "%big.toChars().select(%big.toQuantity())",
        "%big.toChars().select(%big.toDateTime())",
        "%big.toChars().select(%big.substring(0, 20000).lower())",
    };
    for (size_t i = 0; i < sizeof dear / sizeof dear[0]; i++) {
        assert_int_equal(fixture_fault(dear[i], NULL), FHIRPATH_STEPS);
    }
    /* Every place has the first byte; each comparison is paid. */
    assert_int_equal(fixture_fault("(%big & 'b').lastIndexOf(%big & 'c')", NULL), FHIRPATH_FINE);
    assert_int_equal(
        fixture_fault("%big.lastIndexOf(%big.substring(0, 40000) & 'c' & %big.substring(0, 40000))", NULL),
        FHIRPATH_STEPS);
}

static int looks;

/* A tenth of a second goes by between two looks. */
static int64_t
slow_clock(void)
{
    looks++;
    return looks * INT64_C(100000);
}

static void
the_clock_ends_what_steps_allow(void **state)
{
    (void)state;
    struct fhirpath_watch watch = {.clock = slow_clock, .most = 200000};
    struct fhirpath_budget budget = {FHIRPATH_STEPS_MAX, UINT64_MAX, &watch};
    looks = 0;
    focus_on_many_items();
    fixture_environment.budget = &budget;
    assert_int_equal(fixture_fault("item.linkId.count()", NULL), FHIRPATH_FINE);
    assert_int_equal(looks, 0); /* what is cheap asks for no time */
    assert_int_equal(fixture_fault("item.take(50).all(%resource.item.all(linkId.exists()))", NULL),
                     FHIRPATH_OVERTIME);
    assert_int_equal(looks, 3);
    assert_true(watch.over);
    assert_in_range(FHIRPATH_STEPS_MAX - budget.steps, 3 * FHIRPATH_STEPS_UNWATCHED,
                    4 * FHIRPATH_STEPS_UNWATCHED);
    assert_int_equal(fixture_fault("1 + 1", NULL), FHIRPATH_OVERTIME); /* nothing more is begun */
}

static void
many_cheap_evaluations_are_watched_together(void **state)
{
    (void)state;
    struct fhirpath_watch watch = {.clock = slow_clock, .most = 200000};
    struct fhirpath_budget budget = {FHIRPATH_STEPS_MAX, UINT64_MAX, &watch};
    looks = 0;
    focus_on_many_items();
    fixture_environment.budget = &budget;
    int done = 0;
    while (done < 100 && fixture_fault("item.linkId.count()", NULL) == FHIRPATH_FINE) {
        done++;
    }
    assert_in_range(done, 4, 20);
    assert_true(watch.over);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_are_long_and_deep_to_a_limit, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(collections_grow_to_a_limit, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(strings_grow_to_a_limit, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_caller_may_allow_less, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(long_texts_cost_by_their_bytes, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(the_clock_ends_what_steps_allow, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(many_cheap_evaluations_are_watched_together, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(regular_expressions_are_bounded_together, fixture_set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
