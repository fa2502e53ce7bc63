#include "lib/audit/proof.h"

#include "lib/crypto/merkle.h"

#include <stdlib.h>
#include <string.h>

/* No transaction of ours lasts so long: a row that says to be older than the last seal by more was written
 * later. */
#define BACKDATED_AFTER (INT64_C(3600) * 1000000)

enum { ASKED_MAX = 100 };

static const struct {
    const char *name;
    const char *text;
} faults[PROOF_FAULTS] = {
    [PROOF_FINE] = {"fine", "nothing is wrong"},
    [PROOF_ROW_CHANGED] = {"row-changed", "the row is not what was sealed"},
    [PROOF_ROW_REMOVED] = {"row-removed", "the row was sealed and is not there"},
    [PROOF_ROW_INSERTED] = {"row-inserted", "the row stands among sealed rows and was never sealed"},
    [PROOF_ROWS_REORDERED] = {"rows-reordered", "the row has another row's content"},
    [PROOF_TRUNCATED] = {"truncated", "the row and all that follow it were sealed and are not there"},
    [PROOF_BACKDATED] = {"row-backdated", "the row says to be older than the seal that it came after"},
    [PROOF_SEAL_REMOVED] = {"seal-removed", "the seal is not there"},
    [PROOF_SEAL_CHANGED] = {"seal-changed", "the seal does not agree with itself or with the one before"},
    [PROOF_SEAL_FORGED] = {"seal-forged", "the seal's signature is not by a known audit key"},
    [PROOF_CHECKPOINT] = {"checkpoint-differs",
                          "the seal is not the one that was noted outside of the database"},
    [PROOF_FILE_CUT] = {"file-cut", "the file is not as long as it was: its end is missing"},
    [PROOF_FILE_CHANGED] = {"file-changed",
                            "the file is not what was exported: its signature is of something else"},
    [PROOF_SEALS_CUT] = {"seals-cut", "a seal that was noted outside of the database is not there"}};

const char *
proof_fault_name(enum proof_fault_code code)
{
    return faults[code].name;
}

const char *
proof_fault_text(enum proof_fault_code code)
{
    return faults[code].text;
}

void
proof_start(struct proof *proof, const struct audit_keys *keys)
{
    memset(proof, 0, sizeof *proof);
    proof->keys = keys;
}

bool
proof_excuse(struct proof *proof, int64_t from, int64_t to)
{
    if (proof->span_count == PROOF_SPANS_MAX) {
        return false;
    }
    proof->spans[proof->span_count++] = (struct proof_span){from, to};
    return true;
}

static bool
is_excused(const struct proof *proof, int64_t at)
{
    for (size_t i = 0; i < proof->span_count; i++) {
        if (at >= proof->spans[i].from && at < proof->spans[i].to) {
            return true;
        }
    }
    return false;
}

static void
note(struct proof *proof, struct proof_fault fault)
{
    if (proof->first.code == PROOF_FINE) {
        proof->first = fault;
    }
    proof->counts[fault.code]++;
}

static void
leaf_at(const struct proof *proof, size_t i, struct audit_leaf *leaf)
{
    audit_leaf_read(proof->leaves + i * AUDIT_LEAF_SIZE, leaf);
}

static void
miss(struct proof *proof, const struct audit_leaf *leaf)
{
    if (is_excused(proof, leaf->at)) {
        proof->excused++;
        return;
    }
    struct proof_fault fault = {PROOF_ROW_REMOVED, proof->last.number, leaf->id, leaf->at};
    if (proof->removed.code == PROOF_FINE) {
        proof->removed = fault;
    }
    note(proof, fault);
}

/* Leaves before this place have no row. */
static void
miss_before(struct proof *proof, int64_t position, int64_t id)
{
    struct audit_leaf leaf;
    for (; proof->leaf_at < proof->leaf_count; proof->leaf_at++) {
        leaf_at(proof, proof->leaf_at, &leaf);
        if (audit_order(leaf.position, leaf.id, position, id) >= 0) {
            return;
        }
        miss(proof, &leaf);
    }
}

static void
close_seal(struct proof *proof)
{
    struct audit_leaf leaf;
    for (; proof->leaf_at < proof->leaf_count; proof->leaf_at++) {
        leaf_at(proof, proof->leaf_at, &leaf);
        miss(proof, &leaf);
    }
}

