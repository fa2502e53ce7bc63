#include "lib/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_ALIGN = 16,
    /* Most requests fit: a decoded body, one row, one reply. Kept between requests. */
    ARENA_FIRST_BLOCK = 32 * 1024
};

struct block {
    struct block *next;
    size_t room; /* bytes in data */
    size_t used;
    size_t padding;
    unsigned char data[];
};

struct owned {
    struct owned *next;
    void *object;
    void (*destroy)(void *object);
};

struct arena {
    struct block *blocks; /* newest first; the first block is the last of the list */
    struct owned *owned;  /* newest first */
    size_t max;
    size_t total; /* room of all blocks */
    size_t used;
    arena_full_fn *full;
    void *context;
};

static struct block *
block_create(size_t room)
{
    struct block *block = calloc(1, sizeof *block + room);
    if (block != NULL) {
        block->room = room;
    }
    return block;
}

struct arena *
arena_create(size_t max, arena_full_fn *full, void *context)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) {
        return NULL;
    }
    arena->blocks = block_create(ARENA_FIRST_BLOCK);
    if (arena->blocks == NULL) {
        free(arena);
        return NULL;
    }
    arena->max = max;
    arena->total = ARENA_FIRST_BLOCK;
    arena_on_full(arena, full, context);
    return arena;
}

void
arena_on_full(struct arena *arena, arena_full_fn *full, void *context)
{
    arena->full = full;
    arena->context = context;
}

static void
arena_exhausted(const struct arena *arena)
{
    if (arena->full != NULL) {
        arena->full(arena->context);
    }
    (void)fprintf(stderr, "out of memory: more than %zu bytes wanted\n", arena->max);
    abort();
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ARENA_ALIGN) {
        arena_exhausted(arena);
    }
    size_t wanted = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    struct block *block = arena->blocks;
    if (wanted > block->room - block->used) {
        size_t room = wanted > 2 * block->room ? wanted : 2 * block->room;
        if (room > arena->max - arena->total) {
            room = wanted; /* near the maximum: no more than is needed */
        }
        if (arena->total > arena->max || room > arena->max - arena->total) {
            arena_exhausted(arena);
        }
        block = block_create(room);
        if (block == NULL) {
            arena_exhausted(arena);
            abort(); /* not reached: `full` does not return */
        }
        block->next = arena->blocks;
        arena->blocks = block;
        arena->total += room;
    }
    void *memory = block->data + block->used;
    block->used += wanted;
    arena->used += wanted;
    return memory;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        arena_exhausted(arena);
    }
    return arena_alloc(arena, count * size);
}

char *
arena_copy(struct arena *arena, const void *data, size_t size)
{
    if (data == NULL) {
        return NULL;
    }
    char *copy = arena_alloc(arena, size + 1);
    memcpy(copy, data, size);
    return copy;
}

char *
arena_text(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_copy(arena, text, strlen(text));
}

/*
 * Printed once, into the rest of the newest block; only what does not fit is printed again. What was printed
 * there in vain is wiped, because nothing that was not handed out is wiped by the reset.
 */
char *
arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    const struct block *block = arena->blocks;
    size_t room = block->room - block->used;
    char *rest = (char *)arena->blocks->data + block->used;
    va_start(arguments, format);
    int size = vsnprintf(rest, room, format, arguments);
    va_end(arguments);
    if (size >= 0 && (size_t)size < room) {
        return arena_alloc(arena, (size_t)size + 1);
    }
    explicit_bzero(rest, room);
    if (size < 0) {
        arena_exhausted(arena);
    }
    char *text = arena_alloc(arena, (size_t)size + 1);
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return text;
}

void *
arena_own(struct arena *arena, void *object, void (*destroy)(void *object))
{
    if (object == NULL) {
        return NULL;
    }
    struct block *block = arena->blocks;
    size_t wanted = (sizeof(struct owned) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (wanted > block->room - block->used &&
        (arena->total > arena->max || wanted > arena->max - arena->total)) {
        destroy(object);
        arena_exhausted(arena);
    }
    struct owned *owned = arena_alloc(arena, sizeof *owned);
    owned->object = object;
    owned->destroy = destroy;
    owned->next = arena->owned;
    arena->owned = owned;
    return object;
}

size_t
arena_used(const struct arena *arena)
{
    return arena->used;
}

void
arena_reset(struct arena *arena)
{
    while (arena->owned != NULL) {
        struct owned *owned = arena->owned;
        arena->owned = owned->next;
        owned->destroy(owned->object);
    }
    while (arena->blocks->next != NULL) {
        struct block *block = arena->blocks;
        arena->blocks = block->next;
        explicit_bzero(block->data, block->used);
        free(block);
    }
    explicit_bzero(arena->blocks->data, arena->blocks->used);
    arena->blocks->used = 0;
    arena->total = arena->blocks->room;
    arena->used = 0;
}

void
arena_destroy(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    arena_reset(arena);
    free(arena->blocks);
    free(arena);
}
