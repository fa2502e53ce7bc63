#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/blind.h"

struct fixture {
    struct keyring *keyring;
    struct arena *arena;
};

static void
assert_email(struct fixture *at, const char *given, const char *expected)
{
    const char *found = email_normalise(at->arena, given);
    if (expected == NULL || found == NULL) {
        assert_ptr_equal(found, expected);
        return;
    }
    assert_string_equal(found, expected);
}

static void
addresses_are_compared_without_case_and_encoding(void **state)
{
    struct fixture *at = *state;
    assert_email(at, "Ada@Mail.Example", "ada@mail.example");
    assert_email(at, " \t ada@mail.example\r\n", "ada@mail.example");
    assert_email(at, "\302\240ada@mail.example\343\200\200", "ada@mail.example");
    assert_email(at, "ada+tag@mail.example", "ada+tag@mail.example");
    assert_email(at, "o'hara_%x-y.z@mail.example", "o'hara_%x-y.z@mail.example");
    assert_email(at, "GR\303\234N@mail.example", "gr\xc3\xbcn@mail.example");
    assert_email(at, "gru\xcc\x88n@mail.example", "gr\xc3\xbcn@mail.example");
    /* Compatibility forms stay apart: a look-alike is another address. */
    assert_email(at, "\357\275\201da@mail.example", "\357\275\201da@mail.example");
}

static void
what_is_no_address_is_refused(void **state)
{
    struct fixture *at = *state;
    static const char *const bad[] = {"",
                                      " ",
                                      "ada",
                                      "@",
                                      "@mail.example",
                                      "ada@",
                                      "ada@mail@example",
                                      "ada@.example",
                                      "ada@mail.",
                                      "ada@mail..example",
                                      "a da@mail.example",
                                      "ada@mail.example\r\nBcc: x@y.example",
                                      "ada@mail\xc2\xa0.example",
                                      "ada@mail.example\x01",
                                      "ad\342\200\256a@mail.example",
                                      "ad\342\200\213a@mail.example",
                                      "ada\x7f@mail.example",
                                      "<ada@mail.example>",
                                      "\"ada\"@mail.example",
                                      "ada@mail.example,eve@mail.example",
                                      "ada@[127.0.0.1]",
                                      "ada\xff@mail.example"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (email_normalise(at->arena, bad[i]) != NULL) {
            fail_msg("number %zu was taken for an address", i);
        }
    }
    assert_null(email_normalise(at->arena, NULL));
}

/* The commands once took it with U-labels, and made its index of those. */
static void
staff_is_found_by_an_address_that_was_stored_as_it_was_typed(void **state)
{
    struct fixture *at = *state;
    unsigned char found[BLIND_INDEXES_MAX][BLIND_INDEX_SIZE];
    unsigned char before[BLIND_INDEX_SIZE];
    const char *normal = email_normalise(at->arena, "Name@M\303\234LLER.de");
    assert_string_equal(normal, "name@xn--mller-kva.de");
    blind_index(at->keyring, BLIND_STAFF_EMAIL, "name@m\303\274ller.de", before);
    size_t count = blind_indexes(at->keyring, BLIND_STAFF_EMAIL, normal, found);
    assert_int_equal(count, 2 * blind_indexes(at->keyring, BLIND_PATIENT_EMAIL, normal, found));
    count = blind_indexes(at->keyring, BLIND_STAFF_EMAIL, normal, found);
    bool there = false;
    for (size_t i = 0; i < count; i++) {
        there = there || memcmp(found[i], before, sizeof before) == 0;
    }
    assert_true(there);
    blind_index(at->keyring, BLIND_STAFF_EMAIL, normal, before);
    assert_memory_equal(found[0], before, sizeof before);
    assert_int_equal(blind_indexes(at->keyring, BLIND_STAFF_EMAIL, "name@mueller.de", found), count / 2);
}

static void
record_numbers_are_compared_without_case_and_blanks(void **state)
{
    struct fixture *at = *state;
    char text[RECORD_NUMBER_BYTES_MAX + 2] = "";
    assert_string_equal(record_number_normalise(at->arena, "A-1815"), "a-1815");
    assert_string_equal(record_number_normalise(at->arena, " a - 18\t15\xc2\xa0"), "a-1815");
    assert_string_equal(record_number_normalise(at->arena, "\xef\xbc\xa1-\xef\xbc\x91\xef\xbc\x98"), "a-18");
    assert_string_equal(record_number_normalise(at->arena, "A1815"), "a1815"); /* signs count */
    assert_null(record_number_normalise(at->arena, ""));
    assert_null(record_number_normalise(at->arena, " \t"));
    assert_null(record_number_normalise(at->arena, "a\x01"));
    assert_null(record_number_normalise(at->arena, "a\xe2\x80\x8b"));
    assert_null(record_number_normalise(at->arena, "\xff"));
    assert_null(record_number_normalise(at->arena, NULL));
    memset(text, '7', RECORD_NUMBER_BYTES_MAX + 1);
    assert_null(record_number_normalise(at->arena, text));
    text[RECORD_NUMBER_BYTES_MAX] = '\0';
    assert_non_null(record_number_normalise(at->arena, text));
}

static void
an_index_depends_on_value_context_and_key(void **state)
{
    struct fixture *at = *state;
    unsigned char first[BLIND_INDEX_SIZE];
    unsigned char second[BLIND_INDEX_SIZE];
    blind_index(at->keyring, BLIND_STAFF_EMAIL, "ada@mail.example", first);
    blind_index(at->keyring, BLIND_STAFF_EMAIL, "ada@mail.example", second);
    assert_memory_equal(first, second, sizeof first);
    blind_index(at->keyring, BLIND_STAFF_EMAIL, "eve@mail.example", second);
    assert_memory_not_equal(first, second, sizeof first);
    blind_index(at->keyring, BLIND_PATIENT_EMAIL, "ada@mail.example", second);
    assert_memory_not_equal(first, second, sizeof first);
    assert_true(blind_index_version(at->keyring, 2, BLIND_STAFF_EMAIL, "ada@mail.example", second));
    assert_memory_equal(first, second, sizeof first);
    assert_true(blind_index_version(at->keyring, 1, BLIND_STAFF_EMAIL, "ada@mail.example", second));
    assert_memory_not_equal(first, second, sizeof first);
    assert_false(blind_index_version(at->keyring, 3, BLIND_STAFF_EMAIL, "ada@mail.example", second));
    assert_true(sodium_is_zero(second, sizeof second));
}

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_compared_without_case_and_encoding),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(staff_is_found_by_an_address_that_was_stored_as_it_was_typed),
        cmocka_unit_test(record_numbers_are_compared_without_case_and_blanks),
        cmocka_unit_test(an_index_depends_on_value_context_and_key),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