static bool
root_agrees(const struct audit_seal *seal, struct span leaves)
{
    struct merkle tree;
    unsigned char root[DIGEST_SIZE];
    if (leaves.size % AUDIT_LEAF_SIZE != 0 || (int64_t)(leaves.size / AUDIT_LEAF_SIZE) != seal->rows) {
        return false;
    }
    merkle_start(&tree);
    for (size_t at = 0; at < leaves.size; at += AUDIT_LEAF_SIZE) {
        merkle_add(&tree, (struct span){leaves.data + at, AUDIT_LEAF_SIZE});
    }
    merkle_root(&tree, root);
    return digest_equal(root, seal->root, DIGEST_SIZE);
}

static bool
follows(const struct proof *proof, const struct audit_seal *seal)
{
    static const unsigned char none[DIGEST_SIZE];
    bool first = proof->last.number == 0;
    if (first && (proof->partial || seal->number != 1)) {
        return true; /* there is nothing to compare it with */
    }
    bool risen = first || (seal->horizon > proof->last.horizon && seal->rows >= 0);
    if (proof->excerpt && seal->number != proof->last.number + 1) {
        return risen && seal->total - seal->rows >= proof->last.total;
    }
    const unsigned char *previous = first ? none : proof->last_digest;
    return risen && digest_equal(seal->previous, previous, DIGEST_SIZE) &&
           seal->total == (first ? 0 : proof->last.total) + seal->rows;
}

static bool
is_gap(const struct proof *proof, const struct audit_seal *seal)
{
    if (proof->excerpt) {
        return seal->number <= proof->last.number;
    }
    return proof->last.number == 0 ? seal->number != 1 && !proof->partial
                                   : seal->number != proof->last.number + 1;
}

/* Judges a seal whose leaves agree with its root, or do not, and keeps what its rows are compared with. */
static bool
take_seal(struct proof *proof, const struct audit_seal *seal, struct span leaves, bool agrees,
          const unsigned char *checkpoint)
{
    close_seal(proof);
    bool first = proof->last.number == 0;
    struct proof_fault fault = {PROOF_FINE, seal->number, 0, seal->sealed_at};
    unsigned char digest[DIGEST_SIZE];
    audit_seal_digest(seal, digest);
    proof->leaves_known = agrees;
    if (is_gap(proof, seal)) {
        fault.code = PROOF_SEAL_REMOVED;
        fault.seal = first ? 1 : proof->last.number + 1;
    } else if (checkpoint != NULL && !digest_equal(checkpoint, digest, DIGEST_SIZE)) {
        fault.code = PROOF_CHECKPOINT;
    } else if (!audit_seal_check(proof->keys, seal)) {
        fault.code = PROOF_SEAL_FORGED;
    } else if (!follows(proof, seal) || !agrees) {
        fault.code = PROOF_SEAL_CHANGED;
    }
    if (fault.code != PROOF_FINE) {
        struct audit_leaf leaf = {0};
        if (leaves.size >= AUDIT_LEAF_SIZE && fault.code != PROOF_SEAL_REMOVED) {
            audit_leaf_read(leaves.data, &leaf); /* the first row that it speaks of */
        }
        fault.row = leaf.id;
        note(proof, fault);
    }
    if (proof->early.code != PROOF_FINE) {
        note(proof, proof->early); /* its place is before this seal, which has no leaf for it */
        memset(&proof->early, 0, sizeof proof->early);
    }
    size_t size = agrees ? leaves.size : 0;
    unsigned char *copy = realloc(proof->leaves, size + 1);
    if (copy == NULL) {
        return false;
    }
    if (size != 0) {
        memcpy(copy, leaves.data, size);
    }
    proof->leaves = copy;
    proof->leaf_count = size / AUDIT_LEAF_SIZE;
    proof->leaf_at = 0;
    proof->previous_sealed_at = proof->last.sealed_at;
    proof->last = *seal;
    memcpy(proof->last_digest, digest, sizeof digest);
    proof->seals++;
    return true;
}

bool
proof_seal(struct proof *proof, const struct audit_seal *seal, struct span leaves,
           const unsigned char *checkpoint)
{
    return take_seal(proof, seal, leaves, root_agrees(seal, leaves), checkpoint);
}

bool
proof_excerpt(struct proof *proof, const struct audit_seal *seal, const struct merkle_excerpt *shown,
              const unsigned char *checkpoint)
{
    unsigned char root[DIGEST_SIZE];
    bool agrees = shown->leaf_size == AUDIT_LEAF_SIZE && (int64_t)shown->total == seal->rows &&
                  merkle_excerpt_root(shown, root) && digest_equal(root, seal->root, DIGEST_SIZE);
    return take_seal(proof, seal, shown->leaves, agrees, checkpoint);
}

