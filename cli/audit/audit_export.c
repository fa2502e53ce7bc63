/*
 * `anamnesis audit export`: the log, or one practice's part of it, as a file that proves itself
 * (lib/audit/lines.h). It is written line by line from one snapshot, so its size is not bounded by memory. A
 * file that could not be finished is removed: one that is there is whole.
 */
#include "cli/audit/audit.h"
#include "cli/database.h"

#include "lib/base/clock.h"
#include "lib/base/json_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_MAX = 64 * 1024 * 1024, ERROR_SIZE = 512, OUTPUT_MAX = 64 * 1024 };

/*
 * Rows are sealed within seconds. The export of a span of time goes on to seals of this much later, in case
 * the background program was not running; a longer pause only makes it write a few more seals than it needs.
 */
#define SEALED_WITHIN (INT64_C(24) * 3600 * 1000000)

static bool
within(const struct audit_export *export, int64_t at)
{
    return (export->from == NULL || at >= *export->from) && (export->to == NULL || at < *export->to);
}

/* Whether a seal has rows of the span of time. */
static bool
concerns(const struct audit_export *export, struct span leaves)
{
    struct audit_leaf leaf;
    for (size_t at = 0; at + AUDIT_LEAF_SIZE <= leaves.size; at += AUDIT_LEAF_SIZE) {
        audit_leaf_read(leaves.data + at, &leaf);
        if (within(export, leaf.at)) {
            return true;
        }
    }
    return export->from == NULL && export->to == NULL;
}

static bool
put_row(struct audit_export *export, const struct audit_row *row)
{
    export->rows++;
    audit_line_row(&export->line, row);
    return audit_export_flush(export);
}

/* Writes the seals from the first that has rows of the span to the last, each before its rows; then the rows
 * that are not sealed yet. Seals between must all be there: each is chained to the one before. */
static bool
write_log(struct audit_export *export, struct audit_source *source)
{
    struct audit_seal seal;
    struct audit_row row;
    struct span leaves;
    int rows = audit_source_row(source, &row);
    int seals = audit_source_seal(source, &seal, &leaves);
    bool good = rows >= 0;
    for (; good && seals == 1; seals = audit_source_seal(source, &seal, &leaves)) {
        bool wanted = concerns(export, leaves);
        if (!wanted && export->seals == 0 && (rows == 0 || row.position >= seal.horizon)) {
            continue;
        }
        if (!wanted && export->to != NULL && seal.sealed_at > *export->to + SEALED_WITHIN && rows == 0) {
            break;
        }
        export->seals++;
        audit_line_seal(&export->line, &seal, leaves);
        good = audit_export_flush(export);
        for (; good && rows == 1 && row.position < seal.horizon; rows = audit_source_row(source, &row)) {
            good = put_row(export, &row);
        }
    }
    for (; good && rows == 1; rows = audit_source_row(source, &row)) {
        good = put_row(export, &row);
    }
    return good && rows == 0 && seals >= 0;
}

static bool
write_drops(struct audit_export *export, PGconn *connection)
{
    struct audit_drop *drops = NULL;
    size_t count = 0;
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    bool good = arena != NULL && audit_drops_read(connection, arena, &drops, &count);
    for (size_t i = 0; good && i < count; i++) {
        audit_drop_write(&export->line, &drops[i]);
        buf_byte(&export->line, '\n');
        good = audit_export_flush(export);
    }
    arena_destroy(arena);
    return good;
}

static bool
write_all(struct audit_export *export, PGconn *connection)
{
    unsigned char practice[UUID_SIZE];
    bool one = uuid_parse(export->practice, practice);
    struct audit_source *source = audit_source_open(connection, export->practice, export->from, export->to);
    if (source == NULL) {
        return false;
    }
    audit_line_export(&export->line, (struct span){practice, one ? UUID_SIZE : 0}, export->from, export->to,
                      clock_now());
    bool good = audit_export_flush(export) && write_drops(export, connection) &&
                (one ? audit_export_excerpts(export, source) : write_log(export, source));
    audit_source_close(source);
    if (one) {
        return good;
    }
    audit_line_end(&export->line, export->rows, export->seals);
    return good && audit_export_flush(export);
}

