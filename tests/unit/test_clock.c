/* Dear work in turns: it takes one part of the processor's time, others get the rest. */
#include "lib/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { LOOK_MICROSECONDS = 1000, WORK_MICROSECONDS = 100000 };

/* Works for so long, looking at the clock as an expression does; the time that went by. */
static int64_t
work_in_turns(int64_t microseconds)
{
    int64_t began = clock_monotonic();
    int64_t first = clock_processor_in_turns();
    int64_t worked = first;
    while (worked - first < microseconds) {
        int64_t until = worked + LOOK_MICROSECONDS;
        while (clock_processor() < until) {
        }
        worked = clock_processor_in_turns();
    }
    return clock_monotonic() - began;
}

static void
who_works_for_long_rests_for_the_other_parts(void **state)
{
    (void)state;
    assert_true(work_in_turns(WORK_MICROSECONDS) >= CLOCK_PARTS * (WORK_MICROSECONDS - 2 * CLOCK_TURN));
}

static void
the_clock_counts_work_and_not_the_rest(void **state)
{
    (void)state;
    int64_t before = clock_processor();
    (void)work_in_turns(WORK_MICROSECONDS);
    int64_t counted = clock_processor() - before;
    assert_true(counted >= WORK_MICROSECONDS && counted < 2 * WORK_MICROSECONDS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_works_for_long_rests_for_the_other_parts),
                                       cmocka_unit_test(the_clock_counts_work_and_not_the_rest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
