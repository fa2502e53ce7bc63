#include "lib/crypto/merkle.h"

#include <sodium.h>
#include <string.h>

static void
hash_behind(unsigned char prefix, struct span first, struct span second, unsigned char digest[DIGEST_SIZE])
{
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &prefix, 1);
    (void)crypto_hash_sha256_update(&state, first.data, first.size);
    (void)crypto_hash_sha256_update(&state, second.data, second.size);
    (void)crypto_hash_sha256_final(&state, digest);
}

void
merkle_leaf(struct span leaf, unsigned char digest[DIGEST_SIZE])
{
    hash_behind(0, leaf, (struct span){NULL, 0}, digest);
}

void
merkle_node(const unsigned char left[DIGEST_SIZE], const unsigned char right[DIGEST_SIZE],
            unsigned char node[DIGEST_SIZE])
{
    hash_behind(1, (struct span){left, DIGEST_SIZE}, (struct span){right, DIGEST_SIZE}, node);
}

void
merkle_start(struct merkle *tree)
{
    tree->count = 0;
}

void
merkle_add(struct merkle *tree, struct span leaf)
{
    unsigned char node[DIGEST_SIZE];
    merkle_leaf(leaf, node);
    size_t level = 0;
    /* As adding one in binary: each carry joins two subtrees of one size. */
    for (uint64_t carry = tree->count; (carry & 1) != 0; carry >>= 1) {
        merkle_node(tree->nodes[level], node, node);
        level++;
    }
    memcpy(tree->nodes[level], node, sizeof node);
    tree->count++;
}

void
merkle_root(const struct merkle *tree, unsigned char root[DIGEST_SIZE])
{
    if (tree->count == 0) {
        digest_sha256((struct span){NULL, 0}, root);
        return;
    }
    bool first = true;
    /* From the smallest subtree, the rightmost one, to the largest. */
    for (size_t level = 0; level < MERKLE_LEVELS; level++) {
        if ((tree->count >> level & 1) == 0) {
            continue;
        }
        if (first) {
            memcpy(root, tree->nodes[level], DIGEST_SIZE);
        } else {
            merkle_node(tree->nodes[level], root, root);
        }
        first = false;
    }
}
