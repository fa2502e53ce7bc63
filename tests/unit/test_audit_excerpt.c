/* Exports of one practice: a part of a Merkle tree has the whole one's root, and proves what it shows. */
#include "tests/unit/keyring_fixture.h"

#include "lib/audit/lines.h"
#include "lib/audit/proof.h"
#include "lib/base/uuid.h"

enum { LEAF = 5, LEAVES_MAX = 70, SEALS = 3, ROWS = 6, ALL = SEALS * ROWS };

static struct keyring *keyring;
static struct audit_keys keys;

/* ------------------------------------------------------------------------------------------------- trees */

struct tree {
    unsigned char all[LEAVES_MAX * LEAF];
    unsigned char root[DIGEST_SIZE];
    uint32_t places[LEAVES_MAX];
    unsigned char leaves[LEAVES_MAX * LEAF];
    struct buf others;
    struct merkle_excerpt excerpt;
};

/* A tree of `total` leaves, of which those are shown whose bit is in `mask` (the 64 bits are used again). */
static void
make_tree(struct tree *tree, size_t total, uint64_t mask)
{
    struct merkle whole;
    merkle_start(&whole);
    size_t shown = 0;
    for (size_t i = 0; i < total; i++) {
        unsigned char *leaf = tree->all + i * LEAF;
        memset(leaf, (int)i + 1, LEAF);
        merkle_add(&whole, (struct span){leaf, LEAF});
        if ((mask >> i % 64 & 1) != 0) {
            tree->places[shown] = (uint32_t)i;
            memcpy(tree->leaves + shown * LEAF, leaf, LEAF);
            shown++;
        }
    }
    merkle_root(&whole, tree->root);
    tree->excerpt = (struct merkle_excerpt){.total = total,
                                            .leaf_size = LEAF,
                                            .places = tree->places,
                                            .shown = shown,
                                            .leaves = {tree->leaves, shown * LEAF}};
    buf_init(&tree->others, LEAVES_MAX * DIGEST_SIZE);
    assert_true(merkle_excerpt_others(&tree->excerpt, (struct span){tree->all, total * LEAF}, &tree->others));
    tree->excerpt.others = (struct span){(const unsigned char *)buf_string(&tree->others), tree->others.size};
}

static bool
has_root(const struct tree *tree)
{
    unsigned char root[DIGEST_SIZE];
    return merkle_excerpt_root(&tree->excerpt, root) && digest_equal(root, tree->root, DIGEST_SIZE);
}

static void
every_choice_of_leaves_has_the_root(void **state)
{
    struct tree tree;
    (void)state;
    for (size_t total = 1; total <= 9; total++) {
        for (uint64_t mask = 0; mask < UINT64_C(1) << total; mask++) {
            make_tree(&tree, total, mask);
            assert_true(has_root(&tree));
            buf_free(&tree.others);
        }
    }
    for (size_t total = 10; total <= LEAVES_MAX; total++) {
        for (uint64_t mask = 1; mask != 0;
             mask *= 2) { /* one leaf: as many hashes as the tree is high, or fewer */
            make_tree(&tree, total, mask);
            assert_true(has_root(&tree));
            assert_true(total > 64 || tree.others.size <= 6 * (size_t)DIGEST_SIZE);
            buf_free(&tree.others);
        }
    }
}

static void
nothing_of_an_excerpt_can_be_changed(void **state)
{
    static const uint64_t masks[] = {1, 0x40, 0x2a, 0x7f, 0x55};
    struct tree tree;
    (void)state;
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        make_tree(&tree, 7, masks[i]);
        unsigned char *hashes = (unsigned char *)tree.others.data;
        for (size_t bit = 0; bit < 8 * tree.others.size; bit++) {
            hashes[bit / 8] ^= (unsigned char)(1U << bit % 8);
            assert_false(has_root(&tree));
            hashes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * tree.excerpt.leaves.size; bit++) {
            tree.leaves[bit / 8] ^= (unsigned char)(1U << bit % 8);
            assert_false(has_root(&tree));
            tree.leaves[bit / 8] ^= (unsigned char)(1U << bit % 8);
        }
        assert_true(has_root(&tree));
        tree.places[0]++; /* another place: not this root, or no excerpt at all */
        assert_false(has_root(&tree));
        buf_free(&tree.others);
    }
}

