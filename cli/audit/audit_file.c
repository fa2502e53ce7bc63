/*
 * Reads an export (lib/audit/lines.h) into a proof, without a database. The first line says what the file is
 * of, and the last one how much there was, so that a file that was cut is noticed. A file that is out of
 * order, or whose counts differ, is told as such: it is the file that is wrong then, perhaps not the log.
 */
#include "cli/audit/audit.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 64 * 1024 * 1024 };

struct reading {
    struct proof *proof;
    const struct audit_keys *keys;
    struct audit_checkpoints *checkpoints;
    struct audit_file_facts *facts;
    int64_t rows;
    int64_t seals;
    crypto_hash_sha256_state before; /* of all lines so far: the last line may sign it */
    bool begun;
    bool ended;
    const char *why;
};

static bool
begin(struct reading *reading, const struct audit_line *line)
{
    struct audit_file_facts *facts = reading->facts;
    reading->begun = true;
    facts->has_from = line->has_from;
    facts->has_to = line->has_to;
    facts->from = line->from;
    facts->to = line->to;
    reading->proof->partial = line->has_from;
    facts->has_practice = line->practice.size == UUID_SIZE;
    if (facts->has_practice) {
        memcpy(facts->practice, line->practice.data, UUID_SIZE);
        reading->proof->excerpt = true;
        return true; /* an excerpt leaves out other times as it leaves out other practices: nothing to excuse */
    }
    return (!line->has_from || proof_excuse(reading->proof, INT64_MIN, line->from)) &&
           (!line->has_to || proof_excuse(reading->proof, line->to, INT64_MAX));
}

static bool
take_seal(struct reading *reading, const struct audit_line *line)
{
    const unsigned char *noted = NULL;
    reading->seals++;
    return audit_checkpoints_find(reading->checkpoints, line->seal.number, &noted) &&
           (line->kind == AUDIT_LINE_EXCERPT
                ? proof_excerpt(reading->proof, &line->seal, &line->excerpt, noted)
                : proof_seal(reading->proof, &line->seal, line->leaves, noted));
}

static bool
take_row(struct reading *reading, const struct audit_line *line)
{
    struct audit_file_facts *facts = reading->facts;
    const struct span *practice = &line->row.part[AUDIT_PRACTICE];
    reading->rows++;
    if (facts->has_practice &&
        (practice->size != UUID_SIZE || memcmp(practice->data, facts->practice, UUID_SIZE) != 0)) {
        reading->why = "the row is another practice's";
        return false;
    }
    if (line->row.at >= facts->month_from && line->row.at < facts->month_to) {
        facts->month_rows++;
    }
    proof_row(reading->proof, &line->row);
    return true;
}

/* Compares what was read with what the last line says; for one practice it is signed. */
static bool
take_end(struct reading *reading, const struct audit_line *line)
{
    unsigned char before[DIGEST_SIZE];
    (void)crypto_hash_sha256_final(&reading->before, before);
    if (reading->facts->has_practice && !audit_end_check(reading->keys, line, before)) {
        proof_file_changed(reading->proof);
    }
    reading->ended = true;
    if (line->rows != reading->rows || line->seals != reading->seals) {
        reading->why = "the file has another number of rows or seals than its last line says";
    }
    return true;
}

static bool
take(struct reading *reading, const struct audit_line *line)
{
    if (reading->ended || reading->begun == (line->kind == AUDIT_LINE_EXPORT)) {
        reading->why = "it is out of its place";
        return false;
    }
    switch (line->kind) {
    case AUDIT_LINE_EXPORT:
        return begin(reading, line);
    case AUDIT_LINE_DROP:
        (void)audit_drops_excuse(reading->proof, reading->keys, &line->drop);
        return true;
    case AUDIT_LINE_SEAL:
    case AUDIT_LINE_EXCERPT:
        if (reading->facts->has_practice == (line->kind == AUDIT_LINE_EXCERPT)) {
            return take_seal(reading, line);
        }
        break;
    case AUDIT_LINE_ROW:
        return take_row(reading, line);
    case AUDIT_LINE_END:
        return take_end(reading, line);
    case AUDIT_LINE_CHECKPOINT:
        break;
    }
    reading->why = "it is out of its place";
    return false;
}

static void
hash(struct reading *reading, struct span text)
{
    static const unsigned char newline = '\n';
    (void)crypto_hash_sha256_update(&reading->before, text.data, text.size);
    (void)crypto_hash_sha256_update(&reading->before, &newline, 1);
}

static bool
read_lines(struct reading *reading, FILE *file, const char *path, struct arena *arena)
{
    char *buffer = NULL;
    size_t room = 0;
    struct span text;
    struct audit_line line;
    int64_t number = 0;
    bool good = true;
    int got = audit_next_line(file, &buffer, &room, &text);
    for (; got == 1; got = audit_next_line(file, &buffer, &room, &text)) {
        number++;
        arena_reset(arena);
        good = audit_line_read(arena, text, &line, &reading->why) && take(reading, &line);
        if (!good) {
            break;
        }
        hash(reading, text);
    }
    free(buffer);
    if (!good || got < 0) {
        (void)fprintf(stderr, "%s: line %lld cannot be read: %s\n", path, (long long)number,
                      reading->why == NULL ? "memory, or a checkpoint" : reading->why);
        return false;
    }
    return true;
}

bool
audit_file_prove(const char *path, const struct audit_keys *keys, const char *checkpoints,
                 struct proof *proof, struct audit_file_facts *facts)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    struct reading reading = {.proof = proof, .keys = keys, .facts = facts};
    bool good = file != NULL && arena != NULL;
    (void)crypto_hash_sha256_init(&reading.before);
    if (!good) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
    }
    if (good && checkpoints != NULL) {
        reading.checkpoints = audit_checkpoints_open(checkpoints, keys);
        good = reading.checkpoints != NULL;
    }
    good = good && read_lines(&reading, file, path, arena);
    int64_t newest = 0;
    if (good && reading.checkpoints != NULL && !facts->has_to && !facts->has_practice) {
        good = audit_checkpoints_newest(reading.checkpoints, &newest);
        if (good && newest > proof->last.number) {
            proof_seals_cut(proof, proof->last.number + 1);
        }
    }
    if (good && (!reading.ended || reading.why != NULL)) {
        (void)fprintf(stderr, "%s: %s\n", path,
                      reading.why == NULL ? "ends before its last line" : reading.why);
        proof_cut_short(proof);
    }
    audit_checkpoints_close(reading.checkpoints);
    arena_destroy(arena);
    if (file != NULL && file != stdin) {
        (void)fclose(file);
    }
    return good;
}
