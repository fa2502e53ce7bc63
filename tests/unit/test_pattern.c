/* lib/base/pattern: what matches, what is refused, and that no pattern is expensive. */
#include "lib/base/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 16 * 1024 * 1024 };

static struct arena *arena;
static uint64_t purse = PATTERN_PURSE;

static struct span
text(const char *value)
{
    return (struct span){(const unsigned char *)value, strlen(value)};
}

static struct span
compiled(const char *pattern, unsigned flags)
{
    struct pattern_fault fault;
    struct span stored = pattern_compile(arena, text(pattern), flags, &fault);
    assert_string_equal(fault.text, "");
    assert_non_null(stored.data);
    return stored;
}

static bool
matches(const char *pattern, unsigned flags, const char *subject)
{
    enum pattern_result result = pattern_match(compiled(pattern, flags), text(subject));
    assert_true(result == PATTERN_YES || result == PATTERN_NO);
    return result == PATTERN_YES;
}

static void
a_whole_match_takes_the_whole_text(void **state)
{
    (void)state;
    assert_true(matches("[0-9]{3}-[A-Z]+", PATTERN_WHOLE, "123-ABC"));
    assert_false(matches("[0-9]{3}-[A-Z]+", PATTERN_WHOLE, "123-ABC "));
    assert_false(matches("[0-9]{3}-[A-Z]+", PATTERN_WHOLE, "x123-ABC"));
    assert_true(matches("a|ab", PATTERN_WHOLE, "ab")); /* the shorter branch comes first */
    assert_true(matches("", PATTERN_WHOLE, ""));
    assert_false(matches("a", PATTERN_WHOLE, ""));
    assert_false(matches("a$", PATTERN_WHOLE, "a\n"));
}

static void
a_search_finds_a_part(void **state)
{
    (void)state;
    assert_true(matches("b+", 0, "aabbcc"));
    assert_false(matches("d", 0, "aabbcc"));
    assert_true(matches("^a", 0, "ab"));
    assert_false(matches("^b", 0, "ab"));
    assert_true(matches("b|x", 0, "ab"));
    assert_true(matches("(?<=a)b", 0, "ab"));
    assert_true(matches("", 0, ""));
    assert_false(matches("a.b", 0, "a\nb"));
    assert_true(matches("a.b", PATTERN_DOT_ALL, "a\nb"));
    assert_true(matches("^ABC$", PATTERN_ANY_CASE, "abc"));
}

static void
characters_are_code_points(void **state)
{
    (void)state;
    assert_true(matches("..", PATTERN_WHOLE, "\u00e9\u4e16"));
    assert_true(matches("\\u00e9", PATTERN_WHOLE, "\u00e9"));
    assert_true(matches("\\u{1F600}", PATTERN_WHOLE, "\U0001F600"));
    assert_true(matches("\\p{Lu}", PATTERN_WHOLE, "\u00c9"));
    assert_false(matches("\\d", PATTERN_WHOLE, "\u0663"));
}

static void
a_compiled_pattern_can_be_copied(void **state)
{
    (void)state;
    struct span stored = compiled("b{2}", 0);
    unsigned char *copy = malloc(stored.size);
    assert_non_null(copy);
    memcpy(copy, stored.data, stored.size);
    assert_int_equal((uintptr_t)stored.data % 8, 0);
    assert_int_equal(pattern_match((struct span){copy, stored.size}, text("abba")), PATTERN_YES);
    assert_int_equal(pattern_match((struct span){copy, stored.size}, text("abab")), PATTERN_NO);
    free(copy);
}

static void
refused(const char *pattern, unsigned flags, size_t offset, const char *why)
{
    struct pattern_fault fault;
    struct span stored = pattern_compile(arena, text(pattern), flags, &fault);
    assert_null(stored.data);
    assert_int_equal(fault.offset, offset);
    assert_non_null(strstr(fault.text, why));
}

static void
what_is_wrong_is_refused_with_its_place(void **state)
{
    (void)state;
    refused("a(b", PATTERN_WHOLE, 3, "parenthesis");
    refused("[a", 0, 2, "]");
    refused("a)(b", 0, 1, "parenthesis");
    refused("(a)\\1", PATTERN_CAPTURES, 0, "back references");
    refused("(?<n>a)\\k<n>", 0, 0, "back references");
    refused("\\Ca", 0, 2, "\\C");
    char longer[PATTERN_TEXT_MAX + 2];
    memset(longer, 'a', sizeof longer);
    longer[PATTERN_TEXT_MAX + 1] = '\0';
    refused(longer, 0, PATTERN_TEXT_MAX, "too long");
    longer[PATTERN_TEXT_MAX] = '\0';
    assert_false(matches(longer, 0, "a"));
}

static void
bombs_are_refused_or_too_costly(void **state)
{
    (void)state;
    char nested[2 * (PATTERN_DEPTH_MAX + 1) + 3] = "";
    for (int i = 0; i <= PATTERN_DEPTH_MAX + 1; i++) {
        nested[i] = '(';
    }
    struct pattern_fault fault;
    assert_null(pattern_compile(arena, text(nested), 0, &fault).data);
    refused("((((a{1000}){1000}){1000}){1000})", 0, 33, "too large");
    const char *slow[] = {"(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)*(.*)*(.*)*x", "(?:a?){40}a{60}"};
    char subject[4001];
    memset(subject, 'a', sizeof subject - 1);
    subject[sizeof subject - 2] = '!';
    subject[sizeof subject - 1] = '\0';
    for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++) {
        enum pattern_result whole = pattern_match(compiled(slow[i], PATTERN_WHOLE), text(subject));
        enum pattern_result part = pattern_match(compiled(slow[i], 0), text(subject));
        assert_true(whole == PATTERN_TOO_COSTLY || whole == PATTERN_NO);
        assert_true(part == PATTERN_TOO_COSTLY || part == PATTERN_YES || part == PATTERN_NO);
    }
    assert_int_equal(pattern_match(compiled("(a+)+$", 0), text(subject)), PATTERN_TOO_COSTLY);
}

