/* The audit log's proof: vectors were computed by another program (hashlib and cryptography, in Python). */
#include "tests/unit/keyring_fixture.h"

#include "lib/audit/lines.h"
#include "lib/audit/proof.h"
#include "lib/base/uuid.h"
#include "lib/crypto/merkle.h"

enum { ROWS = 7, FIRST_ROWS = 4, WHEN = 1769846400 };
#define SECOND INT64_C(1000000)

static struct keyring *keyring;
static struct audit_keys keys;

static void
assert_hex(const unsigned char *bytes, size_t size, const char *expected)
{
    char text[2 * AUDIT_SIGNATURE_SIZE + 1];
    (void)sodium_bin2hex(text, sizeof text, bytes, size);
    assert_string_equal(text, expected);
}

static void
merkle_trees_are_those_of_rfc_9162(void **state)
{
    static const struct {
        int leaves;
        const char *root;
    } vectors[] = {{0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                   {1, "1bb97dcc21635d47e2663efdfd0a174686d98dd701352dd2cd06e8b43fd3d305"},
                   {2, "fc5f6b88ff8554f75bb2f9e6f39c31b1936d44b69276edf7b1205a955b9761e3"},
                   {3, "d4f92c8fbb89720eb3b55677c7d7efaddfeb10d11a1a84a0ba8f1a23337faa95"},
                   {4, "4f631084a157c54f54fcfb23ff5eb8650c4ba160c295bb13a9832b109d52677e"},
                   {5, "341515982d650e23520dbd54d7fcf0afa1b70cc3a16a411d464dc9c1ac96c301"},
                   {6, "8363c3821ce41ebb46222116a42cc83dba753984b23cfca26aaad0a6867336ea"},
                   {7, "5a61fc2b54f9cfa71774f2432143dd40c6cb2b11947faf65a7d3da5cb65199c8"},
                   {8, "c5c2c820ed342fdda8ce896b6b9cf5b8c00a21cc4b20714cc6e5d3c05c35240b"},
                   {9, "7447cadc6862b30dedcb28c4b329909366b3bd338f6a90fefadcc4b2a8a2b948"},
                   {100, "13f88915c560dc911a1da0fb209d84a20971051f294ebeb428fb3fc293af2743"},
                   {1000, "2ff33fb9d8f14f89ca306289633336a168ff3f4532e8f741a0019dcb4c1d60a1"}};
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct merkle tree;
        unsigned char root[DIGEST_SIZE];
        char leaf[32];
        merkle_start(&tree);
        for (int n = 0; n < vectors[i].leaves; n++) {
            (void)snprintf(leaf, sizeof leaf, "leaf %d", n);
            merkle_add(&tree, fixture_span(leaf));
            merkle_root(&tree, root); /* asking changes nothing */
        }
        merkle_root(&tree, root);
        assert_hex(root, sizeof root, vectors[i].root);
    }
}

static unsigned char uuids[7][UUID_SIZE];

static struct span
uuid(int n)
{
    char text[UUID_TEXT_SIZE];
    (void)snprintf(text, sizeof text, "0190aaaa-0000-7000-8000-%012d", n);
    assert_true(uuid_parse(text, uuids[n]));
    return (struct span){uuids[n], UUID_SIZE};
}

static struct audit_row
full_row(void)
{
    struct audit_row row = {.position = 7, .id = 42, .at = INT64_C(1769846400123456)};
    row.part[AUDIT_PRACTICE] = uuid(1);
    row.part[AUDIT_REALM] = fixture_span("staff");
    row.part[AUDIT_ACTOR] = uuid(2);
    row.part[AUDIT_ROLE] = fixture_span("physician");
    row.part[AUDIT_SESSION] = uuid(3);
    row.part[AUDIT_ADDRESS] = fixture_span("127.0.0.1");
    row.part[AUDIT_REQUEST] = uuid(4);
    row.part[AUDIT_OPERATION] = fixture_span("patient_get");
    row.part[AUDIT_OBJECT] = uuid(5);
    (void)uuid(6);
    row.part[AUDIT_PATIENTS] = (struct span){uuids[5], 2 * UUID_SIZE};
    row.part[AUDIT_OUTCOME] = fixture_span("ok");
    row.part[AUDIT_DETAIL] = fixture_span("gr\303\274n");
    return row;
}

