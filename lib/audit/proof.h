/*
 * The proof of a log: seals and rows are fed in their order, and whatever is not as it was sealed is found.
 *
 *   proof_start; for each seal: proof_seal, then its rows by proof_row;
 *   the rows after the last seal by proof_row too; proof_end.
 *
 * Pure: where rows and seals come from (a database, an export, one practice's excerpt) is the caller's.
 * Memory does not grow with the log: of the newest seal alone the leaves are kept, 56 bytes a row. After a
 * fault the proof goes on, so that one changed row does not hide another, and names the first wrong row or
 * seal. A proof without a checkpoint from outside of the database cannot tell that the newest seals were cut
 * off. What is not sealed yet is counted, and not proven.
 */
#ifndef ANAMNESIS_AUDIT_PROOF_H
#define ANAMNESIS_AUDIT_PROOF_H

#include "lib/audit/seal.h"
#include "lib/crypto/merkle_excerpt.h"

enum proof_fault_code {
    PROOF_FINE,
    PROOF_ROW_CHANGED,    /* not what was sealed */
    PROOF_ROW_REMOVED,    /* sealed, and not there */
    PROOF_ROW_INSERTED,   /* there, among sealed rows, and not sealed */
    PROOF_ROWS_REORDERED, /* one row's content in another's place */
    PROOF_TRUNCATED,      /* everything from this sealed row on is gone */
    PROOF_BACKDATED,      /* written after a seal that is an hour younger than the row says to be */
    PROOF_SEAL_REMOVED,   /* a number is missing */
    PROOF_SEAL_CHANGED,   /* its chain, counts, root or leaves do not agree */
    PROOF_SEAL_FORGED,    /* its signature is not by a known audit key */
    PROOF_CHECKPOINT,     /* another seal than the one that was noted outside of the database */
    PROOF_SEALS_CUT,      /* a checkpoint's seal is not there: the end was cut off */
    PROOF_FILE_CUT,       /* an export that ends before its last line */
    PROOF_FILE_CHANGED,   /* an excerpt whose own signature is not of what is in it */
    PROOF_FAULTS
};

struct proof_fault {
    enum proof_fault_code code;
    int64_t seal; /* its number; 0 when it concerns none */
    int64_t row;  /* its id; 0 when it concerns none */
    int64_t at;   /* microseconds since 1970: the row's, else the seal's */
};

/* Spans of time whose rows are known to be elsewhere: months that were dropped, what an export leaves out. */
struct proof_span {
    int64_t from; /* included */
    int64_t to;   /* not included */
};

enum { PROOF_SPANS_MAX = 2048 };

struct proof {
    const struct audit_keys *keys;
    struct proof_span spans[PROOF_SPANS_MAX];
    size_t span_count;
    bool cut;     /* proof_cut_short was called */
    bool changed; /* proof_file_changed was called */
    bool partial; /* the first seal need not be number 1 (an export of a part) */
    bool excerpt; /* seals come by proof_excerpt, and may be left out */

    struct audit_seal last; /* the newest seal; number 0: none yet */
    unsigned char last_digest[DIGEST_SIZE];
    bool leaves_known;     /* those of `last` agree with its root */
    unsigned char *leaves; /* a copy, owned */
    size_t leaf_count;
    size_t leaf_at; /* the next one to be found */
    int64_t previous_sealed_at;
    struct proof_fault early;   /* the first row that was fed before its seal could have been */
    struct proof_fault removed; /* the first row of the run of missing rows at the end so far */

    int64_t seals;
    int64_t sealed;   /* rows that were found as they were sealed */
    int64_t unsealed; /* rows after the last seal */
    int64_t excused;  /* sealed rows that are elsewhere */
    int64_t counts[PROOF_FAULTS];
    struct proof_fault first; /* the first wrong row or seal, in the order of the log */
};

/* `keys` must outlive the proof. */
void proof_start(struct proof *proof, const struct audit_keys *keys);

/* Rows of this span may be missing. False when there are too many spans. */
bool proof_excuse(struct proof *proof, int64_t from, int64_t to);

/*
 * The next seal; `leaves` has AUDIT_LEAF_SIZE bytes a row. `checkpoint`: the digest that was noted outside of
 * the database for this number, or NULL. False without memory.
 */
bool proof_seal(struct proof *proof, const struct audit_seal *seal, struct span leaves,
                const unsigned char *checkpoint);

/*
 * The same for a seal of which only some leaves are shown, in a proof whose `excerpt` was set. What is proven
 * is that the rows are those that were sealed, and nothing of what is not shown: numbers rise, and seals that
 * follow each other are chained.
 */
bool proof_excerpt(struct proof *proof, const struct audit_seal *seal, const struct merkle_excerpt *shown,
                   const unsigned char *checkpoint);

/* The next row, by position and id. Its seal, if it has one, was fed before. */
void proof_row(struct proof *proof, const struct audit_row *row);

/* Says that a checkpoint names a later seal than the last one. */
void proof_seals_cut(struct proof *proof, int64_t number);

/* Says that what was read ended too early, or has not the size that it says to have. */
void proof_cut_short(struct proof *proof);

/* Says that the signature of what was read is not of what was read. */
void proof_file_changed(struct proof *proof);

/* Nothing follows. Frees; the results stay. True when the log is whole. */
bool proof_end(struct proof *proof);

/* "row-changed", and "the row was changed after it was sealed". */
const char *proof_fault_name(enum proof_fault_code code);
const char *proof_fault_text(enum proof_fault_code code);

#endif
