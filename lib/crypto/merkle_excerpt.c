#include "lib/crypto/merkle_excerpt.h"

#include <string.h>

/* One walk over the tree, making the hashes of the rest or using them up. */
struct walk {
    const struct merkle_excerpt *excerpt;
    const unsigned char *all; /* every leaf, when they are made; otherwise NULL */
    struct buf *made;
    size_t shown; /* leaves of the excerpt that are behind */
    size_t used;  /* bytes of `others` that are */
    bool failed;
};

/* Leaves [from, to) as a whole, none of which is shown. */
static void
rest(struct walk *walk, size_t from, size_t to, unsigned char root[DIGEST_SIZE])
{
    const struct merkle_excerpt *excerpt = walk->excerpt;
    if (walk->all == NULL) {
        if (walk->used + DIGEST_SIZE > excerpt->others.size) {
            walk->failed = true;
            memset(root, 0, DIGEST_SIZE);
            return;
        }
        memcpy(root, excerpt->others.data + walk->used, DIGEST_SIZE);
        walk->used += DIGEST_SIZE;
        return;
    }
    struct merkle tree;
    merkle_start(&tree);
    for (size_t i = from; i < to; i++) {
        merkle_add(&tree, (struct span){walk->all + i * excerpt->leaf_size, excerpt->leaf_size});
    }
    merkle_root(&tree, root);
    buf_add(walk->made, root, DIGEST_SIZE);
}

/* The root of leaves [from, to): the left side has the largest power of two that leaves some for the right.
 * At most 20 deep (MERKLE_EXCERPT_LEAVES_MAX). */
static void
visit(struct walk *walk, size_t from, size_t to, unsigned char root[DIGEST_SIZE])
{
    const struct merkle_excerpt *excerpt = walk->excerpt;
    bool any = walk->shown < excerpt->shown && excerpt->places[walk->shown] < to;
    if (!any) {
        rest(walk, from, to, root);
        return;
    }
    if (to - from == 1) {
        const unsigned char *leaf = excerpt->leaves.data + walk->shown * excerpt->leaf_size;
        merkle_leaf((struct span){leaf, excerpt->leaf_size}, root);
        walk->shown++;
        return;
    }
    size_t left = 1;
    while (2 * left < to - from) {
        left *= 2;
    }
    unsigned char right[DIGEST_SIZE];
    visit(walk, from, from + left, root);
    visit(walk, from + left, to, right);
    merkle_node(root, right, root);
}

static bool
is_one(const struct merkle_excerpt *excerpt)
{
    if (excerpt->total == 0 || excerpt->total > MERKLE_EXCERPT_LEAVES_MAX ||
        excerpt->shown > excerpt->total || excerpt->leaves.size != excerpt->shown * excerpt->leaf_size) {
        return false;
    }
    for (size_t i = 0; i < excerpt->shown; i++) {
        if (excerpt->places[i] >= excerpt->total || (i > 0 && excerpt->places[i] <= excerpt->places[i - 1])) {
            return false;
        }
    }
    return true;
}

bool
merkle_excerpt_others(const struct merkle_excerpt *excerpt, struct span all, struct buf *others)
{
    unsigned char root[DIGEST_SIZE];
    struct walk walk = {.excerpt = excerpt, .all = all.data, .made = others};
    if (!is_one(excerpt) || all.size != excerpt->total * excerpt->leaf_size) {
        return false;
    }
    visit(&walk, 0, excerpt->total, root);
    return !others->failed;
}

bool
merkle_excerpt_root(const struct merkle_excerpt *excerpt, unsigned char root[DIGEST_SIZE])
{
    struct walk walk = {.excerpt = excerpt};
    if (!is_one(excerpt)) {
        return false;
    }
    visit(&walk, 0, excerpt->total, root);
    return !walk.failed && walk.used == excerpt->others.size;
}
