/*
 * A sealed object that is somewhere else: which of its bytes to get next, and their opening (lib/crypto/stream.h). Pure: whoever gets
 * them, from S3 or from a process that asks S3, puts them into the window; some chunks at once, since each request takes its time.
 *
 *     while (!sealed_window_has(window, from)) {
 *         sealed_window_wants(window, from, end, &offset, &size);
 *         ... get `size` bytes from `offset` into window->bytes ...
 *         sealed_window_fill(window)
 *     }
 *     sealed_window_get(window, from, &plain)
 *
 * Bytes are given only of a chunk that is proven. What is longer than was sealed is not noticed, and not given either.
 */
#ifndef ANAMNESIS_STORE_SEALED_WINDOW_H
#define ANAMNESIS_STORE_SEALED_WINDOW_H

#include "lib/base/span.h"
#include "lib/crypto/stream.h"
#include "lib/store/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WINDOW_CHUNKS = 8,
    WINDOW_SIZE = STREAM_HEADER_SIZE + WINDOW_CHUNKS * STREAM_SEALED_CHUNK /* bytes */
};

/* Large, and holds a key and plain bytes: sealed_window_end wipes it. */
struct sealed_window {
    struct stream_open open; /* once there is a header */
    bool is_open;
    unsigned char key[STREAM_KEY_SIZE];
    char text[STREAM_TEXT_MAX + 1];
    uint64_t plain_size;
    uint32_t first; /* chunk in the window, */
    uint32_t count; /* how many, */
    size_t at;      /* and where they begin in it */
    bool has_plain;
    uint32_t index; /* of the chunk in `plain` */
    unsigned char plain[STREAM_CHUNK];
    unsigned char bytes[WINDOW_SIZE];
};

/* False for sizes and texts that no object has. */
bool sealed_window_begin(struct sealed_window *window, const unsigned char key[STREAM_KEY_SIZE],
                         const char *text, uint64_t plain_size);

/* Whether the plain bytes at `from` can be had by sealed_window_get. */
bool sealed_window_has(const struct sealed_window *window, uint64_t from);

/*
 * What to put into window->bytes for the plain bytes from `from` on, and not more than is needed up to `end`: at most WINDOW_SIZE bytes.
 * What was in the window is gone.
 */
void sealed_window_wants(struct sealed_window *window, uint64_t from, uint64_t end, uint64_t *offset,
                         size_t *size);

/* It is there. STORE_DAMAGED when the object has no header. */
enum store_result sealed_window_fill(struct sealed_window *window);

/* As sealed_reader_get, of what the window has. */
enum store_result sealed_window_get(struct sealed_window *window, uint64_t from, struct span *plain);

void sealed_window_end(struct sealed_window *window);

#endif
