/* store/: which of the two processes takes a connection. */
#include "store/share.c" /* the programs' own files are in no library */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/random_fixture.h"

static struct share *
both(size_t one, size_t other, int64_t now)
{
    static struct share share;
    for (size_t i = 0; i < SHARE_PROCESSES; i++) {
        atomic_store(&share.ready[i], true);
        share_note(&share, i, i == 0 ? one : other, now);
    }
    return &share;
}

static void
who_has_clearly_more_leaves_it_to_the_other(void **state)
{
    (void)state;
    assert_true(share_is_mine(both(0, 0, 0), 0, 0, 0));
    assert_true(share_is_mine(both(SHARE_SLACK, 0, 0), 0, SHARE_SLACK, 0));
    assert_false(share_is_mine(both(SHARE_SLACK + 1, 0, 0), 0, SHARE_SLACK + 1, 0));
    assert_true(share_is_mine(both(SHARE_SLACK + 1, 0, 0), 1, 0, 0));
}

/* Whatever the counts are, somebody takes the next connection. */
static void
one_of_them_always_takes_it(void **state)
{
    (void)state;
    for (int round = 0; round < 10000; round++) {
        size_t one = (size_t)random_below(257);
        size_t other = (size_t)random_below(257);
        struct share *share = both(one, other, 0);
        assert_true(share_is_mine(share, 0, one, 0) || share_is_mine(share, 1, other, 0));
    }
}

static void
who_is_not_there_or_silent_is_not_waited_for(void **state)
{
    (void)state;
    struct share *share = both(200, 0, 1000);
    assert_false(share_is_mine(share, 0, 200, 1000 + SHARE_SILENCE - 1));
    assert_true(share_is_mine(share, 0, 200, 1000 + SHARE_SILENCE));
    share_clear(share, 1);
    assert_true(share_is_mine(share, 0, 200, 1000));
}

static void
what_one_notes_the_other_sees(void **state)
{
    (void)state;
    struct share *share = share_create();
    assert_non_null(share);
    assert_true(share_is_mine(share, 0, 200, 0)); /* nobody is there yet */
    atomic_store(&share->ready[1], true);
    share_note(share, 1, 100, 0);
    assert_false(share_is_mine(share, 0, 200, 0));
    assert_true(share_is_mine(share, 0, 100 + SHARE_SLACK, 0));
    assert_int_equal(munmap(share, sizeof *share), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_clearly_more_leaves_it_to_the_other),
        cmocka_unit_test(one_of_them_always_takes_it),
        cmocka_unit_test(who_is_not_there_or_silent_is_not_waited_for),
        cmocka_unit_test(what_one_notes_the_other_sees),
    };
    return cmocka_run_group_tests_name("store-share", tests, NULL, NULL);
}
