#include "lib/store/sealed_window.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static uint32_t
last_of(const struct sealed_window *window)
{
    return window->plain_size == 0 ? 0 : (uint32_t)((window->plain_size - 1) / STREAM_CHUNK);
}

static uint32_t
chunk_of(const struct sealed_window *window, uint64_t from)
{
    return from < window->plain_size ? (uint32_t)(from / STREAM_CHUNK) : last_of(window);
}

/* Sealed bytes of so many chunks from `first` on. */
static size_t
size_of(const struct sealed_window *window, uint32_t first, uint32_t count)
{
    uint64_t end = first + count > last_of(window) ? stream_sealed_size(window->plain_size)
                                                   : stream_chunk_offset(first + count);
    return (size_t)(end - stream_chunk_offset(first));
}

bool
sealed_window_begin(struct sealed_window *window, const unsigned char key[STREAM_KEY_SIZE], const char *text,
                    uint64_t plain_size)
{
    memset(window, 0, sizeof *window);
    if (plain_size > STREAM_PLAIN_MAX || strlen(text) > STREAM_TEXT_MAX) {
        return false;
    }
    memcpy(window->key, key, STREAM_KEY_SIZE);
    (void)snprintf(window->text, sizeof window->text, "%s", text);
    window->plain_size = plain_size;
    return true;
}

bool
sealed_window_has(const struct sealed_window *window, uint64_t from)
{
    uint32_t index = chunk_of(window, from);
    return window->is_open && index >= window->first && index - window->first < window->count;
}

void
sealed_window_wants(struct sealed_window *window, uint64_t from, uint64_t end, uint64_t *offset, size_t *size)
{
    uint32_t first = chunk_of(window, from);
    uint32_t behind = chunk_of(window, end > from ? end - 1 : from) + 1;
    uint32_t count = behind - first < WINDOW_CHUNKS ? behind - first : WINDOW_CHUNKS;
    window->has_plain = false;
    window->first = first;
    window->count = count;
    window->at = 0;
    if (window->is_open) {
        *offset = stream_chunk_offset(first);
        *size = size_of(window, first, count);
        return;
    }
    /* The header, and with it the chunks when they are the first ones. */
    window->count = first == 0 ? count : 0;
    window->at = STREAM_HEADER_SIZE;
    *offset = 0;
    *size = STREAM_HEADER_SIZE + (first == 0 ? size_of(window, 0, count) : 0);
}

enum store_result
sealed_window_fill(struct sealed_window *window)
{
    if (!window->is_open) {
        window->is_open =
            stream_open_begin(&window->open, window->key, window->text, window->bytes, window->plain_size);
        sodium_memzero(window->key, sizeof window->key);
    }
    return window->is_open ? STORE_DONE : STORE_DAMAGED;
}

static bool
open_chunk(struct sealed_window *window, uint32_t index)
{
    size_t before = size_of(window, window->first, index - window->first);
    struct span sealed = {window->bytes + window->at + (index == window->first ? 0 : before),
                          stream_chunk_plain(&window->open, index) + STREAM_TAG_SIZE};
    window->has_plain = stream_open_chunk(&window->open, index, sealed, window->plain);
    window->index = index;
    return window->has_plain;
}

enum store_result
sealed_window_get(struct sealed_window *window, uint64_t from, struct span *plain)
{
    uint32_t index = chunk_of(window, from);
    *plain = (struct span){NULL, 0};
    if (!sealed_window_has(window, from)) {
        return STORE_FAILED;
    }
    if ((!window->has_plain || window->index != index) && !open_chunk(window, index)) {
        return STORE_DAMAGED;
    }
    if (from < window->plain_size) {
        size_t at = (size_t)(from - (uint64_t)index * STREAM_CHUNK);
        *plain = (struct span){window->plain + at, stream_chunk_plain(&window->open, index) - at};
    }
    return STORE_DONE;
}

void
sealed_window_end(struct sealed_window *window)
{
    stream_open_end(&window->open);
    sodium_memzero(window, sizeof *window);
}
