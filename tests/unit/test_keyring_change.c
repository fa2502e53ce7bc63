#include "tests/unit/keyring_fixture.h"

#include "lib/base/watch.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/key_check.h"
#include "lib/crypto/keyring_change.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 64 };

static void
a_new_version_is_known_before_it_is_used(void **state)
{
    (void)state;
    struct keyring *before = fixture_keyring(1);
    struct keyring *standby = keyring_with_new(before, KEYRING_INDEX);
    assert_non_null(standby);
    assert_int_equal(keyring_current(standby, KEYRING_INDEX), 1);
    assert_int_equal(keyring_standby(standby, KEYRING_INDEX), 2);
    assert_int_equal(keyring_standby(standby, KEYRING_KEK), 0);
    assert_non_null(keyring_key(standby, KEYRING_INDEX, 2));
    assert_memory_equal(keyring_key(standby, KEYRING_INDEX, 1), keyring_key(before, KEYRING_INDEX, 1),
                        KEYRING_KEY_SIZE);
    assert_int_equal(keyring_standby(before, KEYRING_INDEX), 0); /* the old one is as it was */
    assert_null(keyring_with_new(standby, KEYRING_INDEX));       /* one at a time */
    assert_null(keyring_with_promoted(standby, KEYRING_KEK));    /* nothing is on standby there */
    struct keyring *used = keyring_with_promoted(standby, KEYRING_INDEX);
    assert_int_equal(keyring_current(used, KEYRING_INDEX), 2);
    assert_int_equal(keyring_standby(used, KEYRING_INDEX), 0);
    assert_null(keyring_without(used, KEYRING_INDEX, 2)); /* the one in use stays */
    assert_null(keyring_without(used, KEYRING_INDEX, 3));
    struct keyring *after = keyring_without(used, KEYRING_INDEX, 1);
    assert_non_null(after);
    assert_null(keyring_key(after, KEYRING_INDEX, 1));
    assert_memory_equal(keyring_key(after, KEYRING_INDEX, 2), keyring_key(standby, KEYRING_INDEX, 2),
                        KEYRING_KEY_SIZE);
    keyring_free(before);
    keyring_free(standby);
    keyring_free(used);
    keyring_free(after);
}

static void
a_full_keyring_takes_no_more(void **state)
{
    (void)state;
    struct keyring *full = fixture_keyring(KEYRING_VERSIONS_MAX - 1);
    struct keyring *last = keyring_with_new(full, KEYRING_KEK);
    assert_non_null(last);
    struct keyring *used = keyring_with_promoted(last, KEYRING_KEK);
    assert_null(keyring_with_new(used, KEYRING_KEK));
    keyring_free(full);
    keyring_free(last);
    keyring_free(used);
}

/* What is wrong about a standby entry. `kek` is the list's text. */
static void
assert_standby_refused(const char *first, const char *second, const char *part)
{
    char json[2048];
    char entry[4][128];
    char error[256] = "";
    (void)snprintf(
        json, sizeof json,
        "{\"kek\":[{%s%s\"key\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"%s}%s],\"index\":[%s],"
        "\"pepper\":[%s],\"seal\":[%s],\"audit\":[%s]}",
        "\"version\":2,", first, "", second, fixture_entry(entry[0], 1, 2), fixture_entry(entry[1], 1, 3),
        fixture_entry(entry[2], 1, 4), fixture_entry(entry[3], 1, 5));
    struct keyring *keyring = keyring_read(json, error, sizeof error);
    if (part == NULL) {
        assert_string_equal(error, "");
        assert_non_null(keyring);
        assert_int_equal(keyring_standby(keyring, KEYRING_KEK), 2);
        keyring_free(keyring);
        return;
    }
    assert_null(keyring);
    if (strstr(error, part) == NULL) {
        fail_msg("expected `%s` in `%s`", part, error);
    }
}

static void
only_the_newest_of_several_may_be_on_standby(void **state)
{
    (void)state;
    char older[160];
    char newer[160];
    char entry[128];
    (void)snprintf(older, sizeof older, ",%s", fixture_entry(entry, 1, 9));
    (void)snprintf(newer, sizeof newer, ",%s", fixture_entry(entry, 3, 9));
    assert_standby_refused("\"standby\":true,", older, NULL);
    assert_standby_refused("\"standby\": true ,", older, NULL);
    assert_standby_refused("\"standby\":true,", "", "newest of several");
    assert_standby_refused("\"standby\":true,", newer, "newest of several");
    assert_standby_refused("\"standby\":false,", older, "may be true only");
    assert_standby_refused("\"standby\":1,", older, "may be true only");
    assert_standby_refused("\"standby\":true,\"standby\":true,", older, "given twice");
}

