#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/data_key.h"

#include <stdlib.h>

static struct span
wrapped_span(const unsigned char wrapped[WRAPPED_KEY_SIZE])
{
    return (struct span){wrapped, WRAPPED_KEY_SIZE};
}

static void
assert_closed(const struct keyring *keyring, const char *owner, struct span wrapped)
{
    unsigned char key[DATA_KEY_SIZE];
    memset(key, 0xa5, sizeof key);
    assert_false(data_key_unwrap(keyring, owner, wrapped, key));
    assert_true(sodium_is_zero(key, sizeof key));
}

static void
a_new_key_opens_for_its_owner_in_either_case(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(1);
    unsigned char key[DATA_KEY_SIZE];
    unsigned char other[DATA_KEY_SIZE];
    unsigned char opened[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char wrapped_other[WRAPPED_KEY_SIZE];
    assert_true(data_key_new(keyring, OWNER_ONE, key, wrapped));
    assert_true(data_key_new(keyring, OWNER_ONE, other, wrapped_other));
    assert_memory_not_equal(key, other, sizeof key);
    assert_true(data_key_unwrap(keyring, OWNER_ONE, wrapped_span(wrapped), opened));
    assert_memory_equal(key, opened, sizeof key);
    assert_true(
        data_key_unwrap(keyring, "0190AAAA-0000-7000-8000-000000000001", wrapped_span(wrapped), opened));
    assert_memory_equal(key, opened, sizeof key);
    assert_int_equal(data_key_version(wrapped_span(wrapped)), 1);
    keyring_free(keyring);
}

static void
a_key_does_not_open_for_another_owner(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(1);
    unsigned char key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    assert_true(data_key_new(keyring, OWNER_ONE, key, wrapped));
    assert_closed(keyring, OWNER_TWO, wrapped_span(wrapped));
    assert_closed(keyring, "", wrapped_span(wrapped));
    assert_closed(keyring, NULL, wrapped_span(wrapped));
    assert_false(data_key_new(keyring, "no uuid", key, wrapped));
    assert_true(sodium_is_zero(key, sizeof key));
    assert_true(sodium_is_zero(wrapped, sizeof wrapped));
    keyring_free(keyring);
}

static void
every_flipped_bit_and_every_other_size_is_refused(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(3); /* so that a changed version names a key that is there */
    unsigned char key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE + 1] = {0};
    assert_true(data_key_new(keyring, OWNER_ONE, key, wrapped));
    for (size_t bit = 0; bit < 8 * WRAPPED_KEY_SIZE; bit++) {
        wrapped[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_closed(keyring, OWNER_ONE, wrapped_span(wrapped));
        wrapped[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t size = 0; size <= sizeof wrapped; size++) {
        if (size != WRAPPED_KEY_SIZE) {
            assert_closed(keyring, OWNER_ONE, (struct span){wrapped, size});
            assert_int_equal(data_key_version((struct span){wrapped, size}), 0);
        }
    }
    assert_true(data_key_unwrap(keyring, OWNER_ONE, wrapped_span(wrapped), key));
    keyring_free(keyring);
}

static void
a_lost_or_wrong_kek_opens_nothing(void **state)
{
    (void)state;
    struct keyring *two = fixture_keyring(2);
    struct keyring *one = fixture_keyring(1);
    unsigned char key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    assert_true(data_key_new(two, OWNER_ONE, key, wrapped));
    assert_int_equal(data_key_version(wrapped_span(wrapped)), 2);
    assert_closed(one, OWNER_ONE, wrapped_span(wrapped)); /* lost */
    char *text = NULL;
    size_t size = 0;
    char error[256] = "";
    FILE *out = open_memstream(&text, &size);
    assert_true(keyring_create(out));
    (void)fclose(out);
    struct keyring *foreign = keyring_read(text, error, sizeof error);
    assert_true(data_key_new(one, OWNER_ONE, key, wrapped));
    assert_closed(foreign, OWNER_ONE, wrapped_span(wrapped)); /* the same version, another key */
    free(text);
    keyring_free(foreign);
    keyring_free(one);
    keyring_free(two);
}

static void
rotation_wraps_the_same_key_again(void **state)
{
    (void)state;
    struct keyring *before = fixture_keyring(1);
    struct keyring *after = fixture_keyring(2);
    unsigned char key[DATA_KEY_SIZE];
    unsigned char opened[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char renewed[WRAPPED_KEY_SIZE];
    assert_true(data_key_new(before, OWNER_ONE, key, wrapped));
    assert_true(data_key_rewrap(after, OWNER_ONE, wrapped_span(wrapped), renewed));
    assert_int_equal(data_key_version(wrapped_span(renewed)), 2);
    assert_true(data_key_unwrap(after, OWNER_ONE, wrapped_span(renewed), opened));
    assert_memory_equal(key, opened, sizeof key);
    assert_false(data_key_rewrap(after, OWNER_TWO, wrapped_span(wrapped), renewed));
    assert_true(sodium_is_zero(renewed, sizeof renewed));
    keyring_free(before);
    keyring_free(after);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_key_opens_for_its_owner_in_either_case),
        cmocka_unit_test(a_key_does_not_open_for_another_owner),
        cmocka_unit_test(every_flipped_bit_and_every_other_size_is_refused),
        cmocka_unit_test(a_lost_or_wrong_kek_opens_nothing),
        cmocka_unit_test(rotation_wraps_the_same_key_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
