#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/digest.h"
#include "lib/crypto/files_key.h"
#include "lib/crypto/keyring_change.h"

#include <stdlib.h>

#define UPLOAD_ONE "0190cccc-0000-7000-8000-000000000001"
#define UPLOAD_TWO "0190cccc-0000-7000-8000-000000000002"

static struct span
sealed_span(const unsigned char sealed[FILES_KEY_SEALED_SIZE])
{
    return (struct span){sealed, FILES_KEY_SEALED_SIZE};
}

static void
make_key(unsigned char key[FILES_KEY_SIZE], unsigned char fill)
{
    memset(key, fill, FILES_KEY_SIZE);
}

static void
assert_closed(const struct keyring *keyring, const char *patient, struct span sealed)
{
    unsigned char key[FILES_KEY_SIZE];
    memset(key, 0xa5, sizeof key);
    assert_false(files_key_open(keyring, patient, sealed, key));
    assert_true(sodium_is_zero(key, sizeof key));
}

/* A keyring that was made before there was a `files` key. */
static struct keyring *
keyring_without_files(void)
{
    static const char *const names[] = {"kek", "index", "pepper", "seal", "audit"};
    char json[2048];
    char entry[128];
    char error[256] = "";
    size_t size = 0;
    for (unsigned kind = 0; kind < sizeof names / sizeof names[0]; kind++) {
        size += (size_t)snprintf(json + size, sizeof json - size, "%s\"%s\": [%s]", kind == 0 ? "{" : ", ",
                                 names[kind], fixture_entry(entry, 1, (unsigned char)(kind + 1)));
    }
    (void)snprintf(json + size, sizeof json - size, "}");
    struct keyring *keyring = keyring_read(json, error, sizeof error);
    assert_string_equal(error, "");
    return keyring;
}

static void
a_files_key_is_of_one_data_key_and_of_its_random_part(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(1);
    unsigned char data_key[DATA_KEY_SIZE];
    unsigned char wrapped[WRAPPED_KEY_SIZE];
    unsigned char first[FILES_KEY_SIZE];
    unsigned char again[FILES_KEY_SIZE];
    unsigned char expected[FILES_KEY_SIZE];
    assert_true(data_key_new(keyring, OWNER_ONE, data_key, wrapped));
    files_key_of(data_key, first);
    /* RFC 5869: one block of HKDF-Expand is the HMAC of the name and the byte 1. */
    static const unsigned char info[] = {'f', 'i', 'l', 'e', 's', ':', '1', 1};
    assert_int_equal(crypto_auth_hmacsha256(expected, info, sizeof info, data_key + 64), 0);
    assert_memory_equal(first, expected, sizeof first);
    assert_memory_not_equal(first, data_key, sizeof first); /* nor one of the two that SQL is given */
    assert_memory_not_equal(first, data_key + 32, sizeof first);
    assert_true(data_key_rewrap(keyring, OWNER_ONE, (struct span){wrapped, sizeof wrapped}, wrapped));
    assert_true(data_key_unwrap(keyring, OWNER_ONE, (struct span){wrapped, sizeof wrapped}, data_key));
    files_key_of(data_key, again);
    assert_memory_equal(first, again, sizeof first); /* as long as the data key lives */
    assert_true(data_key_new(keyring, OWNER_ONE, data_key, wrapped));
    files_key_of(data_key, again);
    assert_memory_not_equal(first, again, sizeof first);
    keyring_free(keyring);
}

static void
the_scanners_copy_opens_for_its_patient_in_either_case(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(2);
    unsigned char key[FILES_KEY_SIZE];
    unsigned char opened[FILES_KEY_SIZE];
    unsigned char sealed[FILES_KEY_SEALED_SIZE];
    make_key(key, 7);
    assert_true(files_key_seal(keyring, OWNER_ONE, key, sealed));
    assert_int_equal(files_sealed_version(sealed_span(sealed)), 2);
    assert_true(files_key_open(keyring, OWNER_ONE, sealed_span(sealed), opened));
    assert_memory_equal(key, opened, sizeof key);
    assert_true(files_key_open(keyring, "0190AAAA-0000-7000-8000-000000000001", sealed_span(sealed), opened));
    assert_memory_equal(key, opened, sizeof key);
    assert_closed(keyring, OWNER_TWO, sealed_span(sealed));
    assert_closed(keyring, "", sealed_span(sealed));
    assert_closed(keyring, NULL, sealed_span(sealed));
    assert_false(files_key_seal(keyring, "no uuid", key, sealed));
    assert_true(sodium_is_zero(sealed, sizeof sealed));
    keyring_free(keyring);
}

