/*
 * libFuzzer: boxes of MP4, MOV and M4A. What is refused is left as it was. What is cleaned has its size, is fine as
 * the same film, and comes out of a second cleaning as it went in.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/media/boxes.h"

#include <string.h>

static void
check_again(struct arena *arena, const unsigned char *bytes, size_t size, const struct media_film *film)
{
    struct media_film again;
    unsigned char *copy = arena_alloc(arena, size);
    memcpy(copy, bytes, size);
    if (media_boxes_clean(copy, size, &again) != MEDIA_FINE) {
        fuzz_fail("a cleaned film is fine");
    }
    if (memcmp(copy, bytes, size) != 0) {
        fuzz_fail("a cleaned film stays as it is");
    }
    if (again.pictures != film->pictures || again.sounds != film->sounds || again.others != 0 ||
        again.seconds != film->seconds || again.size.width != film->size.width) {
        fuzz_fail("a cleaned film is the same film");
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    unsigned char *bytes = arena_alloc(arena, size);
    memcpy(bytes, data, size);
    struct media_film looked;
    struct media_film film;
    enum media_verdict verdict = media_boxes_look((struct span){data, size}, &looked);
    if (media_boxes_clean(bytes, size, &film) != verdict) {
        fuzz_fail("what is looked at and what is cleaned get one verdict");
    }
    if (verdict != MEDIA_FINE && memcmp(bytes, data, size) != 0) {
        fuzz_fail("what is refused is left as it was");
    }
    if (verdict == MEDIA_FINE) {
        check_again(arena, bytes, size, &film);
    }
    arena_destroy(arena);
    return 0;
}