static struct audit_row
bare_row(void)
{
    struct audit_row row = {.position = -5, .id = 1, .at = -1};
    row.part[AUDIT_REALM] = fixture_span("none");
    row.part[AUDIT_ADDRESS] = fixture_span("");
    row.part[AUDIT_REQUEST] = uuid(4);
    row.part[AUDIT_OPERATION] = fixture_span("x");
    row.part[AUDIT_PATIENTS] = (struct span){uuids[5], 0};
    row.part[AUDIT_OUTCOME] = fixture_span("not-signed-in");
    return row;
}

static void
a_row_has_one_encoding(void **state)
{
    struct audit_leaf leaf;
    struct audit_row row = full_row();
    (void)state;
    audit_row_leaf(&row, &leaf);
    assert_hex(leaf.hash, DIGEST_SIZE, "c229f8ca362645f079a9dda27f0585a6dc85b7898d2c5c3da49200af607f29e7");
    row = bare_row();
    audit_row_leaf(&row, &leaf);
    assert_hex(leaf.hash, DIGEST_SIZE, "bf386dd27bab5a809a37fb6cc4c78e2c50694d67919c08bbd4a0ee7877eb3046");
}

static void
every_part_of_a_row_counts(void **state)
{
    struct audit_leaf before;
    struct audit_leaf after;
    struct audit_row row = full_row();
    (void)state;
    audit_row_leaf(&row, &before);
    for (int part = 0; part < AUDIT_PARTS; part++) {
        struct span was = row.part[part];
        const struct span others[] = {{NULL, 0}, {was.data, 0}, {was.data, was.size - 1}};
        for (size_t i = 0; i < 3; i++) {
            row.part[part] = others[i];
            audit_row_leaf(&row, &after);
            assert_memory_not_equal(before.hash, after.hash, DIGEST_SIZE);
        }
        row.part[part] = was;
    }
    /* What moves from one part to the next is no more the same row. */
    row.part[AUDIT_ROLE] = fixture_span("physicia");
    row.part[AUDIT_SESSION] = fixture_span("n");
    audit_row_leaf(&row, &after);
    assert_memory_not_equal(before.hash, after.hash, DIGEST_SIZE);
}

static struct span
leaves_of(struct audit_row *rows, size_t count, unsigned char *bytes)
{
    for (size_t i = 0; i < count; i++) {
        struct audit_leaf leaf;
        audit_row_leaf(&rows[i], &leaf);
        audit_leaf_write(&leaf, bytes + i * AUDIT_LEAF_SIZE);
    }
    return (struct span){bytes, count * AUDIT_LEAF_SIZE};
}

static void
root_of(struct span leaves, unsigned char root[DIGEST_SIZE])
{
    struct merkle tree;
    merkle_start(&tree);
    for (size_t at = 0; at < leaves.size; at += AUDIT_LEAF_SIZE) {
        merkle_add(&tree, (struct span){leaves.data + at, AUDIT_LEAF_SIZE});
    }
    merkle_root(&tree, root);
}

static void
seals_are_chained_and_signed(void **state)
{
    unsigned char bytes[2 * AUDIT_LEAF_SIZE];
    unsigned char digest[DIGEST_SIZE];
    struct audit_row rows[] = {bare_row(), full_row()};
    struct audit_seal seal = {1, 9, 2, 2, INT64_C(1769846500000000), 0, {0}, {0}, {0}};
    (void)state;
    assert_hex(keys.of[0].key, AUDIT_PUBLIC_KEY_SIZE,
               "c050c5637a44fa8629fff3cccce2300cb362a63d99d95fc54145266f4332445a");
    root_of(leaves_of(rows, 2, bytes), seal.root);
    assert_hex(seal.root, DIGEST_SIZE, "6374f100ecef14b1c98dbc138d02ee6873f682e33008533bac649a3c0d8a31e9");
    audit_seal_sign(keyring, &seal);
    assert_int_equal(seal.key_version, 1);
    assert_hex(seal.signature, AUDIT_SIGNATURE_SIZE,
               "a756b98eba3030bfc60fba99392d5afc2cc3f97e67110e8fa7d20e04d4ea0e54"
               "9c48af5d103b0dccbd501ffa0a165f0a63cc7d479dcb93cfc0b36933daa40f0f");
    audit_seal_digest(&seal, digest);
    assert_hex(digest, DIGEST_SIZE, "6aaa63e6606ab5af0a63b22cd3ef9d585f353a99d17b65bf43c66133e10a0c0c");
    struct audit_seal next = {2, 20, 0, 2, INT64_C(1769846600000000), 0, {0}, {0}, {0}};
    memcpy(next.previous, digest, DIGEST_SIZE);
    root_of((struct span){bytes, 0}, next.root);
    audit_seal_sign(keyring, &next);
    audit_seal_digest(&next, digest);
    assert_hex(digest, DIGEST_SIZE, "ccc7a1e19f26fc1ffbccbba4062a46179c6dcea99acb1bc8d897714c8575ec33");
    assert_true(audit_seal_check(&keys, &next));
}

