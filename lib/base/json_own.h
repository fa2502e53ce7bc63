/* A json-c tree that belongs to an arena. */
#ifndef ANAMNESIS_BASE_JSON_OWN_H
#define ANAMNESIS_BASE_JSON_OWN_H

#include "lib/base/arena.h"

struct json_object;

/* json_object_put, as an arena calls it. */
void json_release(void *object);

/* The arena puts `object` when it is reset. Returns it; NULL is json-c's null, and nothing to own. */
static inline struct json_object *
json_own(struct arena *arena, struct json_object *object)
{
    return arena_own(arena, object, json_release);
}

#endif
