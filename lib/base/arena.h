/*
 * Request memory: everything that a request needs is taken from one arena and dies with it.
 *
 * An arena is a list of blocks, the first of 32 KiB, each further one at least twice as large as the newest.
 * arena_alloc hands out zeroed bytes by moving an offset; nothing is freed one by one. A foreign object (a
 * PGresult, a json-c tree) is given to the arena by arena_own the moment it exists, with the function that
 * destroys it. A reset runs these functions, newest first, wipes every byte that was handed out, and keeps
 * the first block for the next request. So no handler frees anything, and nothing of one request is readable
 * in the next.
 *
 * No function returns NULL for want of memory: at the maximum, or when malloc fails, `full` is called, which
 * must not return (a worker longjmps out of its request, a command exits). `max` bounds the blocks together;
 * the first one is there even when `max` is less. What the arena owns may itself be larger than the arena
 * knows.
 *
 * What must not be done: keep a pointer beyond the reset; free or realloc arena memory; allocate in a loop
 * without a bound, since nothing comes back before the reset. Not for several threads.
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
 * Creates an arena whose blocks never hold more than `max` bytes together (or 32 KiB, when `max` is less).
 * `full` may be NULL: the process then says so on stderr and aborts. The caller owns the arena. NULL when
 * there is no memory.
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
 * Takes ownership of a foreign object: `destroy(object)` runs at reset or destroy. Returns `object`. A NULL
 * object is ignored. When the maximum is reached the object is destroyed before `full` runs; when malloc
 * itself fails it is not.
 */
void *arena_own(struct arena *arena, void *object, void (*destroy)(void *object));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/* Destroys owned objects, wipes and keeps the first block, frees the rest. */
void arena_reset(struct arena *arena);

/* The same, then frees everything. NULL is ignored. */
void arena_destroy(struct arena *arena);

#endif
