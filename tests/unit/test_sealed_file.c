#include "tests/unit/keyring_fixture.h"

#include "lib/store/parts_there.h"
#include "lib/store/sealed_file.h"

#include "tests/unit/directory_fixture.h"
#include "tests/unit/random_fixture.h"
#include "tests/unit/refusal_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT "media:" OWNER_ONE ":original:1"

static const unsigned char KEY[STREAM_KEY_SIZE] = {5, 5, 5};
static struct sealed_writer writer;
static struct sealed_reader reader;
static unsigned char bytes[3 * STREAM_CHUNK + 1000];
static char place[64];
static int root = -1;

static int
setup(void **state)
{
    (void)state;
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-objects-XXXXXX");
    if (mkdtemp(place) == NULL) {
        return -1;
    }
    root = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)random_below(256);
    }
    return mkdirat(root, "sealed", 02770) == 0 && mkdirat(root, "incoming", 02771) == 0 ? 0 : -1;
}

static int files_there;

static int
count_one(const char *path, const struct stat *found, int kind, struct FTW *where)
{
    (void)path;
    (void)where;
    files_there += kind != FTW_D && kind != FTW_DP && S_ISREG(found->st_mode);
    return 0;
}

/* How many files the store has, in whatever directory. */
static int
files(void)
{
    files_there = 0;
    assert_int_equal(nftw(place, count_one, 8, FTW_PHYS), 0);
    return files_there;
}

static int
teardown(void **state)
{
    (void)state;
    (void)close(root);
    return directory_remove(place);
}

static void
store_object(size_t size, char name[OBJECT_NAME_SIZE])
{
    assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, size), STORE_DONE);
    memcpy(name, writer.name, OBJECT_NAME_SIZE);
    for (size_t at = 0; at < size;) {
        size_t next = (size_t)random_below(40000);
        struct span plain = {bytes + at, next < size - at ? next : size - at};
        assert_int_equal(sealed_writer_add(&writer, plain), STORE_DONE);
        at += plain.size;
    }
    assert_int_equal(sealed_writer_end(&writer), STORE_DONE);
}

/* Bytes from the first one to before the last one, as a range is read. */
static void
assert_range(uint64_t from, uint64_t to)
{
    while (from < to) {
        struct span plain;
        assert_int_equal(sealed_reader_get(&reader, from, &plain), STORE_DONE);
        assert_true(plain.size > 0 && from + plain.size <= sizeof bytes);
        assert_memory_equal(plain.data, bytes + from, plain.size);
        from += plain.size;
        assert_true(from % STREAM_CHUNK == 0 || from == reader.open.plain_size);
    }
}

static void
what_is_written_is_read_from_every_place(void **state)
{
    (void)state;
    static const size_t sizes[] = {
        0, 1, STREAM_CHUNK - 1, STREAM_CHUNK, STREAM_CHUNK + 1, 2 * STREAM_CHUNK, 3 * STREAM_CHUNK + 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[OBJECT_NAME_SIZE];
        struct span plain;
        struct stat found;
        uint64_t size = sizes[i];
        store_object(sizes[i], name);
        assert_true(object_name_is_sealed(name));
        assert_int_equal(fstatat(root, name, &found, 0), 0);
        assert_int_equal(found.st_mode & 07777, 0640);
        assert_int_equal(found.st_size, stream_sealed_size(size));
        assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, size), STORE_DONE);
        assert_range(0, size);
        for (uint64_t border = 0; border <= size; border += STREAM_CHUNK) {
            for (int step = -2; step <= 2; step++) {
                uint64_t from = border + (uint64_t)(int64_t)step;
                if (from < size) {
                    assert_range(from, size);
                }
            }
        }
        for (int n = 0; n < 50 && size > 0; n++) {
            assert_range((uint64_t)random_below((int)size), size);
        }
        assert_int_equal(sealed_reader_get(&reader, size, &plain), STORE_DONE); /* behind the end: nothing */
        assert_int_equal(plain.size, 0);
        assert_int_equal(sealed_reader_get(&reader, UINT64_MAX, &plain), STORE_DONE);
        assert_int_equal(plain.size, 0);
        sealed_reader_close(&reader);
    }
    assert_int_equal(files(), sizeof sizes / sizeof sizes[0]);
}