static void
long_texts_are_searched_to_a_limit(void **state)
{
    (void)state;
    char *subject = malloc(PATTERN_SUBJECT_MAX + 2);
    assert_non_null(subject);
    memset(subject, 'a', PATTERN_SUBJECT_MAX + 1);
    struct span part = {(const unsigned char *)subject, PATTERN_SEARCH_MAX};
    assert_int_equal(pattern_match(compiled("b", 0), part), PATTERN_NO);
    subject[PATTERN_SEARCH_MAX - 1] = 'b';
    assert_int_equal(pattern_match(compiled("b", 0), part), PATTERN_YES);
    part.size++;
    assert_int_equal(pattern_match(compiled("b", 0), part), PATTERN_TOO_COSTLY);
    part.size = PATTERN_SUBJECT_MAX;
    assert_int_equal(pattern_match(compiled("[ab]*", PATTERN_WHOLE), part), PATTERN_YES);
    part.size++;
    assert_int_equal(pattern_match(compiled("[ab]*", PATTERN_WHOLE), part), PATTERN_TOO_COSTLY);
    free(subject);
}

static void
replaces_to(const char *pattern, const char *subject, const char *replacement, const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    enum pattern_result result =
        pattern_replace(compiled(pattern, PATTERN_CAPTURES), text(subject), text(replacement), &purse, &out);
    assert_int_equal(result, strcmp(subject, expected) == 0 ? PATTERN_NO : PATTERN_YES);
    assert_string_equal(buf_string(&out), expected);
    buf_free(&out);
}

static void
matches_are_replaced(void **state)
{
    (void)state;
    replaces_to("b", "abcb", "X", "aXcX");
    replaces_to("x", "abc", "y", "abc");
    replaces_to("(\\d+)/(\\d+)", "11/30 1/2", "$2-$1", "30-11 2-1");
    replaces_to("(?<month>\\d+)/(?<day>\\d+)", "11/30", "${day}.${month}.", "30.11.");
    replaces_to("b", "abc", "[$0$&$$\\$1$9${none}]", "a[bb$$1]c");
    replaces_to("b", "abc", "$", "a$c");
    replaces_to("", "\u00e9a", "-", "-\u00e9-a-");
    replaces_to("a*", "baac", "-", "-b--c-");
    replaces_to("", "", "x", "x");
}

static void
replacing_is_bounded(void **state)
{
    (void)state;
    struct buf out;
    char *subject = malloc(PATTERN_REPLACE_MAX + 1);
    assert_non_null(subject);
    memset(subject, 'a', PATTERN_REPLACE_MAX + 1);
    struct span whole = {(const unsigned char *)subject, PATTERN_REPLACE_MAX};
    buf_init(&out, 4 * PATTERN_REPLACE_MAX);
    assert_int_equal(pattern_replace(compiled("a", PATTERN_CAPTURES), whole, text("bb"), &purse, &out),
                     PATTERN_YES);
    assert_int_equal(out.size, 2 * PATTERN_REPLACE_MAX);
    buf_free(&out);
    buf_init(&out, PATTERN_REPLACE_MAX);
    assert_int_equal(pattern_replace(compiled("a", PATTERN_CAPTURES), whole, text("bb"), &purse, &out),
                     PATTERN_TOO_COSTLY);
    buf_free(&out);
    buf_init(&out, 4 * PATTERN_REPLACE_MAX);
    whole.size++;
    assert_int_equal(pattern_replace(compiled("a", PATTERN_CAPTURES), whole, text("b"), &purse, &out),
                     PATTERN_TOO_COSTLY);
    subject[40] = '!';
    whole.size = 41;
    assert_int_equal(pattern_replace(compiled("(a+)+$", PATTERN_CAPTURES), whole, text("b"), &purse, &out),
                     PATTERN_TOO_COSTLY);
    buf_free(&out);
    free(subject);
}

static void
a_purse_pays_for_many_matches(void **state)
{
    (void)state;
    purse = 40 * 1000;
    struct span stored = compiled("(a|b)*c", PATTERN_WHOLE);
    size_t paid = 0;
    while (paid < 100000 && pattern_match_paid(stored, text("abababababababababab"), &purse) == PATTERN_NO) {
        paid++;
    }
    assert_in_range(paid, 10, 200);
    assert_int_equal(pattern_match_paid(stored, text("abababababababababab"), &purse), PATTERN_TOO_COSTLY);
    assert_int_equal(pattern_match(stored, text("ababababababababababc")), PATTERN_YES);
}

static int
set_up(void **state)
{
    (void)state;
    arena = arena_create(ARENA_MAX, NULL, NULL);
    return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_match_takes_the_whole_text),
        cmocka_unit_test(a_search_finds_a_part),
        cmocka_unit_test(characters_are_code_points),
        cmocka_unit_test(a_compiled_pattern_can_be_copied),
        cmocka_unit_test(what_is_wrong_is_refused_with_its_place),
        cmocka_unit_test(bombs_are_refused_or_too_costly),
        cmocka_unit_test(long_texts_are_searched_to_a_limit),
        cmocka_unit_test(matches_are_replaced),
        cmocka_unit_test(replacing_is_bounded),
        cmocka_unit_test(a_purse_pays_for_many_matches),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
