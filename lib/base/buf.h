/*
 * A bounded byte buffer: what is written piece by piece and has no size beforehand (a reply, a path, a
 * message).
 *
 * Every user states the maximum. The first append that would pass it, or cannot get memory, sets `failed`,
 * adds nothing, and makes all later appends do nothing: a writer appends without asking and looks at `failed`
 * once, at the end. A buffer that failed must not be sent, since its text is cut at some append. Memory
 * doubles from 1 KiB on and is malloc's, not an arena's; old memory is wiped when it moves, so a buffer may
 * hold secrets. Appending costs a copy, amortised over growth.
 */
#ifndef ANAMNESIS_BASE_BUF_H
#define ANAMNESIS_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;  /* NUL-terminated after every append; NULL while nothing was appended */
    size_t size; /* bytes, without the NUL */
    size_t room;
    size_t max; /* bytes that `size` may reach */
    bool failed;
};

/* An empty buffer of at most `max` bytes. Allocates nothing. */
void buf_init(struct buf *buf, size_t max);

/* Append bytes (`data` may be NULL when `size` is 0), a C string, one byte, or formatted text. */
void buf_add(struct buf *buf, const void *data, size_t size);
void buf_text(struct buf *buf, const char *text);
void buf_byte(struct buf *buf, char byte);
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, never NULL. Valid until the next append. */
const char *buf_string(const struct buf *buf);

/* Wipes the content and keeps the memory; clears `failed`. */
void buf_reset(struct buf *buf);

/* Wipes and frees. The buffer may be used again after buf_init. */
void buf_free(struct buf *buf);

#endif
