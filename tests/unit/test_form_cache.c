/* The cache of compiled forms: by questionnaire and version, bounded, the least recently used go first. */
#include "lib/form/definition/form_cache.h"
#include "tests/unit/form_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char id[] = "0190d3a0-7c1e-7cc3-98c4-dc0c0c07398f";
static const char other[] = "0190d3a0-7c1e-7cc3-98c4-dc0c0c073990";

static struct form *
new_form(struct form_fixture *fixture)
{
    form_of(fixture, "{'linkId':'a','type':'string'}");
    struct form *form = fixture->form;
    fixture->form = NULL;
    return form;
}

static void
a_form_is_found_by_id_and_version(void **state)
{
    struct form_cache *cache = form_cache_create(1024 * 1024);
    assert_null(form_cache_get(cache, id, 1));
    struct form *one = new_form(*state);
    struct form *two = new_form(*state);
    assert_ptr_equal(form_cache_put(cache, id, 1, one), one);
    assert_ptr_equal(form_cache_put(cache, id, 2, two), two);
    assert_ptr_equal(form_cache_get(cache, id, 1), one);
    assert_ptr_equal(form_cache_get(cache, id, 2), two);
    assert_null(form_cache_get(cache, other, 1));
    assert_int_equal(form_cache_bytes(cache), form_bytes(one) + form_bytes(two));
    form_cache_destroy(cache);
}

static void
a_version_that_is_there_stays(void **state)
{
    struct form_cache *cache = form_cache_create(1024 * 1024);
    struct form *one = new_form(*state);
    (void)form_cache_put(cache, id, 1, one);
    assert_ptr_equal(form_cache_put(cache, id, 1, new_form(*state)), one);
    assert_int_equal(form_cache_bytes(cache), form_bytes(one));
    form_cache_destroy(cache);
}

static void
the_least_recently_used_go_first(void **state)
{
    struct form *one = new_form(*state);
    size_t each = form_bytes(one);
    struct form_cache *cache = form_cache_create(3 * each);
    (void)form_cache_put(cache, id, 1, one);
    (void)form_cache_put(cache, id, 2, new_form(*state));
    (void)form_cache_put(cache, id, 3, new_form(*state));
    assert_non_null(form_cache_get(cache, id, 1)); /* now 2 is the oldest */
    (void)form_cache_put(cache, id, 4, new_form(*state));
    assert_null(form_cache_get(cache, id, 2));
    assert_non_null(form_cache_get(cache, id, 1));
    assert_non_null(form_cache_get(cache, id, 3));
    assert_non_null(form_cache_get(cache, id, 4));
    for (int64_t version = 5; version < 2000; version++) {
        assert_non_null(form_cache_put(cache, id, version, new_form(*state)));
        assert_true(form_cache_bytes(cache) <= 3 * each);
    }
    form_cache_destroy(cache);
}

/* A request may hold two forms at once (an older version and a newer), however large they are. */
static void
the_last_two_stay_whatever_their_size(void **state)
{
    struct form_cache *cache = form_cache_create(1);
    const struct form *one = form_cache_put(cache, id, 1, new_form(*state));
    const struct form *two = form_cache_put(cache, id, 2, new_form(*state));
    assert_ptr_equal(form_cache_get(cache, id, 1), one);
    assert_ptr_equal(form_cache_get(cache, id, 2), two);
    (void)form_cache_put(cache, id, 3, new_form(*state));
    assert_null(form_cache_get(cache, id, 1));
    form_cache_destroy(cache);
}

static void
what_cannot_be_kept(void **state)
{
    struct form_cache *cache = form_cache_create(1024 * 1024);
    assert_null(form_cache_put(cache, id, 1, NULL));
    assert_null(form_cache_put(cache, "0190d3a0-7c1e-7cc3-98c4-dc0c0c07398f0", 1, new_form(*state)));
    assert_int_equal(form_cache_bytes(cache), 0);
    form_cache_destroy(cache);
    form_cache_destroy(NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_form_is_found_by_id_and_version),
        TEST(a_version_that_is_there_stays),
        TEST(the_least_recently_used_go_first),
        TEST(the_last_two_stay_whatever_their_size),
        TEST(what_cannot_be_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