static void
write_first(const char *path, mode_t mode)
{
    struct keyring *keyring = fixture_keyring(1);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(keyring_print(keyring, keyring_kinds_of(KEYRING_OPERATOR), file));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    keyring_free(keyring);
}

static struct keyring *
read_file(const char *path)
{
    char text[KEYRING_TEXT_MAX];
    char error[256] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    struct keyring *keyring = keyring_read(text, error, sizeof error);
    assert_string_equal(error, "");
    return keyring;
}

static void
a_file_is_replaced_in_one_step_with_its_mode(void **state)
{
    const char *directory = *state;
    char path[PATH_SIZE];
    char beside[PATH_SIZE + 8];
    char error[256] = "";
    struct stat status;
    struct watch watch;
    (void)snprintf(path, sizeof path, "%s/keyring.json", directory);
    (void)snprintf(beside, sizeof beside, "%s.new", path);
    write_first(path, 0440);
    watch_start(&watch, path);
    assert_false(watch_changed(&watch));
    int old = open(path, O_RDONLY); /* somebody reads it meanwhile */
    /* What a command that was ended in the middle has left does not stop the next one. */
    write_first(beside, 0400);
    struct keyring *first = read_file(path);
    struct keyring *second = keyring_with_new(first, KEYRING_KEK);
    assert_true(keyring_replace(second, keyring_kinds_of(KEYRING_OPERATOR), path, error, sizeof error));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0440);
    assert_int_not_equal(stat(beside, &status), 0);
    assert_int_equal(fstat(old, &status), 0);
    assert_int_equal(status.st_nlink, 0); /* the old file is whole, for who has it open */
    struct keyring *found = read_file(path);
    assert_int_equal(keyring_standby(found, KEYRING_KEK), 2);
    assert_memory_equal(keyring_key(found, KEYRING_KEK, 2), keyring_key(second, KEYRING_KEK, 2),
                        KEYRING_KEY_SIZE);
    assert_true(watch_changed(&watch));
    assert_false(watch_changed(&watch));
    (void)close(old);
    keyring_free(first);
    keyring_free(second);
    keyring_free(found);
    (void)unlink(path);
    assert_false(watch_changed(&watch)); /* away at the moment */
}

static void
what_cannot_be_written_leaves_the_old_file(void **state)
{
    const char *directory = *state;
    char path[PATH_SIZE];
    char link[PATH_SIZE];
    char error[256] = "";
    (void)snprintf(path, sizeof path, "%s/ring", directory);
    (void)snprintf(link, sizeof link, "%s/link", directory);
    struct keyring *keyring = fixture_keyring(2);
    assert_false(keyring_replace(keyring, keyring_kinds_of(KEYRING_OPERATOR), path, error,
                                 sizeof error)); /* there is none to replace */
    assert_non_null(strstr(error, path));
    write_first(path, 0400);
    assert_int_equal(symlink(path, link), 0);
    assert_true(keyring_replace(keyring, keyring_kinds_of(KEYRING_OPERATOR), link, error,
                                sizeof error)); /* through a link, which stays one */
    struct stat status;
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    struct keyring *found = read_file(path);
    assert_int_equal(keyring_current(found, KEYRING_KEK), 2);
    keyring_free(found);
    keyring_free(keyring);
    (void)unlink(link);
    (void)unlink(path);
}

static void
a_label_tells_which_versions_and_nothing_of_keys(void **state)
{
    (void)state;
    char one[KEYRING_LABEL_SIZE];
    char other[KEYRING_LABEL_SIZE];
    struct keyring *first = fixture_keyring(1);
    struct keyring *standby = keyring_with_new(first, KEYRING_PEPPER);
    struct keyring *again = keyring_with_new(first, KEYRING_PEPPER); /* another key under the same number */
    struct keyring *used = keyring_with_promoted(standby, KEYRING_PEPPER);
    keyring_label(first, keyring_kinds_of(KEYRING_OPERATOR), one);
    assert_int_equal(strncmp(one, KEYRING_LABEL_START, strlen(KEYRING_LABEL_START)), 0);
    keyring_label(standby, keyring_kinds_of(KEYRING_OPERATOR), other);
    assert_string_not_equal(one, other);
    keyring_label(again, keyring_kinds_of(KEYRING_OPERATOR), one);
    assert_string_equal(one, other);
    keyring_label(used, keyring_kinds_of(KEYRING_OPERATOR), one);
    assert_string_not_equal(one, other);
    keyring_free(first);
    keyring_free(standby);
    keyring_free(again);
    keyring_free(used);
}

