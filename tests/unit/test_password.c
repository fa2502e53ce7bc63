#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/password.h"
#include "lib/crypto/password_words.h"

#include <dlfcn.h>
#include <sodium.h>

#define GOOD "unrelated teapot gravel 9"

static void
assert_code(const char *password, size_t least, const char *const *context, const char *code)
{
    const struct password_refusal *refusal = password_check(password, least, context);
    const char *found = refusal == NULL ? "good" : refusal->code;
    if (strcmp(found, code) != 0) {
        fail_msg("`%s` is %s, not %s", password, found, code);
    }
}

static void
a_password_verifies_against_its_hash_only(void **state)
{
    struct keyring *keyring = *state;
    char stored[PASSWORD_HASH_SIZE];
    char again[PASSWORD_HASH_SIZE];
    assert_true(password_hash(keyring, GOOD, stored));
    assert_true(password_hash(keyring, GOOD, again));
    assert_string_not_equal(stored, again);
    assert_int_equal(strncmp(stored, "p2$argon2id$v=19$m=19456,t=2,p=1$", 33), 0);
    assert_true(password_verify(keyring, stored, GOOD));
    assert_false(password_verify(keyring, stored, GOOD " "));
    assert_false(password_verify(keyring, stored, ""));
    assert_false(password_verify(keyring, NULL, GOOD));
    assert_false(password_verify(keyring, NULL, ""));
    assert_false(password_is_old(keyring, stored));
}

/* [6.2.8] */
static void
one_password_in_two_encodings_is_one_password(void **state)
{
    struct keyring *keyring = *state;
    char stored[PASSWORD_HASH_SIZE];
    assert_true(password_hash(keyring, "Gr\303\274\303\237e \357\254\201ne", stored)); /* NFC, ligature fi */
    assert_true(password_verify(keyring, stored, "Gru\314\210\303\237e fine"));        /* NFD */
    assert_false(password_verify(keyring, stored, "Grusse fine"));
}

static void
what_cannot_be_a_password_neither_hashes_nor_verifies(void **state)
{
    struct keyring *keyring = *state;
    char stored[PASSWORD_HASH_SIZE];
    char empty[PASSWORD_HASH_SIZE];
    char longest[PASSWORD_MAX + 2] = "";
    memset(longest, 'x', PASSWORD_MAX + 1);
    assert_false(password_hash(keyring, "bad \xff utf-8", stored));
    assert_string_equal(stored, "");
    assert_false(password_hash(keyring, longest, stored));
    /* Both are hashed as nothing for the sake of time: they must not open the account of an empty password.
     */
    assert_true(password_hash(keyring, "", empty));
    assert_false(password_verify(keyring, empty, "bad \xff utf-8"));
    assert_false(password_verify(keyring, empty, longest));
    longest[PASSWORD_MAX] = '\0';
    assert_true(password_hash(keyring, longest, stored));
    assert_true(password_verify(keyring, stored, longest));
}

static void
a_rotated_pepper_still_verifies_and_a_lost_one_does_not(void **state)
{
    struct keyring *after = *state;
    struct keyring *before = fixture_keyring(1);
    char stored[PASSWORD_HASH_SIZE];
    assert_true(password_hash(before, GOOD, stored));
    assert_true(password_verify(after, stored, GOOD));
    assert_true(password_is_old(after, stored));
    assert_true(password_hash(after, GOOD, stored));
    assert_false(password_verify(before, stored, GOOD));
    stored[1] = '1'; /* the wrong pepper */
    assert_false(password_verify(after, stored, GOOD));
    keyring_free(before);
}

static void
a_damaged_hash_is_refused(void **state)
{
    struct keyring *keyring = *state;
    static const char *const damaged[] = {"",
                                          "p",
                                          "p2",
                                          "p2$",
                                          "p2$argon2id$",
                                          "p02$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAA",
                                          "p99999999999999999999$argon2id$v=19",
                                          "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAA",
                                          "plaintext"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        assert_false(password_verify(keyring, damaged[i], GOOD));
        assert_true(password_is_old(keyring, damaged[i]));
    }
    char stored[PASSWORD_HASH_SIZE];
    assert_true(password_hash(keyring, GOOD, stored));
    size_t last = strlen(stored) - 2;
    stored[last] = stored[last] == 'A' ? 'B' : 'A';
    assert_false(password_verify(keyring, stored, GOOD));
}