static void
what_is_no_excerpt_has_no_root(void **state)
{
    struct tree tree;
    unsigned char root[DIGEST_SIZE];
    (void)state;
    make_tree(&tree, 7, 0x12);
    struct merkle_excerpt good = tree.excerpt;
    tree.excerpt.others.size -= DIGEST_SIZE; /* a hash too few */
    assert_false(merkle_excerpt_root(&tree.excerpt, root));
    tree.excerpt = good;
    tree.excerpt.others.size -= 1; /* half of one */
    assert_false(merkle_excerpt_root(&tree.excerpt, root));
    tree.excerpt = good;
    tree.excerpt.leaves.size -= 1;
    assert_false(merkle_excerpt_root(&tree.excerpt, root));
    static const size_t totals[] = {0, 3, MERKLE_EXCERPT_LEAVES_MAX + 1};
    for (size_t i = 0; i < sizeof totals / sizeof totals[0];
         i++) { /* none, fewer than the last place, too many */
        tree.excerpt = good;
        tree.excerpt.total = totals[i];
        assert_false(merkle_excerpt_root(&tree.excerpt, root));
    }
    tree.excerpt = good;
    const uint32_t wrong[][2] = {{4, 1}, {1, 1}, {1, 7}};
    for (size_t i = 0; i < 3; i++) {
        tree.excerpt.places = wrong[i];
        assert_false(merkle_excerpt_root(&tree.excerpt, root));
        assert_false(
            merkle_excerpt_others(&tree.excerpt, (struct span){tree.all, 7 * (size_t)LEAF}, &tree.others));
    }
    tree.excerpt = good;
    assert_false(merkle_excerpt_others(&good, (struct span){tree.all, 6 * (size_t)LEAF}, &tree.others));
    buf_add(&tree.others, root, sizeof root); /* a hash too many */
    tree.excerpt.others = (struct span){(const unsigned char *)buf_string(&tree.others), tree.others.size};
    assert_false(merkle_excerpt_root(&tree.excerpt, root));
    buf_free(&tree.others);
}

/* ------------------------------------------------------------------------------------------------ proofs */

/* Three seals of six rows each; of every seal rows 1 and 4 are shown, of the second one none. */
struct log {
    struct audit_row rows[ALL];
    struct audit_seal seals[SEALS];
    unsigned char leaves[SEALS][ROWS * AUDIT_LEAF_SIZE];
    unsigned char digests[SEALS][DIGEST_SIZE];
    unsigned char shown[SEALS][2 * AUDIT_LEAF_SIZE];
    struct buf others[SEALS];
    struct merkle_excerpt excerpts[SEALS];
};

static const uint32_t shown_places[] = {1, 4};

static void
make_excerpt(struct log *log, size_t n)
{
    for (size_t i = 0; i < 2; i++) {
        memcpy(log->shown[n] + i * AUDIT_LEAF_SIZE, log->leaves[n] + shown_places[i] * AUDIT_LEAF_SIZE,
               AUDIT_LEAF_SIZE);
    }
    log->excerpts[n] = (struct merkle_excerpt){.total = ROWS,
                                               .leaf_size = AUDIT_LEAF_SIZE,
                                               .places = shown_places,
                                               .shown = 2,
                                               .leaves = {log->shown[n], sizeof log->shown[n]}};
    buf_init(&log->others[n], 4096);
    assert_true(merkle_excerpt_others(&log->excerpts[n], (struct span){log->leaves[n], sizeof log->leaves[n]},
                                      &log->others[n]));
    log->excerpts[n].others =
        (struct span){(const unsigned char *)buf_string(&log->others[n]), log->others[n].size};
}

