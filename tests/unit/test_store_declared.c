/* What was declared of a file opens for its upload and its patient alone, and not when a bit of it is another one. */
#include "lib/store/declared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char upload[] = "01900000-0000-7000-8000-00000000abcd";
static const unsigned char key[FILES_KEY_SIZE] = {1, 2, 3};

static struct declared
some(void)
{
    struct declared declared = {.size = 49999999, .type = "image/jpeg"};
    memset(declared.sha256, 0xa5, DIGEST_SIZE);
    return declared;
}

static void
comes_back(void **state)
{
    (void)state;
    unsigned char sealed[DECLARED_SEALED_MAX];
    struct declared before = some();
    struct declared after;
    size_t size = declared_seal(key, upload, &before, sealed);
    assert_true(
        declared_open(key, "01900000-0000-7000-8000-00000000ABCD", (struct span){sealed, size}, &after));
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(declared_seal(key, "no id", &before, sealed), 0);
}

static void
opens_for_nothing_else(void **state)
{
    (void)state;
    unsigned char sealed[DECLARED_SEALED_MAX];
    unsigned char other[FILES_KEY_SIZE] = {1, 2, 4};
    struct declared before = some();
    struct declared after;
    size_t size = declared_seal(key, upload, &before, sealed);
    assert_false(declared_open(other, upload, (struct span){sealed, size}, &after));
    assert_false(
        declared_open(key, "01900000-0000-7000-8000-00000000abce", (struct span){sealed, size}, &after));
    for (size_t cut = 0; cut < size; cut++) {
        assert_false(declared_open(key, upload, (struct span){sealed, cut}, &after));
    }
    for (size_t bit = 0; bit < size * 8; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_false(declared_open(key, upload, (struct span){sealed, size}, &after));
        assert_int_equal(after.size, 0);
        sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back),
                                       cmocka_unit_test(opens_for_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
