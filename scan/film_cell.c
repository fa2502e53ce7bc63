#include "scan/film_cell.h"

#include "lib/media/boxes.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/* WIRE_NO_REASON of what is no verdict on boxes. */
static enum wire_reason
reason_of(enum media_verdict verdict)
{
    static const enum wire_reason reasons[MEDIA_VERDICTS] = {[MEDIA_WRONG_TYPE] = WIRE_WRONG_TYPE,
                                                             [MEDIA_ENCRYPTED] = WIRE_ENCRYPTED,
                                                             [MEDIA_TOO_DEEP] = WIRE_TOO_DEEP,
                                                             [MEDIA_DAMAGED] = WIRE_DAMAGED,
                                                             [MEDIA_NOT_UNDERSTOOD] = WIRE_NOT_UNDERSTOOD,
                                                             [MEDIA_ACTIVE_CONTENT] = WIRE_ACTIVE_CONTENT};
    return reasons[verdict];
}

/* Writes the file into the result. */
static bool
copy(const struct cell_task *task, size_t size)
{
    const unsigned char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, task->file, 0);
    size_t written = 0;
    ssize_t some = bytes == MAP_FAILED ? 0 : 1;
    while (some > 0 && written < size) {
        some = pwrite(task->result, bytes + written, size - written, (off_t)written);
        written += some > 0 ? (size_t)some : 0;
    }
    return some > 0;
}

static bool
clean(const struct cell_task *task, struct wire_reply *reply, size_t size)
{
    struct media_film film = {.seconds = 0};
    unsigned char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, task->result, 0);
    if (bytes == MAP_FAILED) {
        return false;
    }
    enum media_verdict verdict = media_boxes_clean(bytes, size, &film);
    if (munmap(bytes, size) != 0) {
        return false;
    }
    if (verdict != MEDIA_FINE) {
        reply->verdict = WIRE_REJECTED;
        reply->reason = (uint32_t)reason_of(verdict);
        return reply->reason != WIRE_NO_REASON && ftruncate(task->result, 0) == 0;
    }
    if (film.pictures == 0) {
        film.size = (struct media_size){.width = 0}; /* a track of sound may say that it has sides */
    }
    reply->verdict = WIRE_CLEAN;
    reply->width = film.size.width;
    reply->height = film.size.height;
    reply->seconds = film.seconds;
    reply->result_size = size;
    reply->part_count = 1;
    reply->parts[0] = (struct wire_part){
        .kind = WIRE_VIEW, .width = film.size.width, .height = film.size.height, .size = size};
    return true;
}

bool
film_look(const struct cell_task *task, struct wire_reply *reply)
{
    size_t size = task->request->size;
    if (size == 0) { /* which cannot be mapped */
        reply->verdict = WIRE_REJECTED;
        reply->reason = WIRE_DAMAGED;
        return true;
    }
    return task->result >= 0 && size <= task->request->result_max && copy(task, size) &&
           clean(task, reply, size);
}