static void
make_log(struct log *log)
{
    static unsigned char practice[UUID_SIZE] = {1};
    memset(log, 0, sizeof *log);
    for (size_t n = 0; n < SEALS; n++) {
        struct audit_seal *seal = &log->seals[n];
        struct merkle tree;
        merkle_start(&tree);
        for (size_t i = 0; i < ROWS; i++) {
            struct audit_row *row = &log->rows[n * ROWS + i];
            struct audit_leaf leaf;
            row->position = row->id = (int64_t)(100 * n + i);
            row->at = row->id * 1000;
            row->part[AUDIT_PRACTICE] = (struct span){practice, UUID_SIZE};
            row->part[AUDIT_OPERATION] = fixture_span("test");
            audit_row_leaf(row, &leaf);
            audit_leaf_write(&leaf, log->leaves[n] + i * AUDIT_LEAF_SIZE);
            merkle_add(&tree, (struct span){log->leaves[n] + i * AUDIT_LEAF_SIZE, AUDIT_LEAF_SIZE});
        }
        *seal = (struct audit_seal){.number = (int64_t)n + 1,
                                    .horizon = (int64_t)(100 * n) + ROWS,
                                    .rows = ROWS,
                                    .total = (int64_t)((n + 1) * ROWS),
                                    .sealed_at = (int64_t)(100 * n) * 1000 + 50000};
        merkle_root(&tree, seal->root);
        if (n > 0) {
            memcpy(seal->previous, log->digests[n - 1], DIGEST_SIZE);
        }
        audit_seal_sign(keyring, seal);
        audit_seal_digest(seal, log->digests[n]);
        make_excerpt(log, n);
    }
}

static void
free_log(struct log *log)
{
    for (size_t n = 0; n < SEALS; n++) {
        buf_free(&log->others[n]);
    }
}

/* Feeds the seals whose bit is in `seals` with their shown rows; `noted`: checkpoints. */
static struct proof
prove(const struct log *log, unsigned seals, const struct log *noted)
{
    struct proof proof;
    proof_start(&proof, &keys);
    proof.excerpt = true;
    for (size_t n = 0; n < SEALS; n++) {
        if ((seals >> n & 1U) == 0) {
            continue;
        }
        assert_true(proof_excerpt(&proof, &log->seals[n], &log->excerpts[n],
                                  noted == NULL ? NULL : noted->digests[n]));
        for (size_t i = 0; i < 2; i++) {
            proof_row(&proof, &log->rows[n * ROWS + shown_places[i]]);
        }
    }
    (void)proof_end(&proof);
    return proof;
}

static void
assert_first(const struct proof *proof, enum proof_fault_code code, int64_t seal, int64_t row)
{
    assert_string_equal(proof_fault_name(proof->first.code), proof_fault_name(code));
    assert_int_equal(proof->first.seal, seal);
    assert_int_equal(proof->first.row, row);
}

static void
an_excerpt_is_proven_whichever_seals_it_has(void **state)
{
    struct log log;
    (void)state;
    make_log(&log);
    for (unsigned seals = 1; seals < 1U << SEALS; seals++) {
        struct proof proof = prove(&log, seals, &log);
        assert_first(&proof, PROOF_FINE, 0, 0);
        assert_int_equal(proof.sealed, 2 * proof.seals);
        assert_int_equal(proof.excused, 0);
    }
    free_log(&log);
}

static void
a_row_of_an_excerpt_that_is_not_as_it_was_is_named(void **state)
{
    struct log log;
    (void)state;
    make_log(&log);
    log.rows[2 * ROWS + 4].part[AUDIT_OPERATION] = fixture_span("other");
    struct proof proof = prove(&log, 5, NULL);
    assert_first(&proof, PROOF_ROW_CHANGED, 3, 204);
    free_log(&log);
    make_log(&log);
    log.rows[1] = log.rows[2]; /* a row that the excerpt does not show, in the place of one that it does */
    proof = prove(&log, 5, NULL);
    assert_first(&proof, PROOF_ROW_REMOVED, 1, 1);
    assert_int_equal(proof.counts[PROOF_ROW_INSERTED], 1);
    free_log(&log);
}

