#include "tests/unit/keyring_fixture.h"

#include "lib/base/clock.h"
#include "lib/crypto/key_cache.h"

#define NOW          (INT64_C(1800000000) * CLOCK_SECOND)
#define PRACTICE_TWO "0190bbbb-0000-7000-8000-000000000002"

static const char *
owner_text(unsigned number, char text[UUID_TEXT_SIZE])
{
    (void)snprintf(text, UUID_TEXT_SIZE, "0190cccc-0000-7000-8000-%012x", number);
    return text;
}

static void
put(struct key_cache *cache, const char *practice, unsigned number, int64_t now)
{
    char owner[UUID_TEXT_SIZE];
    unsigned char key[DATA_KEY_SIZE];
    memset(key, (int)(number & 0xff), sizeof key);
    key_cache_put(cache, practice, owner_text(number, owner), key, now);
}

/* Whether the key of this owner is there; that it is the right one is checked. */
static bool
has(struct key_cache *cache, unsigned number, int64_t now)
{
    char owner[UUID_TEXT_SIZE];
    unsigned char right[DATA_KEY_SIZE];
    unsigned char key[DATA_KEY_SIZE] = {0};
    memset(right, (int)(number & 0xff), sizeof right);
    if (!key_cache_get(cache, owner_text(number, owner), now, key)) {
        assert_true(sodium_is_zero(key, sizeof key));
        return false;
    }
    assert_memory_equal(key, right, sizeof key);
    return true;
}

static void
a_key_is_found_until_it_is_dropped(void **state)
{
    struct key_cache *cache = *state;
    char owner[UUID_TEXT_SIZE];
    assert_false(has(cache, 1, NOW));
    put(cache, PRACTICE, 1, NOW);
    put(cache, PRACTICE, 2, NOW);
    assert_true(has(cache, 1, NOW));
    assert_true(has(cache, 2, NOW));
    key_cache_drop(cache, owner_text(1, owner));
    key_cache_drop(cache, owner_text(1, owner));
    assert_false(has(cache, 1, NOW));
    assert_true(has(cache, 2, NOW));
    key_cache_clear(cache);
    assert_false(has(cache, 2, NOW));
}

static void
a_new_key_takes_the_place_of_the_old(void **state)
{
    struct key_cache *cache = *state;
    unsigned char key[DATA_KEY_SIZE];
    unsigned char found[DATA_KEY_SIZE];
    for (int i = 1; i < 2000; i++) {
        memset(key, i & 0xff, sizeof key);
        key_cache_put(cache, PRACTICE, OWNER_ONE, key, NOW);
    }
    assert_true(key_cache_get(cache, "0190AAAA-0000-7000-8000-000000000001", NOW, found));
    assert_memory_equal(found, key, sizeof key);
    char ids[4][UUID_TEXT_SIZE];
    unsigned char keys[4][DATA_KEY_SIZE];
    assert_int_equal(key_cache_list(cache, PRACTICE, NOW, 4, ids, keys), 1);
}

static void
five_minutes_are_the_most_and_use_does_not_prolong_them(void **state)
{
    struct key_cache *cache = *state;
    int64_t end = NOW + KEY_CACHE_SECONDS * CLOCK_SECOND;
    put(cache, PRACTICE, 1, NOW);
    assert_true(has(cache, 1, NOW + 100 * CLOCK_SECOND));
    assert_true(has(cache, 1, end - 1));
    assert_false(has(cache, 1, end));
    assert_false(has(cache, 1, NOW)); /* gone, not hidden */
    put(cache, PRACTICE, 2, NOW);
    assert_false(has(cache, 2, NOW - 1)); /* a clock that was set back */
    put(cache, PRACTICE, 3, NOW);
    key_cache_sweep(cache, end);
    assert_false(has(cache, 3, NOW));
}

static void
the_least_recently_used_gives_way(void **state)
{
    struct key_cache *cache = *state;
    for (unsigned i = 0; i < KEY_CACHE_ENTRIES; i++) {
        put(cache, PRACTICE, i, NOW);
    }
    assert_true(has(cache, 0, NOW)); /* used: now 1 is the oldest */
    put(cache, PRACTICE, KEY_CACHE_ENTRIES, NOW);
    assert_false(has(cache, 1, NOW));
    assert_true(has(cache, 0, NOW));
    for (unsigned i = 2; i <= KEY_CACHE_ENTRIES; i++) {
        assert_true(has(cache, i, NOW));
    }
}

static void
a_list_has_one_practice_only_newest_first(void **state)
{
    struct key_cache *cache = *state;
    char ids[8][UUID_TEXT_SIZE];
    char owner[UUID_TEXT_SIZE];
    unsigned char keys[8][DATA_KEY_SIZE];
    put(cache, PRACTICE, 1, NOW);
    put(cache, PRACTICE_TWO, 2, NOW);
    put(cache, PRACTICE, 3, NOW + CLOCK_SECOND);
    assert_true(has(cache, 1, NOW + CLOCK_SECOND));
    assert_int_equal(key_cache_list(cache, PRACTICE, NOW + CLOCK_SECOND, 8, ids, keys), 2);
    assert_string_equal(ids[0], owner_text(1, owner));
    assert_string_equal(ids[1], owner_text(3, owner));
    assert_int_equal(keys[0][0], 1);
    assert_int_equal(keys[1][31], 3);
    assert_int_equal(key_cache_list(cache, PRACTICE, NOW + CLOCK_SECOND, 1, ids, keys), 1);
    assert_int_equal(key_cache_list(cache, PRACTICE, NOW + CLOCK_SECOND, 0, ids, keys), 0);
    assert_int_equal(key_cache_list(cache, "none", NOW + CLOCK_SECOND, 8, ids, keys), 0);
    assert_int_equal(key_cache_list(cache, PRACTICE, NOW + KEY_CACHE_SECONDS * CLOCK_SECOND, 8, ids, keys),
                     1);
}