static void
no_bit_of_a_seal_can_be_flipped(void **state)
{
    struct audit_seal seal = {1, 9, 2, 2, 5, 0, {7}, {8}, {0}};
    unsigned char *const parts[] = {(unsigned char *)&seal.number,
                                    (unsigned char *)&seal.horizon,
                                    (unsigned char *)&seal.rows,
                                    (unsigned char *)&seal.total,
                                    (unsigned char *)&seal.sealed_at,
                                    (unsigned char *)&seal.key_version,
                                    seal.root,
                                    seal.previous,
                                    seal.signature};
    const size_t sizes[] = {8, 8, 8, 8, 8, 8, DIGEST_SIZE, DIGEST_SIZE, AUDIT_SIGNATURE_SIZE};
    (void)state;
    audit_seal_sign(keyring, &seal);
    assert_true(audit_seal_check(&keys, &seal));
    for (size_t part = 0; part < sizeof sizes / sizeof sizes[0]; part++) {
        for (size_t bit = 0; bit < 8 * sizes[part]; bit++) {
            parts[part][bit / 8] ^= (unsigned char)(1U << bit % 8);
            assert_false(audit_seal_check(&keys, &seal));
            parts[part][bit / 8] ^= (unsigned char)(1U << bit % 8);
        }
    }
    assert_true(audit_seal_check(&keys, &seal));
}

/* A log of seven rows: four in seal 1, two in seal 2, one not sealed yet. */
struct log {
    struct audit_row rows[ROWS];
    struct audit_seal seals[2];
    unsigned char leaves[2][FIRST_ROWS * AUDIT_LEAF_SIZE];
    unsigned char digests[2][DIGEST_SIZE];
};

static void
seal(struct log *log, size_t number, size_t from, size_t count)
{
    struct audit_seal *seal = &log->seals[number];
    struct span leaves = leaves_of(log->rows + from, count, log->leaves[number]);
    *seal = (struct audit_seal){.number = (int64_t)number + 1,
                                .horizon = log->rows[from + count - 1].position + 1,
                                .rows = (int64_t)count,
                                .total = (int64_t)(from + count),
                                .sealed_at = (WHEN + 10 * (int64_t)number) * SECOND};
    if (number != 0) {
        memcpy(seal->previous, log->digests[number - 1], DIGEST_SIZE);
    }
    root_of(leaves, seal->root);
    audit_seal_sign(keyring, seal);
    audit_seal_digest(seal, log->digests[number]);
}

static struct log
make_log(void)
{
    static const char *const outcomes[ROWS] = {"a", "b", "c", "d", "e", "f", "g"};
    static const int64_t positions[ROWS] = {100, 100, 103, 107, 110, 111, 120};
    struct log log;
    memset(&log, 0, sizeof log);
    for (int i = 0; i < ROWS; i++) {
        log.rows[i] = full_row();
        log.rows[i].position = positions[i];
        log.rows[i].id = 10 + i;
        log.rows[i].at = (WHEN + i) * SECOND;
        log.rows[i].part[AUDIT_OUTCOME] = fixture_span(outcomes[i]);
    }
    seal(&log, 0, 0, FIRST_ROWS);
    seal(&log, 1, FIRST_ROWS, 2);
    return log;
}