static void
the_disk_has_no_plain_byte_and_the_directory_is_the_groups(void **state)
{
    (void)state;
    char name[OBJECT_NAME_SIZE];
    char path[OBJECT_NAME_SIZE];
    static unsigned char stored[4096];
    struct stat found;
    memcpy(bytes + 100, "a canary in the middle", 22);
    mode_t before = umask(077); /* an account's own umask must not keep the group out */
    store_object(2000, name);
    (void)umask(before);
    int file = openat(root, name, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(file, stored, sizeof stored);
    assert_true(size > 2000);
    assert_null(memmem(stored, (size_t)size, "canary", 6));
    assert_null(memmem(stored, (size_t)size, bytes, 8));
    (void)close(file);
    (void)snprintf(path, sizeof path, "%.9s", name);
    assert_int_equal(fstatat(root, path, &found, 0), 0);
    assert_int_equal(found.st_mode & 0777, 0770);
}

static void
nothing_is_there_before_the_end(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, 100000), STORE_DONE);
        assert_int_equal(sealed_writer_add(&writer, (struct span){bytes, 70000}), STORE_DONE);
        assert_int_equal(files(), 0);
        if (way == 0) {
            sealed_writer_drop(&writer);
        } else if (way == 1) { /* too few bytes */
            assert_int_equal(sealed_writer_end(&writer), STORE_FAILED);
            assert_int_equal(errno, EINVAL);
        } else { /* too many; then it cannot be ended, and drop may come twice */
            assert_int_equal(sealed_writer_add(&writer, (struct span){bytes, 30001}), STORE_FAILED);
            assert_int_equal(sealed_writer_end(&writer), STORE_FAILED);
            sealed_writer_drop(&writer);
        }
        assert_int_equal(files(), 0);
        for (size_t i = 0; i < sizeof writer.seal; i++) {
            assert_int_equal(((const unsigned char *)&writer.seal)[i], 0);
        }
    }
}

static void
a_killed_writer_leaves_nothing(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        (void)sealed_writer_begin(&writer, root, KEY, TEXT, 2 * STREAM_CHUNK);
        (void)sealed_writer_add(&writer, (struct span){bytes, STREAM_CHUNK + 10});
        (void)kill(getpid(), SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(files(), 0);
}

static void
no_room_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {(rlim_t)stream_sealed_size(1000), before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, 1001), STORE_FULL);
    assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, 1000), STORE_DONE);
    sealed_writer_drop(&writer);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    /* Or on the way: then it cannot be ended, though as many bytes were given as were said. */
    assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, 2 * STREAM_CHUNK), STORE_DONE);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(sealed_writer_add(&writer, (struct span){bytes, 2 * STREAM_CHUNK}), STORE_FULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(sealed_writer_end(&writer), STORE_FAILED);
    assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, STREAM_PLAIN_MAX + 1), STORE_FULL);
    assert_int_equal(files(), 0);
}

static void
without_its_directory_nothing_is_written(void **state)
{
    (void)state;
    assert_int_equal(unlinkat(root, "sealed", AT_REMOVEDIR), 0);
    assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, 1), STORE_FAILED);
    assert_int_equal(symlinkat("incoming", root, "sealed"), 0); /* nor through a link */
    assert_int_equal(sealed_writer_begin(&writer, root, KEY, TEXT, 1), STORE_FAILED);
    assert_int_equal(files(), 0);
}

static enum store_result
open_and_read(const char *name, const unsigned char *key, const char *text, uint64_t size)
{
    struct span plain;
    enum store_result result = sealed_reader_open(&reader, root, name, key, text, size);
    if (result == STORE_DONE) {
        for (uint64_t from = 0; result == STORE_DONE && from <= size; from += STREAM_CHUNK) {
            result = sealed_reader_get(&reader, from, &plain);
            assert_true(result == STORE_DONE || plain.size == 0);
        }
        sealed_reader_close(&reader);
    }
    assert_int_equal(reader.file, -1);
    return result;
}

static void
what_is_not_this_object_is_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 10, STREAM_CHUNK, STREAM_CHUNK + 10};
    static const unsigned char other[STREAM_KEY_SIZE] = {5, 5, 6};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[OBJECT_NAME_SIZE];
        size_t size = sizes[i];
        store_object(size, name);
        assert_int_equal(open_and_read(name, KEY, TEXT, size), STORE_DONE);
        assert_int_equal(open_and_read(name, other, TEXT, size), STORE_DAMAGED);
        assert_int_equal(open_and_read(name, KEY, TEXT "1", size), STORE_DAMAGED);
        assert_int_equal(open_and_read(name, KEY, TEXT, size + 1), STORE_DAMAGED);
        assert_int_equal(open_and_read(name, KEY, TEXT, UINT64_MAX), STORE_DAMAGED);
    }
}

