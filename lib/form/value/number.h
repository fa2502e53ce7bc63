/*
 * Numbers as JSON writes them, compared digit by digit: 0.1 is a tenth, and 1.50 keeps its places. An answer
 * may have any number of digits and any exponent, and must never be the same as another one because of where
 * a number type ends; so these are no struct decimal (lib/base/decimal.h), which calculates, and has 37
 * digits. Texts are what the strict reader takes (RFC 8259), NUL-terminated. Private to lib/form.
 */
#ifndef ANAMNESIS_FORM_VALUE_NUMBER_H
#define ANAMNESIS_FORM_VALUE_NUMBER_H

#include "lib/base/arena.h"
#include "lib/form/value/order.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

enum { NUMBER_WHOLE_SIZE = 24 }; /* bytes of any int64_t as text */

/*
 * The text of a JSON number: of one with a fraction or an exponent as the client wrote it (borrowed from
 * `number`, which keeps it); a whole one is written into `room`, and the text stands somewhere within.
 */
const char *number_text(struct json_object *number, char room[NUMBER_WHOLE_SIZE]);

/* Which is larger; never unknown. */
enum value_order number_compare(const char *left, const char *right);

/* Digits after the decimal point, written zeros too: 1.50 has 2, 1.5e-3 has 4, 1.5e3 has 0. An exponent
 * counts as 100,000,000 at most, which is more than any text that the reader takes has digits. */
int64_t number_places(const char *text);

/*
 * One text for all ways to write one number: 1, 1.0 and 10e-1 have the same key, and no other number has it.
 * It begins with N, as no other value's key does (value_key). In the arena, or a literal.
 */
const char *number_key(const char *text, struct arena *arena);

#endif
