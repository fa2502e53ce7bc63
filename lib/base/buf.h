/*
 * A bounded byte buffer. Every user states its maximum; the first append that would pass it (or that
 * cannot get memory) sets `failed`, and all later appends do nothing: check once, at the end.
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

/* Append bytes, a C string, one byte, or formatted text. */
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
