/* The word that was probably meant, for messages about a word that is not known. */
#ifndef ANAMNESIS_BASE_NEAREST_H
#define ANAMNESIS_BASE_NEAREST_H

#include <stddef.h>

enum { NEAREST_MAX = 63 }; /* longer words are never near */

/*
 * The one of `count` words with the fewest bytes changed, added or left out (Levenshtein's distance; the
 * first of several), when those are at most a third of `word`; NULL otherwise. Borrowed.
 */
const char *nearest(const char *word, const char *const *words, size_t count);

#endif
