/*
 * A strict reader of the CBOR that authenticators make (CTAP2 canonical form, RFC 8949): lengths are given
 * and in their shortest form, no tags, nesting of at most CBOR_DEPTH_MAX. It allocates nothing and moves
 * forward only; after a false the reader is of no use.
 */
#ifndef ANAMNESIS_WEBAUTHN_CBOR_H
#define ANAMNESIS_WEBAUTHN_CBOR_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CBOR_DEPTH_MAX = 8 };

struct cbor {
    const unsigned char *at;
    const unsigned char *end;
};

struct cbor cbor_of(struct span bytes);

/* True when nothing is left. */
bool cbor_at_end(const struct cbor *cbor);

/* How many members a map has. */
bool cbor_map(struct cbor *cbor, size_t *members);

/* Text, or bytes, borrowed. */
bool cbor_text(struct cbor *cbor, struct span *text);
bool cbor_bytes(struct cbor *cbor, struct span *bytes);

/* A whole number in the range of int32_t. */
bool cbor_int(struct cbor *cbor, int32_t *value);

/* One whole item of any kind, borrowed. */
bool cbor_item(struct cbor *cbor, struct span *item);

/* True when the text is this. */
bool cbor_is(struct span text, const char *word);

#endif
