#include "lib/base/nearest.h"

#include <string.h>

static size_t
least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* Levenshtein's distance; both words are NEAREST_MAX long at most. */
static size_t
distance(const char *one, const char *other)
{
    size_t row[NEAREST_MAX + 1];
    size_t width = strlen(other);
    for (size_t i = 0; i <= width; i++) {
        row[i] = i;
    }
    for (size_t line = 1; line <= strlen(one); line++) {
        size_t diagonal = row[0];
        row[0] = line;
        for (size_t i = 1; i <= width; i++) {
            size_t above = row[i];
            size_t changed = diagonal + (one[line - 1] == other[i - 1] ? 0 : 1);
            row[i] = least(changed, least(above, row[i - 1]) + 1);
            diagonal = above;
        }
    }
    return row[width];
}

const char *
nearest(const char *word, const char *const *words, size_t count)
{
    const char *found = NULL;
    size_t best = strlen(word) / 3 + 1;
    for (size_t i = 0; i < count && strlen(word) <= NEAREST_MAX; i++) {
        size_t apart = strlen(words[i]) <= NEAREST_MAX ? distance(word, words[i]) : best;
        found = apart < best ? words[i] : found;
        best = least(best, apart);
    }
    return found;
}
