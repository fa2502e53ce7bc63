/*
 * `anamnesis audit drop`: takes a month out of the database that is older than the policy and that an export
 * has. The export is proven first, and a signed note with its digest stays in the log, so that a later proof
 * knows why these rows are missing and where they are. The database checks age, seals and number of rows once
 * more by itself (audit.drop_month), in the transaction that drops.
 */
#include "cli/audit/audit.h"
#include "cli/database.h"

#include "lib/base/clock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_MAX = 1024 * 1024,
    CHUNK = 64 * 1024,
    MONTH_SIZE = 8, /* "2019-05" with its NUL */
    DAY_SIZE = 11,
    MONTHS = 12,
    MONTH_PLACE = 5, /* where the month's digits begin */
    NOTE_MAX = 4096,
};

struct drop {
    const struct config *config;
    struct arena *arena;
    struct keyring *keyring;
    char first_day[DAY_SIZE]; /* 2019-05-01 */
    const char *export;
    struct audit_drop note;
    struct audit_seal last; /* the export's last one: the database must have the same */
};

static const struct {
    const char *code;
    const char *why;
} reasons[] = {
    {"too-young", "the month is younger than ANAMNESIS_AUDIT_RETENTION_YEARS says, or than six years"},
    {"no-partition", "the month is no partition of the log: there are no rows of it, or they are in "
                     "audit.event_default and stay there"},
    {"other-log", "the export's last seal is not in this log: it is of another database, or of a time that "
                  "was taken back by a restore"},
    {"not-sealed",
     "rows of the month are not sealed, or by a later seal than the export's last: make a new export"},
    {"rows-differ", "the export has another number of rows of the month than the database: run "
                    "`anamnesis audit verify`"},
};

/* Reads YYYY-MM into the month's first instant and the next month's, both in UTC. False when it is no month. */
static bool
read_month(struct drop *drop, const char *month)
{
    char text[CLOCK_TEXT_SIZE];
    long year = strtol(month, NULL, 10);
    long number = strlen(month) == MONTH_SIZE - 1 ? strtol(month + MONTH_PLACE, NULL, 10) : 0;
    (void)snprintf(drop->first_day, sizeof drop->first_day, "%.7s-01", month);
    (void)snprintf(text, sizeof text, "%sT00:00:00Z", drop->first_day);
    if (number < 1 || number > MONTHS || !clock_parse(text, &drop->note.from)) {
        return false;
    }
    year += number == MONTHS ? 1 : 0;
    (void)snprintf(text, sizeof text, "%04ld-%02ld-01T00:00:00Z", year, number % MONTHS + 1);
    return clock_parse(text, &drop->note.to);
}

/* Hashes the export: the note names it by its SHA-256. False after a sentence on stderr. */
static bool
hash_export(struct drop *drop)
{
    unsigned char *chunk = arena_alloc(drop->arena, CHUNK);
    FILE *file = fopen(drop->export, "rbe");
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    bool good = file != NULL && chunk != NULL;
    while (good && feof(file) == 0) {
        size_t size = fread(chunk, 1, CHUNK, file);
        (void)crypto_hash_sha256_update(&state, chunk, size);
        good = ferror(file) == 0;
    }
    (void)crypto_hash_sha256_final(&state, drop->note.export_sha256);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!good) {
        (void)fprintf(stderr, "%s: cannot be read\n", drop->export);
    }
    return good;
}

