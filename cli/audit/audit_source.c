/*
 * The log in a database, read by two cursors, one for the seals and one for the rows. Both are of one
 * REPEATABLE READ transaction, so that they see the same log however long reading takes. Values are binary;
 * what has a wrong size or type is read as something that no signature and no hash fits.
 */
#include "cli/audit/audit.h"
#include "cli/database.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from. */
#define POSTGRES_EPOCH INT64_C(946684800000000)

/* So many fit into memory at once: 2000 rows are about 1 MB, and a seal with its leaves has up to 56 kB. */
static const char fetch_rows[] = "FETCH 2000 FROM audit_rows";
static const char fetch_seals[] = "FETCH 50 FROM audit_seals";

enum { COLUMN_POSITION, COLUMN_ID, COLUMN_AT, COLUMN_PARTS };
enum {
    SEAL_NUMBER,
    SEAL_HORIZON,
    SEAL_ROWS,
    SEAL_TOTAL,
    SEAL_AT,
    SEAL_KEY,
    SEAL_ROOT,
    SEAL_PREVIOUS,
    SEAL_SIGNATURE,
    SEAL_LEAVES
};

struct batch {
    const char *fetch;
    PGresult *result;
    int at;
    int count;
};

struct audit_source {
    PGconn *connection;
    struct batch rows;
    struct batch seals;
};

static bool
done(PGresult *result, ExecStatusType wanted)
{
    bool good = PQresultStatus(result) == wanted;
    if (!good) {
        (void)fprintf(stderr, "The log cannot be read: %s", PQresultErrorMessage(result));
    }
    PQclear(result);
    return good;
}

struct audit_source *
audit_source_open(PGconn *connection, const char *practice, const int64_t *from, const int64_t *to)
{
    struct sql_audit_rows_in bounds = {.from = from == NULL ? 0 : *from,
                                       .has_from = from != NULL,
                                       .to = to == NULL ? 0 : *to,
                                       .has_to = to != NULL,
                                       .practice_id = practice};
    struct audit_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return NULL;
    }
    source->connection = connection;
    source->rows.fetch = fetch_rows;
    source->seals.fetch = fetch_seals;
    if (command_do(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") &&
        /* The cursors are read to their end: a plan that is quick to begin would be slower. */
        command_do(connection, "SET LOCAL cursor_tuple_fraction = 1") &&
        done(database_run(connection, &sql_audit_rows, &bounds), PGRES_COMMAND_OK) &&
        done(database_run(connection, &sql_audit_seals, NULL), PGRES_COMMAND_OK)) {
        return source;
    }
    audit_source_close(source);
    return NULL;
}

void
audit_source_close(struct audit_source *source)
{
    if (source != NULL) {
        PQclear(source->rows.result);
        PQclear(source->seals.result);
        PQclear(PQexec(source->connection, "ROLLBACK"));
        free(source);
    }
}

/* Moves to the next row of the batch, and fetches another batch when it is used up: 1, 0 at the end, -1 after
 * saying why not. */
static int
advance(struct audit_source *source, struct batch *batch)
{
    if (batch->result != NULL && batch->at + 1 < batch->count) {
        batch->at++;
        return 1;
    }
    PQclear(batch->result);
    batch->result = PQexecParams(source->connection, batch->fetch, 0, NULL, NULL, NULL, NULL, 1);
    if (PQresultStatus(batch->result) != PGRES_TUPLES_OK) {
        (void)fprintf(stderr, "The log cannot be read: %s", PQresultErrorMessage(batch->result));
        return -1;
    }
    batch->at = 0;
    batch->count = PQntuples(batch->result);
    return batch->count == 0 ? 0 : 1;
}

static struct span
value(const struct batch *batch, int column)
{
    if (PQgetisnull(batch->result, batch->at, column) != 0) {
        return (struct span){NULL, 0};
    }
    return (struct span){(const unsigned char *)PQgetvalue(batch->result, batch->at, column),
                         (size_t)PQgetlength(batch->result, batch->at, column)};
}

