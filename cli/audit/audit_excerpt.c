/*
 * The export of one practice. Of each seal in which the practice has rows it holds those rows' leaves, and
 * hashes in place of all others (lib/crypto/merkle_excerpt.h), so that it proves its rows and shows nothing
 * of other practices'. What a seal needs must be known before its line is written, and its line comes before
 * its rows: so the rows of one seal are gathered in memory, and nothing more is.
 */
#include "cli/audit/audit.h"

#include <stdlib.h>

/* Bytes of one seal's rows as lines, and of the hashes in place of the other rows. */
enum { LINES_MAX = 64 * 1024 * 1024, OTHERS_MAX = AUDIT_SEAL_ROWS_MAX * DIGEST_SIZE };

/* What tells a row among the leaves of its seal. */
struct row_key {
    int64_t position;
    int64_t id;
};

/* The practice's rows of one seal. */
struct gathered {
    struct buf lines;
    struct buf leaves;
    struct buf others;
    struct row_key rows[AUDIT_SEAL_ROWS_MAX];
    uint32_t places[AUDIT_SEAL_ROWS_MAX];
    size_t count;
};

/*
 * Gathers the rows below the seal's horizon. `row` and `rows` are the row that was read last and what
 * audit_source_row said of it; returns the same for the first row that belongs to a later seal.
 */
static int
gather(struct gathered *gathered, struct audit_source *source, struct audit_row *row, int rows,
       int64_t horizon)
{
    gathered->count = 0;
    buf_reset(&gathered->lines);
    for (; rows == 1 && row->position < horizon; rows = audit_source_row(source, row)) {
        if (gathered->count == AUDIT_SEAL_ROWS_MAX) {
            (void)fprintf(stderr, "One seal has more rows than any can have; `anamnesis audit verify` says "
                                  "what is wrong.\n");
            return -1;
        }
        gathered->rows[gathered->count++] = (struct row_key){row->position, row->id};
        audit_line_row(&gathered->lines, row);
    }
    return rows;
}

/* Writes the seal with the leaves of the gathered rows. A row that has no leaf was not sealed with the
 * others: it is exported without one, and whoever proves the file is told. */
static bool
write_excerpt(struct audit_export *export, struct gathered *gathered, const struct audit_seal *seal,
              struct span leaves)
{
    struct audit_leaf leaf;
    struct merkle_excerpt excerpt = {
        .total = leaves.size / AUDIT_LEAF_SIZE, .leaf_size = AUDIT_LEAF_SIZE, .places = gathered->places};
    size_t at = 0;
    buf_reset(&gathered->leaves);
    buf_reset(&gathered->others);
    for (size_t i = 0; i < excerpt.total; i++) {
        audit_leaf_read(leaves.data + i * AUDIT_LEAF_SIZE, &leaf);
        while (at < gathered->count &&
               audit_order(gathered->rows[at].position, gathered->rows[at].id, leaf.position, leaf.id) < 0) {
            at++;
        }
        if (at < gathered->count &&
            audit_order(gathered->rows[at].position, gathered->rows[at].id, leaf.position, leaf.id) == 0) {
            gathered->places[excerpt.shown++] = (uint32_t)i;
            buf_add(&gathered->leaves, leaves.data + i * AUDIT_LEAF_SIZE, AUDIT_LEAF_SIZE);
        }
    }
    excerpt.leaves =
        (struct span){(const unsigned char *)buf_string(&gathered->leaves), gathered->leaves.size};
    if (!merkle_excerpt_others(&excerpt, leaves, &gathered->others)) {
        (void)fprintf(stderr,
                      "Seal %lld has not the leaves of its rows; `anamnesis audit verify` says what "
                      "is wrong.\n",
                      (long long)seal->number);
        return false;
    }
    excerpt.others =
        (struct span){(const unsigned char *)buf_string(&gathered->others), gathered->others.size};
    audit_line_excerpt(&export->line, seal, &excerpt);
    return audit_export_flush(export);
}

static bool
write_rows(struct audit_export *export, struct gathered *gathered)
{
    export->rows += (int64_t)gathered->count;
    buf_add(&export->line, buf_string(&gathered->lines), gathered->lines.size);
    export->line.failed = export->line.failed || gathered->lines.failed;
    return audit_export_flush(export);
}

static bool
write_end(struct audit_export *export)
{
    unsigned char before[DIGEST_SIZE];
    crypto_hash_sha256_state written = export->written;
    (void)crypto_hash_sha256_final(&written, before);
    audit_line_signed_end(&export->line, export->rows, export->seals, export->keyring, before);
    return audit_export_flush(export);
}

static bool
write_seals(struct audit_export *export, struct audit_source *source, struct gathered *gathered)
{
    struct audit_seal seal;
    struct audit_row row;
    struct span leaves;
    int rows = audit_source_row(source, &row);
    int seals = rows < 0 ? -1 : audit_source_seal(source, &seal, &leaves);
    for (; rows == 1 && seals == 1; seals = audit_source_seal(source, &seal, &leaves)) {
        rows = gather(gathered, source, &row, rows, seal.horizon);
        if (gathered->count == 0 || rows < 0) {
            continue;
        }
        export->seals++;
        if (!write_excerpt(export, gathered, &seal, leaves) || !write_rows(export, gathered)) {
            return false;
        }
    }
    for (; rows == 1 && seals >= 0; rows = audit_source_row(source, &row)) {
        export->rows++;
        audit_line_row(&export->line, &row);
        if (!audit_export_flush(export)) {
            return false;
        }
    }
    return rows == 0 && seals >= 0;
}

bool
audit_export_excerpts(struct audit_export *export, struct audit_source *source)
{
    struct gathered *gathered = calloc(1, sizeof *gathered);
    if (gathered == NULL) {
        return false;
    }
    buf_init(&gathered->lines, LINES_MAX);
    buf_init(&gathered->leaves, AUDIT_SEAL_ROWS_MAX * AUDIT_LEAF_SIZE);
    buf_init(&gathered->others, OTHERS_MAX);
    bool good = write_seals(export, source, gathered);
    if (good && export->rows == 0) {
        (void)fprintf(stderr, "The log has no row of that practice and time.\n");
        good = false;
    }
    buf_free(&gathered->lines);
    buf_free(&gathered->leaves);
    buf_free(&gathered->others);
    free(gathered);
    return good && write_end(export);
}
