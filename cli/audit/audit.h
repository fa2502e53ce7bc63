/* What the `anamnesis audit` commands share: where the log is read from, and by which keys it is checked. */
#ifndef ANAMNESIS_CLI_AUDIT_AUDIT_H
#define ANAMNESIS_CLI_AUDIT_AUDIT_H

#include "cli/command.h"
#include "lib/audit/lines.h"
#include "lib/audit/proof.h"
#include "lib/base/uuid.h"

#include <sodium.h>
#include <stdio.h>

/* The public keys: of --public-key, else of the keyring. False after saying on stderr what to do. */
bool audit_keys_load(const struct config *config, const char *path, struct audit_keys *keys);

/* A connection as the auditor, else as the owner; NULL after saying on stderr what to do. */
PGconn *audit_connect(const struct config *config);

/* The log in a database, in its order, in one snapshot. Memory does not grow with it. */
struct audit_source;

/* Rows of one practice (its identifier), and of a span of time; NULL: no bound. NULL after saying on stderr
 * why not. */
struct audit_source *audit_source_open(PGconn *connection, const char *practice, const int64_t *from,
                                       const int64_t *to);
void audit_source_close(struct audit_source *source);

/* The next one: 1, 0 at the end, -1 after saying on stderr why not. What it points to is good until the next
 * call. */
int audit_source_seal(struct audit_source *source, struct audit_seal *seal, struct span *leaves);
int audit_source_row(struct audit_source *source, struct audit_row *row);

/* The notes of months that were dropped; the array is the caller's to free. False after saying why not on
 * stderr. */
bool audit_drops_read(PGconn *connection, struct arena *arena, struct audit_drop **drops, size_t *count);

/* An export that is being written. */
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

/* The log in an export. Fed to a proof, or looked through for a month. */
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
 * Proves the export (a path, or "-"). False after saying on stderr what could not be read; what is wrong with
 * the log is in the proof, which the caller ends.
 */
bool audit_file_prove(const char *path, const struct audit_keys *keys, const char *checkpoints,
                      struct proof *proof, struct audit_file_facts *facts);

/* Checkpoints of a file, one after the other, in the order of their numbers. */
struct audit_checkpoints;
struct audit_checkpoints *audit_checkpoints_open(const char *path, const struct audit_keys *keys);
void audit_checkpoints_close(struct audit_checkpoints *checkpoints);

/* The digest noted for this seal, or NULL; numbers must be asked in rising order. False when the file is
 * damaged. */
bool audit_checkpoints_find(struct audit_checkpoints *checkpoints, int64_t number,
                            const unsigned char **digest);

/* The newest number in the rest of the file, or 0. False when the file is damaged. */
bool audit_checkpoints_newest(struct audit_checkpoints *checkpoints, int64_t *number);

/* Excuses the months that the notes name, if their signatures are good and they were old enough. */
bool audit_drops_excuse(struct proof *proof, const struct audit_keys *keys, const struct audit_drop *drop);

/* What every retention keeps at least: 45 CFR 164.316(b)(2)(i). */
enum { AUDIT_YEARS_LEAST = 6 };

/* The same day and time, years later. */
int64_t audit_years_after(int64_t at, int years);

/* One line of a file without its newline; 1, 0 at the end, -1 when it is longer than AUDIT_LINE_MAX or
 * unreadable. */
int audit_next_line(FILE *file, char **line, size_t *room, struct span *text);

#endif
