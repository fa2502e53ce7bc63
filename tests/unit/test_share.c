/* Fair shares of a lane's workers, for lanes of every size. */
#include "fcgi/doors.c"
#include "fcgi/share.c" /* the programs' own files are in no library */
#include "fcgi/slots.c"

#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { WORKERS_MAX = 8, LANE = 0, OTHER_LANE = 1 };

/* A whole lane, as its workers see it: each has a share of its own over the same slots. */
struct fixture {
    struct share workers[WORKERS_MAX];
    struct slots slots;
    int door[2];
    struct doors doors;
};

static int
setup(void **state)
{
    static struct fixture fixture;
    int descriptor = slots_create(WORKERS_MAX);
    assert_true(descriptor >= 0);
    fixture.slots = slots_map(descriptor, WORKERS_MAX);
    assert_non_null(fixture.slots.slots);
    assert_null(slots_map(descriptor, WORKERS_MAX - 1).slots);
    assert_int_equal(errno, ESTALE);
    assert_int_equal(close(descriptor), 0);
    assert_int_equal(pipe(fixture.door), 0);
    fixture.doors = (struct doors){.front = fixture.door[0], .devices = -1};
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(munmap(fixture->slots.slots, size_of(WORKERS_MAX)), 0);
    assert_int_equal(close(fixture->door[0]), 0);
    assert_int_equal(close(fixture->door[1]), 0);
    return 0;
}

static void
open_lane_of(struct fixture *fixture, size_t workers, size_t percent)
{
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        slot_clear(&fixture->slots.slots[i], i < workers ? LANE : OTHER_LANE);
        share_init(&fixture->workers[i], fixture->slots, &fixture->slots.slots[i], workers, percent,
                   &fixture->doors);
    }
}

static void
open_lane(struct fixture *fixture, size_t workers)
{
    open_lane_of(fixture, workers, 50);
}

/* Somebody stands at the door: who is beyond the share is refused at once. */
static void
crowd_the_door(const struct fixture *fixture)
{
    assert_int_equal(write(fixture->door[1], "x", 1), 1);
}

static struct actor
somebody(unsigned char practice, unsigned char person, enum realm realm)
{
    struct actor actor = {.realm = realm};
    (void)snprintf(actor.id, sizeof actor.id, "0190aaaa-0000-7000-8000-000000000%03u", (unsigned)person);
    (void)snprintf(actor.practice_id, sizeof actor.practice_id, "0190aaaa-0000-7000-8000-000000001%03u",
                   (unsigned)practice);
    return actor;
}

static bool
serve(struct share *worker, const struct actor *actor)
{
    unsigned char session[TOKEN_HASH_SIZE] = {1};
    session[TOKEN_HASH_SIZE - 1] = (unsigned char)actor->id[UUID_TEXT_SIZE - 2];
    session[TOKEN_HASH_SIZE - 2] = (unsigned char)actor->practice_id[UUID_TEXT_SIZE - 2];
    return worker->fairness.admit(worker, session) && worker->fairness.proven(worker, session, actor);
}

/* How many of the lane's workers these people of one practice get when they ask all of them. */
static size_t
held(struct fixture *fixture, size_t workers, unsigned char practice, size_t people, enum realm realm)
{
    size_t count = 0;
    for (size_t i = 0; i < workers; i++) {
        struct actor actor = somebody(practice, (unsigned char)(i % people), realm);
        count += serve(&fixture->workers[i], &actor);
    }
    return count;
}

static void
a_practice_holds_half_of_the_lane_and_at_least_one(void **state)
{
    static const size_t most[WORKERS_MAX + 1] = {0, 1, 1, 1, 2, 2, 3, 3, 4};
    struct fixture *fixture = *state;
    crowd_the_door(fixture);
    for (size_t workers = 1; workers <= WORKERS_MAX; workers++) {
        open_lane(fixture, workers);
        assert_int_equal(held(fixture, workers, 1, WORKERS_MAX, REALM_STAFF), most[workers]);
        /* What is left is for others; a worker alone serves one after the other anyway. */
        if (workers > 1) {
            struct actor other = somebody(2, 1, REALM_STAFF);
            assert_true(serve(&fixture->workers[workers - 1], &other));
        }
    }
}

static void
another_share_can_be_chosen(void **state)
{
    struct fixture *fixture = *state;
    crowd_the_door(fixture);
    open_lane_of(fixture, WORKERS_MAX, 25);
    assert_int_equal(held(fixture, WORKERS_MAX, 1, WORKERS_MAX, REALM_STAFF), 2);
    open_lane_of(fixture, WORKERS_MAX, 1);
    assert_int_equal(held(fixture, WORKERS_MAX, 1, WORKERS_MAX, REALM_STAFF), 1);
    open_lane_of(fixture, WORKERS_MAX, 100);
    assert_int_equal(held(fixture, WORKERS_MAX, 1, WORKERS_MAX, REALM_STAFF), WORKERS_MAX);
}