/* Feeds rows [0, count) with the log's seals; the checkpoints are those of `noted`, when there is one. */
static struct proof
prove(const struct log *log, const struct audit_row *rows, size_t count, const struct log *noted)
{
    struct proof proof;
    size_t at = 0;
    proof_start(&proof, &keys);
    for (size_t n = 0; n < 2; n++) {
        struct span leaves = {log->leaves[n], (size_t)log->seals[n].rows * AUDIT_LEAF_SIZE};
        assert_true(proof_seal(&proof, &log->seals[n], leaves, noted == NULL ? NULL : noted->digests[n]));
        for (; at < count && rows[at].position < log->seals[n].horizon; at++) {
            proof_row(&proof, &rows[at]);
        }
    }
    for (; at < count; at++) {
        proof_row(&proof, &rows[at]);
    }
    (void)proof_end(&proof);
    return proof;
}

static void
assert_first(const struct proof *proof, enum proof_fault_code code, int64_t seal_number, int64_t row)
{
    assert_string_equal(proof_fault_name(proof->first.code), proof_fault_name(code));
    assert_int_equal(proof->first.seal, seal_number);
    assert_int_equal(proof->first.row, row);
}

static void
a_whole_log_is_proven(void **state)
{
    struct log log = make_log();
    struct proof proof = prove(&log, log.rows, ROWS, &log);
    (void)state;
    assert_first(&proof, PROOF_FINE, 0, 0);
    assert_int_equal(proof.seals, 2);
    assert_int_equal(proof.sealed, 6);
    assert_int_equal(proof.unsealed, 1);
}

static void
the_first_wrong_row_is_named(void **state)
{
    (void)state;
    struct log log = make_log();
    struct proof proof;
    for (int i = 0; i < 6; i++) { /* changed */
        struct log other = log;
        other.rows[i].part[AUDIT_ACTOR] = uuid(3);
        proof = prove(&other, other.rows, ROWS, NULL);
        assert_first(&proof, PROOF_ROW_CHANGED, i < FIRST_ROWS ? 1 : 2, 10 + i);
        assert_int_equal(proof.counts[PROOF_ROW_CHANGED], 1);
    }
    for (size_t i = 0; i < 6; i++) { /* removed */
        struct log other = log;
        memmove(other.rows + i, other.rows + i + 1, (ROWS - 1 - i) * sizeof other.rows[0]);
        proof = prove(&other, other.rows, ROWS - 1, NULL);
        assert_first(&proof, PROOF_ROW_REMOVED, i < FIRST_ROWS ? 1 : 2, 10 + (int64_t)i);
    }
    struct audit_row rows[ROWS + 1]; /* inserted */
    memcpy(rows, log.rows, 2 * sizeof rows[0]);
    rows[2] = log.rows[1];
    rows[2].id = 99;
    memcpy(rows + 3, log.rows + 2, (ROWS - 2) * sizeof rows[0]);
    proof = prove(&log, rows, ROWS + 1, NULL);
    assert_first(&proof, PROOF_ROW_INSERTED, 1, 99);
    struct log swapped = log; /* two rows in each other's place */
    swapped.rows[1].part[AUDIT_OUTCOME] = log.rows[2].part[AUDIT_OUTCOME];
    swapped.rows[2].part[AUDIT_OUTCOME] = log.rows[1].part[AUDIT_OUTCOME];
    proof = prove(&log, swapped.rows, ROWS, NULL);
    assert_first(&proof, PROOF_ROWS_REORDERED, 1, 11);
    proof = prove(&log, log.rows, 3, NULL); /* cut */
    assert_first(&proof, PROOF_TRUNCATED, 1, 13);
    assert_int_equal(proof.counts[PROOF_ROW_REMOVED], 3);
    proof = prove(&log, log.rows, 0, NULL);
    assert_first(&proof, PROOF_TRUNCATED, 1, 10);
}

