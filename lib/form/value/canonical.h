/* RFC 8785, JSON Canonicalization Scheme: one text for one JSON value, whoever wrote it; what hashes are made
 * of. */
#ifndef ANAMNESIS_FORM_VALUE_CANONICAL_H
#define ANAMNESIS_FORM_VALUE_CANONICAL_H

#include "lib/base/buf.h"

#include <json-c/json.h>
#include <stdbool.h>

enum { CANONICAL_NUMBER_SIZE = 32, CANONICAL_DEPTH_MAX = 128 };

/*
 * Appends the canonical form: members sorted by UTF-16 code units, ECMAScript's numbers, shortest escapes.
 * False when the value is nested deeper than CANONICAL_DEPTH_MAX, a number is not finite, memory is short, or
 * the buffer is full.
 */
bool form_canonical(struct json_object *value, struct buf *buf);

/* ECMAScript's Number::toString of a finite double (ECMA-262 6.1.6.1.20): the shortest text that reads back
 * the same. */
void canonical_number(double value, char text[CANONICAL_NUMBER_SIZE]);

#endif