static void
a_patient_holds_two(void **state)
{
    struct fixture *fixture = *state;
    crowd_the_door(fixture);
    open_lane(fixture, WORKERS_MAX);
    assert_int_equal(held(fixture, WORKERS_MAX, 1, 1, REALM_PATIENT), 2);
    open_lane(fixture, WORKERS_MAX);
    assert_int_equal(held(fixture, WORKERS_MAX, 1, 2, REALM_PATIENT), 4);
    /* A member of staff has the practice's share. */
    open_lane(fixture, WORKERS_MAX);
    assert_int_equal(held(fixture, WORKERS_MAX, 1, 1, REALM_STAFF), 4);
}

static void
what_was_served_or_whose_worker_died_is_free_again(void **state)
{
    struct fixture *fixture = *state;
    struct actor actor = somebody(1, 1, REALM_STAFF);
    crowd_the_door(fixture);
    open_lane(fixture, 2);
    assert_true(serve(&fixture->workers[0], &actor));
    assert_false(serve(&fixture->workers[1], &actor));
    fixture->workers[0].fairness.done(&fixture->workers[0]);
    assert_true(serve(&fixture->workers[1], &actor));
    slot_clear(&fixture->slots.slots[1], LANE);
    assert_true(serve(&fixture->workers[0], &actor));
}

/* A session that nobody remembers is let through until it is proven, and is counted from then on. */
static void
a_session_is_known_once_it_was_proven(void **state)
{
    struct fixture *fixture = *state;
    struct actor actor = somebody(1, 1, REALM_STAFF);
    unsigned char session[TOKEN_HASH_SIZE] = {9, 9, 9};
    crowd_the_door(fixture);
    open_lane(fixture, 2);
    struct share *first = &fixture->workers[0];
    struct share *second = &fixture->workers[1];
    assert_true(first->fairness.admit(first, session));
    assert_true(second->fairness.admit(second, session));
    assert_true(first->fairness.proven(first, session, &actor));
    assert_false(second->fairness.proven(second, session, &actor));
    assert_false(second->fairness.admit(second, session));
}

/* Hashes of tokens begin alike: with the version of their key. */
static void
many_sessions_are_known_side_by_side(void **state)
{
    enum { SESSIONS = 64, MOST_COLLISIONS = 8 };
    struct fixture *fixture = *state;
    struct actor actor = somebody(1, 1, REALM_STAFF);
    unsigned char sessions[SESSIONS][TOKEN_HASH_SIZE];
    crowd_the_door(fixture);
    open_lane(fixture, 2);
    struct share *first = &fixture->workers[0];
    struct share *second = &fixture->workers[1];
    randombytes_buf(sessions, sizeof sessions);
    for (size_t i = 0; i < SESSIONS; i++) {
        sessions[i][0] = 1;
        assert_true(first->fairness.proven(first, sessions[i], &actor));
    }
    size_t known = 0;
    for (size_t i = 0; i < SESSIONS; i++) {
        known += !second->fairness.admit(second, sessions[i]);
    }
    assert_true(known >= SESSIONS - MOST_COLLISIONS);
}

static void *
leave(void *share)
{
    share_leave(share);
    return NULL;
}

static void
with_nobody_at_the_door_a_moment_is_waited(void **state)
{
    struct fixture *fixture = *state;
    struct actor actor = somebody(1, 1, REALM_STAFF);
    pthread_t thread;
    open_lane(fixture, 2);
    assert_true(serve(&fixture->workers[0], &actor));
    assert_int_equal(pthread_create(&thread, NULL, leave, &fixture->workers[0]), 0);
    assert_true(serve(&fixture->workers[1], &actor));
    assert_int_equal(pthread_join(thread, NULL), 0);
    /* Not for ever. */
    assert_false(serve(&fixture->workers[0], &actor));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_practice_holds_half_of_the_lane_and_at_least_one, setup, teardown),
        cmocka_unit_test_setup_teardown(another_share_can_be_chosen, setup, teardown),
        cmocka_unit_test_setup_teardown(a_patient_holds_two, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_served_or_whose_worker_died_is_free_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_session_is_known_once_it_was_proven, setup, teardown),
        cmocka_unit_test_setup_teardown(many_sessions_are_known_side_by_side, setup, teardown),
        cmocka_unit_test_setup_teardown(with_nobody_at_the_door_a_moment_is_waited, setup, teardown),
    };
    return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