/* What each call to libsodium costs: the parameters are the whole price of Argon2id (RFC 9106 section 3.1).
 */
static unsigned hashings;
static char price[64];

/* In place of libsodium's, which it calls: the linker finds this one first. */
int
crypto_pwhash_str_verify(const char str[crypto_pwhash_STRBYTES], const char *const passwd,
                         unsigned long long passwdlen)
{
    int (*real)(const char *, const char *, unsigned long long) = NULL;
    void *found = dlsym(RTLD_NEXT, "crypto_pwhash_str_verify");
    memcpy(&real, &found, sizeof real);
    const char *salt = strstr(str, ",p=");
    size_t size = salt == NULL ? 0 : (size_t)(salt - str);
    hashings++;
    assert_true(size < sizeof price);
    memcpy(price, str, size);
    price[size] = '\0';
    return real(str, passwd, passwdlen);
}

static void
assert_costs_one_hashing(struct keyring *keyring, const char *stored, const char *password)
{
    hashings = 0;
    assert_false(password_verify(keyring, stored, password));
    assert_int_equal(hashings, 1);
    assert_string_equal(price, "$argon2id$v=19$m=19456,t=2");
}

/* The same work for accounts that do not exist, and for passwords that cannot be. [6.3.8] */
static void
an_unknown_account_costs_as_much(void **state)
{
    struct keyring *keyring = *state;
    char stored[PASSWORD_HASH_SIZE];
    assert_true(password_hash(keyring, GOOD, stored));
    assert_costs_one_hashing(keyring, stored, "wrong");
    assert_costs_one_hashing(keyring, NULL, "wrong");
    assert_costs_one_hashing(keyring, stored, "\xff");
    assert_costs_one_hashing(keyring, "plaintext", "wrong");
}

/* Code points after NFKC are counted. [6.2.1, 6.2.9] */
static void
length_is_counted_in_code_points(void **state)
{
    (void)state;
    char longest[4 * (PASSWORD_MAX + 1) + 1] = "";
    assert_code("xk7!vQp", PASSWORD_MIN_WITH_MFA, NULL, "too-short");
    assert_code("xk7!vQpz", PASSWORD_MIN_WITH_MFA, NULL, "good");
    assert_code("xk7!vQpzRw2#mB", PASSWORD_MIN_ALONE, NULL, "too-short");
    assert_code("xk7!vQpzRw2#mBt", PASSWORD_MIN_ALONE, NULL, "good");
    assert_code("\xf0\x9f\x8d\x8b\xf0\x9f\x8e\xb9\xf0\x9f\x9a\xb2", PASSWORD_MIN_WITH_MFA, NULL, "too-short");
    assert_code("u\314\210o\314\210a\314\210x7k", PASSWORD_MIN_WITH_MFA, NULL,
                "too-short"); /* six when composed */
    assert_code("", PASSWORD_MIN_WITH_MFA, NULL, "too-short");
    assert_code("abc\377\376defghijkl", PASSWORD_MIN_WITH_MFA, NULL, "not-text");
    for (size_t i = 0; i < PASSWORD_MAX; i++) {
        longest[i] = "q7wZk!0m"[i * i % 8 ^ i / 8 % 8];
    }
    assert_code(longest, PASSWORD_MIN_ALONE, NULL, "good");
    longest[PASSWORD_MAX] = 'x';
    assert_code(longest, PASSWORD_MIN_ALONE, NULL, "too-long");
    char huge[5000];
    memset(huge, 'x', sizeof huge);
    huge[sizeof huge - 1] = '\0';
    assert_code(huge, PASSWORD_MIN_ALONE, NULL, "too-long");
}

/* No class of characters is asked for. [6.2.5] */
static void
any_composition_is_allowed(void **state)
{
    (void)state;
    static const char *const alike[] = {"tqnwkbvzxjrhmpd", "TQNWKBVZXJRHMPD", "930175286401937",
                                        "? ! * _ + ; : . ,",
                                        "\316\267 \316\270\316\254\316\273\316\261\317\203\317\203\316\261 "
                                        "\316\272\316\261\316\271 \316\263\316\267"};
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        assert_code(alike[i], PASSWORD_MIN_ALONE, NULL, "good");
    }
}

