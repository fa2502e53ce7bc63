#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST_ROOM = 1024 };

void
buf_init(struct buf *buf, size_t max)
{
    memset(buf, 0, sizeof *buf);
    buf->max = max;
}

/* Room for `size` more bytes and the NUL; the old memory is wiped when it moves. */
static bool
buf_reserve(struct buf *buf, size_t size)
{
    if (buf->failed || size > buf->max - buf->size) {
        buf->failed = true;
        return false;
    }
    size_t wanted = buf->size + size + 1;
    if (wanted <= buf->room) {
        return true;
    }
    size_t room = buf->room == 0 ? BUF_FIRST_ROOM : buf->room;
    while (room < wanted) {
        room *= 2;
    }
    char *data = malloc(room);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    if (buf->data != NULL) {
        memcpy(data, buf->data, buf->size);
        explicit_bzero(buf->data, buf->size);
        free(buf->data);
    }
    buf->data = data;
    buf->room = room;
    return true;
}

void
buf_add(struct buf *buf, const void *data, size_t size)
{
    if (!buf_reserve(buf, size)) {
        return;
    }
    if (size != 0) {
        memcpy(buf->data + buf->size, data, size);
    }
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void
buf_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void
buf_byte(struct buf *buf, char byte)
{
    buf_add(buf, &byte, 1);
}

/* As arena_format: printed once, and again only where that did not fit, behind what is wiped then. */
void
buf_format(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    size_t room = buf->failed ? 0 : buf->room - buf->size;
    if (room > buf->max - buf->size) {
        room = buf->max - buf->size + 1; /* with the NUL */
    }
    char *rest = room == 0 ? NULL : buf->data + buf->size;
    va_start(arguments, format);
    int size = vsnprintf(rest, room, format, arguments);
    va_end(arguments);
    if (size >= 0 && (size_t)size < room) {
        buf->size += (size_t)size;
        return;
    }
    if (room != 0) {
        explicit_bzero(rest, room);
    }
    if (size < 0 || !buf_reserve(buf, (size_t)size)) {
        buf->failed = true;
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(buf->data + buf->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    buf->size += (size_t)size;
}

const char *
buf_string(const struct buf *buf)
{
    return buf->data == NULL ? "" : buf->data;
}

void
buf_reset(struct buf *buf)
{
    if (buf->data != NULL) {
        explicit_bzero(buf->data, buf->size);
        buf->data[0] = '\0';
    }
    buf->size = 0;
    buf->failed = false;
}

void
buf_free(struct buf *buf)
{
    buf_reset(buf);
    free(buf->data);
    buf_init(buf, buf->max);
}