/* Makes a new file that its owner alone can read. NULL, said on stderr, when there is one already. */
static FILE *
open_output(const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
    }
    return file;
}

static bool
export_to(struct audit_export *export, const struct config *config, const char *path)
{
    PGconn *connection = audit_connect(config);
    if (connection == NULL) {
        return false;
    }
    export->out = path == NULL ? stdout : open_output(path);
    bool good = export->out != NULL && write_all(export, connection) && fflush(export->out) == 0;
    if (path != NULL && export->out != NULL) {
        good = good && fsync(fileno(export->out)) == 0;
        good = fclose(export->out) == 0 && good;
        if (!good) {
            (void)unlink(path);
        }
    }
    PQfinish(connection);
    return good;
}

/* Finds the practice's identifier by itself or by a name. Names need the owner's connection, since the
 * auditor's role reads nothing but the log. */
static bool
find_practice(const struct config *config, const char *named, char id[UUID_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    if (uuid_parse(named, bytes)) {
        (void)uuid_text(bytes, id);
        return true;
    }
    PGconn *connection = command_connect(config);
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    bool good = connection != NULL && arena != NULL && database_practice(connection, arena, named, id);
    if (connection == NULL) {
        (void)fprintf(stderr, "Give the practice's identifier instead of its name, or that connection.\n");
    }
    arena_destroy(arena);
    PQfinish(connection);
    return good;
}

static struct keyring *
signing_keyring(const struct config *config)
{
    char error[ERROR_SIZE] = "";
    struct keyring *keyring = keyring_load_for(config, KEYRING_JOBS, error, sizeof error);
    if (keyring == NULL) {
        (void)fprintf(stderr, "An export of one practice is signed: the keyring is needed.\n%s\n", error);
    }
    return keyring;
}

static void
print_json(const struct audit_export *export, const char *path)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, OUTPUT_MAX);
    json_start(&out, &buf);
    json_begin_object(&out);
    json_text(&out, "file", path);
    json_text(&out, "practice_id", export->practice);
    json_int(&out, "rows", export->rows);
    json_int(&out, "seals", export->seals);
    json_end_object(&out);
    (void)printf("%s\n", buf_string(&buf));
    buf_free(&buf);
}

int
command_audit_export(const struct config *config, const struct args_audit_export *given)
{
    char practice[UUID_TEXT_SIZE];
    int64_t from = 0;
    int64_t to = 0;
    if ((given->from != NULL && !clock_parse(given->from, &from)) ||
        (given->to != NULL && !clock_parse(given->to, &to))) {
        (void)fprintf(stderr, "--from and --to take RFC 3339 times: 2026-01-31T00:00:00Z\n");
        return EXIT_USAGE;
    }
    if (given->json && given->output == NULL) {
        (void)fprintf(stderr, "--json says what was written to FILE: -o FILE is needed\n");
        return EXIT_USAGE;
    }
    struct audit_export export = {.from = given->from == NULL ? NULL : &from,
                                  .to = given->to == NULL ? NULL : &to};
    bool good = true;
    if (given->practice != NULL) {
        export.practice = practice;
        export.keyring = signing_keyring(config);
        good = export.keyring != NULL && find_practice(config, given->practice, practice);
    }
    buf_init(&export.line, AUDIT_LINE_MAX);
    (void)crypto_hash_sha256_init(&export.written);
    good = good && export_to(&export, config, given->output);
    buf_free(&export.line);
    keyring_free(export.keyring);
    if (good && given->json) {
        print_json(&export, given->output);
    } else if (good && given->output != NULL) {
        (void)printf("%s: %lld rows, %lld seals.\n", given->output, (long long)export.rows,
                     (long long)export.seals);
    }
    return good ? EXIT_DONE : EXIT_FAULT;
}
