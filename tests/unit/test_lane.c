/* How many workers a lane has where nobody said how many. */
#include "fcgi/lane.c" /* the programs' own files are in no library */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PROCESSORS_MOST = 1024, CONNECTIONS_OF_POSTGRESQL = 100, RESERVED_FOR_SUPERUSERS = 3 };

static void
there_are_four_api_workers_for_each_processor(void **state)
{
    (void)state;
    assert_int_equal(usual_of_api(1), 4);
    assert_int_equal(usual_of_api(2), 8);
    assert_int_equal(usual_of_api(7), 28);
    assert_int_equal(usual_of_api(8), 32);
    assert_int_equal(usual_of_api(9), 32);
    assert_int_equal(usual_of_api(SIZE_MAX), 32);
}

static void
hashing_leaves_half_of_the_processors(void **state)
{
    (void)state;
    assert_int_equal(usual_of_auth(1), 1);
    assert_int_equal(usual_of_auth(2), 1);
    assert_int_equal(usual_of_auth(3), 1);
    assert_int_equal(usual_of_auth(9), 4);
    assert_int_equal(usual_of_auth(32), 16);
    assert_int_equal(usual_of_auth(SIZE_MAX), 16);
}

static void
a_server_as_it_comes_has_a_connection_for_each_and_a_replacement(void **state)
{
    (void)state;
    for (size_t processors = 1; processors < PROCESSORS_MOST; processors++) {
        size_t all = usual_of_api(processors) + usual_of_auth(processors) + usual_of_bulk(processors);
        assert_true(all < CONNECTIONS_OF_POSTGRESQL - RESERVED_FOR_SUPERUSERS);
    }
}

static void
what_was_configured_is_what_there_is(void **state)
{
    (void)state;
    struct config config;
    struct lane lanes[LANE_COUNT];
    assert_true(config_load(&config, stderr));
    lanes_init(lanes, &config);
    assert_int_equal(lanes[0].workers, usual_of_api((size_t)sysconf(_SC_NPROCESSORS_ONLN)));
    config_free(&config);
    assert_int_equal(setenv("ANAMNESIS_WORKERS_API", "3", 1), 0);
    assert_true(config_load(&config, stderr));
    lanes_init(lanes, &config);
    assert_int_equal(lanes[0].workers, 3);
    config_free(&config);
    assert_int_equal(unsetenv("ANAMNESIS_WORKERS_API"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_four_api_workers_for_each_processor),
        cmocka_unit_test(hashing_leaves_half_of_the_processors),
        cmocka_unit_test(a_server_as_it_comes_has_a_connection_for_each_and_a_replacement),
        cmocka_unit_test(what_was_configured_is_what_there_is),
    };
    return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
