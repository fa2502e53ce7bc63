/* The store by its interface: what is written is read, listed, looked at and removed; what is not there is said so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/store/store.h"

#include "tests/unit/directory_fixture.h"
#include "tests/unit/random_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define UPLOAD "0190cccc-0000-7000-8000-000000000001"

enum { MOST = 3 * STREAM_CHUNK + 7, NAMES_MAX = 16 };

static const unsigned char KEY[STREAM_KEY_SIZE] = {1, 2, 3};
static char place[64];
static unsigned char bytes[MOST];
static struct store *store;
static char names[NAMES_MAX][OBJECT_NAME_SIZE];
static enum store_what whats[NAMES_MAX];
static size_t count;

static int
set_up(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-store-XXXXXX");
    if (mkdtemp(place) == NULL) {
        return -1;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)random_below(256);
    }
    (void)snprintf(path, sizeof path, "%s/incoming", place);
    if (mkdir(path, 0700) != 0) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/sealed", place);
    store = store_on_disk(place);
    return mkdir(path, 0700);
}

static int
tear_down(void **state)
{
    (void)state;
    store_destroy(store);
    return directory_remove(place);
}

static void
put_part(unsigned number, size_t size)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/incoming/%s", place, UPLOAD);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/incoming/%s/%u", place, UPLOAD, number);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static bool
note(void *context, const struct store_entry *entry)
{
    assert_true(count < NAMES_MAX);
    (void)snprintf(names[count], OBJECT_NAME_SIZE, "%s", entry->name);
    whats[count++] = entry->what;
    return context == NULL;
}

static void
objects_are_written_read_and_removed(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, STREAM_CHUNK - 1, STREAM_CHUNK, STREAM_CHUNK + 1, MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[OBJECT_NAME_SIZE];
        struct store_reader *reader = NULL;
        struct store_entry entry;
        struct span got;
        assert_int_equal(store_object_write(store, KEY, "a:b", (struct span){bytes, sizes[i]}, name),
                         STORE_DONE);
        assert_int_equal(store_look(store, name, &entry), STORE_DONE);
        assert_int_equal(entry.size, stream_sealed_size(sizes[i]));
        assert_int_equal(store_object_open(store, name, KEY, "a:b", sizes[i], &reader), STORE_DONE);
        for (int round = 0; round < 20 && sizes[i] > 0; round++) {
            uint64_t from = (uint64_t)random_below((int)sizes[i]);
            assert_int_equal(store_object_get(reader, from, &got), STORE_DONE);
            assert_true(got.size > 0 && from + got.size <= sizes[i]);
            assert_memory_equal(got.data, bytes + from, got.size);
        }
        store_object_close(reader);
        if (sizes[i] > 0) { /* under another text nothing opens */
            assert_int_equal(store_object_open(store, name, KEY, "a:c", sizes[i], &reader), STORE_DONE);
            assert_int_equal(store_object_get(reader, 0, &got), STORE_DAMAGED);
            store_object_close(reader);
        }
        assert_int_equal(store_object_open(store, name, KEY, "a:b", sizes[i] + 1, &reader), STORE_DAMAGED);
        assert_null(reader);
        assert_int_equal(store_remove(store, name), STORE_DONE);
        assert_int_equal(store_remove(store, name), STORE_DONE);
        assert_int_equal(store_object_open(store, name, KEY, "a:b", sizes[i], &reader), STORE_ABSENT);
        assert_int_equal(store_look(store, name, &entry), STORE_ABSENT);
    }
}

