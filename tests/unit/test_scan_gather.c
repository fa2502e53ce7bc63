/* Parts that are put together: what is whole, what is not, and what cannot be known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan/gather.h"

#include "scan/wire.h"
#include "tests/unit/directory_fixture.h"
#include "tests/unit/random_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOAD "0190cccc-0000-7000-8000-000000000001"

enum { MOST = 3 * 300 * 1024, PARTS = 3 };

static char place[64];
static struct store *store;
static unsigned char bytes[MOST];
static unsigned char back[MOST];

static void
path_of(char path[256], int number)
{
    (void)snprintf(path, 256, "%s/incoming/%s/%d", place, UPLOAD, number);
}

static void
put(int number, const unsigned char *from, size_t size)
{
    char path[256];
    path_of(path, number);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(from, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int
set_up(void **state)
{
    (void)state;
    char path[256];
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-gather-XXXXXX");
    if (mkdtemp(place) == NULL) {
        return -1;
    }
    store = store_on_disk(place);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)random_below(256);
    }
    (void)snprintf(path, sizeof path, "%s/incoming", place);
    if (mkdir(path, 0700) != 0) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/incoming/%s", place, UPLOAD);
    return mkdir(path, 0700);
}

static int
tear_down(void **state)
{
    (void)state;
    store_destroy(store);
    return directory_remove(place);
}

static struct declared
declared_of(size_t size)
{
    struct declared declared = {.size = (int64_t)size, .type = "image/jpeg"};
    digest_sha256((struct span){bytes, size}, declared.sha256);
    return declared;
}

/* Writes the first `size` bytes as parts, cut by chance; each has at least one byte. */
static void
put_cut(size_t size)
{
    size_t first = 1 + (size_t)random_below((int)(size - 2));
    size_t second = first + 1 + (size_t)random_below((int)(size - first - 1));
    put(1, bytes, first);
    put(2, bytes + first, second - first);
    put(3, bytes + second, size - second);
}

static void
parts_are_put_together_and_cannot_be_changed(void **state)
{
    (void)state;
    for (int round = 0; round < 15; round++) {
        size_t size = 10 + (size_t)random_below(MOST - 10);
        struct declared declared = declared_of(size);
        enum media_verdict verdict = MEDIA_NOT_SCANNED;
        int file = -1;
        put_cut(size);
        assert_int_equal(gather(store, UPLOAD, PARTS, &declared, &verdict, &file), STORE_DONE);
        assert_int_equal(verdict, MEDIA_FINE);
        assert_true(wire_is_sealed(file, size));
        assert_int_equal(pread(file, back, size, 0), size);
        assert_memory_equal(back, bytes, size);
        assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
        assert_int_equal(fcntl(file, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        assert_int_equal(write(file, "x", 1), -1);
        assert_int_equal(close(file), 0);
    }
}

static enum media_verdict
refused(const struct declared *declared)
{
    enum media_verdict verdict = MEDIA_FINE;
    int file = 5;
    assert_int_equal(gather(store, UPLOAD, PARTS, declared, &verdict, &file), STORE_DONE);
    assert_int_equal(file, -1);
    return verdict;
}

static void
what_is_not_what_was_declared_is_refused(void **state)
{
    (void)state;
    for (int round = 0; round < 15; round++) {
        size_t size = 10 + (size_t)random_below(MOST - 10);
        put_cut(size);
        struct declared declared = declared_of(size);
        declared.sha256[random_below(DIGEST_SIZE)] ^= (unsigned char)(1 << random_below(8));
        assert_int_equal(refused(&declared), MEDIA_WRONG_DIGEST);
        declared = declared_of(size);
        declared.size += 1 + random_below(1000);
        assert_int_equal(refused(&declared), MEDIA_WRONG_SIZE);
        declared.size = 1 + random_below((int)(size - 1));
        assert_int_equal(refused(&declared), MEDIA_WRONG_SIZE);
        declared = declared_of(size);
        bytes[random_below((int)size)] ^= (unsigned char)(1 + random_below(255));
        put_cut(size);
        assert_int_equal(refused(&declared), MEDIA_WRONG_DIGEST);
    }
}

/* Not a verdict: it may be read later. */
static void
unknown(int why)
{
    struct declared declared = declared_of(1000);
    enum media_verdict verdict = MEDIA_NOT_SCANNED;
    int file = 5;
    errno = 0;
    assert_int_not_equal(gather(store, UPLOAD, PARTS, &declared, &verdict, &file), STORE_DONE);
    assert_int_equal(errno, why);
    assert_int_not_equal(verdict, MEDIA_FINE);
}

static void
a_part_that_cannot_be_read_is_no_verdict(void **state)
{
    (void)state;
    char path[256];
    char other[256];
    for (int number = 1; number <= PARTS; number++) {
        put_cut(1000);
        path_of(path, number);
        assert_int_equal(unlink(path), 0);
        unknown(ENOENT);
        path_of(other, 1 + number % PARTS);
        assert_int_equal(symlink(other, path), 0);
        unknown(ELOOP); /* a link is not followed, whatever it leads to */
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkdir(path, 0700), 0);
        unknown(EISDIR);
        assert_int_equal(rmdir(path), 0);
    }
}

/* One that nobody writes to does not hold up the reader: it is empty. */
static void
a_pipe_is_not_waited_for(void **state)
{
    (void)state;
    char path[256];
    put_cut(1000);
    path_of(path, 2);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    struct declared declared = declared_of(1000);
    assert_int_equal(refused(&declared), MEDIA_WRONG_SIZE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parts_are_put_together_and_cannot_be_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_what_was_declared_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_that_cannot_be_read_is_no_verdict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pipe_is_not_waited_for, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("scan_gather", tests, NULL, NULL);
}