static void
a_changed_cut_or_longer_file_is_refused(void **state)
{
    (void)state;
    char name[OBJECT_NAME_SIZE];
    size_t size = STREAM_CHUNK + 10;
    store_object(size, name);
    int file = openat(root, name, O_RDWR | O_CLOEXEC);
    off_t whole = (off_t)stream_sealed_size(size);
    for (int i = 0; i < 300; i++) {
        off_t at = i < 40 ? i : random_below((int)whole);
        unsigned char byte = 0;
        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte ^= (unsigned char)(1u << random_below(8));
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
        assert_int_equal(open_and_read(name, KEY, TEXT, size), STORE_DAMAGED);
        struct span plain;
        if (at >= STREAM_HEADER_SIZE) { /* the other chunk is still told */
            bool first = at < STREAM_HEADER_SIZE + STREAM_SEALED_CHUNK;
            assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, size), STORE_DONE);
            assert_int_equal(sealed_reader_get(&reader, 0, &plain), first ? STORE_DAMAGED : STORE_DONE);
            assert_int_equal(sealed_reader_get(&reader, STREAM_CHUNK, &plain),
                             first ? STORE_DONE : STORE_DAMAGED);
            sealed_reader_close(&reader);
        }
        store_object(size, name);
        (void)close(file);
        file = openat(root, name, O_RDWR | O_CLOEXEC);
    }
    assert_int_equal(ftruncate(file, whole + 1), 0);
    assert_int_equal(open_and_read(name, KEY, TEXT, size), STORE_DAMAGED);
    static const off_t cuts[] = {0, 1, STREAM_HEADER_SIZE, STREAM_HEADER_SIZE + STREAM_SEALED_CHUNK};
    for (size_t i = 4; i > 0; i--) {
        assert_int_equal(ftruncate(file, cuts[i - 1]), 0);
        assert_int_equal(open_and_read(name, KEY, TEXT, size), STORE_DAMAGED);
        uint64_t said = 0;
        if (stream_plain_size((uint64_t)cuts[i - 1], &said)) { /* also when the size is taken from the disk */
            assert_int_equal(open_and_read(name, KEY, TEXT, said), STORE_DAMAGED);
        }
    }
    (void)close(file);
}

/* Removed, or its patient erased: what was opened before is not read on. */
static void
a_file_that_is_removed_while_it_is_read_is_gone(void **state)
{
    (void)state;
    char name[OBJECT_NAME_SIZE];
    struct span plain;
    store_object(STREAM_CHUNK + 10, name);
    assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, STREAM_CHUNK + 10), STORE_DONE);
    assert_int_equal(sealed_reader_get(&reader, 0, &plain), STORE_DONE);
    assert_int_equal(unlinkat(root, name, 0), 0);
    assert_int_equal(sealed_reader_get(&reader, STREAM_CHUNK, &plain), STORE_ABSENT);
    assert_int_equal(plain.size, 0);
    sealed_reader_close(&reader);
}

static void
a_file_that_shrinks_while_it_is_read_is_refused(void **state)
{
    (void)state;
    char name[OBJECT_NAME_SIZE];
    struct span plain;
    store_object(STREAM_CHUNK + 10, name);
    assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, STREAM_CHUNK + 10), STORE_DONE);
    int file = openat(root, name, O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(file, STREAM_HEADER_SIZE + STREAM_SEALED_CHUNK), 0);
    (void)close(file);
    assert_int_equal(sealed_reader_get(&reader, 0, &plain), STORE_DONE);
    assert_int_equal(sealed_reader_get(&reader, STREAM_CHUNK, &plain), STORE_DAMAGED);
    sealed_reader_close(&reader);
}