static void
every_flipped_bit_and_every_other_size_is_refused(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(3); /* so that a changed version names a key that is there */
    unsigned char key[FILES_KEY_SIZE];
    unsigned char sealed[FILES_KEY_SEALED_SIZE + 1] = {0};
    make_key(key, 7);
    assert_true(files_key_seal(keyring, OWNER_ONE, key, sealed));
    for (size_t bit = 0; bit < 8 * FILES_KEY_SEALED_SIZE; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_closed(keyring, OWNER_ONE, sealed_span(sealed));
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t size = 0; size <= sizeof sealed; size++) {
        if (size != FILES_KEY_SEALED_SIZE) {
            assert_closed(keyring, OWNER_ONE, (struct span){sealed, size});
        }
    }
    assert_true(files_key_open(keyring, OWNER_ONE, sealed_span(sealed), key));
    keyring_free(keyring);
}

static void
a_version_on_standby_opens_and_is_not_used(void **state)
{
    (void)state;
    struct keyring *before = fixture_keyring(1);
    struct keyring *standby = keyring_with_new(before, KEYRING_FILES);
    struct keyring *after = keyring_with_promoted(standby, KEYRING_FILES);
    struct keyring *retired = keyring_without(after, KEYRING_FILES, 1);
    unsigned char key[FILES_KEY_SIZE];
    unsigned char opened[FILES_KEY_SIZE];
    unsigned char sealed[FILES_KEY_SEALED_SIZE];
    unsigned char renewed[FILES_KEY_SEALED_SIZE];
    make_key(key, 7);
    assert_true(files_key_seal(standby, OWNER_ONE, key, sealed));
    assert_int_equal(files_sealed_version(sealed_span(sealed)), 1); /* what is on standby is not used */
    assert_true(files_key_seal(after, OWNER_ONE, key, renewed));
    assert_int_equal(files_sealed_version(sealed_span(renewed)), 2);
    assert_true(files_key_open(standby, OWNER_ONE, sealed_span(renewed), opened)); /* but it is known */
    assert_memory_equal(key, opened, sizeof key);
    assert_closed(before, OWNER_ONE, sealed_span(renewed));
    assert_closed(retired, OWNER_ONE, sealed_span(sealed));
    assert_true(files_key_open(retired, OWNER_ONE, sealed_span(renewed), opened));
    keyring_free(before);
    keyring_free(standby);
    keyring_free(after);
    keyring_free(retired);
}

static void
each_purpose_and_version_has_a_key_of_its_own(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(2);
    unsigned char keys[FILES_PURPOSES * 2 + 2][FILES_KEY_SIZE];
    unsigned char expected[FILES_KEY_SIZE];
    size_t count = 0;
    for (uint32_t version = 1; version <= 2; version++) {
        for (int purpose = 0; purpose < FILES_PURPOSES; purpose++) {
            assert_true(files_subkey(keyring, (enum files_purpose)purpose, version, keys[count++]));
        }
        memcpy(keys[count++], keyring_key(keyring, KEYRING_FILES, version), FILES_KEY_SIZE);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(keys[i], keys[j], FILES_KEY_SIZE);
        }
    }
    static const char info[] = "files.urls:1\x01";
    assert_int_equal(crypto_auth_hmacsha256(expected, (const unsigned char *)info, sizeof info - 1,
                                            keyring_key(keyring, KEYRING_FILES, 2)),
                     0);
    assert_true(files_subkey(keyring, FILES_URLS, 2, keys[0]));
    assert_memory_equal(keys[0], expected, sizeof expected);
    assert_false(files_subkey(keyring, FILES_URLS, 3, keys[0]));
    assert_true(sodium_is_zero(keys[0], FILES_KEY_SIZE));
    keyring_free(keyring);
}

