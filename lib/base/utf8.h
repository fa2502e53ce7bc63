/* UTF-8 as RFC 3629 allows it: shortest forms, no surrogates, nothing over U+10FFFF. */
#ifndef ANAMNESIS_BASE_UTF8_H
#define ANAMNESIS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_SIZE_MAX = 4 };

/*
 * The bytes, 2 to 4, of the well-formed sequence at `at`, which is before `end`; 0 when none begins there. It
 * is for bytes that are not ASCII: of an ASCII byte, which callers look at first, it is 0 too.
 */
size_t utf8_size(const unsigned char *at, const unsigned char *end);

/* Writes a code point (no surrogate, at most 0x10ffff); returns its bytes. */
size_t utf8_encode(uint32_t point, unsigned char out[UTF8_SIZE_MAX]);

/* Whether all `size` bytes are well-formed. */
bool utf8_valid(const void *text, size_t size);

/* The number of code points in well-formed text. */
size_t utf8_length(const void *text, size_t size);

#endif