static void
what_is_no_object_is_not_opened(void **state)
{
    (void)state;
    static const char *const names[] = {"",
                                        "sealed",
                                        "sealed/..",
                                        "../etc/passwd",
                                        "/etc/passwd",
                                        "incoming/" OWNER_ONE "/1",
                                        "sealed/0a/../../../../../../../etc/passw"};
    char name[OBJECT_NAME_SIZE];
    char directory[OBJECT_NAME_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(sealed_reader_open(&reader, root, names[i], KEY, TEXT, 1), STORE_FAILED);
    }
    (void)object_name_new(name);
    assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, 1), STORE_ABSENT);
    (void)snprintf(directory, sizeof directory, "%.9s", name);
    assert_int_equal(mkdirat(root, directory, 0770), 0);
    assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, 1), STORE_ABSENT);
    assert_int_equal(symlinkat("/etc/passwd", root, name), 0);
    assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, 1), STORE_FAILED);
    assert_int_equal(unlinkat(root, name, 0), 0);
    assert_int_equal(mkfifoat(root, name, 0640), 0); /* must not wait for a writer */
    assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, 1), STORE_DAMAGED);
    assert_int_equal(unlinkat(root, name, 0), 0);
    assert_int_equal(mkdirat(root, name, 0770), 0);
    assert_int_equal(sealed_reader_open(&reader, root, name, KEY, TEXT, 1), STORE_DAMAGED);
}

static void
parts_that_are_there_are_told_with_their_sizes(void **state)
{
    (void)state;
    int64_t sizes[UPLOAD_PARTS_MAX];
    int looking = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(parts_there(looking, OWNER_ONE, 7, sizes), STORE_DONE);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(sizes[i], -1);
    }
    assert_int_equal(mkdirat(root, "incoming/" OWNER_ONE, 0771), 0);
    static const char *const names[] = {"1", "3", "7", "8", "01"};
    for (size_t i = 0; i < 5; i++) {
        char path[96];
        (void)snprintf(path, sizeof path, "incoming/" OWNER_ONE "/%s", names[i]);
        int file = openat(root, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
        assert_int_equal(ftruncate(file, (off_t)(100 * (i + 1))), 0);
        (void)close(file);
    }
    assert_int_equal(symlinkat("3", root, "incoming/" OWNER_ONE "/4"), 0);
    assert_int_equal(mkdirat(root, "incoming/" OWNER_ONE "/5", 0770), 0);
    static const int64_t expected[UPLOAD_PARTS_MAX] = {100, -1, 200, -1, -1, -1, 300};
    assert_int_equal(parts_there(looking, OWNER_ONE, UPLOAD_PARTS_MAX, sizes), STORE_DONE);
    assert_memory_equal(sizes, expected, sizeof sizes);
    sizes[2] = 42;
    assert_int_equal(parts_there(looking, OWNER_ONE, 2, sizes), STORE_DONE);
    assert_int_equal(sizes[2], 42); /* not asked for */
    assert_int_equal(parts_there(looking, OWNER_ONE, UPLOAD_PARTS_MAX + 1, sizes), STORE_FAILED);
    assert_int_equal(parts_there(looking, "../" OWNER_ONE, 1, sizes), STORE_FAILED);
    (void)close(looking);
    assert_int_equal(parts_there(looking, OWNER_ONE, 1, sizes),
                     STORE_FAILED); /* nothing is known: not "absent" */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* An object of which the disk is not sure is not there afterwards: nobody was told its name. */
static bool
it_fails(void)
{
    return sealed_writer_begin(&writer, root, KEY, TEXT, 1000) == STORE_DONE &&
           sealed_writer_add(&writer, (struct span){bytes, 1000}) == STORE_DONE &&
           sealed_writer_end(&writer) == STORE_FAILED && errno == EIO;
}

static void
what_is_not_sure_to_stay_goes(void **state)
{
    (void)state;
    static const char *const calls[] = {"fdatasync", "linkat", "fsync"};
    int before = files();
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        assert_true(holds_when_refused(calls[i], EIO, it_fails));
        assert_int_equal(files(), before);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_from_every_place),
        TEST(what_is_not_sure_to_stay_goes),
        TEST(the_disk_has_no_plain_byte_and_the_directory_is_the_groups),
        TEST(nothing_is_there_before_the_end),
        TEST(a_killed_writer_leaves_nothing),
        TEST(no_room_is_told_and_leaves_nothing),
        TEST(without_its_directory_nothing_is_written),
        TEST(what_is_not_this_object_is_refused),
        TEST(a_changed_cut_or_longer_file_is_refused),
        TEST(a_file_that_is_removed_while_it_is_read_is_gone),
        TEST(a_file_that_shrinks_while_it_is_read_is_refused),
        TEST(what_is_no_object_is_not_opened),
        TEST(parts_that_are_there_are_told_with_their_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
