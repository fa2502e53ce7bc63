#include "jobs/seal.h"

#include "build/gen/sql.h"
#include "jobs/checkpoint.h"
#include "lib/audit/row.h"
#include "lib/audit/seal.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/crypto/key_check.h"
#include "lib/crypto/merkle.h"

#include <string.h>

enum {
    SEAL_ROWS = 1000,
    /* A seal takes whole transactions. Those of the programs write a row or two; this is for others. */
    TRANSACTION_ROWS_MAX = 20000,
    CHECKPOINTS_AT_ONCE = 500
};

static struct span
text_span(const char *text)
{
    return (struct span){(const unsigned char *)text, text == NULL ? 0 : strlen(text)};
}

/* Makes the row as it is hashed of the statement's row. False when its patients are no list of identifiers:
 * no program of ours writes such a row. */
static bool
take_row(struct arena *arena, const struct q_job_seal_rows_row *from, struct audit_row *row)
{
    *row = (struct audit_row){.position = from->position, .id = from->id, .at = from->at};
    unsigned char *patients =
        (unsigned char *)arena_copy(arena, from->patient_ids.data, from->patient_ids.size);
    row->part[AUDIT_PRACTICE] = from->practice_id;
    row->part[AUDIT_REALM] = text_span(from->realm);
    row->part[AUDIT_ACTOR] = from->actor_id;
    row->part[AUDIT_ROLE] = text_span(from->role);
    row->part[AUDIT_SESSION] = from->session_id;
    row->part[AUDIT_ADDRESS] = text_span(from->client_address);
    row->part[AUDIT_REQUEST] = from->request_id;
    row->part[AUDIT_OPERATION] = text_span(from->operation);
    row->part[AUDIT_OBJECT] = from->object_id;
    row->part[AUDIT_OUTCOME] = text_span(from->outcome);
    row->part[AUDIT_DETAIL] = text_span(from->detail);
    return audit_uuids_of_array(patients, from->patient_ids.size, &row->part[AUDIT_PATIENTS]);
}

/*
 * How many of the rows one seal takes: at most `most`, but whole transactions, whose rows share a position.
 * When rows are left, `*horizon` is lowered to the first of them; 0 when one transaction alone has more than
 * `most`.
 */
static size_t
whole_transactions(const struct q_job_seal_rows_row *rows, size_t count, size_t most, int64_t *horizon)
{
    if (count <= most) {
        return count;
    }
    size_t taken = count - 1;
    while (taken > 0 && rows[taken - 1].position == rows[count - 1].position) {
        taken--;
    }
    *horizon = rows[count - 1].position;
    return taken;
}

static struct audit_seal
seal_of(const struct q_job_seal_last_row *row)
{
    struct audit_seal seal = {.number = row->number,
                              .horizon = row->horizon,
                              .rows = row->rows,
                              .total = row->total,
                              .sealed_at = row->sealed_at,
                              .key_version = row->key_version};
    if (row->root.size == DIGEST_SIZE && row->previous.size == DIGEST_SIZE &&
        row->signature.size == AUDIT_SIGNATURE_SIZE) {
        memcpy(seal.root, row->root.data, DIGEST_SIZE);
        memcpy(seal.previous, row->previous.data, DIGEST_SIZE);
        memcpy(seal.signature, row->signature.data, AUDIT_SIGNATURE_SIZE);
    }
    return seal;
}

static enum seal_step
wrong(const char *why, int64_t number)
{
    log_event(LOG_ERROR, "audit-not-sealed", LOG_TEXT("why", why), LOG_INT("seal", number));
    return SEAL_WRONG;
}

/* Reads the rows that one seal takes, and sets `*horizon` to where it ends. It reads once more, with a larger
 * bound, when one transaction wrote more rows than a seal usually takes. */
static enum problem
read_rows(struct tx *tx, const struct q_job_seal_last_row *last, int64_t *horizon,
          const struct q_job_seal_rows_row **rows, size_t *count)
{
    enum problem problem = PROBLEM_NONE;
    for (size_t most = SEAL_ROWS;; most = TRANSACTION_ROWS_MAX) {
        struct q_job_seal_rows_in in = {.since = last->horizon,
                                        .has_since = last->has_horizon,
                                        .upto = last->upto,
                                        .most = (int64_t)most + 1};
        problem = q_job_seal_rows(tx, &in, rows, count);
        size_t found = *count;
        *horizon = last->upto;
        *count = problem == PROBLEM_NONE ? whole_transactions(*rows, found, most, horizon) : 0;
        if (problem != PROBLEM_NONE || *count > 0 || found <= most || most == TRANSACTION_ROWS_MAX) {
            return problem;
        }
    }
}

