/*
 * Makes the two pictures of a file as anamnesis-scan-picture does, but in this process.
 *
 * usage: picture_make jpeg|png|webp|heic FILE VIEW THUMBNAIL
 *
 * Prints what came of it (made, damaged, too-large, not-understood, not-made) and, when they were made, the sides
 * of the picture, the view and the thumbnail.
 * Exits 0 unless it could not read or write.
 */
#include "scan/picture.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 50000000 };

static bool
read_file(const char *path, unsigned char *bytes, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    *size = fread(bytes, 1, FILE_MAX, file);
    bool read = ferror(file) == 0;
    (void)fclose(file);
    return read;
}

static bool
write_file(const char *path, const struct picture_jpeg *jpeg)
{
    FILE *file = fopen(path, "wb");
    return file != NULL && fwrite(jpeg->bytes, 1, jpeg->size, file) == jpeg->size && fclose(file) == 0;
}

static int
type_of(const char *name)
{
    static const char *const names[] = {
        [PICTURE_JPEG] = "jpeg", [PICTURE_PNG] = "png", [PICTURE_WEBP] = "webp", [PICTURE_HEIC] = "heic"};
    for (int type = 0; type < (int)(sizeof names / sizeof names[0]); type++) {
        if (strcmp(names[type], name) == 0) {
            return type;
        }
    }
    return -1;
}

int
main(int argc, char **argv)
{
    static const char *const outcomes[] = {[PICTURE_MADE] = "made",
                                           [PICTURE_DAMAGED] = "damaged",
                                           [PICTURE_TOO_LARGE] = "too-large",
                                           [PICTURE_NOT_UNDERSTOOD] = "not-understood",
                                           [PICTURE_NOT_MADE] = "not-made"};
    static unsigned char bytes[FILE_MAX], view_bytes[PICTURE_VIEW_BYTES],
        thumbnail_bytes[PICTURE_THUMBNAIL_BYTES];
    int type = argc == 5 ? type_of(argv[1]) : -1;
    size_t size = 0;
    if (type < 0 || !read_file(argv[2], bytes, &size)) {
        (void)fputs("usage: picture_make jpeg|png|webp|heic FILE VIEW THUMBNAIL\n", stderr);
        return 2;
    }
    struct picture_jpeg view = {.bytes = view_bytes, .capacity = sizeof view_bytes};
    struct picture_jpeg thumbnail = {.bytes = thumbnail_bytes, .capacity = sizeof thumbnail_bytes};
    struct picture_sides sides;
    enum picture_outcome outcome = picture_make((struct span){.data = bytes, .size = size},
                                                (enum picture_type)type, &sides, &view, &thumbnail);
    if (outcome != PICTURE_MADE) {
        return puts(outcomes[outcome]) < 0;
    }
    (void)printf("%s %u %u %u %u %u %u\n", outcomes[outcome], sides.width, sides.height, view.width,
                 view.height, thumbnail.width, thumbnail.height);
    return !(write_file(argv[3], &view) && write_file(argv[4], &thumbnail));
}
