/* The keys of a list's rows: which are opened, and with which the list is read again. */
#include "tests/unit/keyring_fixture.h"

#include "app/app.h"
#include "app/keys.h"
#include "lib/base/arena.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/key_cache.h"

enum { ARENA_MAX = 1024 * 1024 };

struct row {
    const char *owner_id; /* NULL: open */
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char key[DATA_KEY_SIZE];
};

struct fixture {
    struct app app;
    struct request rq;
    struct db_array ids;
    struct db_array keys;
};

static int
open_fixture(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    fixture.app.keyring = fixture_keyring(1);
    fixture.app.keys = key_cache_create();
    fixture.rq.app = &fixture.app;
    fixture.rq.arena = arena_create(ARENA_MAX, NULL, NULL);
    (void)snprintf(fixture.rq.actor.practice_id, UUID_TEXT_SIZE, "%s", PRACTICE);
    *state = &fixture;
    return fixture.app.keys == NULL || fixture.rq.arena == NULL ? -1 : 0;
}

static int
close_fixture(void **state)
{
    struct fixture *fixture = *state;
    arena_destroy(fixture->rq.arena);
    key_cache_destroy(fixture->app.keys);
    keyring_free(fixture->app.keyring);
    return 0;
}

static struct row
row_of(const struct fixture *fixture, const char *owner_id)
{
    struct row row = {.owner_id = owner_id};
    assert_true(data_key_new(fixture->app.keyring, owner_id, row.key, row.wrapped));
    return row;
}

static struct wrapped_key
key_of(const void *rows, size_t i)
{
    const struct row *row = (const struct row *)rows + i;
    return (struct wrapped_key){row->owner_id, {row->wrapped, sizeof row->wrapped}};
}

static enum problem
add(struct fixture *fixture, const struct row *rows, size_t count, bool *again)
{
    struct keys_rows list = {key_of, rows, count};
    return keys_add(&fixture->rq, &list, &fixture->ids, &fixture->keys, again);
}

static void
assert_has(const struct fixture *fixture, size_t i, const struct row *row)
{
    assert_string_equal(((const char *const *)fixture->ids.items)[i], row->owner_id);
    assert_memory_equal(((const struct span *)fixture->keys.items)[i].data, row->key, DATA_KEY_SIZE);
}

static void
an_owner_of_several_rows_is_added_once(void **state)
{
    struct fixture *fixture = *state;
    bool again = false;
    struct row one = row_of(fixture, OWNER_ONE);
    struct row two = row_of(fixture, OWNER_TWO);
    struct row rows[] = {one, two, one};
    assert_int_equal(add(fixture, rows, 3, &again), PROBLEM_NONE);
    assert_true(again);
    assert_int_equal(fixture->ids.count, 2);
    assert_int_equal(fixture->keys.count, 2);
    assert_has(fixture, 0, &one);
    assert_has(fixture, 1, &two);
}

static void
rows_that_are_open_are_not_read_again(void **state)
{
    struct fixture *fixture = *state;
    bool again = true;
    struct row rows[2] = {{.owner_id = NULL}, {.owner_id = NULL}};
    assert_int_equal(add(fixture, rows, 2, &again), PROBLEM_NONE);
    assert_false(again);
    assert_int_equal(fixture->ids.count, 0);
    assert_int_equal(add(fixture, rows, 0, &again), PROBLEM_NONE);
    assert_false(again);
}

static void
what_was_given_stays_and_a_renewed_key_takes_the_place_of_the_old(void **state)
{
    struct fixture *fixture = *state;
    bool again = false;
    struct row old = row_of(fixture, OWNER_ONE);
    struct row stays = row_of(fixture, PRACTICE);
    struct row renewed = row_of(fixture, OWNER_ONE);
    struct row added = row_of(fixture, OWNER_TWO);
    struct row rows[] = {renewed, added};
    const char *ids[] = {OWNER_ONE, PRACTICE};
    struct span keys[] = {{old.key, DATA_KEY_SIZE}, {stays.key, DATA_KEY_SIZE}};
    fixture->ids = (struct db_array){ids, 2};
    fixture->keys = (struct db_array){keys, 2};
    assert_int_equal(add(fixture, rows, 2, &again), PROBLEM_NONE);
    assert_true(again);
    assert_int_equal(fixture->ids.count, 3);
    assert_has(fixture, 0, &renewed);
    assert_has(fixture, 1, &stays);
    assert_has(fixture, 2, &added);
}

static void
a_key_that_does_not_open_is_told_and_the_others_are_added(void **state)
{
    struct fixture *fixture = *state;
    bool again = false;
    struct row two = row_of(fixture, OWNER_TWO);
    struct row rows[] = {two, two};
    rows[0].owner_id = OWNER_ONE; /* another owner's key */
    assert_int_equal(add(fixture, rows, 2, &again), PROBLEM_INTERNAL);
    assert_true(again);
    assert_int_equal(fixture->ids.count, 1);
    assert_has(fixture, 0, &two);
}

static void
an_added_key_is_cached(void **state)
{
    struct fixture *fixture = *state;
    bool again = false;
    struct row one = row_of(fixture, OWNER_ONE);
    struct db_array ids;
    struct db_array keys;
    assert_int_equal(add(fixture, &one, 1, &again), PROBLEM_NONE);
    keys_cached(&fixture->rq, &ids, &keys);
    assert_int_equal(ids.count, 1);
    assert_string_equal(((const char *const *)ids.items)[0], OWNER_ONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_owner_of_several_rows_is_added_once, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(rows_that_are_open_are_not_read_again, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(what_was_given_stays_and_a_renewed_key_takes_the_place_of_the_old,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(a_key_that_does_not_open_is_told_and_the_others_are_added,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(an_added_key_is_cached, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
