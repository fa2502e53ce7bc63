/* The escapes inside a JSON string (RFC 8259 section 7). */
#ifndef ANAMNESIS_BASE_JSON_ESCAPE_H
#define ANAMNESIS_BASE_JSON_ESCAPE_H

#include "lib/base/json_fault.h"
#include "lib/base/utf8.h"

/* The first byte at or after `at` that is a quote, a backslash, a control character or not ASCII; `end` if
 * none. */
const unsigned char *json_plain_end(const unsigned char *at, const unsigned char *end);

/*
 * Reads one escape, `*at` behind its backslash; a surrogate pair is one. Returns the bytes it stands for,
 * written to `out`, and moves `*at` behind it; 0 when it is wrong, with the reason in `*fault` and `*at`
 * unmoved.
 */
size_t json_unescape(const unsigned char **at, const unsigned char *end, unsigned char out[UTF8_SIZE_MAX],
                     enum json_fault_code *fault);

#endif
