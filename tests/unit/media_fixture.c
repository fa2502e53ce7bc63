#include "tests/unit/media_fixture.h"

#include "tests/unit/random_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { CHANGES = 3000 };

struct buf
media_file(void)
{
    struct buf buf;
    buf_init(&buf, MEDIA_FIXTURE_MAX);
    return buf;
}

void
media_big(struct buf *buf, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0; i--) {
        uint64_t rest = i <= sizeof value ? value >> 8 * (i - 1) : 0;
        buf_byte(buf, (char)(unsigned char)rest);
    }
}

void
media_little(struct buf *buf, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint64_t rest = i < sizeof value ? value >> 8 * i : 0;
        buf_byte(buf, (char)(unsigned char)rest);
    }
}

void
media_segment(struct buf *buf, unsigned code, const void *body, size_t size)
{
    media_big(buf, 0xff00 | code, 2);
    media_big(buf, size + 2, 2);
    buf_add(buf, body, size);
}

struct buf
media_jpeg(unsigned width, unsigned height, unsigned components)
{
    struct buf file = media_file();
    struct buf part = media_file();
    unsigned char quantum[65] = {0};
    memset(quantum + 1, 1, 64);
    media_add(&file, "\xff\xd8");
    media_segment(&file, 0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0", 14);
    media_segment(&file, 0xdb, quantum, sizeof quantum);
    media_big(&part, 8, 1);
    media_big(&part, height, 2);
    media_big(&part, width, 2);
    media_big(&part, components, 1);
    for (unsigned i = 1; i <= components; i++) {
        media_big(&part, i << 16 | 0x1100, 3);
    }
    media_segment(&file, 0xc0, part.data, part.size);
    media_segment(&file, 0xc4, "\x00\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    media_segment(&file, 0xc4, "\x10\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    buf_reset(&part);
    media_big(&part, components, 1);
    for (unsigned i = 1; i <= components; i++) {
        media_big(&part, i << 8, 2);
    }
    media_add(&part, "\0\x3f\0");
    media_segment(&file, 0xda, part.data, part.size);
    media_add(&file, "\x3f\xff\0\x12\xff\xd9");
    buf_free(&part);
    return file;
}

enum media_verdict
media_judged(const void *bytes, size_t size, const char *declared, struct media_found *found)
{
    unsigned char *exact = malloc(size == 0 ? 1 : size);
    assert_non_null(exact);
    if (size > 0) {
        memcpy(exact, bytes, size);
    }
    enum media_verdict verdict = media_type_judge((struct span){exact, size}, declared, found);
    free(exact);
    return verdict;
}

void
media_expect(const char *what, struct buf file, const char *declared, enum media_verdict wanted)
{
    struct media_found found;
    assert_false(file.failed);
    enum media_verdict verdict = media_judged(file.data, file.size, declared, &found);
    if (verdict != wanted) {
        const char *name = media_verdict_name(verdict);
        const char *other = media_verdict_name(wanted);
        fail_msg("%s: %s, not %s", what, name == NULL ? "fine" : name, other == NULL ? "fine" : other);
    }
    buf_free(&file);
}

/* What is cut off or changed so that only signs of text are left has become one. */
static bool
is_text(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)bytes[i] < ' ' && strchr("\t\r\n", bytes[i]) == NULL) {
            return false;
        }
        if (bytes[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* As every type: fine at most as this one. A film that has lost its track of pictures is a sound. */
static void
assert_no_other_type(const char *bytes, size_t size, const char *declared)
{
    for (size_t type = MEDIA_TYPE_NONE + 1; type < MEDIA_TYPES; type++) {
        const char *name = media_type_name((enum media_type)type);
        struct media_found found;
        enum media_verdict verdict = media_judged(bytes, size, name, &found);
        bool become = (type == MEDIA_TEXT && is_text(bytes, size)) ||
                      (type == MEDIA_M4A && strcmp(declared, "video/mp4") == 0);
        if (verdict == MEDIA_FINE && !become && strcmp(name, declared) != 0) {
            fail_msg("a spoilt %s of %zu bytes is fine as %s", declared, size, name);
        }
    }
}

/* The number at a place of the file, of 1, 2 or 4 bytes, made one of those that readers stumble over. */
static void
put_number(char *bytes, size_t size)
{
    static const uint32_t numbers[] = {0,      1,      2,          7,          8,          0xff,      0x100,
                                       0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
    uint32_t number = numbers[random_below((int)(sizeof numbers / sizeof numbers[0]))];
    size_t width = (size_t)1 << random_below(3);
    size_t at = (size_t)random_below((int)size);
    bool little = random_below(2) == 0;
    for (size_t i = 0; i < width && at + i < size; i++) {
        bytes[at + i] = (char)(number >> 8 * (little ? i : width - 1 - i) & 0xff);
    }
}

/* A part of the file once more, or taken out. Returns the new size; there is room for twice the file. By bytes: the
 * checked memmove is memcpy's for valgrind, which then finds an overlap. */
static size_t
move_part(char *bytes, size_t size)
{
    size_t from = (size_t)random_below((int)size);
    size_t part = (size_t)random_below((int)(size - from)) + 1;
    if (random_below(2) == 0) {
        for (size_t i = size; i > from; i--) {
            bytes[i - 1 + part] = bytes[i - 1];
        }
        return size + part;
    }
    for (size_t i = from; i + part < size; i++) {
        bytes[i] = bytes[i + part];
    }
    return size - part;
}

void
media_spoil(struct buf file, const char *declared)
{
    char *bytes = malloc(2 * file.size);
    assert_non_null(bytes);
    for (size_t size = 0; size < file.size; size++) {
        assert_no_other_type(file.data, size, declared);
    }
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        memcpy(bytes, file.data, file.size);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        assert_no_other_type(bytes, file.size, declared);
    }
    for (int i = 0; i < CHANGES; i++) {
        size_t size = file.size;
        memcpy(bytes, file.data, size);
        for (int changes = random_below(4); changes >= 0; changes--) {
            put_number(bytes, size);
        }
        if (random_below(3) == 0) {
            size = move_part(bytes, size);
        }
        assert_no_other_type(bytes, size, declared);
    }
    free(bytes);
    buf_free(&file);
}
