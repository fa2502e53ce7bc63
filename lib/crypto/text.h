/*
 * Unicode for values that are compared by digest (passwords, addresses, record numbers): one normal form (UAX
 * #15) for all ways to type a text, and whether all of a text can be seen. All texts are NUL-terminated. With
 * libunistring, whose tables decide what a letter is: a newer version knows letters that an older one
 * normalises otherwise, and stored digests of such texts are then not found any more.
 */
#ifndef ANAMNESIS_CRYPTO_TEXT_H
#define ANAMNESIS_CRYPTO_TEXT_H

#include "lib/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum text_form { TEXT_NFC, TEXT_NFKC };

/* The longest text that text_lower takes, and that text_nfkc takes and gives, in bytes. */
enum { TEXT_MAX = 4096 };

/*
 * NFKC of `text` in `out`, NUL-terminated: for secrets. `*count` is its length in code points; an empty text
 * has 0. False, with `out` wiped and `*count` 0, when the text is no UTF-8 or longer than TEXT_MAX, or the
 * result is. The caller wipes `out` after use; what libunistring puts on the heap instead is wiped here.
 */
bool text_nfkc(const char *text, char out[TEXT_MAX + 1], size_t *count);

/*
 * Lower case, independent of any language, in the normal form. In arena memory, NUL-terminated; it may be
 * longer than TEXT_MAX. NULL when the text is no UTF-8 or longer than TEXT_MAX, or memory is short.
 */
char *text_lower(struct arena *arena, const char *text, enum text_form form);

/*
 * False when there is a control, format or bidirectional sign (categories Cc and Cf), or a line or paragraph
 * separator in it: nothing that cannot be seen belongs to a value that people compare. The text is UTF-8; of
 * another one only what stands before the first wrong byte is looked at.
 */
bool text_is_visible(const char *text);

/*
 * A copy without white space (Unicode's White_Space): with `inside` none is left, else only what stands
 * before and after the text is removed. The text is UTF-8; another one is cut at the first wrong byte. In
 * arena memory; never NULL.
 */
char *text_strip(struct arena *arena, const char *text, bool inside);

#endif
