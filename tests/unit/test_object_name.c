#include "tests/unit/keyring_fixture.h"

#include "lib/store/object_name.h"

static void
new_names_have_their_form_and_differ(void **state)
{
    (void)state;
    char name[OBJECT_NAME_SIZE];
    char before[OBJECT_NAME_SIZE] = "";
    for (int i = 0; i < 1000; i++) {
        assert_true(object_name_is_sealed(object_name_new(name)));
        assert_string_not_equal(name, before);
        memcpy(before, name, sizeof before);
    }
}

static void
only_that_form_is_a_sealed_objects_name(void **state)
{
    (void)state;
    static const char good[] = "sealed/0a/0123456789abcdef0123456789abcd";
    char changed[OBJECT_NAME_SIZE];
    assert_true(object_name_is_sealed(good));
    for (size_t at = 0; at < sizeof good - 1; at++) { /* one character missing, twice, or another one */
        memcpy(changed, good, at);
        memcpy(changed + at, good + at + 1, sizeof good - at - 1);
        assert_false(object_name_is_sealed(changed));
        memcpy(changed, good, at + 1);
        memcpy(changed + at + 1, good + at, sizeof good - at);
        assert_false(object_name_is_sealed(changed));
        memcpy(changed, good, sizeof good);
        changed[at] = '\0';
        assert_false(object_name_is_sealed(changed));
        for (const char *other = "/.G%A~ \n"; *other != '\0'; other++) {
            memcpy(changed, good, sizeof good);
            changed[at] = *other;
            assert_int_equal(object_name_is_sealed(changed), strcmp(changed, good) == 0);
        }
    }
    assert_false(object_name_is_sealed(""));
    assert_false(object_name_is_sealed("sealed/../0123456789abcdef0123456789abcd"));
}

static void
parts_are_named_by_upload_and_number(void **state)
{
    (void)state;
    char name[OBJECT_NAME_SIZE];
    char upload[UUID_TEXT_SIZE];
    unsigned number = 0;
    assert_true(object_name_parts("0190AAAA-0000-7000-8000-000000000001", name));
    assert_string_equal(name, "incoming/" OWNER_ONE);
    for (unsigned i = 0; i <= UPLOAD_PARTS_MAX + 2; i++) {
        bool there = i >= 1 && i <= UPLOAD_PARTS_MAX;
        assert_int_equal(object_name_part(OWNER_ONE, i, name), there);
        if (there) {
            assert_true(object_name_read_part(name, upload, &number));
            assert_string_equal(upload, OWNER_ONE);
            assert_int_equal(number, i);
        } else {
            assert_string_equal(name, "");
        }
    }
    assert_false(object_name_part("0190aaaa", 1, name));
    assert_string_equal(name, "");
    assert_false(object_name_parts("../../../etc", name));
    assert_string_equal(name, "");
}

static void
only_their_one_spelling_is_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"incoming/" OWNER_ONE,
                                      "incoming/" OWNER_ONE "/",
                                      "incoming/" OWNER_ONE "/0",
                                      "incoming/" OWNER_ONE "/8",
                                      "incoming/" OWNER_ONE "/10",
                                      "incoming/" OWNER_ONE "/01",
                                      "incoming/" OWNER_ONE "/1/",
                                      "incoming//" OWNER_ONE "/1",
                                      "/incoming/" OWNER_ONE "/1",
                                      "Incoming/" OWNER_ONE "/1",
                                      "incoming/0190AAAA-0000-7000-8000-000000000001/1",
                                      "incoming/0190aaaa-0000-7000-8000-00000000000/11",
                                      "incoming/../../../../../../../../../etc/x/1",
                                      "",
                                      "1"};
    char upload[UUID_TEXT_SIZE];
    unsigned number = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(object_name_read_part(bad[i], upload, &number));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_names_have_their_form_and_differ),
        cmocka_unit_test(only_that_form_is_a_sealed_objects_name),
        cmocka_unit_test(parts_are_named_by_upload_and_number),
        cmocka_unit_test(only_their_one_spelling_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
