#include "tests/unit/keyring_fixture.h"

#include "lib/crypto/stream.h"

#include "tests/unit/random_fixture.h"

#include <stdlib.h>

#define TEXT "media:0190aaaa-0000-7000-8000-000000000001:original:1"

static const unsigned char KEY[STREAM_KEY_SIZE] = {1, 2, 3};
static struct stream_seal seal;
static unsigned char chunk[STREAM_SEALED_CHUNK];
static unsigned char opened[STREAM_CHUNK];

struct object {
    unsigned char *plain;
    size_t size;
    unsigned char *sealed;
    size_t sealed_size;
};

/* Fed in pieces of `piece` bytes, or of any size when it is 0. */
static void
object_make(struct object *object, const char *text, size_t size, size_t piece)
{
    object->size = size;
    object->sealed_size = STREAM_HEADER_SIZE;
    object->plain = malloc(size + 1);
    object->sealed = malloc((size_t)stream_sealed_size(size) + STREAM_SEALED_CHUNK);
    assert_non_null(object->plain);
    assert_non_null(object->sealed);
    for (size_t i = 0; i < size; i++) {
        object->plain[i] = (unsigned char)random_below(256);
    }
    stream_seal_begin(&seal, KEY, text, object->sealed);
    for (size_t at = 0; at < size;) {
        size_t next = piece != 0 ? piece : (size_t)random_below(3 * STREAM_CHUNK);
        struct span plain = {object->plain + at, next < size - at ? next : size - at};
        at += plain.size;
        for (;;) {
            size_t written = stream_seal_feed(&seal, &plain, object->sealed + object->sealed_size);
            object->sealed_size += written;
            if (written == 0) {
                break;
            }
        }
        assert_int_equal(plain.size, 0);
    }
    object->sealed_size += stream_seal_end(&seal, object->sealed + object->sealed_size);
    assert_int_equal(object->sealed_size, stream_sealed_size(size));
}

static void
object_free(struct object *object)
{
    free(object->plain);
    free(object->sealed);
}

/* Opens chunk by chunk. False at the first that does not open. */
static bool
opens(const unsigned char *sealed, const char *text, const unsigned char *plain, size_t size)
{
    struct stream_open open;
    bool good = stream_open_begin(&open, KEY, text, sealed, size);
    for (uint32_t i = 0; good && i <= open.last; i++) {
        size_t part = stream_chunk_plain(&open, i);
        memset(opened, 0xa5, sizeof opened);
        good = stream_open_chunk(
            &open, i, (struct span){sealed + stream_chunk_offset(i), part + STREAM_TAG_SIZE}, opened);
        if (good) {
            assert_memory_equal(opened, plain + (size_t)i * STREAM_CHUNK, part);
        } else {
            for (size_t at = 0; at < part; at++) {
                assert_int_equal(opened[at], 0); /* no byte of what does not open is told */
            }
        }
    }
    stream_open_end(&open);
    return good;
}

static void
what_is_sealed_opens_whatever_its_size_and_pieces(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,
                                   1,
                                   15,
                                   16,
                                   STREAM_CHUNK - 1,
                                   STREAM_CHUNK,
                                   STREAM_CHUNK + 1,
                                   STREAM_CHUNK + 16,
                                   2 * STREAM_CHUNK - 1,
                                   2 * STREAM_CHUNK,
                                   2 * STREAM_CHUNK + 1,
                                   3 * STREAM_CHUNK + 12345};
    static const size_t pieces[] = {
        0, 7, 4096, STREAM_CHUNK - 1, STREAM_CHUNK, STREAM_CHUNK + 1, 10 * STREAM_CHUNK};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t piece = 0; piece < sizeof pieces / sizeof pieces[0]; piece++) {
            struct object object;
            object_make(&object, TEXT, sizes[i], pieces[piece]);
            assert_true(opens(object.sealed, TEXT, object.plain, object.size));
            object_free(&object);
        }
    }
}

