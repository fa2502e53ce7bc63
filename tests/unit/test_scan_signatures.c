/* The directory of signatures: what counts as a change, and from when on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "scan/signatures.h"
#include "tests/unit/directory_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[64];
static struct signatures signatures;

static void
put(const char *name, const char *content, long seconds)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", place, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int
set_up(void **state)
{
    (void)state;
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-signatures-XXXXXX");
    if (mkdtemp(place) == NULL) {
        return -1;
    }
    put("main.cvd", "one", 1000);
    put("daily.cld", "two", 2000);
    signatures_start(&signatures, place);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    return directory_remove(place);
}

/* It looks now. */
static bool
look(void)
{
    signatures.look_at = 0;
    return signatures_changed(&signatures);
}

/* It looks now, and what it saw last has been so for long enough. */
static bool
look_later(void)
{
    signatures.seen_since -= 60 * CLOCK_SECOND;
    return look();
}

static void
what_stays_as_it_is_is_no_change(void **state)
{
    (void)state;
    assert_false(signatures_changed(&signatures));
    assert_false(look());
    assert_false(look_later());
    assert_int_equal(signatures.newest, 2000 * CLOCK_SECOND);
}

static void
a_change_counts_once_it_has_lasted(void **state)
{
    (void)state;
    put("daily.cld", "other", 3000);
    assert_false(signatures_changed(&signatures)); /* it does not look at each call */
    assert_false(look());
    int64_t next = signatures.look_at - clock_monotonic();
    assert_true(next <= CLOCK_SECOND); /* quicker than when nothing goes on */
    assert_false(look());
    put("bytecode.cvd", "three", 3000); /* still going on */
    signatures.seen_since -= 60 * CLOCK_SECOND;
    assert_false(look());
    assert_true(look_later());
    assert_int_equal(signatures.newest, 3000 * CLOCK_SECOND);
}

static void
a_name_a_size_and_a_time_each_are_a_change(void **state)
{
    (void)state;
    char from[128];
    char to[128];
    put("daily.cld", "two", 2001);
    assert_false(look());
    assert_true(look_later());
    put("daily.cld", "twos", 2000);
    signatures_start(&signatures, place);
    assert_false(look_later());
    put("daily.cld", "two", 2000);
    assert_false(look());
    assert_true(look_later());
    signatures_start(&signatures, place);
    (void)snprintf(from, sizeof from, "%s/daily.cld", place);
    (void)snprintf(to, sizeof to, "%s/daily.cvd", place);
    assert_int_equal(rename(from, to), 0);
    assert_false(look());
    assert_true(look_later());
    signatures_start(&signatures, place);
    assert_int_equal(unlink(to), 0);
    assert_false(look());
    assert_true(look_later());
}

static void
one_that_is_taken_back_is_none(void **state)
{
    (void)state;
    put("added.ndb", "four", 4000);
    assert_false(look());
    char path[128];
    (void)snprintf(path, sizeof path, "%s/added.ndb", place);
    assert_int_equal(unlink(path), 0);
    assert_false(look());
    assert_false(look_later());
}

static void
what_is_no_signature_does_not_count(void **state)
{
    (void)state;
    char path[128];
    put(".freshclam.tmp", "half", 5000);
    (void)snprintf(path, sizeof path, "%s/tmp.directory", place);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(look());
    assert_false(look_later());
}

static void
a_directory_that_cannot_be_read_is_no_change(void **state)
{
    (void)state;
    char away[128];
    (void)snprintf(away, sizeof away, "%s.away", place);
    assert_int_equal(rename(place, away), 0);
    bool first = look();
    bool second = look_later();
    assert_int_equal(rename(away, place), 0);
    assert_false(first || second);
    signatures_start(&signatures, NULL);
    assert_false(look());
    assert_false(look_later());
}

static void
a_long_name_is_cut_and_still_tells_two_sets_apart(void **state)
{
    (void)state;
    char text[300];
    char one[101];
    char other[101];
    memset(text, 'x', sizeof text);
    text[100] = '\0';
    signatures_name(text, one, sizeof one);
    assert_string_equal(one, text); /* it just fits */
    text[100] = 'x';
    text[299] = '\0';
    signatures_name(text, one, sizeof one);
    text[298] = 'y';
    signatures_name(text, other, sizeof other);
    assert_true(strlen(one) > 80 && strlen(one) < sizeof one);
    assert_string_not_equal(one, other);
    assert_memory_equal(one, text, 20);
}

static void
those_for_development_are_told_apart(void **state)
{
    (void)state;
    assert_true(signatures_are_for_development("development.ndb:abc"));
    static const char *const others[] = {"daily:27000",
                                         "daily:27000,development.ndb:abc",
                                         "development.ndb:abc,main:62",
                                         "xdevelopment.ndb:abc",
                                         "development.ndbx:abc",
                                         "development",
                                         "sha256:00",
                                         ""};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(signatures_are_for_development(others[i]));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_stays_as_it_is_is_no_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_counts_once_it_has_lasted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_a_size_and_a_time_each_are_a_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_is_taken_back_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_signature_does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_read_is_no_change, set_up, tear_down),
        cmocka_unit_test(a_long_name_is_cut_and_still_tells_two_sets_apart),
        cmocka_unit_test(those_for_development_are_told_apart),
    };
    return cmocka_run_group_tests_name("scan_signatures", tests, NULL, NULL);
}
