/* Delivery into a directory: exactly once, whole or not at all. */
#include "lib/mail/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ID "01900000-0000-7000-8000-000000000001"

static char place[64];

static int
setup(void **state)
{
    (void)state;
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-mail-XXXXXX");
    return mkdtemp(place) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    (void)state;
    char name[128];
    (void)snprintf(name, sizeof name, "%s/" ID ".eml", place);
    (void)unlink(name);
    return rmdir(place);
}

static struct message
message(const char *text)
{
    return (struct message){.id = ID,
                            .from = "a@b.example",
                            .to = "c@d.example",
                            .text = {(const unsigned char *)text, strlen(text)}};
}

static size_t
files(void)
{
    DIR *directory = opendir(place);
    size_t count = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(directory);
    return count;
}

static void
holds(const char *expected)
{
    char name[128];
    char text[64] = "";
    (void)snprintf(name, sizeof name, "%s/" ID ".eml", place);
    int file = open(name, O_RDONLY);
    assert_true(file >= 0);
    assert_int_equal(read(file, text, sizeof text - 1), strlen(expected));
    assert_string_equal(text, expected);
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    (void)close(file);
}

static void
a_second_delivery_changes_nothing(void **state)
{
    (void)state;
    const char *reason = NULL;
    int directory = file_open_directory(place);
    assert_true(directory >= 0);
    struct message first = message("first\r\n");
    struct message second = message("second, longer\r\n");
    assert_int_equal(file_deliver(directory, &first, &reason), DELIVERY_SENT);
    assert_string_equal(reason, "sent");
    assert_int_equal(file_deliver(directory, &second, &reason), DELIVERY_SENT);
    holds("first\r\n");
    assert_int_equal(files(), 1);
    (void)close(directory);
}

static void
a_lost_directory_is_for_later(void **state)
{
    (void)state;
    const char *reason = NULL;
    int directory = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY);
    assert_true(directory >= 0);
    struct message first = message("first\r\n");
    assert_int_equal(file_deliver(directory, &first, &reason), DELIVERY_LATER);
    assert_string_equal(reason, "disk");
    (void)close(directory);
}

static void
a_directory_is_made(void **state)
{
    (void)state;
    char name[128];
    struct stat status;
    (void)snprintf(name, sizeof name, "%s/new", place);
    int directory = file_open_directory(name);
    assert_true(directory >= 0);
    assert_int_equal(fstat(directory, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    (void)close(directory);
    assert_int_equal(rmdir(name), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_delivery_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_directory_is_for_later, setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_is_made, setup, teardown),
    };
    return cmocka_run_group_tests_name("mail: files", tests, NULL, NULL);
}