/* True when this content was sealed at another place of the same seal. Asked of few rows: it reads all
 * leaves. */
static bool
is_elsewhere(const struct proof *proof, const struct audit_row *row)
{
    struct audit_leaf sealed;
    struct audit_leaf moved;
    for (size_t i = 0; i < proof->leaf_count; i++) {
        leaf_at(proof, i, &sealed);
        struct audit_row there = *row;
        there.position = sealed.position;
        there.id = sealed.id;
        there.at = sealed.at;
        audit_row_leaf(&there, &moved);
        bool same_row = sealed.position == row->position && sealed.id == row->id;
        if (!same_row && digest_equal(moved.hash, sealed.hash, DIGEST_SIZE)) {
            return true;
        }
    }
    return false;
}

static void
compare(struct proof *proof, const struct audit_row *row, const struct audit_leaf *sealed)
{
    struct audit_leaf found;
    audit_row_leaf(row, &found);
    if (digest_equal(found.hash, sealed->hash, DIGEST_SIZE)) {
        proof->sealed++;
        if (proof->previous_sealed_at - row->at > BACKDATED_AFTER) {
            note(proof, (struct proof_fault){PROOF_BACKDATED, proof->last.number, row->id, row->at});
        }
        return;
    }
    bool ask = proof->counts[PROOF_ROW_CHANGED] < ASKED_MAX;
    enum proof_fault_code code = ask && is_elsewhere(proof, row) ? PROOF_ROWS_REORDERED : PROOF_ROW_CHANGED;
    note(proof, (struct proof_fault){code, proof->last.number, row->id, sealed->at});
}

void
proof_row(struct proof *proof, const struct audit_row *row)
{
    if (proof->last.number == 0 || row->position >= proof->last.horizon) {
        close_seal(proof);
        proof->unsealed++;
        if (proof->early.code == PROOF_FINE) {
            proof->early = (struct proof_fault){PROOF_ROW_INSERTED, 0, row->id, row->at};
        }
        if (proof->last.sealed_at - row->at > BACKDATED_AFTER) {
            note(proof, (struct proof_fault){PROOF_BACKDATED, 0, row->id, row->at});
        }
        return;
    }
    if (!proof->leaves_known) {
        return; /* the seal itself is wrong, and that was said; nothing can be said of its rows */
    }
    struct audit_leaf leaf;
    miss_before(proof, row->position, row->id);
    memset(&proof->removed, 0, sizeof proof->removed);
    if (proof->leaf_at < proof->leaf_count) {
        leaf_at(proof, proof->leaf_at, &leaf);
        if (audit_order(leaf.position, leaf.id, row->position, row->id) == 0) {
            proof->leaf_at++;
            compare(proof, row, &leaf);
            return;
        }
    }
    note(proof, (struct proof_fault){PROOF_ROW_INSERTED, proof->last.number, row->id, row->at});
}

void
proof_seals_cut(struct proof *proof, int64_t number)
{
    note(proof, (struct proof_fault){PROOF_SEALS_CUT, number, 0, 0});
}

/* Member by member: the bytes between them say nothing. */
static bool
same_fault(const struct proof_fault *one, const struct proof_fault *other)
{
    return one->code == other->code && one->seal == other->seal && one->row == other->row &&
           one->at == other->at;
}

void
proof_cut_short(struct proof *proof)
{
    proof->cut = true;
}

void
proof_file_changed(struct proof *proof)
{
    proof->changed = true;
}

bool
proof_end(struct proof *proof)
{
    close_seal(proof);
    free(proof->leaves);
    proof->leaves = NULL;
    proof->leaf_count = 0;
    if (proof->removed.code != PROOF_FINE && proof->unsealed == 0) {
        /* What is missing reaches to the end of what was sealed. */
        if (same_fault(&proof->first, &proof->removed)) {
            proof->first.code = PROOF_TRUNCATED;
        }
        proof->counts[PROOF_TRUNCATED]++;
    }
    if (proof->cut) {
        note(proof, (struct proof_fault){PROOF_FILE_CUT, proof->last.number, 0, proof->last.sealed_at});
    }
    if (proof->changed) {
        note(proof, (struct proof_fault){PROOF_FILE_CHANGED, 0, 0, 0});
    }
    return proof->first.code == PROOF_FINE;
}
