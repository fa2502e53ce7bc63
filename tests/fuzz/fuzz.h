/* What the fuzz targets share. Each target is a libFuzzer program: see tools/run-fuzz. */
#ifndef ANAMNESIS_TESTS_FUZZ_FUZZ_H
#define ANAMNESIS_TESTS_FUZZ_FUZZ_H

#include "lib/base/arena.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

enum { FUZZ_ARENA_MAX = 256 * 1024 * 1024 };

/* When everything is judged, whatever it takes. */
#define FUZZ_NOW (&(struct form_work){.now = INT64_C(1768478400000000)})

/* libFuzzer calls the first; it calls the other two, when a target has them, in place of its own. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
size_t LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const unsigned char *one, size_t one_size, const unsigned char *other,
                                 size_t other_size, unsigned char *out, size_t max, unsigned seed);

/* libFuzzer's own mutation of bytes, with its dictionary. */
size_t LLVMFuzzerMutate(unsigned char *data, size_t size, size_t max);

/* Says what does not hold, and aborts: libFuzzer then keeps the input. */
void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/*
 * A case of the questionnaire engine, as the strict reader reads it from bytes:
 * {"questionnaire": {...}, "value_sets": [...], "items": [...], "saves": [{"path": "...", "answers":
 * [...]}]}. Members may be missing. NULL when the bytes are not JSON or no object.
 */
struct json_object *fuzz_case(struct arena *arena, const unsigned char *data, size_t size);

/* A member of the case, or NULL. */
struct json_object *fuzz_member(struct json_object *json, const char *name);

/* RFC 8785's text of a value, in the arena; NULL when it has none (nested too deep). */
const char *fuzz_canonical(struct arena *arena, struct json_object *json);

/*
 * Mutate JSON as JSON: parts are copied, taken out, swapped, renamed and replaced, with the names and values
 * of questionnaires. Bytes that are no JSON are mutated as bytes. Both return the new size.
 */
size_t fuzz_mutate(unsigned char *data, size_t size, size_t max, unsigned seed);
size_t fuzz_cross(const unsigned char *one, size_t one_size, const unsigned char *other, size_t other_size,
                  unsigned char *out, size_t max, unsigned seed);

#endif
