/*
 * Says what lib/media says of files: `media_judge judge TYPE FILE...` prints for each its verdict, the type that was
 * found, width and height; `media_judge clean FILE` writes a film without metadata to standard output.
 */
#include "lib/media/boxes.h"
#include "lib/media/type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 60 * 1000 * 1000 };

static unsigned char *
contents(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(FILE_MAX);
    if (file == NULL || bytes == NULL) {
        (void)fprintf(stderr, "media_judge: %s cannot be read\n", path);
        exit(2);
    }
    *size = fread(bytes, 1, FILE_MAX, file);
    (void)fclose(file);
    return bytes;
}

static const char *
shown(enum media_verdict verdict)
{
    return verdict == MEDIA_FINE ? "fine" : media_verdict_name(verdict);
}

static void
judge(const char *declared, const char *path)
{
    size_t size = 0;
    unsigned char *bytes = contents(path, &size);
    struct media_found found;
    enum media_verdict verdict = media_type_judge((struct span){bytes, size}, declared, &found);
    const char *type = media_type_name(found.type);
    (void)printf("%s %s %u %u\n", shown(verdict), type == NULL ? "-" : type, found.size.width,
                 found.size.height);
    free(bytes);
}

static int
clean(const char *path)
{
    size_t size = 0;
    unsigned char *bytes = contents(path, &size);
    struct media_film film;
    enum media_verdict verdict = media_boxes_clean(bytes, size, &film);
    bool written = verdict == MEDIA_FINE && fwrite(bytes, 1, size, stdout) == size;
    if (!written) {
        (void)fprintf(stderr, "media_judge: %s\n", shown(verdict));
    }
    free(bytes);
    return written ? 0 : 1;
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "clean") == 0) {
        return clean(argv[2]);
    }
    if (argc < 4 || strcmp(argv[1], "judge") != 0) {
        (void)fputs("usage: media_judge judge TYPE FILE... | media_judge clean FILE\n", stderr);
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        judge(argv[2], argv[i]);
    }
    return 0;
}