static void
sizes_go_both_ways_and_no_other_sealed_size_is_one(void **state)
{
    (void)state;
    uint64_t plain = 0;
    uint64_t next = stream_sealed_size(0);
    uint64_t sealed = 0;
    /* Every sealed size up to four chunks: exactly those that stream_sealed_size gives. */
    for (uint64_t expected = 0; expected <= 3 * STREAM_CHUNK + 5; expected++) {
        for (; sealed < next; sealed++) {
            assert_false(stream_plain_size(sealed, &plain));
        }
        assert_true(stream_plain_size(sealed++, &plain));
        assert_int_equal(plain, expected);
        next = stream_sealed_size(expected + 1);
    }
    assert_true(stream_plain_size(stream_sealed_size(STREAM_PLAIN_MAX), &plain));
    assert_true(plain == STREAM_PLAIN_MAX);
    assert_false(stream_plain_size(stream_sealed_size(STREAM_PLAIN_MAX) + 1, &plain));
    assert_false(stream_plain_size(UINT64_MAX, &plain));
}

/* Made with libsodium by another program: what is on disks must open for ever. */
static const unsigned char GOLDEN_HEADER[] = {
    0x41, 0x6e, 0x61, 0x46, 0x01, 0x10, 0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
    0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x00, 0x00, 0x00, 0x00, 0x00};
static const unsigned char GOLDEN_ONLY[] = {0xab, 0xa5, 0x0e, 0xc0, 0xf7, 0x69, 0x1c, 0x48, 0x92, 0xed, 0x7d,
                                            0x7f, 0x95, 0x65, 0xd0, 0x8b, 0xe4, 0x74, 0x23, 0x34, 0xaa, 0x81};
static const unsigned char GOLDEN_SECOND[] = {
    0xde, 0x4c, 0xb1, 0x11, 0x4b, 0xad, 0x5a, 0x14, 0x3a,
    0x12, 0x70, 0xcf, 0xf3, 0x33, 0xe0, 0x28, 0x1a}; /* of an object of 65,537 bytes */

static void
the_format_stays(void **state)
{
    (void)state;
    struct stream_open open;
    assert_true(stream_open_begin(&open, KEY, TEXT, GOLDEN_HEADER, 6));
    assert_true(stream_open_chunk(&open, 0, (struct span){GOLDEN_ONLY, sizeof GOLDEN_ONLY}, opened));
    assert_memory_equal(opened, "a rash", 6);
    assert_true(stream_open_begin(&open, KEY, TEXT, GOLDEN_HEADER, STREAM_CHUNK + 1));
    assert_true(stream_open_chunk(&open, 1, (struct span){GOLDEN_SECOND, sizeof GOLDEN_SECOND}, opened));
    assert_memory_equal(opened, "!", 1);
    stream_open_end(&open);
}

static void
every_flipped_bit_is_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 40};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct object object;
        object_make(&object, TEXT, sizes[i], 0);
        for (size_t bit = 0; bit < 8 * object.sealed_size; bit++) {
            object.sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_false(opens(object.sealed, TEXT, object.plain, object.size));
            object.sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        assert_true(opens(object.sealed, TEXT, object.plain, object.size));
        object_free(&object);
    }
}

static void
any_flipped_bit_of_a_large_object_is_refused(void **state)
{
    (void)state;
    struct object object;
    object_make(&object, TEXT, 2 * STREAM_CHUNK + 100, 0);
    for (int i = 0; i < 2000; i++) {
        size_t bit = (size_t)random_below((int)(8 * object.sealed_size));
        object.sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(opens(object.sealed, TEXT, object.plain, object.size));
        object.sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    object_free(&object);
}

/* Said to be shorter or longer, at every size around: the last chunk never opens. */
static void
a_cut_or_longer_object_is_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = {
        0, 1, 40, STREAM_CHUNK, STREAM_CHUNK + 1, 2 * STREAM_CHUNK, 2 * STREAM_CHUNK + 40};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct object object;
        object_make(&object, TEXT, sizes[i], 0);
        unsigned char *longer = calloc(1, object.sealed_size + 4 * STREAM_SEALED_CHUNK);
        assert_non_null(longer);
        memcpy(longer, object.sealed, object.sealed_size);
        memcpy(longer + object.sealed_size, object.sealed + STREAM_HEADER_SIZE,
               object.sealed_size - STREAM_HEADER_SIZE);
        for (size_t said = 0; said <= object.size + 2 * STREAM_CHUNK;
             said += said < 64 ? 1 : STREAM_CHUNK / 2) {
            assert_int_equal(opens(longer, TEXT, object.plain, said), said == object.size);
        }
        for (size_t said = object.size > 20 ? object.size - 20 : 0; said < object.size + 20; said++) {
            assert_int_equal(opens(longer, TEXT, object.plain, said), said == object.size);
        }
        free(longer);
        object_free(&object);
    }
}