static void
parts_are_found_and_read(void **state)
{
    (void)state;
    static unsigned char part[PART_SIZE_MAX];
    int64_t sizes[UPLOAD_PARTS_MAX];
    size_t size = 0;
    assert_int_equal(store_parts(store, UPLOAD, 3, sizes), STORE_DONE);
    assert_true(sizes[0] == -1 && sizes[1] == -1 && sizes[2] == -1);
    assert_int_equal(store_part_read(store, UPLOAD, 1, part, &size), STORE_ABSENT);
    put_part(1, 1000);
    put_part(3, 0);
    assert_int_equal(store_parts(store, UPLOAD, 3, sizes), STORE_DONE);
    assert_true(sizes[0] == 1000 && sizes[1] == -1 && sizes[2] == 0);
    assert_int_equal(store_part_read(store, UPLOAD, 1, part, &size), STORE_DONE);
    assert_int_equal(size, 1000);
    assert_memory_equal(part, bytes, size);
    assert_int_equal(store_part_read(store, UPLOAD, 8, part, &size), STORE_FAILED);
    assert_int_equal(store_part_read(store, "../x", 1, part, &size), STORE_FAILED);
    assert_int_equal(store_remove(store, "incoming/" UPLOAD), STORE_DONE);
    assert_int_equal(store_parts(store, UPLOAD, 3, sizes), STORE_DONE);
    assert_true(sizes[0] == -1 && sizes[1] == -1 && sizes[2] == -1);
}

static void
what_is_there_is_listed_in_order(void **state)
{
    (void)state;
    char first[OBJECT_NAME_SIZE];
    char second[OBJECT_NAME_SIZE];
    assert_int_equal(store_object_write(store, KEY, "a:b", (struct span){bytes, 10}, first), STORE_DONE);
    assert_int_equal(store_object_write(store, KEY, "a:b", (struct span){bytes, 10}, second), STORE_DONE);
    count = 0;
    assert_int_equal(store_list(store, "sealed/", note, NULL), STORE_DONE);
    size_t objects = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
        objects += whats[i] == STORE_FILE;
        assert_true(whats[i] == STORE_DIRECTORY || strcmp(names[i], first) == 0 ||
                    strcmp(names[i], second) == 0);
    }
    assert_int_equal(objects, 2);
    put_part(2, 5);
    put_part(1, 5);
    count = 0;
    assert_int_equal(store_list(store, "incoming/", note, NULL), STORE_DONE);
    assert_int_equal(count, 3);
    assert_true(whats[0] == STORE_DIRECTORY && strcmp(names[2], "incoming/" UPLOAD "/2") == 0);
    count = 0;
    assert_int_equal(store_list(store, "incoming/" UPLOAD "/", note, store), STORE_DONE);
    assert_int_equal(count, 1); /* the first one ended it */
    assert_string_equal(names[0], "incoming/" UPLOAD "/1");
    assert_int_equal(store_list(store, "incoming/none/", note, NULL), STORE_ABSENT);
}

static void
room_is_told_and_where_no_store_is_nothing_is_done(void **state)
{
    (void)state;
    char name[OBJECT_NAME_SIZE];
    int64_t sizes[UPLOAD_PARTS_MAX];
    assert_int_equal(store_room(store, 1, 1), STORE_DONE);
    assert_int_equal(store_room(store, UINT64_MAX, 1), STORE_FULL);
    for (int i = 0; i < 2; i++) {
        struct store *none = store_on_disk(i == 0 ? NULL : "/nonexistent");
        assert_int_equal(store_kind(none), i == 0 ? STORE_NOWHERE : STORE_ON_DISK);
        assert_int_equal(store_room(none, 1, 1), STORE_FAILED);
        assert_int_equal(store_parts(none, UPLOAD, 1, sizes), STORE_FAILED);
        assert_int_equal(store_object_write(none, KEY, "a:b", (struct span){bytes, 1}, name), STORE_FAILED);
        assert_int_equal(store_remove(none, "incoming/" UPLOAD), STORE_FAILED);
        assert_int_equal(store_list(none, "sealed/", note, NULL), STORE_FAILED);
        store_destroy(none);
    }
    errno = 0;
    assert_int_equal(store_remove(store, "sealed/../../etc/passwd"), STORE_FAILED);
    assert_int_equal(errno, EINVAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(objects_are_written_read_and_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_are_found_and_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_is_listed_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(room_is_told_and_where_no_store_is_nothing_is_done, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