static int64_t
number(const struct batch *batch, int column)
{
    struct span bytes = value(batch, column);
    if (bytes.size == sizeof(int64_t)) {
        return audit_get64(bytes.data);
    }
    uint32_t wire = 0;
    memcpy(&wire, bytes.data, bytes.size == sizeof wire ? sizeof wire : 0);
    return (int32_t)be32toh(wire);
}

static bool
take_bytes(const struct batch *batch, int column, unsigned char *out, size_t size)
{
    struct span bytes = value(batch, column);
    if (bytes.size != size) {
        return false;
    }
    memcpy(out, bytes.data, size);
    return true;
}

int
audit_source_seal(struct audit_source *source, struct audit_seal *seal, struct span *leaves)
{
    struct batch *batch = &source->seals;
    int got = advance(source, batch);
    if (got != 1) {
        return got;
    }
    *seal = (struct audit_seal){.number = number(batch, SEAL_NUMBER),
                                .horizon = number(batch, SEAL_HORIZON),
                                .rows = number(batch, SEAL_ROWS),
                                .total = number(batch, SEAL_TOTAL),
                                .sealed_at = number(batch, SEAL_AT) + POSTGRES_EPOCH,
                                .key_version = number(batch, SEAL_KEY)};
    /* A value of a wrong size, which only a table without its checks can hold, becomes zeros: the signature
     * then does not fit. */
    (void)take_bytes(batch, SEAL_ROOT, seal->root, DIGEST_SIZE);
    (void)take_bytes(batch, SEAL_PREVIOUS, seal->previous, DIGEST_SIZE);
    (void)take_bytes(batch, SEAL_SIGNATURE, seal->signature, AUDIT_SIGNATURE_SIZE);
    *leaves = value(batch, SEAL_LEAVES);
    return 1;
}

int
audit_source_row(struct audit_source *source, struct audit_row *row)
{
    struct batch *batch = &source->rows;
    int got = advance(source, batch);
    if (got != 1) {
        return got;
    }
    row->position = number(batch, COLUMN_POSITION);
    row->id = number(batch, COLUMN_ID);
    row->at = number(batch, COLUMN_AT) + POSTGRES_EPOCH;
    for (int part = 0; part < AUDIT_PARTS; part++) {
        row->part[part] = value(batch, COLUMN_PARTS + part);
    }
    if (PQgetisnull(batch->result, batch->at, COLUMN_PARTS + AUDIT_PATIENTS) == 0) {
        unsigned char *bytes =
            (unsigned char *)PQgetvalue(batch->result, batch->at, COLUMN_PARTS + AUDIT_PATIENTS);
        if (!audit_uuids_of_array(bytes, row->part[AUDIT_PATIENTS].size, &row->part[AUDIT_PATIENTS])) {
            /* It is no list of identifiers, so the row is not what was sealed; its hash will differ. */
            row->part[AUDIT_PATIENTS] = (struct span){NULL, 0};
        }
    }
    return 1;
}

bool
audit_drops_read(PGconn *connection, struct arena *arena, struct audit_drop **drops, size_t *count)
{
    PGresult *result = database_run(connection, &sql_audit_drops, NULL);
    *count = 0;
    *drops = NULL;
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        return done(result, PGRES_TUPLES_OK);
    }
    int found = PQntuples(result);
    *drops = arena_array(arena, (size_t)found, sizeof **drops);
    for (int i = 0; i < found; i++) {
        struct audit_line line;
        const char *why = NULL;
        const char *text = PQgetvalue(result, i, 0);
        struct span detail = {(const unsigned char *)text, strlen(text)};
        /* Another text is passed over: the months that it may mean stay missing in the proof. */
        if (audit_line_read(arena, detail, &line, &why) && line.kind == AUDIT_LINE_DROP) {
            (*drops)[(*count)++] = line.drop;
        }
    }
    PQclear(result);
    return true;
}
