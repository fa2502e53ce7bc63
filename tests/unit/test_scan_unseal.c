/* The original of a file, opened again: exactly what was declared, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>

#include "lib/crypto/object_key.h"
#include "scan/unseal.h"
#include "scan/wire.h"
#include "tests/unit/directory_fixture.h"
#include "tests/unit/random_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOAD "0190cccc-0000-7000-8000-000000000001"
#define OTHER  "0190cccc-0000-7000-8000-000000000002"

enum { MOST = 150 * 1000, ROUNDS = 60 };

static const unsigned char FILES_KEY[FILES_KEY_SIZE] = {7, 7, 7};
static const unsigned char OTHER_KEY[FILES_KEY_SIZE] = {7, 7, 8};
static unsigned char salt[OBJECT_SALT_SIZE] = {9, 9, 9};
static unsigned char bytes[MOST];
static unsigned char back[MOST];
static char place[64];
static struct store *store;

static int
set_up(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-unseal-XXXXXX");
    if (mkdtemp(place) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/sealed", place);
    store = store_on_disk(place);
    return mkdir(path, 0700) != 0 || store == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    store_destroy(store);
    return directory_remove(place);
}

/* Some bytes as a sealed object. */
static size_t
make(struct declared *declared, char name[OBJECT_NAME_SIZE])
{
    unsigned char key[STREAM_KEY_SIZE];
    char text[OBJECT_TEXT_SIZE];
    size_t size = 1 + (size_t)random_below(MOST);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)random_below(256);
    }
    *declared = (struct declared){.size = (int64_t)size};
    digest_sha256((struct span){bytes, size}, declared->sha256);
    assert_true(object_key(FILES_KEY, UPLOAD, "original", salt, key));
    assert_true(object_text(UPLOAD, "original", text));
    assert_int_equal(store_object_write(store, key, text, (struct span){bytes, size}, name), STORE_DONE);
    return size;
}

static void
test_the_bytes_that_were_declared(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct declared declared;
        char name[OBJECT_NAME_SIZE];
        size_t size = make(&declared, name);
        const struct unseal from = {UPLOAD, name, FILES_KEY, {salt, sizeof salt}, &declared};
        int file = -1;
        assert_int_equal(unseal(store, &from, &file), STORE_DONE);
        assert_true(wire_is_sealed(file, size));
        assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
        assert_int_equal(pread(file, back, sizeof back, 0), size);
        assert_memory_equal(back, bytes, size);
        assert_int_equal(close(file), 0);
        assert_int_equal(store_remove(store, name), STORE_DONE);
    }
}

/* Changes one bit of the object on the disk. */
static void
spoil(const char *name, long at)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", place, name);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int former = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_true(fputc(former ^ (1 << random_below(8)), file) != EOF);
    assert_int_equal(fclose(file), 0);
}

static void
test_anything_else_is_nothing(void **state)
{
    (void)state;
    unsigned char other_salt[OBJECT_SALT_SIZE] = {9, 9, 8};
    for (int round = 0; round < ROUNDS; round++) {
        struct declared declared;
        struct declared digest;
        struct declared longer;
        char name[OBJECT_NAME_SIZE];
        char absent[OBJECT_NAME_SIZE];
        size_t size = make(&declared, name);
        digest = declared;
        digest.sha256[random_below(DIGEST_SIZE)] ^= 1;
        longer = declared;
        longer.size++;
        (void)object_name_new(absent);
        const struct {
            struct unseal from;
            enum store_result result;
        } wrong[] = {
            {{OTHER, name, FILES_KEY, {salt, sizeof salt}, &declared}, STORE_DAMAGED},
            {{UPLOAD, name, OTHER_KEY, {salt, sizeof salt}, &declared}, STORE_DAMAGED},
            {{UPLOAD, name, FILES_KEY, {other_salt, sizeof other_salt}, &declared}, STORE_DAMAGED},
            {{UPLOAD, name, FILES_KEY, {salt, sizeof salt - 1}, &declared}, STORE_FAILED},
            {{UPLOAD, name, FILES_KEY, {salt, sizeof salt}, &digest}, STORE_DAMAGED},
            {{UPLOAD, name, FILES_KEY, {salt, sizeof salt}, &longer}, STORE_DAMAGED},
            {{UPLOAD, absent, FILES_KEY, {salt, sizeof salt}, &declared}, STORE_ABSENT},
            {{UPLOAD, "../passwd", FILES_KEY, {salt, sizeof salt}, &declared}, STORE_FAILED},
        };
        int file = 0;
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            assert_int_equal(unseal(store, &wrong[i].from, &file), wrong[i].result);
            assert_int_equal(file, -1);
        }
        const struct unseal from = {UPLOAD, name, FILES_KEY, {salt, sizeof salt}, &declared};
        spoil(name, (long)random_below((int)size));
        assert_int_equal(unseal(store, &from, &file), STORE_DAMAGED);
        assert_int_equal(file, -1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_bytes_that_were_declared),
                                       cmocka_unit_test(test_anything_else_is_nothing)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
