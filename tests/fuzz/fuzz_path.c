/*
 * libFuzzer: item paths. Two lines, each a path: what parses is written back and parses to the same; whether
 * two overlap does not depend on their order; a path overlaps itself and what stands below it.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/form/items/path.h"

#include <stdlib.h>
#include <string.h>

static const char *
written(struct arena *arena, const struct path *path)
{
    struct buf buf;
    buf_init(&buf, (size_t)FORM_PATH_MAX * 3); /* each byte may become three */
    for (size_t i = 0; i < path->depth; i++) {
        const struct path_step *step = &path->steps[i];
        path_add(&buf, step->link_id, step->size, step->indexed, step->index);
    }
    const char *text = arena_text(arena, buf_string(&buf));
    buf_free(&buf);
    return text;
}

static bool
same(const struct path *one, const struct path *other)
{
    bool equal = one->depth == other->depth;
    for (size_t i = 0; equal && i < one->depth; i++) {
        const struct path_step *left = &one->steps[i];
        const struct path_step *right = &other->steps[i];
        equal = left->size == right->size && memcmp(left->link_id, right->link_id, left->size) == 0 &&
                left->index == right->index && left->indexed == right->indexed;
    }
    return equal;
}

static void
check_one(struct arena *arena, const char *text)
{
    struct path *path = arena_alloc(arena, sizeof *path);
    struct path *again = arena_alloc(arena, sizeof *again);
    if (!path_parse(text, path)) {
        return;
    }
    const char *back = written(arena, path);
    if (!path_parse(back, again)) {
        if (strlen(back) <= FORM_PATH_MAX) {
            fuzz_fail("what was written as %s parses", back);
        }
        return;
    }
    if (!same(path, again)) {
        fuzz_fail("%s means the same as %s", text, back);
    }
    if (!form_paths_overlap(text, back)) {
        fuzz_fail("%s overlaps itself", text);
    }
    if (!form_paths_overlap(text, arena_format(arena, "%s/below", text))) {
        fuzz_fail("%s overlaps what stands below it", text);
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    const unsigned char *end = memchr(data, '\n', size);
    size_t length = end == NULL ? size : (size_t)(end - data);
    const char *one = arena_copy(arena, data, length);
    const char *other = end == NULL ? "" : arena_copy(arena, end + 1, size - length - 1);
    check_one(arena, one);
    check_one(arena, other);
    if (form_paths_overlap(one, other) != form_paths_overlap(other, one)) {
        fuzz_fail("whether %s and %s overlap does not depend on their order", one, other);
    }
    arena_destroy(arena);
    return 0;
}
