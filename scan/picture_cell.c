#include "scan/picture_cell.h"

#include "scan/picture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool
type_of(const char *name, enum picture_type *type)
{
    static const char *const names[] = {[PICTURE_JPEG] = "image/jpeg",
                                        [PICTURE_PNG] = "image/png",
                                        [PICTURE_WEBP] = "image/webp",
                                        [PICTURE_HEIC] = "image/heic",
                                        [PICTURE_PPM] = WIRE_DRAWN};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            *type = (enum picture_type)i;
            return true;
        }
    }
    return false;
}

/* Writes one behind what is there, and notes it in the reply. */
static bool
add(const struct cell_task *task, struct wire_reply *reply, enum wire_kind kind,
    const struct picture_jpeg *jpeg)
{
    struct wire_part *part = &reply->parts[reply->part_count++];
    *part = (struct wire_part){.kind = (uint32_t)kind,
                               .width = jpeg->width,
                               .height = jpeg->height,
                               .offset = reply->result_size,
                               .size = jpeg->size};
    for (size_t written = 0; written < jpeg->size;) {
        ssize_t some = pwrite(task->result, jpeg->bytes + written, jpeg->size - written,
                              (off_t)(reply->result_size + written));
        if (some <= 0) {
            return false;
        }
        written += (size_t)some;
    }
    reply->result_size += jpeg->size;
    return reply->result_size <= task->request->result_max;
}

static bool
answer(const struct cell_task *task, struct wire_reply *reply, enum picture_outcome outcome,
       const struct picture_jpeg *view, const struct picture_jpeg *thumbnail)
{
    static const enum wire_reason reasons[] = {[PICTURE_DAMAGED] = WIRE_DAMAGED,
                                               [PICTURE_TOO_LARGE] = WIRE_TOO_LARGE_PICTURE,
                                               [PICTURE_NOT_UNDERSTOOD] = WIRE_NOT_UNDERSTOOD};
    if (outcome == PICTURE_NOT_MADE) {
        return false;
    }
    if (outcome != PICTURE_MADE) {
        reply->verdict = WIRE_REJECTED;
        reply->reason = (uint32_t)reasons[outcome];
        return true;
    }
    reply->verdict = WIRE_CLEAN;
    return add(task, reply, WIRE_VIEW, view) && add(task, reply, WIRE_THUMBNAIL, thumbnail);
}

bool
picture_look(const struct cell_task *task, struct wire_reply *reply)
{
    enum picture_type type;
    size_t size = task->request->size;
    struct picture_jpeg view = {.capacity = PICTURE_VIEW_BYTES};
    struct picture_jpeg thumbnail = {.capacity = PICTURE_THUMBNAIL_BYTES};
    struct picture_sides sides;
    if (!type_of(task->request->type, &type) || task->result < 0) {
        return false;
    }
    if (size == 0) { /* which cannot be mapped */
        return answer(task, reply, PICTURE_DAMAGED, &view, &thumbnail);
    }
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, task->file, 0);
    view.bytes = malloc(view.capacity);
    thumbnail.bytes = malloc(thumbnail.capacity);
    bool answered = false;
    if (bytes != MAP_FAILED && view.bytes != NULL && thumbnail.bytes != NULL) {
        enum picture_outcome outcome =
            picture_make((struct span){.data = bytes, .size = size}, type, &sides, &view, &thumbnail);
        answered = answer(task, reply, outcome, &view, &thumbnail);
        if (outcome == PICTURE_MADE) {
            reply->width = sides.width;
            reply->height = sides.height;
        }
    }
    if (bytes != MAP_FAILED) {
        (void)munmap(bytes, size);
    }
    free(view.bytes);
    free(thumbnail.bytes);
    return answered;
}
