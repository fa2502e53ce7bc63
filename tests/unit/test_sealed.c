#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/sealed.h"

struct fixture {
    struct keyring *keyring;
    struct arena *arena;
};

static int
setup(void **state)
{
    static struct fixture fixture;
    fixture.keyring = fixture_keyring(2);
    fixture.arena = arena_create(1024 * 1024, NULL, NULL);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    keyring_free(fixture->keyring);
    arena_destroy(fixture->arena);
    return 0;
}

static void
what_is_sealed_opens(void **state)
{
    struct fixture *at = *state;
    static const char *const values[] = {"", "x", "JBSWY3DPEHPK3PXP",
                                         "a longer value: \xc3\xa4\xc3\xb6\xc3\xbc"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct span sealed;
        struct span again;
        struct span plain;
        keyring_seal(at->keyring, "totp", OWNER_ONE, fixture_span(values[i]), at->arena, &sealed);
        keyring_seal(at->keyring, "totp", OWNER_ONE, fixture_span(values[i]), at->arena, &again);
        assert_int_equal(sealed.size, strlen(values[i]) + SEALED_OVERHEAD);
        assert_memory_not_equal(sealed.data, again.data, sealed.size);
        assert_true(keyring_open(at->keyring, "totp", OWNER_ONE, sealed, at->arena, &plain));
        assert_int_equal(plain.size, strlen(values[i]));
        assert_string_equal((const char *)plain.data, values[i]);
    }
}

static void
assert_closed(struct fixture *at, const char *purpose, const char *aad, struct span sealed)
{
    struct span plain = {(const unsigned char *)"x", 1};
    assert_false(keyring_open(at->keyring, purpose, aad, sealed, at->arena, &plain));
    assert_int_equal(plain.size, 0);
}

static void
a_moved_value_does_not_open(void **state)
{
    struct fixture *at = *state;
    struct span sealed;
    keyring_seal(at->keyring, "totp", OWNER_ONE, fixture_span("secret"), at->arena, &sealed);
    assert_closed(at, "totp", OWNER_TWO, sealed);
    assert_closed(at, "outbox", OWNER_ONE, sealed);
    assert_closed(at, "totp", "", sealed);
    assert_closed(at, "", OWNER_ONE, sealed);
    assert_closed(at, "totp" OWNER_ONE, "", sealed);
}

static void
every_flipped_bit_and_every_cut_is_refused(void **state)
{
    struct fixture *at = *state;
    struct span sealed;
    unsigned char changed[SEALED_OVERHEAD + 8 + 1] = {0};
    keyring_seal(at->keyring, "totp", OWNER_ONE, fixture_span("8 bytes!"), at->arena, &sealed);
    memcpy(changed, sealed.data, sealed.size);
    for (size_t bit = 0; bit < 8 * sealed.size; bit++) {
        changed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_closed(at, "totp", OWNER_ONE, (struct span){changed, sealed.size});
        changed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t size = 0; size <= sizeof changed; size++) {
        if (size != sealed.size) {
            assert_closed(at, "totp", OWNER_ONE, (struct span){changed, size});
        }
    }
    assert_closed(at, "totp", OWNER_ONE, (struct span){NULL, 0});
}

static void
an_older_key_opens_and_a_missing_one_does_not(void **state)
{
    struct fixture *at = *state;
    struct keyring *before = fixture_keyring(1);
    struct span sealed;
    struct span plain;
    keyring_seal(before, "totp", OWNER_ONE, fixture_span("secret"), at->arena, &sealed);
    assert_true(keyring_open(at->keyring, "totp", OWNER_ONE, sealed, at->arena, &plain));
    keyring_seal(at->keyring, "totp", OWNER_ONE, fixture_span("secret"), at->arena, &sealed);
    assert_false(keyring_open(before, "totp", OWNER_ONE, sealed, at->arena, &plain));
    keyring_free(before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_sealed_opens, setup, teardown),
        cmocka_unit_test_setup_teardown(a_moved_value_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(every_flipped_bit_and_every_cut_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_key_opens_and_a_missing_one_does_not, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
