/*
 * libFuzzer: files that patients give. The first byte says what the others are declared as. What is fine is of
 * that type and of no other, and within the limits of pictures. A JPEG that passes for one of ours is a JPEG.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/media/jpeg_markers.h"
#include "lib/media/type.h"

enum { SIDE_MAX = 2048 };

static void
check_limits(const struct media_found *found)
{
    if (found->size.width > MEDIA_SIDE_MAX || found->size.height > MEDIA_SIDE_MAX ||
        (uint64_t)found->size.width * found->size.height > MEDIA_PIXELS_MAX) {
        fuzz_fail("a picture of %u x %u is fine", found->size.width, found->size.height);
    }
}

static void
check_others(struct span file, enum media_type type)
{
    for (size_t other = MEDIA_TYPE_NONE + 1; other < MEDIA_TYPES; other++) {
        struct media_found found;
        enum media_verdict verdict = media_type_judge(file, media_type_name((enum media_type)other), &found);
        if (verdict == MEDIA_FINE && other != (size_t)type) {
            fuzz_fail("a file is fine as %s and as %s", media_type_name(type),
                      media_type_name((enum media_type)other));
        }
    }
}

static void
check_ours(struct span file)
{
    struct media_size size;
    struct media_found found;
    if (!media_jpeg_is_ours(file, SIDE_MAX, &size)) {
        return;
    }
    enum media_verdict verdict = media_type_judge(file, "image/jpeg", &found);
    if ((verdict != MEDIA_FINE && verdict != MEDIA_WRONG_TYPE) || found.size.width != size.width ||
        found.size.height != size.height || size.width == 0 || size.width > SIDE_MAX || size.height == 0 ||
        size.height > SIDE_MAX) {
        fuzz_fail("a picture of ours is %s", media_verdict_name(verdict));
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct span file = {data + 1, size - 1};
    enum media_type type = (enum media_type)(MEDIA_TYPE_NONE + 1 + data[0] % (MEDIA_TYPES - 1));
    struct media_found found;
    if (media_type_judge(file, media_type_name(type), &found) == MEDIA_FINE) {
        if (found.type != type) {
            fuzz_fail("a %s is fine as %s", media_type_name(found.type), media_type_name(type));
        }
        if (type <= MEDIA_HEIC) {
            check_limits(&found);
        }
        check_others(file, type);
    }
    check_ours(file);
    return 0;
}
