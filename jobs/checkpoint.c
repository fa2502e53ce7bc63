#include "jobs/checkpoint.h"

#include "lib/audit/lines.h"
#include "lib/base/buf.h"
#include "lib/base/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes: TAIL is more than any checkpoint's line has, FRESH_MAX what one append may have. */
enum { TAIL = 4096, FRESH_MAX = 1024 * 1024 };

/* Reads the newest whole line, and cuts off what follows it: a line that was being written when a process
 * ended. Returns NULL, or a code for the log. */
static const char *
read_end(struct checkpoint *checkpoint, struct arena *arena)
{
    char *tail = arena_alloc(arena, TAIL);
    struct audit_line line;
    const char *why = NULL;
    off_t size = lseek(checkpoint->file, 0, SEEK_END);
    off_t from = size > TAIL ? size - TAIL : 0;
    ssize_t got = size < 0 ? -1 : pread(checkpoint->file, tail, (size_t)(size - from), from);
    if (got < 0 || got != size - from) {
        return "checkpoints-not-read";
    }
    const char *end = memrchr(tail, '\n', (size_t)got);
    size_t whole = end == NULL ? 0 : (size_t)(end - tail) + 1;
    if (end == NULL && from != 0) {
        return "checkpoints-damaged"; /* a checkpoint's line is never so long */
    }
    if (whole != (size_t)got && ftruncate(checkpoint->file, from + (off_t)whole) != 0) {
        return "checkpoints-not-written";
    }
    if (whole == 0) {
        return NULL;
    }
    const char *start = memrchr(tail, '\n', whole - 1);
    start = start == NULL ? tail : start + 1;
    struct span text = {(const unsigned char *)start, (size_t)(end - start)};
    if (!audit_line_read(arena, text, &line, &why) || line.kind != AUDIT_LINE_CHECKPOINT) {
        return "checkpoints-damaged";
    }
    checkpoint->number = line.seal.number;
    memcpy(checkpoint->digest, line.digest, DIGEST_SIZE);
    return NULL;
}

const char *
checkpoint_open(struct checkpoint *checkpoint, const char *directory, struct arena *arena)
{
    *checkpoint = (struct checkpoint){.file = -1};
    const char *path = arena_format(arena, "%s/" CHECKPOINT_FILE, directory);
    checkpoint->file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (checkpoint->file < 0 || flock(checkpoint->file, LOCK_EX) != 0) {
        return "checkpoints-not-opened";
    }
    return read_end(checkpoint, arena);
}

bool
checkpoint_add(struct checkpoint *checkpoint, const struct audit_seal *seals, size_t count)
{
    struct buf lines;
    buf_init(&lines, FRESH_MAX);
    for (size_t i = 0; i < count; i++) {
        audit_line_checkpoint(&lines, &seals[i]);
    }
    bool good = !lines.failed && write_all(checkpoint->file, buf_string(&lines), lines.size) &&
                fsync(checkpoint->file) == 0;
    buf_free(&lines);
    if (good && count > 0) {
        checkpoint->number = seals[count - 1].number;
        audit_seal_digest(&seals[count - 1], checkpoint->digest);
    }
    return good;
}

void
checkpoint_close(struct checkpoint *checkpoint)
{
    if (checkpoint->file >= 0) {
        (void)close(checkpoint->file); /* and unlocks */
        checkpoint->file = -1;
    }
}