/* Computes the rows' leaves, in the arena, and the seal's root. False as take_row says it. */
static bool
hash_rows(struct arena *arena, const struct q_job_seal_rows_row *rows, size_t count, struct audit_seal *seal,
          struct span *leaves)
{
    struct merkle tree;
    unsigned char *bytes = arena_array(arena, count, AUDIT_LEAF_SIZE);
    merkle_start(&tree);
    for (size_t i = 0; i < count; i++) {
        struct audit_row row;
        struct audit_leaf leaf;
        unsigned char *at = bytes + i * AUDIT_LEAF_SIZE;
        if (!take_row(arena, &rows[i], &row)) {
            return false;
        }
        audit_row_leaf(&row, &leaf);
        audit_leaf_write(&leaf, at);
        merkle_add(&tree, (struct span){at, AUDIT_LEAF_SIZE});
    }
    merkle_root(&tree, seal->root);
    *leaves = (struct span){bytes, count * AUDIT_LEAF_SIZE};
    return true;
}

static enum problem
insert_seal(struct tx *tx, const struct keyring *keyring, const struct audit_seal *seal, struct span leaves)
{
    unsigned char door[KEY_CHECK_SIZE];
    (void)key_check_door(keyring, KEYRING_AUDIT, (uint32_t)seal->key_version, door);
    struct q_job_seal_insert_in in = {.number = seal->number,
                                      .horizon = seal->horizon,
                                      .rows = seal->rows,
                                      .total = seal->total,
                                      .sealed_at = seal->sealed_at,
                                      .key_version = seal->key_version,
                                      .root = {seal->root, DIGEST_SIZE},
                                      .previous = {seal->previous, DIGEST_SIZE},
                                      .signature = {seal->signature, AUDIT_SIGNATURE_SIZE},
                                      .leaves = leaves,
                                      .door = {door, sizeof door}};
    enum problem problem = q_job_seal_insert_last(tx, &in, NULL);
    explicit_bzero(door, sizeof door);
    return problem;
}

/*
 * Why nothing may be sealed on top of the newest seal; NULL: it is signed by our key, and it is the one that
 * was noted in the checkpoints, or a later one. A signature on top of another's seal would make that one
 * good.
 */
static const char *
distrust(const struct sealer *sealer, const struct audit_seal *last, const struct checkpoint *noted)
{
    struct audit_keys keys;
    unsigned char digest[DIGEST_SIZE];
    audit_keys_of(sealer->keyring, &keys);
    if (last->number != 0 && !audit_seal_check(&keys, last)) {
        return "the newest seal is not signed by a key of the keyring";
    }
    if (noted == NULL || noted->number == 0) {
        return NULL;
    }
    if (last->number < noted->number) {
        return "the checkpoints know a later seal than the database";
    }
    audit_seal_digest(last, digest);
    if (last->number == noted->number && !digest_equal(digest, noted->digest, DIGEST_SIZE)) {
        return "the newest seal is not the one that was noted in the checkpoints";
    }
    return NULL;
}

static enum seal_step
seal_next(struct sealer *sealer, struct tx *tx, const struct checkpoint *noted)
{
    const struct q_job_seal_last_row *row = NULL;
    const struct q_job_seal_rows_row *rows = NULL;
    size_t count = 0;
    if (q_job_seal_last(tx, &row) != PROBLEM_NONE || row == NULL) {
        return SEAL_DOWN;
    }
    struct audit_seal last = seal_of(row);
    const char *why = distrust(sealer, &last, noted);
    if (why != NULL) {
        return wrong(why, last.number);
    }
    if (row->has_horizon && row->horizon > row->upto) {
        return wrong("the database counts transactions from a smaller number than the log: run `anamnesis "
                     "migrate`",
                     last.number);
    }
    struct audit_seal seal = {.number = last.number + 1, .sealed_at = clock_now()};
    struct span leaves;
    if (read_rows(tx, row, &seal.horizon, &rows, &count) != PROBLEM_NONE) {
        return SEAL_DOWN;
    }
    if (count == 0) {
        return SEAL_DONE;
    }
    if (!hash_rows(sealer->arena, rows, count, &seal, &leaves)) {
        return wrong("a row's patients are no list of identifiers", seal.number);
    }
    seal.rows = (int64_t)count;
    seal.total = last.total + seal.rows;
    if (last.number != 0) {
        audit_seal_digest(&last, seal.previous);
    }
    audit_seal_sign(sealer->keyring, &seal);
    enum problem problem = insert_seal(tx, sealer->keyring, &seal, leaves);
    if (problem == PROBLEM_FORBIDDEN) {
        return wrong("the database refuses the seal; its own log says why", seal.number);
    }
    if (problem != PROBLEM_NONE) {
        return SEAL_DOWN;
    }
    log_event(LOG_DEBUG, "audit-sealed", LOG_INT("seal", seal.number), LOG_INT("rows", seal.rows));
    return seal.horizon < row->upto ? SEAL_MORE : SEAL_DONE;
}