static void
chunks_do_not_open_in_another_place(void **state)
{
    (void)state;
    struct object object;
    struct stream_open open;
    object_make(&object, TEXT, 4 * STREAM_CHUNK, 0);
    assert_true(stream_open_begin(&open, KEY, TEXT, object.sealed, object.size));
    for (uint32_t from = 0; from < 4; from++) {
        const struct span sealed = {object.sealed + stream_chunk_offset(from), STREAM_SEALED_CHUNK};
        for (uint32_t to = 0; to < 6; to++) {
            assert_int_equal(stream_open_chunk(&open, to, sealed, opened), from == to);
        }
        assert_false(stream_open_chunk(&open, from, (struct span){sealed.data, sealed.size - 1}, opened));
        assert_false(stream_open_chunk(&open, from, (struct span){sealed.data, 0}, opened));
    }
    stream_open_end(&open);
    object_free(&object);
}

static void
objects_do_not_open_as_others(void **state)
{
    (void)state;
    static const char *const others[] = {"media:0190aaaa-0000-7000-8000-000000000002:original:1",
                                         "media:0190aaaa-0000-7000-8000-000000000001:view:1",
                                         "media:0190aaaa-0000-7000-8000-000000000001:original:2",
                                         "media:0190aaaa-0000-7000-8000-000000000001:original:",
                                         "",
                                         TEXT " "};
    static const unsigned char other_key[STREAM_KEY_SIZE] = {1, 2, 4};
    struct object object;
    struct object other;
    struct stream_open open;
    object_make(&object, TEXT, 2 * STREAM_CHUNK, 0);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(opens(object.sealed, others[i], object.plain, object.size));
    }
    assert_true(stream_open_begin(&open, other_key, TEXT, object.sealed, object.size));
    assert_false(stream_open_chunk(
        &open, 0, (struct span){object.sealed + stream_chunk_offset(0), STREAM_SEALED_CHUNK}, opened));
    /* The same bytes sealed twice, even under one key and text: no chunk of one is one of the other. */
    object_make(&other, TEXT, 2 * STREAM_CHUNK, 0);
    assert_true(stream_open_begin(&open, KEY, TEXT, object.sealed, object.size));
    for (uint32_t i = 0; i < 2; i++) {
        const struct span sealed = {other.sealed + stream_chunk_offset(i), STREAM_SEALED_CHUNK};
        assert_false(stream_open_chunk(&open, i, sealed, opened));
    }
    stream_open_end(&open);
    object_free(&object);
    object_free(&other);
}

static void
a_size_over_the_maximum_is_refused(void **state)
{
    (void)state;
    struct object object;
    struct stream_open open;
    object_make(&object, TEXT, 1, 0);
    assert_true(stream_open_begin(&open, KEY, TEXT, object.sealed, STREAM_PLAIN_MAX));
    assert_int_equal(open.last, UINT32_MAX);
    assert_int_equal(stream_chunk_plain(&open, UINT32_MAX), STREAM_CHUNK);
    stream_open_end(&open);
    assert_false(stream_open_begin(&open, KEY, TEXT, object.sealed, STREAM_PLAIN_MAX + 1));
    object_free(&object);
}

static void
what_is_sealed_leaves_no_key(void **state)
{
    (void)state;
    unsigned char header[STREAM_HEADER_SIZE];
    struct span plain = {(const unsigned char *)"secret", 6};
    stream_seal_begin(&seal, KEY, TEXT, header);
    (void)stream_seal_feed(&seal, &plain, chunk);
    (void)stream_seal_end(&seal, chunk);
    for (size_t i = 0; i < sizeof seal; i++) {
        assert_int_equal(((const unsigned char *)&seal)[i], 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens_whatever_its_size_and_pieces),
        cmocka_unit_test(sizes_go_both_ways_and_no_other_sealed_size_is_one),
        cmocka_unit_test(the_format_stays),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(any_flipped_bit_of_a_large_object_is_refused),
        cmocka_unit_test(a_cut_or_longer_object_is_refused),
        cmocka_unit_test(chunks_do_not_open_in_another_place),
        cmocka_unit_test(objects_do_not_open_as_others),
        cmocka_unit_test(a_size_over_the_maximum_is_refused),
        cmocka_unit_test(what_is_sealed_leaves_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
