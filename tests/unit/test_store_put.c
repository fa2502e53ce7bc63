/* store/: parts on their way to the disk, and how slowly they may come. */
#include "store/put.c" /* the programs' own files are in no library */
#include "store/rate.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>

#include "tests/unit/random_fixture.h"
#include "tests/unit/refusal_fixture.h"

enum { MOST = 200000 };

static char top[256];
static int incoming;
static unsigned char bytes[MOST];

static int
set_up(void **state)
{
    (void)state;
    (void)umask(0);
    const char *place = getenv("TMPDIR");
    (void)snprintf(top, sizeof top, "%s/anamnesis-put-XXXXXX", place == NULL ? "/tmp" : place);
    if (sodium_init() < 0 || mkdtemp(top) == NULL || chmod(top, S_ISGID | 0771) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)random_below(256);
    }
    incoming = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return incoming < 0 ? -1 : 0;
}

/* The names in a directory below `incoming`, but for the two that every one has; -1: there is none. */
static int
names_in(const char *directory)
{
    int descriptor = openat(incoming, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = descriptor < 0 ? NULL : fdopendir(descriptor);
    int count = -2;
    while (list != NULL && readdir(list) != NULL) {
        count++;
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    return list == NULL ? -1 : count;
}

static void
remove_upload(const char *upload)
{
    int directory = openat(incoming, upload, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (char name[] = "1"; directory >= 0 && name[0] <= '7'; name[0]++) {
        (void)unlinkat(directory, name, 0);
    }
    (void)close(directory);
    assert_int_equal(unlinkat(incoming, upload, AT_REMOVEDIR), 0);
}

static int
tear_down(void **state)
{
    (void)state;
    (void)close(incoming);
    return rmdir(top);
}

static struct signed_part
part_of(unsigned number, size_t size)
{
    struct signed_part part = {.number = number, .size = (int64_t)size};
    (void)uuid_new(part.upload_id);
    digest_sha256((struct span){bytes, size}, part.digest);
    return part;
}

/* All of it in pieces of chance. */
static enum problem
put_all(struct put *put, size_t size)
{
    size_t at = 0;
    enum problem problem = PROBLEM_NONE;
    while (at < size && problem == PROBLEM_NONE) {
        size_t piece = (size_t)random_below(30000) + 1;
        piece = piece < size - at ? piece : size - at;
        problem = put_write(put, bytes + at, piece);
        at += piece;
    }
    return problem;
}

static void
assert_kept(const struct signed_part *part)
{
    char path[128];
    struct stat there;
    static unsigned char found[MOST];
    (void)snprintf(path, sizeof path, "%s/%u", part->upload_id, part->number);
    int file = openat(incoming, path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0 && fstat(file, &there) == 0);
    assert_int_equal(there.st_size, part->size);
    assert_int_equal(there.st_mode & 07777, 0640);
    assert_int_equal(there.st_nlink, 1);
    assert_int_equal(read(file, found, sizeof found), part->size);
    assert_memory_equal(found, bytes, (size_t)part->size);
    (void)close(file);
    assert_int_equal(fstatat(incoming, part->upload_id, &there, 0), 0);
    assert_int_equal(there.st_mode & 07777, S_ISGID | 0771);
}

static void
what_is_whole_is_kept(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 4095, 4096, 4097, 65536, 100000, MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct put put;
        struct signed_part part = part_of((unsigned)(i % 7) + 1, sizes[i]);
        assert_int_equal(put_begin(&put, incoming, &part), PROBLEM_NONE);
        assert_int_equal(names_in(part.upload_id), 0); /* nothing has a name before the end */
        assert_int_equal(put_all(&put, sizes[i]), PROBLEM_NONE);
        assert_int_equal(names_in(part.upload_id), 0);
        assert_int_equal(put_end(&put), PROBLEM_NONE);
        put_drop(&put);
        assert_int_equal(names_in(part.upload_id), 1);
        assert_kept(&part);
        remove_upload(part.upload_id);
    }
}

static void
what_ends_anywhere_leaves_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct put put;
        size_t size = (size_t)random_below(MOST) + 1;
        struct signed_part part = part_of(1, size);
        assert_int_equal(put_begin(&put, incoming, &part), PROBLEM_NONE);
        assert_int_equal(put_all(&put, (size_t)random_below((int)size)), PROBLEM_NONE);
        if (round % 2 == 0) {
            assert_int_equal(put_end(&put), PROBLEM_WRONG_DIGEST); /* too short */
        }
        put_drop(&put);
        assert_int_equal(names_in(part.upload_id), 0);
        remove_upload(part.upload_id);
    }
}