static void
seals_of_an_excerpt_are_judged(void **state)
{
    struct log log;
    struct log other;
    (void)state;
    make_log(&log);
    make_log(&other);
    other.seals[2].signature[0] ^= 1;
    struct proof proof = prove(&other, 5, NULL);
    assert_first(&proof, PROOF_SEAL_FORGED, 3, 201);
    free_log(&other);
    make_log(&other);
    other.seals[1].previous[0] ^=
        1; /* made anew with the key: the chain shows it where two seals follow each other */
    audit_seal_sign(keyring, &other.seals[1]);
    audit_seal_digest(&other.seals[1], other.digests[1]);
    proof = prove(&other, 3, NULL);
    assert_first(&proof, PROOF_SEAL_CHANGED, 2, 101);
    proof = prove(&other, 2, &log); /* and elsewhere only what was noted outside does */
    assert_first(&proof, PROOF_CHECKPOINT, 2, 101);
    free_log(&other);
    make_log(&other);
    other.excerpts[0].total = ROWS - 1; /* the tree has not as many rows as the seal says */
    proof = prove(&other, 1, NULL);
    assert_first(&proof, PROOF_SEAL_CHANGED, 1, 1);
    free_log(&other);
    make_log(&other);
    other.seals[2].total = ROWS; /* fewer rows in all than were before */
    audit_seal_sign(keyring, &other.seals[2]);
    proof = prove(&other, 5, NULL);
    assert_first(&proof, PROOF_SEAL_CHANGED, 3, 201);
    free_log(&other);
    free_log(&log);
}

static void
seals_out_of_their_order_are_found(void **state)
{
    struct log log;
    struct proof proof;
    (void)state;
    make_log(&log);
    proof_start(&proof, &keys);
    proof.excerpt = true;
    assert_true(proof_excerpt(&proof, &log.seals[2], &log.excerpts[2], NULL));
    assert_true(proof_excerpt(&proof, &log.seals[0], &log.excerpts[0], NULL));
    (void)proof_end(&proof);
    assert_true(proof.counts[PROOF_SEAL_REMOVED] > 0);
    free_log(&log);
}

/* A file may say what it likes: a row in front of its seal is not one that is not sealed yet. */
static void
a_row_in_front_of_a_seal_was_never_sealed(void **state)
{
    struct log log;
    (void)state;
    make_log(&log);
    for (size_t before = 0; before < 2; before++) {
        struct proof proof;
        struct audit_row forged = log.rows[0];
        forged.position = forged.id = before == 0 ? -5 : 50;
        forged.at = 0;
        proof_start(&proof, &keys);
        for (size_t n = 0; n < 2; n++) {
            if (n == before) {
                proof_row(&proof, &forged);
            }
            assert_true(
                proof_seal(&proof, &log.seals[n], (struct span){log.leaves[n], sizeof log.leaves[n]}, NULL));
            for (size_t i = 0; i < ROWS; i++) {
                proof_row(&proof, &log.rows[n * ROWS + i]);
            }
        }
        assert_false(proof_end(&proof));
        assert_first(&proof, PROOF_ROW_INSERTED, 0, forged.id);
    }
    free_log(&log);
}

/* ------------------------------------------------------------------------------------------------- lines */

static struct audit_line
written_and_read(struct arena *arena, struct buf *buf)
{
    struct audit_line line;
    const char *why = NULL;
    assert_true(audit_line_read(arena, (struct span){(const unsigned char *)buf_string(buf), buf->size},
                                &line, &why));
    buf_reset(buf);
    return line;
}