static void
a_ticket_opens_unchanged_and_for_what_it_was_made(void **state)
{
    (void)state;
    struct keyring *keyring = fixture_keyring(2);
    struct span plain = fixture_span("what the other program needs");
    unsigned char sealed[64 + FILES_OVERHEAD];
    unsigned char opened[64];
    size_t size = plain.size + FILES_OVERHEAD;
    assert_true(files_ticket_seal(keyring, "ticket", plain, sealed));
    assert_true(files_ticket_open(keyring, "ticket", (struct span){sealed, size}, opened));
    assert_memory_equal(opened, plain.data, plain.size);
    assert_false(files_ticket_open(keyring, "another", (struct span){sealed, size}, opened));
    for (size_t bit = 0; bit < 8 * size; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(files_ticket_open(keyring, "ticket", (struct span){sealed, size}, opened));
        assert_true(sodium_is_zero(opened, plain.size) ||
                    files_sealed_version((struct span){sealed, size}) > 2);
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++) {
        assert_false(files_ticket_open(keyring, "ticket", (struct span){sealed, cut}, opened));
    }
    /* The scanner's copy is no ticket, although it is sealed under the same version. */
    unsigned char key[FILES_KEY_SIZE];
    unsigned char copy[FILES_KEY_SEALED_SIZE];
    make_key(key, 7);
    assert_true(files_key_seal(keyring, OWNER_ONE, key, copy));
    assert_false(files_ticket_open(keyring, OWNER_ONE, sealed_span(copy), opened));
    assert_true(files_ticket_seal(keyring, OWNER_ONE, (struct span){key, sizeof key}, sealed));
    assert_closed(keyring, OWNER_ONE, sealed_span(sealed));
    keyring_free(keyring);
}

static void
what_was_declared_opens_for_its_upload_and_patient_alone(void **state)
{
    (void)state;
    struct span plain = fixture_span("{\"size\":3}");
    unsigned char key[FILES_KEY_SIZE];
    unsigned char other[FILES_KEY_SIZE];
    unsigned char sealed[64 + FILES_OVERHEAD];
    unsigned char opened[64];
    size_t size = plain.size + FILES_OVERHEAD;
    make_key(key, 7);
    make_key(other, 8);
    assert_true(files_declared_seal(key, UPLOAD_ONE, plain, sealed));
    assert_true(files_declared_open(key, "0190CCCC-0000-7000-8000-000000000001", (struct span){sealed, size},
                                    opened));
    assert_memory_equal(opened, plain.data, plain.size);
    assert_false(files_declared_open(key, UPLOAD_TWO, (struct span){sealed, size}, opened));
    assert_false(files_declared_open(other, UPLOAD_ONE, (struct span){sealed, size}, opened));
    assert_false(files_declared_open(key, "no uuid", (struct span){sealed, size}, opened));
    assert_false(files_declared_seal(key, "no uuid", plain, sealed));
    for (size_t bit = 0; bit < 8 * size; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(files_declared_open(key, UPLOAD_ONE, (struct span){sealed, size}, opened));
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++) {
        assert_false(files_declared_open(key, UPLOAD_ONE, (struct span){sealed, cut}, opened));
    }
}

static void
without_the_kind_nothing_is_sealed(void **state)
{
    (void)state;
    struct keyring *whole = fixture_keyring(1);
    struct keyring *old = keyring_without_files();
    unsigned char key[FILES_KEY_SIZE];
    unsigned char sealed[FILES_KEY_SEALED_SIZE];
    unsigned char renewed[FILES_KEY_SEALED_SIZE];
    make_key(key, 7);
    assert_int_equal(keyring_current(old, KEYRING_FILES), 0);
    assert_false(files_subkey(old, FILES_URLS, keyring_current(old, KEYRING_FILES), renewed));
    assert_false(files_ticket_seal(old, "ticket", (struct span){key, sizeof key}, renewed));
    assert_false(files_key_seal(old, OWNER_ONE, key, sealed));
    assert_true(sodium_is_zero(sealed, sizeof sealed));
    assert_true(files_key_seal(whole, OWNER_ONE, key, sealed));
    assert_closed(old, OWNER_ONE, sealed_span(sealed));
    keyring_free(whole);
    keyring_free(old);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_files_key_is_of_one_data_key_and_of_its_random_part),
        cmocka_unit_test(the_scanners_copy_opens_for_its_patient_in_either_case),
        cmocka_unit_test(every_flipped_bit_and_every_other_size_is_refused),
        cmocka_unit_test(a_version_on_standby_opens_and_is_not_used),
        cmocka_unit_test(each_purpose_and_version_has_a_key_of_its_own),
        cmocka_unit_test(a_ticket_opens_unchanged_and_for_what_it_was_made),
        cmocka_unit_test(what_was_declared_opens_for_its_upload_and_patient_alone),
        cmocka_unit_test(without_the_kind_nothing_is_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