static void
another_digest_in_any_bit_is_refused(void **state)
{
    (void)state;
    for (int bit = 0; bit < DIGEST_SIZE * 8; bit++) {
        struct put put;
        struct signed_part part = part_of(1, 100);
        part.digest[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(put_begin(&put, incoming, &part), PROBLEM_NONE);
        assert_int_equal(put_all(&put, 100), PROBLEM_NONE);
        assert_int_equal(put_end(&put), PROBLEM_WRONG_DIGEST);
        put_drop(&put);
        assert_int_equal(names_in(part.upload_id), 0);
        remove_upload(part.upload_id);
    }
}

static void
a_part_that_is_there_stays_as_it_is(void **state)
{
    (void)state;
    struct put first;
    struct put second;
    struct put late;
    struct signed_part part = part_of(3, 1000);
    /* Two at once: the first to end has the name. */
    assert_int_equal(put_begin(&first, incoming, &part), PROBLEM_NONE);
    assert_int_equal(put_begin(&second, incoming, &part), PROBLEM_NONE);
    assert_int_equal(put_all(&first, 1000), PROBLEM_NONE);
    assert_int_equal(put_all(&second, 1000), PROBLEM_NONE);
    assert_int_equal(put_end(&first), PROBLEM_NONE);
    assert_int_equal(put_end(&second), PROBLEM_PART_THERE);
    put_drop(&first);
    put_drop(&second);
    /* And who comes later is told so before a byte is sent. */
    assert_int_equal(put_begin(&late, incoming, &part), PROBLEM_PART_THERE);
    assert_int_equal(names_in(part.upload_id), 1);
    assert_kept(&part);
    remove_upload(part.upload_id);
}

static void
a_full_disk_is_told_before_the_first_byte(void **state)
{
    (void)state;
    struct put put;
    struct signed_part part = part_of(1, 10);
    part.size = INT64_MAX / 2; /* no file system has so much */
    assert_int_equal(put_begin(&put, incoming, &part), PROBLEM_STORE_FULL);
    assert_int_equal(names_in(part.upload_id), 0);
    remove_upload(part.upload_id);
}

static struct signed_part doubtful;

/* The first one cannot be sure of the name, and neither can those who come while the disk refuses. */
static bool
nobody_is_told_that_it_is_there(void)
{
    struct put first;
    struct put second;
    struct put late;
    bool begun =
        put_begin(&first, incoming, &doubtful) == PROBLEM_NONE && put_all(&first, 1000) == PROBLEM_NONE &&
        put_begin(&second, incoming, &doubtful) == PROBLEM_NONE && put_all(&second, 1000) == PROBLEM_NONE;
    bool refused = begun && put_end(&first) == PROBLEM_UNAVAILABLE && put_end(&second) == PROBLEM_UNAVAILABLE;
    return refused && put_begin(&late, incoming, &doubtful) == PROBLEM_UNAVAILABLE;
}

static bool
it_fails_without_a_name(void)
{
    struct put put;
    return put_begin(&put, incoming, &doubtful) == PROBLEM_NONE && put_all(&put, 1000) == PROBLEM_NONE &&
           put_end(&put) == PROBLEM_UNAVAILABLE;
}

/* "There" is said of what survives a power cut, whoever put it: here the disk refuses to say so, and then says so. */
static void
what_is_not_sure_to_stay_is_not_there(void **state)
{
    (void)state;
    struct put put;
    doubtful = part_of(2, 1000);
    assert_true(holds_when_refused("fdatasync", EIO, it_fails_without_a_name));
    assert_int_equal(names_in(doubtful.upload_id), 0);
    assert_true(holds_when_refused("fsync", EIO, nobody_is_told_that_it_is_there));
    assert_kept(&doubtful); /* whole: what has a name always is */
    assert_int_equal(put_begin(&put, incoming, &doubtful), PROBLEM_PART_THERE);
    remove_upload(doubtful.upload_id);
}

/* Whoever has put a link in the upload's place is not followed. */
static void
a_link_in_place_of_the_directory_is_refused(void **state)
{
    (void)state;
    struct put put;
    struct signed_part part = part_of(1, 10);
    assert_int_equal(symlinkat("/tmp", incoming, part.upload_id), 0);
    assert_int_equal(put_begin(&put, incoming, &part), PROBLEM_UNAVAILABLE);
    assert_int_equal(unlinkat(incoming, part.upload_id, 0), 0);
}

static void
a_directory_that_can_do_it_is_told_apart(void **state)
{
    (void)state;
    char error[256] = "";
    assert_true(put_can(incoming, top, error, sizeof error));
    assert_int_equal(names_in("."), 0);
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_false(put_can(proc, "/proc", error, sizeof error));
    assert_non_null(strstr(error, "/proc"));
    (void)close(proc);
}

static void
a_thousand_bytes_a_second_are_enough(void **state)
{
    (void)state;
    struct rate rate;
    int64_t now = 5;
    rate_begin(&rate, now, 0);
    for (int window = 0; window < 3; window++) {
        rate_add(&rate, RATE_BYTES - 1);
        assert_false(rate_is_slow(&rate, now + RATE_WINDOW - 1));
        rate_add(&rate, 1);
        now = rate.until;
        assert_false(rate_is_slow(&rate, now));
        assert_int_equal(rate.until, now + RATE_WINDOW);
    }
    rate_add(&rate, RATE_BYTES - 1);
    assert_true(rate_is_slow(&rate, rate.until + 1));
}

/* Bytes of an earlier window do not count: nobody sends much at once and then holds the place. */
static void
each_window_counts_for_itself(void **state)
{
    (void)state;
    struct rate rate;
    rate_begin(&rate, 0, 0);
    rate_add(&rate, 100 * RATE_BYTES);
    assert_false(rate_is_slow(&rate, RATE_WINDOW));
    assert_true(rate_is_slow(&rate, 2 * RATE_WINDOW));
}

/* Of what is sent bytes over the least count later as well, up to what buffers hold. */
static void
what_is_spared_has_an_end(void **state)
{
    (void)state;
    struct rate rate;
    rate_begin(&rate, 0, RATE_SPARE);
    rate_add(&rate, 100 * RATE_BYTES);
    int windows = 0;
    while (!rate_is_slow(&rate, rate.until)) {
        windows++;
    }
    assert_int_equal(windows, 1 + RATE_SPARE / RATE_BYTES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_whole_is_kept),
        cmocka_unit_test(what_ends_anywhere_leaves_nothing),
        cmocka_unit_test(another_digest_in_any_bit_is_refused),
        cmocka_unit_test(a_part_that_is_there_stays_as_it_is),
        cmocka_unit_test(a_full_disk_is_told_before_the_first_byte),
        cmocka_unit_test(what_is_not_sure_to_stay_is_not_there),
        cmocka_unit_test(a_link_in_place_of_the_directory_is_refused),
        cmocka_unit_test(a_directory_that_can_do_it_is_told_apart),
        cmocka_unit_test(a_thousand_bytes_a_second_are_enough),
        cmocka_unit_test(each_window_counts_for_itself),
        cmocka_unit_test(what_is_spared_has_an_end),
    };
    return cmocka_run_group_tests_name("store-put", tests, set_up, tear_down);
}
