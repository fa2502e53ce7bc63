/* From bytes to a json-c tree that the arena owns, through the strict reader. */
#ifndef ANAMNESIS_BASE_JSON_READ_H
#define ANAMNESIS_BASE_JSON_READ_H

#include "lib/base/arena.h"
#include "lib/base/json_scan.h"
#include "lib/base/span.h"

struct json_object;

/*
 * The tree of one JSON value, or NULL with `*fault` filled when the text is refused. NULL is also json-c's
 * null: then fault->code is JSON_FINE. Do not put the tree; take a reference (json_object_get) to keep a part
 * longer than the arena. Numbers that are not whole keep their text, so that 1.10 is written back as 1.10.
 */
struct json_object *json_read(struct arena *arena, struct span text, struct json_fault *fault);

/* The same with another limit on nesting, at most JSON_DEEP_MAX. */
struct json_object *json_read_deep(struct arena *arena, struct span text, unsigned depth,
                                   struct json_fault *fault);

#endif