/* Whether the export proves and has the whole month, of all practices. False after a sentence on stderr. */
static bool
prove_export(struct drop *drop)
{
    struct audit_keys keys;
    struct audit_file_facts facts = {.month_from = drop->note.from, .month_to = drop->note.to};
    struct proof *proof = calloc(1, sizeof *proof);
    if (proof == NULL) {
        return false;
    }
    audit_keys_of(drop->keyring, &keys);
    proof_start(proof, &keys);
    bool read = audit_file_prove(drop->export, &keys, NULL, proof, &facts);
    bool whole = proof_end(proof);
    drop->last = proof->last;
    drop->note.rows = facts.month_rows;
    if (read && !whole) {
        (void)fprintf(stderr, "%s: is not whole: %s. `anamnesis audit verify --from` says more.\n",
                      drop->export, proof_fault_text(proof->first.code));
    }
    free(proof);
    if (facts.has_practice || (facts.has_from && facts.from > drop->note.from) ||
        (facts.has_to && facts.to < drop->note.to)) {
        (void)fprintf(stderr, "%s: does not have the whole month\n", drop->export);
        return false;
    }
    return read && whole;
}

static bool
refused(const char *code)
{
    const char *why = code;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        why = strcmp(reasons[i].code, code) == 0 ? reasons[i].why : why;
    }
    (void)fprintf(stderr, "Nothing was dropped: %s.\n", why);
    return false;
}

/* Lets the database check what it can, drop the month and write the audit row, in one transaction. False
 * after a sentence on stderr; then nothing was done. */
static bool
drop_month(struct drop *drop, PGconn *connection)
{
    char request[UUID_TEXT_SIZE];
    struct buf note;
    buf_init(&note, NOTE_MAX);
    audit_drop_write(&note, &drop->note);
    struct sql_drop_month_in dropping = {.first_day = drop->first_day,
                                         .years = config_number(drop->config, CONFIG_AUDIT_RETENTION_YEARS),
                                         .rows = drop->note.rows,
                                         .seal = drop->last.number,
                                         .signature = {drop->last.signature, AUDIT_SIGNATURE_SIZE},
                                         .request_id = uuid_new(request),
                                         .note = buf_string(&note)};
    PGresult *result = NULL;
    /* Dropping waits for a lock on the whole log, and requests wait behind whoever waits for it. */
    if (command_do(connection, "BEGIN") && command_do(connection, "SET LOCAL lock_timeout = '2s'")) {
        result = database_ask(connection, drop->arena, &sql_drop_month, &dropping);
    }
    bool done = result != NULL && PQgetisnull(result, 0, 0) != 0;
    if (result != NULL && !done) {
        (void)refused(PQgetvalue(result, 0, 0));
    }
    buf_free(&note);
    return command_do(connection, done ? "COMMIT" : "ROLLBACK") && done;
}

static bool
run(struct drop *drop)
{
    char error[512] = "";
    drop->note.dropped_at = clock_now();
    if (drop->note.dropped_at < audit_years_after(drop->note.to, AUDIT_YEARS_LEAST)) {
        return refused("too-young");
    }
    drop->keyring = keyring_load_for(drop->config, KEYRING_JOBS, error, sizeof error);
    if (drop->keyring == NULL) {
        (void)fprintf(stderr, "The keyring is needed: the note is signed.\n%s\n", error);
        return false;
    }
    if (!hash_export(drop) || !prove_export(drop)) {
        return false;
    }
    audit_drop_sign(drop->keyring, &drop->note);
    PGconn *connection = command_connect(drop->config);
    bool good = connection != NULL && drop_month(drop, connection);
    PQfinish(connection);
    return good;
}

int
command_audit_drop(const struct config *config, const struct args_audit_drop *given)
{
    struct drop drop = {.config = config, .export = given->export};
    if (!read_month(&drop, given->month)) {
        (void)fprintf(stderr, "MONTH is needed: like 2019-05, not %s\n", given->month);
        return EXIT_USAGE;
    }
    drop.arena = arena_create(ARENA_MAX, NULL, NULL);
    bool good = drop.arena != NULL && run(&drop);
    keyring_free(drop.keyring);
    arena_destroy(drop.arena);
    if (good) {
        (void)printf("%s: %lld rows are no longer in the database. Keep %s: nothing else has them.\n",
                     given->month, (long long)drop.note.rows, given->export);
    }
    return good ? EXIT_DONE : EXIT_FAULT;
}
