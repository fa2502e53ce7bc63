/*
 * libFuzzer: boxes of MP4, MOV and M4A. What is refused is left as it was. What is cleaned has its size, is fine as
 * the same film, also for the type table, and comes out of a second cleaning as it went in.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/media/boxes.h"
#include "lib/media/type.h"

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

/* What others see of a film is judged by the type table again: cleaned, it is fine as what it was fine as. */
static void
judge_again(struct span file, const unsigned char *cleaned)
{
    static const enum media_type films[] = {MEDIA_MP4, MEDIA_MOV, MEDIA_M4A};
    for (size_t i = 0; i < sizeof films / sizeof films[0]; i++) {
        struct media_found before;
        struct media_found after;
        const char *type = media_type_name(films[i]);
        if (media_type_judge(file, type, &before) == MEDIA_FINE &&
            (media_type_judge((struct span){cleaned, file.size}, type, &after) != MEDIA_FINE ||
             before.size.width != after.size.width || before.size.height != after.size.height)) {
            fuzz_fail("a cleaned film is fine as what it was fine as");
        }
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
        judge_again((struct span){data, size}, bytes);
    }
    arena_destroy(arena);
    return 0;
}
