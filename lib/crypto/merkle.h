/*
 * Merkle trees as RFC 9162 section 2.1 has them, over SHA-256: a leaf is hashed behind a zero byte, a node
 * behind a one, so that neither can be taken for the other. Leaves are added one by one; memory does not grow
 * with them. A leaf costs its own hash and, on average, one more over two nodes; a root at most 63.
 *
 * A tree holds no memory of its own and needs no end. It holds hashes only, which is all that an excerpt
 * shows of other practices' rows (merkle_excerpt.h).
 */
#ifndef ANAMNESIS_CRYPTO_MERKLE_H
#define ANAMNESIS_CRYPTO_MERKLE_H

#include "lib/base/span.h"
#include "lib/crypto/digest.h"

#include <stdint.h>

enum { MERKLE_LEVELS = 64 };

struct merkle {
    uint64_t count; /* leaves so far */
    unsigned char nodes[MERKLE_LEVELS]
                       [DIGEST_SIZE]; /* roots of whole subtrees, one for each bit of `count` */
};

/* An empty tree. */
void merkle_start(struct merkle *tree);

/* Adds a leaf by its content, which may be empty. At most 2^63 of them, which nobody checks. */
void merkle_add(struct merkle *tree, struct span leaf);

/* The root of the leaves so far (of none: SHA-256 of nothing). More may be added afterwards. `root` is no
 * node of the tree. */
void merkle_root(const struct merkle *tree, unsigned char root[DIGEST_SIZE]);

/* What a leaf of this content is in the tree, and what a node over two others is; `node` may be one of them. */
void merkle_leaf(struct span leaf, unsigned char digest[DIGEST_SIZE]);
void merkle_node(const unsigned char left[DIGEST_SIZE], const unsigned char right[DIGEST_SIZE],
                 unsigned char node[DIGEST_SIZE]);

#endif