static void
seals_that_do_not_agree_are_found(void **state)
{
    (void)state;
    struct log log = make_log();
    struct log other = log;
    other.leaves[0][30] ^= 1; /* the leaves alone */
    struct proof proof = prove(&other, log.rows, ROWS, NULL);
    assert_first(&proof, PROOF_SEAL_CHANGED, 1, 10);
    other = log; /* made anew by somebody without the key */
    other.rows[1].part[AUDIT_OUTCOME] = fixture_span("other");
    root_of(leaves_of(other.rows, FIRST_ROWS, other.leaves[0]), other.seals[0].root);
    proof = prove(&other, other.rows, ROWS, NULL);
    assert_first(&proof, PROOF_SEAL_FORGED, 1, 10);
    other = log; /* made anew by somebody who has the key: only a checkpoint tells */
    other.rows[4].part[AUDIT_OUTCOME] = fixture_span("other");
    seal(&other, 1, FIRST_ROWS, 2);
    proof = prove(&other, other.rows, ROWS, NULL);
    assert_first(&proof, PROOF_FINE, 0, 0);
    proof = prove(&other, other.rows, ROWS, &log);
    assert_first(&proof, PROOF_CHECKPOINT, 2, 14);
    other = log; /* signed with another log's past */
    other.seals[1].previous[0] ^= 1;
    audit_seal_sign(keyring, &other.seals[1]);
    proof = prove(&other, log.rows, ROWS, NULL);
    assert_first(&proof, PROOF_SEAL_CHANGED, 2, 14);
    other = log; /* one is gone */
    other.seals[0] = other.seals[1];
    memcpy(other.leaves[0], log.leaves[1], sizeof log.leaves[1]);
    proof_start(&proof, &keys);
    assert_true(proof_seal(&proof, &log.seals[1], (struct span){log.leaves[1], 2 * AUDIT_LEAF_SIZE}, NULL));
    assert_false(proof_end(&proof));
    assert_first(&proof, PROOF_SEAL_REMOVED, 1, 0);
}

static void
what_was_dropped_is_excused_and_only_that(void **state)
{
    (void)state;
    struct log log = make_log();
    for (int upto = 1; upto <= 3; upto++) {
        struct proof proof;
        proof_start(&proof, &keys);
        assert_true(proof_excuse(&proof, 0, (WHEN + upto) * SECOND));
        assert_true(
            proof_seal(&proof, &log.seals[0], (struct span){log.leaves[0], sizeof log.leaves[0]}, NULL));
        for (int i = 2; i < FIRST_ROWS; i++) {
            proof_row(&proof, &log.rows[i]);
        }
        assert_int_equal(proof_end(&proof), upto >= 2);
        assert_int_equal(proof.excused, upto < 2 ? upto : 2);
    }
}

static void
a_row_that_says_to_be_older_than_its_past_is_found(void **state)
{
    (void)state;
    struct log log = make_log();
    log.rows[6].at = (WHEN - 3700) * SECOND;
    struct proof proof = prove(&log, log.rows, ROWS, NULL);
    assert_first(&proof, PROOF_BACKDATED, 0, 16);
    log.rows[5].at = (WHEN - 3700) * SECOND;
    seal(&log, 1, FIRST_ROWS, 2);
    proof = prove(&log, log.rows, ROWS, NULL);
    assert_first(&proof, PROOF_BACKDATED, 2, 15);
}

static void
lines_are_read_as_they_were_written(void **state)
{
    (void)state;
    struct log log = make_log();
    struct arena *arena = arena_create(1 << 20, NULL, NULL);
    struct buf buf;
    struct audit_line line;
    const char *why = NULL;
    struct audit_row rows[] = {full_row(), bare_row()};
    buf_init(&buf, AUDIT_LINE_MAX);
    for (size_t i = 0; i < 2; i++) {
        struct audit_leaf before;
        struct audit_leaf after;
        buf_reset(&buf);
        audit_line_row(&buf, &rows[i]);
        assert_true(audit_line_read(arena, fixture_span(buf_string(&buf)), &line, &why));
        assert_int_equal(line.kind, AUDIT_LINE_ROW);
        audit_row_leaf(&rows[i], &before);
        audit_row_leaf(&line.row, &after);
        assert_memory_equal(&before, &after, sizeof before);
    }
    buf_reset(&buf);
    audit_line_seal(&buf, &log.seals[0], (struct span){log.leaves[0], sizeof log.leaves[0]});
    assert_true(audit_line_read(arena, fixture_span(buf_string(&buf)), &line, &why));
    assert_memory_equal(&line.seal, &log.seals[0], sizeof line.seal);
    assert_int_equal(line.leaves.size, sizeof log.leaves[0]);
    assert_memory_equal(line.leaves.data, log.leaves[0], sizeof log.leaves[0]);
    buf_reset(&buf);
    audit_line_checkpoint(&buf, &log.seals[1]);
    assert_true(audit_line_read(arena, fixture_span(buf_string(&buf)), &line, &why));
    assert_memory_equal(line.digest, log.digests[1], DIGEST_SIZE);
    struct audit_drop drop = {.from = 5 * SECOND, .to = 9 * SECOND, .rows = 3, .dropped_at = WHEN * SECOND};
    audit_drop_sign(keyring, &drop);
    buf_reset(&buf);
    audit_drop_write(&buf, &drop);
    assert_true(audit_line_read(arena, fixture_span(buf_string(&buf)), &line, &why));
    assert_true(audit_drop_check(&keys, &line.drop));
    line.drop.to++;
    assert_false(audit_drop_check(&keys, &line.drop));
    struct audit_keys read;
    buf_reset(&buf);
    audit_keys_write(&buf, &keys);
    assert_true(audit_keys_read(arena, fixture_span(buf_string(&buf)), &read, &why));
    assert_int_equal(read.count, keys.count);
    assert_memory_equal(read.of[0].key, keys.of[0].key, AUDIT_PUBLIC_KEY_SIZE);
    buf_free(&buf);
    arena_destroy(arena);
}

