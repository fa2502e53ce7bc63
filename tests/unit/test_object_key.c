#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/object_key.h"

static const unsigned char FILES_KEY[FILES_KEY_SIZE] = {7, 7, 7};
static const unsigned char SALT[OBJECT_SALT_SIZE] = {9, 8};

/* Made by another program's HKDF: what is on disks must open for ever. */
static void
the_derivation_stays(void **state)
{
    (void)state;
    static const unsigned char expected[] = {0x66, 0x5f, 0x64, 0xb7, 0x7d, 0x9f, 0x5c, 0x11, 0xf9, 0x69, 0x76,
                                             0xc6, 0xe7, 0xc3, 0x25, 0x07, 0xf0, 0xd1, 0xc9, 0x7d, 0xc4, 0xee,
                                             0xca, 0x4d, 0x4c, 0x04, 0x68, 0xbd, 0x4a, 0xec, 0xf1, 0x39};
    unsigned char key[STREAM_KEY_SIZE];
    char text[OBJECT_TEXT_SIZE];
    assert_true(object_key(FILES_KEY, OWNER_ONE, "original", SALT, key));
    assert_memory_equal(key, expected, sizeof key);
    assert_true(object_text(OWNER_ONE, "original", text));
    assert_string_equal(text, "media:" OWNER_ONE ":original:1");
}

static void
the_id_has_one_spelling(void **state)
{
    (void)state;
    unsigned char key[STREAM_KEY_SIZE];
    unsigned char other[STREAM_KEY_SIZE];
    char text[OBJECT_TEXT_SIZE];
    assert_true(object_key(FILES_KEY, OWNER_ONE, "view", SALT, key));
    assert_true(object_key(FILES_KEY, "0190AAAA-0000-7000-8000-000000000001", "view", SALT, other));
    assert_memory_equal(key, other, sizeof key);
    assert_true(object_text("0190AAAA-0000-7000-8000-000000000001", "view", text));
    assert_string_equal(text, "media:" OWNER_ONE ":view:1");
}

static void
every_bit_of_key_and_salt_and_every_part_counts(void **state)
{
    (void)state;
    unsigned char key[STREAM_KEY_SIZE];
    unsigned char other[STREAM_KEY_SIZE];
    unsigned char files_key[FILES_KEY_SIZE];
    unsigned char salt[OBJECT_SALT_SIZE];
    assert_true(object_key(FILES_KEY, OWNER_ONE, "view", SALT, key));
    for (size_t bit = 0; bit < 8 * sizeof salt; bit++) {
        memcpy(files_key, FILES_KEY, sizeof files_key);
        memcpy(salt, SALT, sizeof salt);
        salt[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_true(object_key(FILES_KEY, OWNER_ONE, "view", salt, other));
        assert_memory_not_equal(key, other, sizeof key);
        files_key[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_true(object_key(files_key, OWNER_ONE, "view", SALT, other));
        assert_memory_not_equal(key, other, sizeof key);
    }
    assert_true(object_key(FILES_KEY, OWNER_TWO, "view", SALT, other));
    assert_memory_not_equal(key, other, sizeof key);
    assert_true(object_key(FILES_KEY, OWNER_ONE, "views", SALT, other));
    assert_memory_not_equal(key, other, sizeof key);
}

static void
what_is_no_upload_or_kind_has_no_key(void **state)
{
    (void)state;
    static const char *const kinds[] = {"",  "View",   "view:1",  "1view",
                                        "-", "page 1", "../view", "page-0123456789x"};
    static const unsigned char zeros[STREAM_KEY_SIZE];
    unsigned char key[STREAM_KEY_SIZE] = {1};
    char text[OBJECT_TEXT_SIZE] = "x";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_false(object_key(FILES_KEY, OWNER_ONE, kinds[i], SALT, key));
        assert_memory_equal(key, zeros, sizeof key);
        assert_false(object_text(OWNER_ONE, kinds[i], text));
        assert_string_equal(text, "");
    }
    assert_false(object_key(FILES_KEY, "0190aaaa", "view", SALT, key));
    assert_false(object_key(FILES_KEY, "", "view", SALT, key));
    assert_true(object_key(FILES_KEY, OWNER_ONE, "page-50", SALT, key));
    assert_true(object_is_kind("page-0123456789"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_derivation_stays),
        cmocka_unit_test(the_id_has_one_spelling),
        cmocka_unit_test(every_bit_of_key_and_salt_and_every_part_counts),
        cmocka_unit_test(what_is_no_upload_or_kind_has_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
