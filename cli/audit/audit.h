/*
 * What the `anamnesis audit` commands share: where the log is read from (a database, an export), and by which
 * keys it is checked. lib/audit/ says what rows, seals and proofs are and does no I/O; here is the I/O.
 *
 * A log may be larger than memory, so everything is read in order, row by row, and what a call points to is
 * good until the next one. A log that is read is not trusted: whatever is wrong with it ends in the proof
 * (lib/audit/proof.h), and only what could not be read at all is false or -1 here.
 */
#ifndef ANAMNESIS_CLI_AUDIT_AUDIT_H
#define ANAMNESIS_CLI_AUDIT_AUDIT_H

#include "cli/command.h"
#include "lib/audit/lines.h"
#include "lib/audit/proof.h"
#include "lib/base/uuid.h"

#include <sodium.h>
#include <stdio.h>

/* The public keys that seals are checked by: from the file of --public-key (`path`), or from the keyring when
 * `path` is NULL. False after saying on stderr what to do. */
bool audit_keys_load(const struct config *config, const char *path, struct audit_keys *keys);

/* A connection as the auditor's role, or as the owner's when none is configured for the auditor; the caller
 * closes it. NULL after saying on stderr what to do. */
PGconn *audit_connect(const struct config *config);

/* The log in a database, read in its order and in one snapshot. Memory does not grow with it. */
struct audit_source;

/*
 * Reads rows of one practice (its identifier) from `from` on and before `to`, in microseconds since 1970;
 * NULL leaves a bound out. Opens a transaction on the connection, which must outlive the source. NULL after
 * saying on stderr why not.
 */
struct audit_source *audit_source_open(PGconn *connection, const char *practice, const int64_t *from,
                                       const int64_t *to);
void audit_source_close(struct audit_source *source);

/* Read the next seal, with the leaves of its rows, and the next row: 1, 0 at the end, -1 after saying on
 * stderr why not. Spans in them are good until the next call. */
int audit_source_seal(struct audit_source *source, struct audit_seal *seal, struct span *leaves);
int audit_source_row(struct audit_source *source, struct audit_row *row);

/* Reads the notes of months that were dropped. Their texts are in the arena; the caller frees the array.
 * False after saying why not on stderr. */
bool audit_drops_read(PGconn *connection, struct arena *arena, struct audit_drop **drops, size_t *count);

/* An export that is being written: lines of JSON (lib/audit/lines.h). */
struct audit_export {
    FILE *out;
    struct buf line;
    crypto_hash_sha256_state written; /* of all lines so far */
    const char *practice;             /* NULL: all */
    struct keyring *keyring;          /* signs an export of one practice */
    const int64_t *from;
    const int64_t *to;
    int64_t rows;
    int64_t seals;
};

/* audit_write.c: writes `line` and empties it. False after saying on stderr why not. */
bool audit_export_flush(struct audit_export *export);

/* The seals in which the practice has rows, as excerpts, each before its rows; then rows without a seal, and
 * the signed last line. False after saying on stderr why not. */
bool audit_export_excerpts(struct audit_export *export, struct audit_source *source);

/* What reading an export tells about it beside the proof. */
struct audit_file_facts {
    bool has_practice; /* it is of one practice alone */
    unsigned char practice[UUID_SIZE];
    bool has_from;
    bool has_to;
    int64_t from;
    int64_t to;
    int64_t month_rows; /* rows with `at` from month_from on and before month_to */
    int64_t month_from; /* given by the caller */
    int64_t month_to;
};

/*
 * Reads an export (a path, or "-" for the standard input) into a proof that was started, with the checkpoints
 * of that file (NULL: none). False after saying on stderr what could not be read. What is wrong with the log
 * is in the proof, which the caller ends.
 */
bool audit_file_prove(const char *path, const struct audit_keys *keys, const char *checkpoints,
                      struct proof *proof, struct audit_file_facts *facts);

/* A file of checkpoints, read line by line in the order of their numbers. NULL after saying on stderr why
 * not; `keys` and `path` must outlive it. */
struct audit_checkpoints;
struct audit_checkpoints *audit_checkpoints_open(const char *path, const struct audit_keys *keys);
void audit_checkpoints_close(struct audit_checkpoints *checkpoints);

/* Sets `*digest` to what is noted for this seal, or to NULL when nothing is. Numbers must be asked in rising
 * order. Without checkpoints (NULL) nothing is noted. False, said on stderr, when the file is damaged. */
bool audit_checkpoints_find(struct audit_checkpoints *checkpoints, int64_t number,
                            const unsigned char **digest);

/* Reads the rest of the file for the newest number, 0 when there is none. False, said on stderr, when the
 * file is damaged. */
bool audit_checkpoints_newest(struct audit_checkpoints *checkpoints, int64_t *number);

/* Excuses in the proof that the rows of a month are missing, when its note is signed by our key and the month
 * was old enough. */
bool audit_drops_excuse(struct proof *proof, const struct audit_keys *keys, const struct audit_drop *drop);

/* No retention is shorter: 45 CFR 164.316(b)(2)(i). */
enum { AUDIT_YEARS_LEAST = 6 };

/* The same day and time, years later. */
int64_t audit_years_after(int64_t at, int years);

/* Reads one line, without its newline, into `*line`, which grows and is the caller's to free: 1, 0 at the
 * end, -1 when it is longer than AUDIT_LINE_MAX or unreadable. */
int audit_next_line(FILE *file, char **line, size_t *room, struct span *text);

#endif
