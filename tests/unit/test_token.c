#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/token.h"

static void
assert_hex(const unsigned char digest[DIGEST_SIZE], const char *hex)
{
    char text[DIGEST_TEXT_SIZE];
    assert_string_equal(digest_hex(digest, text), hex);
}

static void
the_vectors_of_sha_256_and_rfc_4231_hold(void **state)
{
    (void)state;
    unsigned char digest[DIGEST_SIZE];
    unsigned char key[131];
    unsigned char data[50];
    digest_sha256((struct span){NULL, 0}, digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256(fixture_span("abc"), digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    memset(key, 0x0b, sizeof key);
    digest_hmac((struct span){key, 20}, fixture_span("Hi There"), digest);
    assert_hex(digest, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    digest_hmac(fixture_span("Jefe"), fixture_span("what do ya want for nothing?"), digest);
    assert_hex(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    digest_hmac((struct span){key, 20}, (struct span){data, sizeof data}, digest);
    assert_hex(digest, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    digest_hmac((struct span){key, 131},
                fixture_span("Test Using Larger Than Block-Size Key - Hash Key First"), digest);
    assert_hex(digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void
derived_values_depend_on_every_part(void **state)
{
    (void)state;
    unsigned char key[DIGEST_SIZE] = {1};
    unsigned char first[DIGEST_SIZE];
    unsigned char second[DIGEST_SIZE];
    digest_derive(key, "a", "bc", first);
    digest_derive(key, "ab", "c", second);
    assert_false(digest_equal(first, second, DIGEST_SIZE));
    digest_derive(key, "a", "bc", second);
    assert_true(digest_equal(first, second, DIGEST_SIZE));
    key[0] = 2;
    digest_derive(key, "a", "bc", second);
    assert_false(digest_equal(first, second, DIGEST_SIZE));
}

/* [7.2.2, 7.2.3] */
static void
a_token_has_43_characters_and_one_hash(void **state)
{
    struct keyring *keyring = *state;
    char text[TOKEN_TEXT_SIZE];
    char other[TOKEN_TEXT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    unsigned char again[TOKEN_HASH_SIZE];
    token_new(keyring, TOKEN_SESSION, text, hash);
    token_new(keyring, TOKEN_SESSION, other, again);
    assert_int_equal(strlen(text), 43);
    assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
    assert_string_not_equal(text, other);
    assert_true(token_hash(keyring, TOKEN_SESSION, text, again));
    assert_memory_equal(hash, again, sizeof hash);
}

/* What is stored cannot be made without the keyring, and one use's hash is not another's. */
static void
a_tokens_hash_is_keyed_and_made_for_one_use(void **state)
{
    struct keyring *keyring = *state;
    char text[TOKEN_TEXT_SIZE];
    unsigned char hashes[TOKEN_USES][TOKEN_HASH_SIZE];
    unsigned char plain[DIGEST_SIZE];
    token_new(keyring, TOKEN_SESSION, text, hashes[TOKEN_SESSION]);
    digest_sha256(fixture_span(text), plain);
    for (int use = 0; use < TOKEN_USES; use++) {
        assert_true(token_hash(keyring, (enum token_use)use, text, hashes[use]));
        assert_memory_not_equal(hashes[use] + 1, plain + 1, DIGEST_SIZE - 1);
        for (int other = 0; other < use; other++) {
            assert_memory_not_equal(hashes[use] + 1, hashes[other] + 1, TOKEN_HASH_SIZE - 1);
        }
    }
}

/* [11.2.2] */
static void
tokens_outlive_a_rotated_pepper(void **state)
{
    struct keyring *after = *state;
    struct keyring *before = fixture_keyring(1);
    char old[TOKEN_TEXT_SIZE];
    char fresh[TOKEN_TEXT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    unsigned char again[TOKEN_HASH_SIZE];
    token_new(before, TOKEN_SESSION, old, hash);
    assert_true(token_hash(after, TOKEN_SESSION, old, again));
    assert_memory_equal(hash, again, sizeof hash);
    assert_int_equal(hash[0], 1);
    token_new(after, TOKEN_SESSION, fresh, hash);
    assert_int_equal(hash[0], 2);
    assert_true(token_hash(before, TOKEN_SESSION, fresh, again)); /* a token, but none that it knows */
    assert_memory_not_equal(hash + 1, again + 1, sizeof hash - 1);
    keyring_free(before);
}

static void
what_has_not_the_form_of_a_token_is_refused(void **state)
{
    struct keyring *keyring = *state;
    static const char *const bad[] = {
        "",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", /* an unused bit is set */
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AA",
        " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAA\303\204AAAAAAAAAAAAAAAAAAAAA"};
    unsigned char hash[TOKEN_HASH_SIZE];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memset(hash, 1, sizeof hash);
        assert_false(token_hash(keyring, TOKEN_SESSION, bad[i], hash));
        assert_true(sodium_is_zero(hash, sizeof hash));
    }
    assert_false(token_hash(keyring, TOKEN_SESSION, NULL, hash));
    assert_true(token_hash(keyring, TOKEN_SESSION, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", hash));
}

/* [6.5.3, 6.5.4] */
static void
recovery_codes_are_ten_and_all_different(void **state)
{
    struct keyring *keyring = *state;
    char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT_SIZE];
    unsigned char hashes[RECOVERY_CODES][TOKEN_HASH_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    recovery_codes_new(keyring, codes, hashes);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        assert_int_equal(strlen(codes[i]), 19);
        assert_int_equal(strspn(codes[i], "0123456789abcdefghjkmnpqrstvwxyz-"), 19);
        assert_true(codes[i][4] == '-' && codes[i][9] == '-' && codes[i][14] == '-');
        assert_true(recovery_code_hash(keyring, codes[i], hash));
        assert_memory_equal(hash, hashes[i], sizeof hash);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(codes[i], codes[other]);
        }
    }
}

static void
a_code_may_be_typed_as_people_do(void **state)
{
    struct keyring *keyring = *state;
    unsigned char right[TOKEN_HASH_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    static const char *const same[] = {"0123456789abcdef", "0123 4567 89AB CDEF",
                                       "  o1-23-45-67-89-ab-cd-ef ", "OI234567-89ABCDEF",
                                       "Ol23-4567-89ab-cdef"};
    static const char *const bad[] = {"",
                                      "0123456789abcde",
                                      "0123456789abcdef0",
                                      "0123456789abcdeu",
                                      "0123456789abcde!",
                                      "0123456789abcd\xc3\xa9",
                                      "----------------"};
    assert_true(recovery_code_hash(keyring, "0123-4567-89ab-cdef", right));
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_true(recovery_code_hash(keyring, same[i], hash));
        assert_memory_equal(hash, right, sizeof hash);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(recovery_code_hash(keyring, bad[i], hash));
        assert_true(sodium_is_zero(hash, sizeof hash));
    }
    assert_false(recovery_code_hash(keyring, NULL, hash));
}

/* [6.5.2] */
static void
codes_outlive_a_rotated_pepper(void **state)
{
    struct keyring *after = *state;
    struct keyring *before = fixture_keyring(1);
    unsigned char old[TOKEN_HASH_SIZE];
    unsigned char current[TOKEN_HASH_SIZE];
    unsigned char hashes[KEYRING_VERSIONS_MAX][TOKEN_HASH_SIZE];
    assert_true(recovery_code_hash(before, "0123-4567-89ab-cdef", old));
    assert_true(recovery_code_hash(after, "0123-4567-89ab-cdef", current));
    assert_memory_not_equal(old, current, sizeof old);
    assert_int_equal(recovery_code_hashes(after, "0123-4567-89ab-cdef", hashes), 2);
    assert_memory_equal(hashes[0], current, sizeof current);
    assert_memory_equal(hashes[1], old, sizeof old);
    assert_int_equal(recovery_code_hashes(after, "x", hashes), 0);
    assert_int_equal(recovery_code_hashes(after, NULL, hashes), 0);
    keyring_free(before);
}

static int
setup(void **state)
{
    *state = fixture_keyring(2);
    return 0;
}

static int
teardown(void **state)
{
    keyring_free(*state);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_sha_256_and_rfc_4231_hold),
        cmocka_unit_test(derived_values_depend_on_every_part),
        cmocka_unit_test(a_token_has_43_characters_and_one_hash),
        cmocka_unit_test(a_tokens_hash_is_keyed_and_made_for_one_use),
        cmocka_unit_test(tokens_outlive_a_rotated_pepper),
        cmocka_unit_test(what_has_not_the_form_of_a_token_is_refused),
        cmocka_unit_test(recovery_codes_are_ten_and_all_different),
        cmocka_unit_test(a_code_may_be_typed_as_people_do),
        cmocka_unit_test(codes_outlive_a_rotated_pepper),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