/* Notes the seals that are not noted yet. It reads from the last one that is noted, and compares that first:
 * it must not have changed. */
static enum seal_step
note_seals(struct sealer *sealer, struct checkpoint *noted)
{
    for (;;) {
        struct tx *tx = NULL;
        const struct q_job_seal_list_row *rows = NULL;
        size_t count = 0;
        if (tx_open(sealer->db, sealer->arena, &tx) != PROBLEM_NONE) {
            return SEAL_DOWN;
        }
        enum problem problem = q_job_seal_list_last(
            tx, &(struct q_job_seal_list_in){.since = noted->number, .most = CHECKPOINTS_AT_ONCE}, &rows,
            &count);
        tx_rollback(tx);
        if (problem != PROBLEM_NONE) {
            return SEAL_DOWN;
        }
        struct audit_seal *seals = arena_array(sealer->arena, count, sizeof *seals);
        for (size_t i = 0; i < count; i++) {
            const struct q_job_seal_list_row *row = &rows[i];
            struct q_job_seal_last_row same = {.number = row->number,
                                               .horizon = row->horizon,
                                               .rows = row->rows,
                                               .total = row->total,
                                               .sealed_at = row->sealed_at,
                                               .key_version = row->key_version,
                                               .root = row->root,
                                               .previous = row->previous,
                                               .signature = row->signature};
            seals[i] = seal_of(&same);
        }
        size_t known = noted->number == 0 ? 0 : 1;
        unsigned char digest[DIGEST_SIZE] = {0};
        if (known == 1 && count > 0) {
            audit_seal_digest(&seals[0], digest);
        }
        if (known == 1 && (count == 0 || seals[0].number != noted->number ||
                           !digest_equal(digest, noted->digest, DIGEST_SIZE))) {
            return wrong("the newest seal of the checkpoints is another one in the database", noted->number);
        }
        if (count > known && !checkpoint_add(noted, seals + known, count - known)) {
            return wrong("the checkpoints cannot be written", noted->number);
        }
        if (count < CHECKPOINTS_AT_ONCE) {
            return SEAL_DONE;
        }
    }
}

static enum seal_step
seal_in_turn(struct sealer *sealer, const struct checkpoint *noted)
{
    struct tx *tx = NULL;
    const struct q_job_seal_lock_row *lock = NULL;
    enum seal_step step = SEAL_DOWN;
    if (tx_open(sealer->db, sealer->arena, &tx) != PROBLEM_NONE) {
        return SEAL_DOWN;
    }
    /* Only a statement that begins after the lock was got sees what its last holder committed. So the newest
     * seal is read by a statement of its own. */
    if (q_job_seal_lock(tx, &lock) == PROBLEM_NONE && lock != NULL) {
        step = lock->locked ? seal_next(sealer, tx, noted) : SEAL_DONE;
    }
    tx_rollback(tx);
    return step;
}

enum seal_step
seal_some(struct sealer *sealer)
{
    if (sealer->checkpoint_dir == NULL) {
        return seal_in_turn(sealer, NULL);
    }
    struct checkpoint noted;
    const char *why = checkpoint_open(&noted, sealer->checkpoint_dir, sealer->arena);
    enum seal_step step = why != NULL ? wrong(why, 0) : SEAL_DONE;
    if (why == NULL) {
        step = seal_in_turn(sealer, &noted);
    }
    if (step == SEAL_MORE || step == SEAL_DONE) {
        enum seal_step written = note_seals(sealer, &noted);
        step = written == SEAL_DONE ? step : written;
    }
    checkpoint_close(&noted);
    return step;
}

void
seal_make_ready(struct sealer *sealer)
{
    struct tx *tx = NULL;
    const struct q_job_audit_ready_row *row = NULL;
    if (tx_open(sealer->db, sealer->arena, &tx) != PROBLEM_NONE) {
        return;
    }
    enum problem problem = q_job_audit_ready_last(tx, &row);
    tx_rollback(tx);
    if (problem != PROBLEM_NONE) {
        log_event(LOG_ERROR, "audit-partitions-not-made", LOG_TEXT("why", problem_code(problem)));
    } else if (row != NULL && row->made > 0) {
        log_event(LOG_INFO, "audit-partitions-made", LOG_INT("count", row->made));
    }
}
