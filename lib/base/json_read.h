/*
 * From bytes to a json-c tree that the arena owns, through the strict reader (json_scan.h).
 *
 * The text is read twice: the scanner accepts or refuses it whole, without allocating; then the tree is
 * built, for which nothing can be wrong any more but memory. json-c's own parser is not used, since it takes
 * duplicate members and U+0000 (see docs/adr/0032), looks every name up again and sets up a locale for each
 * text. Numbers that are not whole keep their text, so that 1.10 is written back as 1.10.
 *
 * The tree is json-c's memory and not the arena's, which only releases it: a text of a few MB makes a tree of
 * tens of MB, which the arena's maximum does not bound. The scanner's table of members is arena memory, at
 * most 1.25 MiB. Do not put the tree; take a reference (json_object_get) to keep a part longer than the
 * arena.
 */
#ifndef ANAMNESIS_BASE_JSON_READ_H
#define ANAMNESIS_BASE_JSON_READ_H

#include "lib/base/arena.h"
#include "lib/base/json_scan.h"
#include "lib/base/span.h"

struct json_object;

/*
 * The tree of one JSON value; `*fault` is always filled. NULL stands for two things: the text was refused (or
 * there is no memory), and the value null, when fault->code is JSON_FINE.
 */
struct json_object *json_read(struct arena *arena, struct span text, struct json_fault *fault);

/* The same with another limit on nesting, at most JSON_DEEP_MAX. */
struct json_object *json_read_deep(struct arena *arena, struct span text, unsigned depth,
                                   struct json_fault *fault);

#endif
