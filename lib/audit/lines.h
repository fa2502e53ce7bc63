/*
 * The log outside of the database: JSON, one object a line. An export is
 *
 *     {"type":"export","version":1,"from":time or null,"to":time or null,"made_at":time}
 *     {"type":"drop",...}     a month that was dropped from the database, as its signed note says (any
 * number)
 *     {"type":"seal",...}     then its rows; and so on
 *     {"type":"row",...}      those after the last seal are not sealed yet
 *     {"type":"end","rows":N,"seals":N}
 *
 * An export of one practice has its `practice_id` in the first line, and only the seals in which it has rows,
 * as
 *
 *     {"type":"excerpt",...}  a seal with the leaves of those rows alone, and hashes in place of the others
 *                             (lib/crypto/merkle_excerpt.h); then the rows
 *     {"type":"end","rows":N,"seals":N,"key_version":N,"signature":...}   over SHA-256 of all lines before
 *
 * and a file of checkpoints has a line {"type":"checkpoint",...} for each seal. Binary values are base64url.
 *
 * Reading is strict, since a file comes from outside: a line of more than AUDIT_LINE_MAX bytes, a member too
 * many or too few, or a value of another type is no line of an export. What was read points into the arena
 * and into the text.
 */
#ifndef ANAMNESIS_AUDIT_LINES_H
#define ANAMNESIS_AUDIT_LINES_H

#include "lib/audit/seal.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/crypto/merkle_excerpt.h"

enum {
    /* A seal with its leaves: the jobs program seals at most 1,000 rows at once, and whole transactions. */
    AUDIT_LINE_MAX = 4 * 1024 * 1024,
    AUDIT_TIME_SIZE = 32,
    AUDIT_SEAL_ROWS_MAX = 20000
};

enum audit_line_kind {
    AUDIT_LINE_EXPORT,
    AUDIT_LINE_DROP,
    AUDIT_LINE_SEAL,
    AUDIT_LINE_EXCERPT,
    AUDIT_LINE_ROW,
    AUDIT_LINE_CHECKPOINT,
    AUDIT_LINE_END
};

/* A month that an operator dropped after exporting it; signed, and kept as the `detail` of an audit row. */
struct audit_drop {
    int64_t from; /* microseconds since 1970; included */
    int64_t to;   /* not included */
    int64_t rows;
    int64_t dropped_at;
    unsigned char export_sha256[DIGEST_SIZE];
    int64_t key_version;
    unsigned char signature[AUDIT_SIGNATURE_SIZE];
};

struct audit_line {
    enum audit_line_kind kind;
    struct audit_row row;
    struct audit_seal seal;            /* a checkpoint's too */
    struct span leaves;                /* of a seal */
    struct merkle_excerpt excerpt;     /* of a seal, in an export of one practice */
    unsigned char digest[DIGEST_SIZE]; /* of a checkpoint */
    struct audit_drop drop;
    bool has_from;
    bool has_to;
    int64_t from;
    int64_t to;
    struct span practice; /* of the first line: 16 bytes, or empty */
    int64_t rows;         /* of the end */
    int64_t seals;        /* of the end */
    bool has_signature;   /* of the end */
    int64_t key_version;
    unsigned char signature[AUDIT_SIGNATURE_SIZE];
};

/* Each appends one line with its newline; the buffer's maximum should be AUDIT_LINE_MAX or more. */
void audit_line_export(struct buf *buf, struct span practice, const int64_t *from, const int64_t *to,
                       int64_t made_at); /* an empty `practice`: all */
void audit_line_row(struct buf *buf, const struct audit_row *row);
void audit_line_seal(struct buf *buf, const struct audit_seal *seal, struct span leaves);
void audit_line_checkpoint(struct buf *buf, const struct audit_seal *seal);
void audit_line_excerpt(struct buf *buf, const struct audit_seal *seal, const struct merkle_excerpt *shown);
void audit_line_end(struct buf *buf, int64_t rows, int64_t seals);

/* The last line of an export of one practice: signed over the digest of all lines before it and the two
 * numbers. */
void audit_line_signed_end(struct buf *buf, int64_t rows, int64_t seals, const struct keyring *keyring,
                           const unsigned char before[DIGEST_SIZE]);
bool audit_end_check(const struct audit_keys *keys, const struct audit_line *end,
                     const unsigned char before[DIGEST_SIZE]);

/* The note's text without a newline: what is in `detail`, and in an export. */
void audit_drop_write(struct buf *buf, const struct audit_drop *drop);
void audit_drop_sign(const struct keyring *keyring, struct audit_drop *drop);
bool audit_drop_check(const struct audit_keys *keys, const struct audit_drop *drop);

/* Reads one line into the arena. False with a few words in `*why` when it is none of these. */
bool audit_line_read(struct arena *arena, struct span text, struct audit_line *line, const char **why);

/* Public keys as `anamnesis audit key` prints them: {"audit":[{"version":1,"public_key":"..."}]}. */
void audit_keys_write(struct buf *buf, const struct audit_keys *keys);
bool audit_keys_read(struct arena *arena, struct span text, struct audit_keys *keys, const char **why);

/* RFC 3339 in UTC with microseconds. Returns `text`. */
const char *audit_time(int64_t microseconds, char text[AUDIT_TIME_SIZE]);

#endif
