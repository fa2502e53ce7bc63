/*
 * Compiled forms of one process, bounded by bytes; the form that was used longest ago is freed first. A
 * published version never changes, so an entry never becomes wrong; a draft must not be kept here. A form
 * that was got may be freed by the second put after: use it, then put. A look-up is a hash and a short chain.
 * Not for several threads.
 */
#ifndef ANAMNESIS_FORM_DEFINITION_FORM_CACHE_H
#define ANAMNESIS_FORM_DEFINITION_FORM_CACHE_H

#include "lib/form/form.h"

struct form_cache;

/* A cache of at most `max` bytes of forms (the two used last stay whatever their size). NULL: no memory. */
struct form_cache *form_cache_create(size_t max);

/* Frees all forms. NULL is ignored. */
void form_cache_destroy(struct form_cache *cache);

/* The form of that questionnaire (36 characters) and version, or NULL. Valid until the second form_cache_put
 * after. */
const struct form *form_cache_get(struct form_cache *cache, const char *id, int64_t version);

/*
 * Takes ownership of `form` and returns what the cache now holds: when the key was there already, the older
 * form (the given one is freed). NULL when malloc fails or the id has more than 36 characters (`form` is
 * freed), or `form` is NULL. Valid until the second form_cache_put after.
 */
const struct form *form_cache_put(struct form_cache *cache, const char *id, int64_t version,
                                  struct form *form);

/* Bytes of the forms held. */
size_t form_cache_bytes(const struct form_cache *cache);

#endif
