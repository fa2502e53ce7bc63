/*
 * A part of a Merkle tree that has the whole one's root: some leaves with their places, and the roots of the
 * largest subtrees that hold none of them, from left to right (RFC 9162 section 2.1.3 for several leaves at
 * once). Of the other leaves it shows their number and these hashes, nothing else.
 */
#ifndef ANAMNESIS_CRYPTO_MERKLE_EXCERPT_H
#define ANAMNESIS_CRYPTO_MERKLE_EXCERPT_H

#include "lib/base/buf.h"
#include "lib/crypto/merkle.h"

#include <stdbool.h>

enum { MERKLE_EXCERPT_LEAVES_MAX = 1 << 20 }; /* of the whole tree */

struct merkle_excerpt {
    size_t total;           /* leaves of the whole tree; at least 1 */
    size_t leaf_size;       /* bytes of each */
    const uint32_t *places; /* of the leaves that are shown, from 0, rising */
    size_t shown;
    struct span leaves; /* their contents, in that order */
    struct span others; /* the hashes of the rest */
};

/*
 * Appends the hashes of the rest, for `all` leaves of which those at the excerpt's places are shown. False
 * when the excerpt is none: places that do not rise or are not in the tree, too many leaves; or when the
 * buffer is full.
 */
bool merkle_excerpt_others(const struct merkle_excerpt *excerpt, struct span all, struct buf *others);

/* The root of the whole tree. False when the excerpt is none, or has too many hashes or too few. */
bool merkle_excerpt_root(const struct merkle_excerpt *excerpt, unsigned char root[DIGEST_SIZE]);

#endif