static void
what_is_no_uuid_is_never_stored(void **state)
{
    struct key_cache *cache = *state;
    unsigned char key[DATA_KEY_SIZE] = {1};
    key_cache_put(cache, PRACTICE, "x", key, NOW);
    key_cache_put(cache, "x", OWNER_ONE, key, NOW);
    key_cache_put(cache, PRACTICE, NULL, key, NOW);
    key_cache_drop(cache, "x");
    assert_false(key_cache_get(cache, "x", NOW, key));
    assert_false(key_cache_get(cache, NULL, NOW, key));
    assert_false(key_cache_get(cache, OWNER_ONE, NOW, key));
}

/* Against a plain model: what the cache has must be right, whatever the order of calls. */
static void
a_long_random_walk_stays_right(void **state)
{
    struct key_cache *cache = *state;
    enum { PEOPLE = 900, STEPS = 60000 };
    static int64_t stored[PEOPLE];
    uint64_t seed = 42;
    int64_t now = NOW;
    memset(stored, 0, sizeof stored);
    for (int step = 0; step < STEPS; step++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        unsigned who = (unsigned)(seed >> 33) % PEOPLE;
        unsigned what = (unsigned)(seed >> 60);
        char owner[UUID_TEXT_SIZE];
        now += (int64_t)(seed >> 50) % 20000;
        if (what < 7) {
            put(cache, PRACTICE, who, now);
            stored[who] = now;
        } else if (what == 7) {
            key_cache_drop(cache, owner_text(who, owner));
            stored[who] = 0;
        } else if (has(cache, who, now)) {
            assert_true(stored[who] != 0 && now - stored[who] < KEY_CACHE_SECONDS * CLOCK_SECOND);
        }
    }
    static char ids[PEOPLE][UUID_TEXT_SIZE];
    static unsigned char keys[PEOPLE][DATA_KEY_SIZE];
    assert_true(key_cache_list(cache, PRACTICE, now, PEOPLE, ids, keys) <= KEY_CACHE_ENTRIES);
}

static void
owners_are_told_until_they_are_forgotten(void **state)
{
    struct key_cache *cache = *state;
    char owner[UUID_TEXT_SIZE] = "";
    struct session_owner session = {OWNER_ONE, PRACTICE};
    struct session_owner found;
    unsigned char hash[DIGEST_SIZE] = {7};
    unsigned char other[DIGEST_SIZE] = {7, 1};
    assert_false(object_owner_get(cache, PRACTICE, owner));
    object_owner_put(cache, PRACTICE, OWNER_ONE);
    assert_true(object_owner_get(cache, PRACTICE, owner));
    assert_string_equal(owner, OWNER_ONE);
    object_owner_put(cache, PRACTICE, OWNER_TWO);
    assert_true(object_owner_get(cache, PRACTICE, owner));
    assert_string_equal(owner, OWNER_TWO);
    object_owner_put(cache, "x", OWNER_ONE);
    assert_false(object_owner_get(cache, "x", owner));
    session_owner_put(cache, hash, &session);
    assert_true(session_owner_get(cache, hash, &found));
    assert_string_equal(found.account_id, OWNER_ONE);
    assert_string_equal(found.practice_id, PRACTICE);
    assert_false(session_owner_get(cache, other, &found));
    session_owner_drop(cache, other);
    assert_true(session_owner_get(cache, hash, &found));
    session_owner_drop(cache, hash);
    assert_false(session_owner_get(cache, hash, &found));
    session_owner_put(cache, hash, &session);
    key_cache_clear(cache);
    assert_false(session_owner_get(cache, hash, &found));
    assert_false(object_owner_get(cache, PRACTICE, owner));
}

static void
a_full_id_cache_forgets_but_never_lies(void **state)
{
    struct key_cache *cache = *state;
    unsigned known = 0;
    char object[UUID_TEXT_SIZE];
    char owner[UUID_TEXT_SIZE];
    char found[UUID_TEXT_SIZE];
    for (unsigned i = 0; i < 5000; i++) {
        object_owner_put(cache, owner_text(i, object), owner_text(i + 100000, owner));
        assert_true(object_owner_get(cache, object, found));
    }
    for (unsigned i = 0; i < 5000; i++) {
        if (object_owner_get(cache, owner_text(i, object), found)) {
            assert_string_equal(found, owner_text(i + 100000, owner));
            known++;
        }
    }
    assert_true(known > KEY_CACHE_OWNERS * 9 / 10 && known <= KEY_CACHE_OWNERS);
}

static int
setup(void **state)
{
    *state = key_cache_create();
    return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    key_cache_destroy(*state);
    key_cache_destroy(NULL);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_found_until_it_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_key_takes_the_place_of_the_old, setup, teardown),
        cmocka_unit_test_setup_teardown(five_minutes_are_the_most_and_use_does_not_prolong_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_least_recently_used_gives_way, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_has_one_practice_only_newest_first, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_uuid_is_never_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_random_walk_stays_right, setup, teardown),
        cmocka_unit_test_setup_teardown(owners_are_told_until_they_are_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_id_cache_forgets_but_never_lies, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
