/*
 * libFuzzer: directories of DOCX. What is fine ends in its one directory and begins with a member of it, has no more
 * members than the limit, and is not fine any more with a byte in front or behind.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/media/docx.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct span file = {data, size};
    if (media_docx_judge(file) != MEDIA_FINE) {
        return 0;
    }
    if (size < 22 || memcmp(data, "PK\3\4", 4) != 0 || memcmp(data + size - 22, "PK\5\6", 4) != 0 ||
        (data[size - 12] | data[size - 11] << 8) > DOCX_MEMBERS_MAX) {
        fuzz_fail("a DOCX is its members and one directory");
    }
    struct arena *arena = arena_create(FUZZ_ARENA_MAX, NULL, NULL);
    unsigned char *more = arena_alloc(arena, size + 1);
    memcpy(more, data, size);
    more[size] = 0;
    if (media_docx_judge((struct span){more, size + 1}) == MEDIA_FINE) {
        fuzz_fail("a DOCX has nothing behind it");
    }
    memcpy(more + 1, data, size);
    more[0] = 'P';
    if (media_docx_judge((struct span){more, size + 1}) == MEDIA_FINE) {
        fuzz_fail("a DOCX has nothing in front");
    }
    arena_destroy(arena);
    return 0;
}