static void
a_check_value_tells_the_wrong_key_and_the_missing_one(void **state)
{
    (void)state;
    unsigned char value[KEY_CHECK_SIZE];
    struct keyring *keyring = fixture_keyring(2);
    struct keyring *first = keyring_with_new(keyring, KEYRING_KEK);
    struct keyring *second = keyring_with_new(keyring, KEYRING_KEK);
    struct span span = {value, sizeof value};
    assert_true(key_check_value(first, KEYRING_KEK, 3, value));
    assert_int_equal(key_check(first, "kek", 3, span), KEY_MATCHES);
    assert_int_equal(key_check(second, "kek", 3, span), KEY_WRONG);
    assert_int_equal(key_check(keyring, "kek", 3, span), KEY_MISSING);
    assert_int_equal(key_check(first, "kek", 2, span), KEY_WRONG);
    assert_int_equal(key_check(first, "seal", 1, span), KEY_WRONG);
    assert_int_equal(key_check(first, "another", 3, span), KEY_MISSING);
    /* One of before a kind was, or of a program that has no use for it, fits all the same. */
    char entry[128];
    char json[256];
    (void)snprintf(json, sizeof json, "{\"files\": [%s]}", fixture_entry(entry, 1, 1));
    struct config config = {.text[CONFIG_FILES_KEYRING] = json};
    char error[256];
    struct keyring *store = keyring_load_for(&config, KEYRING_STORE, error, sizeof error);
    assert_int_equal(key_check(store, "kek", 3, span), KEY_MATCHES);
    assert_int_equal(key_check(store, "files", 1, span), KEY_WRONG);
    assert_int_equal(key_check(store, "files", 2, span), KEY_MISSING);
    keyring_free(store);
    assert_int_equal(key_check(first, "kek", 0, span), KEY_MISSING);
    assert_int_equal(key_check(first, "kek", -1, span), KEY_MISSING);
    assert_int_equal(key_check(first, "kek", INT64_C(4294967299), span), KEY_MISSING);
    span.size--;
    assert_int_equal(key_check(first, "kek", 3, span), KEY_WRONG);
    for (size_t bit = 0; bit < sizeof value * 8; bit++) {
        value[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_int_equal(key_check(first, "kek", 3, (struct span){value, sizeof value}), KEY_WRONG);
        value[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    assert_false(key_check_value(keyring, KEYRING_KEK, 3, value));
    assert_true(sodium_is_zero(value, sizeof value));
    keyring_free(keyring);
    keyring_free(first);
    keyring_free(second);
}

static void
an_index_names_its_key_and_all_are_looked_for(void **state)
{
    (void)state;
    unsigned char found[BLIND_INDEXES_MAX][BLIND_INDEX_SIZE];
    unsigned char index[BLIND_INDEX_SIZE];
    struct keyring *keyring = fixture_keyring(2);
    struct keyring *standby = keyring_with_new(keyring, KEYRING_INDEX);
    assert_int_equal(blind_indexes(standby, BLIND_STAFF_EMAIL, "ada@mail.example", found), 3);
    blind_index(standby, BLIND_STAFF_EMAIL, "ada@mail.example", index);
    assert_memory_equal(found[0], index, sizeof index); /* what is stored comes first */
    static const uint32_t order[] = {2, 3, 1};
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(found[i], ((unsigned char[]){0, 0, 0, (unsigned char)order[i]}), 4);
        assert_true(blind_index_version(standby, order[i], BLIND_STAFF_EMAIL, "ada@mail.example", index));
        assert_memory_equal(found[i], index, sizeof index);
    }
    keyring_free(keyring);
    keyring_free(standby);
}

static int
setup(void **state)
{
    static char directory[] = "/tmp/anamnesis-keyring-XXXXXX";
    *state = mkdtemp(directory);
    return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    return rmdir(*state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_version_is_known_before_it_is_used),
        cmocka_unit_test(a_full_keyring_takes_no_more),
        cmocka_unit_test(only_the_newest_of_several_may_be_on_standby),
        cmocka_unit_test(a_file_is_replaced_in_one_step_with_its_mode),
        cmocka_unit_test(what_cannot_be_written_leaves_the_old_file),
        cmocka_unit_test(a_label_tells_which_versions_and_nothing_of_keys),
        cmocka_unit_test(a_check_value_tells_the_wrong_key_and_the_missing_one),
        cmocka_unit_test(an_index_names_its_key_and_all_are_looked_for),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