static void
lines_are_read_as_they_were_written(void **state)
{
    struct log log;
    struct buf buf;
    static const unsigned char practice[UUID_SIZE] = {7};
    unsigned char before[DIGEST_SIZE] = {3};
    struct arena *arena = arena_create(1 << 20, NULL, NULL);
    (void)state;
    make_log(&log);
    buf_init(&buf, AUDIT_LINE_MAX);
    audit_line_excerpt(&buf, &log.seals[0], &log.excerpts[0]);
    struct audit_line line = written_and_read(arena, &buf);
    assert_int_equal(line.kind, AUDIT_LINE_EXCERPT);
    assert_memory_equal(&line.seal, &log.seals[0], sizeof line.seal);
    struct proof proof;
    proof_start(&proof, &keys);
    proof.excerpt = true;
    assert_true(proof_excerpt(&proof, &line.seal, &line.excerpt, NULL));
    proof_row(&proof, &log.rows[1]);
    proof_row(&proof, &log.rows[4]);
    assert_true(proof_end(&proof));
    audit_line_export(&buf, (struct span){practice, sizeof practice}, NULL, NULL, 0);
    line = written_and_read(arena, &buf);
    assert_int_equal(line.practice.size, UUID_SIZE);
    assert_memory_equal(line.practice.data, practice, UUID_SIZE);
    audit_line_export(&buf, (struct span){NULL, 0}, NULL, NULL, 0);
    assert_int_equal(written_and_read(arena, &buf).practice.size, 0);
    audit_line_signed_end(&buf, 2, 1, keyring, before);
    line = written_and_read(arena, &buf);
    assert_true(audit_end_check(&keys, &line, before));
    line.rows++;
    assert_false(audit_end_check(&keys, &line, before));
    line.rows--;
    before[31] ^= 1;
    assert_false(audit_end_check(&keys, &line, before));
    audit_line_end(&buf, 2, 1); /* one without a signature */
    before[31] ^= 1;
    line = written_and_read(arena, &buf);
    assert_false(audit_end_check(&keys, &line, before));
    buf_free(&buf);
    arena_destroy(arena);
    free_log(&log);
}

static void
lines_that_are_none_are_refused(void **state)
{
    static const char *const wrong[] = {
        "{\"type\":\"export\",\"version\":1,\"practice_id\":null,\"from\":null,\"to\":null}",
        "{\"type\":\"export\",\"version\":1,\"practice_id\":\"me\",\"from\":null,\"to\":null}",
        "{\"type\":\"end\",\"rows\":1,\"seals\":1,\"signature\":\"AA\",\"key_version\":1}",
        "{\"type\":\"end\",\"rows\":1,\"seals\":1,\"signature\":null,\"key_version\":1}"};
    static const char *const places[] = {"[-1]", "[1.5]", "[\"1\"]", "[4294967296]", "{}", "null"};
    struct arena *arena = arena_create(1 << 20, NULL, NULL);
    struct log log;
    struct buf buf;
    struct audit_line line;
    const char *why = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(audit_line_read(arena, fixture_span(wrong[i]), &line, &why));
    }
    make_log(&log);
    buf_init(&buf, AUDIT_LINE_MAX);
    audit_line_excerpt(&buf, &log.seals[0], &log.excerpts[0]);
    const char *at = strstr(buf_string(&buf), "[1,4]");
    assert_non_null(at);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *text = arena_format(arena, "%.*s%s%s", (int)(at - buf_string(&buf)), buf_string(&buf),
                                        places[i], at + strlen("[1,4]"));
        assert_false(audit_line_read(arena, fixture_span(text), &line, &why));
        assert_string_equal(why, "places");
    }
    buf_free(&buf);
    free_log(&log);
    arena_destroy(arena);
}

static int
set_up(void **state)
{
    (void)state;
    keyring = fixture_keyring(1);
    audit_keys_of(keyring, &keys);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    keyring_free(keyring);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_of_leaves_has_the_root),
        cmocka_unit_test(nothing_of_an_excerpt_can_be_changed),
        cmocka_unit_test(what_is_no_excerpt_has_no_root),
        cmocka_unit_test(an_excerpt_is_proven_whichever_seals_it_has),
        cmocka_unit_test(a_row_of_an_excerpt_that_is_not_as_it_was_is_named),
        cmocka_unit_test(seals_of_an_excerpt_are_judged),
        cmocka_unit_test(seals_out_of_their_order_are_found),
        cmocka_unit_test(a_row_in_front_of_a_seal_was_never_sealed),
        cmocka_unit_test(lines_are_read_as_they_were_written),
        cmocka_unit_test(lines_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
