/*
 * A page as the document program gives it: netpbm's PPM in the one form that scan/document_draw.c writes. It is of our own making, and still
 * read as anybody's: whoever takes poppler over by a file gives nothing further than pixels.
 */
#include "scan/picture_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_MAX = 32 };

static enum picture_outcome
next_row(struct picture_source *source, unsigned char *row)
{
    const unsigned char **at = source->decoder;
    size_t size = (size_t)source->width * PICTURE_RGB;
    memcpy(row, *at, size);
    *at += size;
    return PICTURE_MADE;
}

static void
end(struct picture_source *source)
{
    free(source->decoder);
}

/* The head as it is written, up to the sides that it says; what is written anew in the same way must be what is there. */
static size_t
head_of(struct span file, uint32_t *width, uint32_t *height)
{
    char head[HEAD_MAX + 1] = "";
    char again[HEAD_MAX + 1];
    memcpy(head, file.data, file.size < HEAD_MAX ? file.size : HEAD_MAX);
    if (sscanf(head, "P6\n%9u %9u\n255\n", width, height) != 2) {
        return 0;
    }
    int size = snprintf(again, sizeof again, "P6\n%u %u\n255\n", *width, *height);
    return size > 0 && size <= HEAD_MAX && memcmp(head, again, (size_t)size) == 0 ? (size_t)size : 0;
}

enum picture_outcome
picture_ppm_open(struct span file, struct picture_source *source)
{
    uint32_t width = 0;
    uint32_t height = 0;
    size_t head = head_of(file, &width, &height);
    enum picture_outcome outcome = head == 0 ? PICTURE_DAMAGED : picture_size_check(width, height);
    if (outcome != PICTURE_MADE) {
        return outcome;
    }
    if (file.size - head != (size_t)PICTURE_RGB * width * height) {
        return PICTURE_DAMAGED;
    }
    const unsigned char **at = malloc(sizeof *at);
    if (at == NULL) {
        return PICTURE_NOT_MADE;
    }
    *at = file.data + head;
    *source = (struct picture_source){.whole = {.width = width, .height = height},
                                      .width = width,
                                      .height = height,
                                      .channels = PICTURE_RGB,
                                      .orientation = 1,
                                      .decoder = at,
                                      .row = next_row,
                                      .close = end};
    return PICTURE_MADE;
}
