/* What a document's process answers: a part behind the others, or a reason. */
#include "scan/document.h"

#include <unistd.h>

bool
document_reject(struct wire_reply *reply, enum wire_reason reason)
{
    *reply = (struct wire_reply){.verdict = WIRE_REJECTED, .reason = (uint32_t)reason};
    return true;
}

bool
document_add(const struct cell_task *task, struct wire_reply *reply, struct wire_part part, const void *bytes)
{
    const unsigned char *from = bytes;
    if (reply->part_count == WIRE_PARTS_MAX || part.size > task->request->result_max - reply->result_size) {
        return false;
    }
    part.offset = reply->result_size;
    for (size_t written = 0; written < part.size;) {
        ssize_t some =
            pwrite(task->result, from + written, part.size - written, (off_t)(part.offset + written));
        if (some <= 0) {
            return false;
        }
        written += (size_t)some;
    }
    reply->parts[reply->part_count++] = part;
    reply->result_size += part.size;
    return true;
}
