/*
 * Request memory: everything that a request needs is taken from one arena and dies with it.
 * Nothing is freed one by one; a reset runs the destructors of owned foreign objects (newest first),
 * wipes every byte that was handed out, and keeps the first block for the next request.
 */
#ifndef ANAMNESIS_BASE_ARENA_H
#define ANAMNESIS_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Called when the arena's maximum is reached or malloc fails. Must not return (longjmp or exit). */
typedef void arena_full_fn(void *context);

/*
 * Creates an arena that never holds more than `max` bytes. `full` may be NULL: the process then
 * says so on stderr and aborts. Returns NULL when not even the first block can be had.
 */
struct arena *arena_create(size_t max, arena_full_fn *full, void *context);

/* Changes who is called on exhaustion. */
void arena_on_full(struct arena *arena, arena_full_fn *full, void *context);

/* `size` zeroed bytes, aligned for any type. Never returns NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` zeroed elements of `size` bytes; the product is checked. Never returns NULL. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `size` bytes, or of a C string. Never return NULL (NULL in gives NULL out). */
char *arena_copy(struct arena *arena, const void *data, size_t size);
char *arena_text(struct arena *arena, const char *text);

/* Formats into arena memory. Never returns NULL. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Takes ownership of a foreign object: `destroy(object)` runs at reset or destroy. Returns `object`.
 * A NULL object is ignored. When the arena is exhausted the object is destroyed before `full` runs.
 */
void *arena_own(struct arena *arena, void *object, void (*destroy)(void *object));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/* Destroys owned objects, wipes and keeps the first block, frees the rest. */
void arena_reset(struct arena *arena);

/* The same, then frees everything. NULL is ignored. */
void arena_destroy(struct arena *arena);

#endif
