/* The word that was probably meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/nearest.h"

#include <string.h>

static const char *const words[] = {"migrate", "practice create", "staff list", "keys rotate", "doctor"};
enum { WORDS = sizeof words / sizeof words[0] };

static void
a_word_that_is_nearly_right_is_found(void **state)
{
    (void)state;
    assert_string_equal(nearest("migrat", words, WORDS), "migrate");
    assert_string_equal(nearest("practise create", words, WORDS), "practice create");
    assert_string_equal(nearest("key rotate", words, WORDS), "keys rotate");
    assert_string_equal(nearest("dcotor", words, WORDS), "doctor");
    assert_string_equal(nearest("doctor", words, WORDS), "doctor");
}

static void
nothing_is_near_what_is_far(void **state)
{
    (void)state;
    char longer[NEAREST_MAX + 2];
    memset(longer, 'm', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_null(nearest("", words, WORDS));
    assert_null(nearest("backup", words, WORDS));
    assert_null(nearest(longer, words, WORDS));
    assert_null(nearest("migrate", (const char *const[]){longer}, 1));
    assert_null(nearest("migrate", words, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_that_is_nearly_right_is_found),
        cmocka_unit_test(nothing_is_near_what_is_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