/* [6.2.4, 6.2.12] */
static void
common_passwords_are_refused_in_every_dress(void **state)
{
    (void)state;
    static const char *const common[] = {
        "password",         "PassWord",        "password123",      "Password2024!",    "!!password!!",
        "12345678",         "123456789012345", "qwertyuiop",       "iloveyou",         "passwordpassword",
        "aaaaaaaaaaaaaaaa", "abcdefghijklmno", "abcd1234efgh5678", "9876543210987654", "k7Xk7Xk7Xk7Xk7Xk7X",
        "qwertyuiopasdfgh", "Sommer2023!",     "PASSWORD12345678", "letmein letmein",  "123456password123456",
        "trustno1trustno1", "zxcvbnmasdfghjkl"};
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        assert_code(common[i], PASSWORD_MIN_WITH_MFA, NULL, "common");
    }
    static const char *const good[] = {"correct horse battery staple",
                                       "my password is a teapot",
                                       GOOD,
                                       "shadow!Kq7w2xP",
                                       "zw\xc3\xb6lf Boxk\xc3\xa4mpfer jagen",
                                       "7f3kq9zt"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_code(good[i], PASSWORD_MIN_WITH_MFA, NULL, "good");
    }
}

/* [6.2.11] */
static void
passwords_of_context_are_refused(void **state)
{
    (void)state;
    static const char *const context[] = {"Praxis Dr. M\303\274ller-L\303\274denscheid",
                                          "ada.lovelace@mail.example", NULL};
    static const char *const refused[] = {"ada.lovelace@mail", "AdaLovelace1815",
                                          "lovelace!lovelace", "PraxisM\xc3\x9cLLER2024",
                                          "anamnesis2024!!",   "m\303\274ller-l\303\274denscheid"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_code(refused[i], PASSWORD_MIN_WITH_MFA, context, "context");
    }
    assert_code("lovelace juggles seven kettles", PASSWORD_MIN_ALONE, context, "good");
    assert_code("AdaLovelace1815x?k", PASSWORD_MIN_WITH_MFA, NULL, "good");
    assert_code("anamnesis2024!!", PASSWORD_MIN_WITH_MFA, NULL, "context");
}

static void
a_huge_context_is_bounded(void **state)
{
    (void)state;
    static char text[100000];
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        text[i] = i % 5 == 4 ? ' ' : (char)('a' + i % 23);
    }
    const char *const context[] = {text, "Brandenburg", "\xff\xfe", "", NULL};
    assert_code(GOOD, PASSWORD_MIN_ALONE, context, "good");
    assert_code("brandenburg!1", PASSWORD_MIN_WITH_MFA, context, "context");
    char many[2000] = "";
    for (size_t i = 0; i + 1 < sizeof many; i++) {
        many[i] = i % 5 == 4 ? ' ' : (char)('a' + i % 23);
    }
    const char *const crowded[] = {many, many, NULL};
    assert_code(GOOD, PASSWORD_MIN_ALONE, crowded, "good");
}

static void
the_list_is_sorted_and_in_lower_case(void **state)
{
    (void)state;
    size_t count = 0;
    const char *const *list = password_words_common(&count);
    assert_true(count >= 1000);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(list[i]) >= 4);
        assert_true(i == 0 || strcmp(list[i - 1], list[i]) < 0);
        for (const char *at = list[i]; *at != '\0'; at++) {
            assert_true(*at > 0x20 && *at < 0x7f && (*at < 'A' || *at > 'Z'));
        }
    }
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
        cmocka_unit_test(a_password_verifies_against_its_hash_only),
        cmocka_unit_test(one_password_in_two_encodings_is_one_password),
        cmocka_unit_test(what_cannot_be_a_password_neither_hashes_nor_verifies),
        cmocka_unit_test(a_rotated_pepper_still_verifies_and_a_lost_one_does_not),
        cmocka_unit_test(a_damaged_hash_is_refused),
        cmocka_unit_test(an_unknown_account_costs_as_much),
        cmocka_unit_test(length_is_counted_in_code_points),
        cmocka_unit_test(any_composition_is_allowed),
        cmocka_unit_test(common_passwords_are_refused_in_every_dress),
        cmocka_unit_test(passwords_of_context_are_refused),
        cmocka_unit_test(a_huge_context_is_bounded),
        cmocka_unit_test(the_list_is_sorted_and_in_lower_case),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