static void
lines_that_are_none_are_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "[]",
                                        "{}",
                                        "{\"type\":\"other\"}",
                                        "{\"type\":\"row\"}",
                                        "{\"type\":\"seal\",\"number\":\"1\"}",
                                        "{\"type\":\"end\",\"rows\":1}",
                                        "{\"type\":\"export\",\"version\":2,\"from\":null,\"to\":null}",
                                        "{\"type\":\"end\",\"rows\":1,\"rows\":2,\"seals\":1}"};
    struct arena *arena = arena_create(1 << 20, NULL, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct audit_line line;
        const char *why = NULL;
        assert_false(audit_line_read(arena, fixture_span(wrong[i]), &line, &why));
        assert_non_null(why);
    }
    arena_destroy(arena);
}

static void
arrays_of_the_database_are_read(void **state)
{
    unsigned char two[20 + 2 * 20] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0x86, 0, 0, 0, 2, 0, 0, 0, 1};
    unsigned char none[12] = {0};
    struct span found;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        two[20 + 20 * i + 3] = UUID_SIZE;
        memset(two + 24 + 20 * i, (int)i + 1, UUID_SIZE);
    }
    unsigned char cut[sizeof two];
    memcpy(cut, two, sizeof two);
    assert_true(audit_uuids_of_array(two, sizeof two, &found));
    assert_int_equal(found.size, 2 * UUID_SIZE);
    assert_int_equal(found.data[0], 1);
    assert_int_equal(found.data[UUID_SIZE], 2);
    assert_true(audit_uuids_of_array(none, sizeof none, &found));
    assert_int_equal(found.size, 0);
    for (size_t size = 0; size < sizeof cut; size++) {
        unsigned char copy[sizeof cut];
        memcpy(copy, cut, sizeof cut);
        assert_false(audit_uuids_of_array(copy, size, &found));
    }
    memset(cut + 20, 0xff, 4); /* an element that is NULL */
    assert_false(audit_uuids_of_array(cut, sizeof cut, &found));
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
        cmocka_unit_test(merkle_trees_are_those_of_rfc_9162),
        cmocka_unit_test(a_row_has_one_encoding),
        cmocka_unit_test(every_part_of_a_row_counts),
        cmocka_unit_test(seals_are_chained_and_signed),
        cmocka_unit_test(no_bit_of_a_seal_can_be_flipped),
        cmocka_unit_test(a_whole_log_is_proven),
        cmocka_unit_test(the_first_wrong_row_is_named),
        cmocka_unit_test(seals_that_do_not_agree_are_found),
        cmocka_unit_test(what_was_dropped_is_excused_and_only_that),
        cmocka_unit_test(a_row_that_says_to_be_older_than_its_past_is_found),
        cmocka_unit_test(lines_are_read_as_they_were_written),
        cmocka_unit_test(lines_that_are_none_are_refused),
        cmocka_unit_test(arrays_of_the_database_are_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
