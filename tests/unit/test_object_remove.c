#include "tests/unit/keyring_fixture.h"

#include "lib/store/object_name.h"
#include "lib/store/object_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NFTW_FILES = 8 };

#define PARTS  "incoming/" OWNER_ONE
#define OBJECT "sealed/0a/0123456789abcdef0123456789abcd"

/* A store in a directory of its own; `top` is it, open. */
struct fixture {
    char path[64];
    int top;
};

static void
make(const struct fixture *fixture, const char *name)
{
    int file = openat(fixture->top, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
}

static bool
there(const struct fixture *fixture, const char *name)
{
    struct stat status;
    return fstatat(fixture->top, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
setup(void **state)
{
    static struct fixture fixture;
    (void)snprintf(fixture.path, sizeof fixture.path, "/tmp/anamnesis-remove-XXXXXX");
    assert_non_null(mkdtemp(fixture.path));
    fixture.top = open(fixture.path, O_RDONLY | O_DIRECTORY);
    assert_true(fixture.top >= 0);
    static const char *const directories[] = {"incoming", "sealed", "sealed/0a", PARTS};
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        assert_int_equal(mkdirat(fixture.top, directories[i], 0700), 0);
    }
    make(&fixture, OBJECT);
    make(&fixture, "sealed/0a/0123456789abcdef0123456789abce");
    *state = &fixture;
    return 0;
}

static int
remove_entry(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(close(fixture->top), 0);
    return nftw(fixture->path, remove_entry, NFTW_FILES, FTW_DEPTH | FTW_PHYS);
}

static void
an_object_is_removed_and_no_other(void **state)
{
    struct fixture *fixture = *state;
    assert_true(object_remove(fixture->top, OBJECT));
    assert_false(there(fixture, OBJECT));
    assert_true(there(fixture, "sealed/0a/0123456789abcdef0123456789abce"));
    assert_true(object_remove(fixture->top, OBJECT)); /* it is removed already */
    assert_true(object_remove(fixture->top, "sealed/0b/0123456789abcdef0123456789abcd"));
}

static void
all_parts_go_with_their_directory(void **state)
{
    struct fixture *fixture = *state;
    char name[OBJECT_NAME_SIZE];
    for (unsigned number = 1; number <= UPLOAD_PARTS_MAX; number += 2) {
        assert_true(object_name_part(OWNER_ONE, number, name));
        make(fixture, name);
    }
    assert_true(object_remove(fixture->top, PARTS));
    assert_false(there(fixture, PARTS));
    assert_true(object_remove(fixture->top, PARTS));
    assert_true(there(fixture, OBJECT));
}

static void
what_is_no_part_stays_and_is_said(void **state)
{
    struct fixture *fixture = *state;
    make(fixture, PARTS "/1");
    make(fixture, PARTS "/8");
    errno = 0;
    assert_false(object_remove(fixture->top, PARTS));
    assert_int_equal(errno, ENOTEMPTY);
    assert_true(there(fixture, PARTS "/8"));
    assert_false(there(fixture, PARTS "/1"));
}

static void
no_link_is_followed(void **state)
{
    struct fixture *fixture = *state;
    char outside[] = "/tmp/anamnesis-outside-XXXXXX";
    assert_non_null(mkdtemp(outside));
    char kept[64];
    (void)snprintf(kept, sizeof kept, "%s/1", outside);
    FILE *file = fopen(kept, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(unlinkat(fixture->top, PARTS, AT_REMOVEDIR), 0);
    assert_int_equal(symlinkat(outside, fixture->top, PARTS), 0);
    assert_false(object_remove(fixture->top, PARTS));
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(unlinkat(fixture->top, PARTS, 0), 0);
    assert_int_equal(renameat(fixture->top, "incoming", fixture->top, "elsewhere"), 0);
    assert_int_equal(symlinkat("elsewhere", fixture->top, "incoming"), 0);
    assert_false(object_remove(fixture->top, PARTS));
    assert_int_equal(unlink(kept), 0);
    assert_int_equal(rmdir(outside), 0);
}

static void
a_store_that_is_not_there_is_no_success(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(renameat(fixture->top, "sealed", fixture->top, "x"), 0);
    assert_int_equal(renameat(fixture->top, "incoming", fixture->top, "y"), 0);
    assert_false(object_remove(fixture->top, OBJECT));
    assert_int_equal(errno, ENOENT);
    assert_false(object_remove(fixture->top, PARTS));
    assert_int_equal(errno, ENOENT);
}

static void
no_other_name_reaches_the_disk(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"",
                                        ".",
                                        "incoming",
                                        "incoming/",
                                        "incoming/..",
                                        "sealed",
                                        "sealed/0a",
                                        "sealed/../incoming",
                                        "sealed/0a/..",
                                        "sealed/0a/0123456789abcdef0123456789abcd/",
                                        "/etc/passwd",
                                        "incoming/" OWNER_ONE "/1",
                                        "incoming/" OWNER_ONE "/",
                                        "Incoming/" OWNER_ONE,
                                        "sealed/0A/0123456789abcdef0123456789abcd"};
    make(fixture, PARTS "/1");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        errno = 0;
        assert_false(object_remove(fixture->top, names[i]));
        assert_int_equal(errno, EINVAL);
    }
    assert_true(there(fixture, PARTS "/1") && there(fixture, OBJECT));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_object_is_removed_and_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(all_parts_go_with_their_directory, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_part_stays_and_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(no_link_is_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_that_is_not_there_is_no_success, setup, teardown),
        cmocka_unit_test_setup_teardown(no_other_name_reaches_the_disk, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
