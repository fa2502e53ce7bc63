/*
 * RFC 8785, JSON Canonicalization Scheme: one text for one JSON value, whoever wrote it; what the hashes of
 * definitions and responses are made of. So it must never write anything else for the same value: a proof of
 * years ago is compared with what is written today. Numbers are what ECMAScript's doubles make of them, as
 * the RFC wants it: 1.50 is written 1.5, and integers beyond 2^53 lose digits. Needs the C locale's decimal
 * point.
 */
#ifndef ANAMNESIS_FORM_VALUE_CANONICAL_H
#define ANAMNESIS_FORM_VALUE_CANONICAL_H

#include "lib/base/buf.h"

#include <json-c/json.h>
#include <stdbool.h>

enum { CANONICAL_NUMBER_SIZE = 32, CANONICAL_DEPTH_MAX = 128 };

/*
 * Appends the canonical form: members sorted by UTF-16 code units, ECMAScript's numbers, shortest escapes.
 * Strings are valid UTF-8, which the strict reader made sure of. `value` may be NULL: null. False when it is
 * nested deeper than CANONICAL_DEPTH_MAX, a number is not finite, memory is short, or the buffer is full; the
 * buffer then ends somewhere within.
 */
bool form_canonical(struct json_object *value, struct buf *buf);

/* ECMAScript's Number::toString of a finite double (ECMA-262 6.1.6.1.20): the shortest text that reads back
 * the same; 0 for minus zero. NUL-terminated. */
void canonical_number(double value, char text[CANONICAL_NUMBER_SIZE]);

#endif
