/* Unicode: normal forms (UAX #15) for values that are compared by digest, and what can be seen of a text. */
#ifndef ANAMNESIS_CRYPTO_TEXT_H
#define ANAMNESIS_CRYPTO_TEXT_H

#include "lib/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum text_form { TEXT_NFC, TEXT_NFKC };

/* The longest text that text_lower takes, and that text_nfkc takes and gives, in bytes. */
enum { TEXT_MAX = 4096 };

/*
 * NFKC of `text` in `out`, NUL-terminated, without a copy on the heap: for secrets. `count` is its length in
 * code points. False, with `out` wiped, when the text is no UTF-8 or the result does not fit.
 */
bool text_nfkc(const char *text, char out[TEXT_MAX + 1], size_t *count);

/* Lower case, independent of any language, in the normal form. In arena memory; NULL when it is no UTF-8 or
 * too long. */
char *text_lower(struct arena *arena, const char *text, enum text_form form);

/*
 * False when there is a control, format or bidirectional sign (categories Cc and Cf), or a line or paragraph
 * separator in it: nothing that cannot be seen belongs to a value that people compare.
 */
bool text_is_visible(const char *text);

/* A copy without any white space; with `inside` false only what is around it is removed. In arena memory. */
char *text_strip(struct arena *arena, const char *text, bool inside);

#endif
