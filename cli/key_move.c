#include "cli/key_move.h"

#include "cli/command.h"
#include "cli/key_batch.h"
#include "lib/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 24, BINARY = 1 };

#define FIRST_ID "00000000-0000-0000-0000-000000000000"

/*
 * What is moved. `pick` takes the last id, the current version and a limit, and gives ids with their values,
 * locked; others keep what they hold, and may refer to these rows meanwhile (NO KEY). `put` takes ids and the
 * new values.
 */
struct target {
    enum keyring_kind kind;
    const char *name;
    const char *left;
    const char *pick;
    const char *put;
    key_convert_fn *convert;
};

static const struct target targets[] = {
    {KEYRING_KEK, "patients",
     "SELECT count(*) FROM anamnesis.data_key WHERE auth.key_version(wrapped_key) <> $1",
     "SELECT patient_id::text, wrapped_key, NULL::bytea FROM anamnesis.data_key WHERE patient_id > $1 "
     "AND auth.key_version(wrapped_key) <> $2 ORDER BY patient_id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED",
     "UPDATE anamnesis.data_key t SET wrapped_key = n.value "
     "FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, value, unused) WHERE t.patient_id = n.id",
     key_convert_wrapped},
    {KEYRING_KEK, "staff", "SELECT count(*) FROM anamnesis.staff WHERE auth.key_version(wrapped_key) <> $1",
     "SELECT id::text, wrapped_key, NULL::bytea FROM anamnesis.staff WHERE id > $1 "
     "AND auth.key_version(wrapped_key) <> $2 ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED",
     "UPDATE anamnesis.staff t SET wrapped_key = n.value "
     "FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, value, unused) WHERE t.id = n.id",
     key_convert_wrapped},
    {KEYRING_INDEX, "patients",
     "SELECT count(*) FROM anamnesis.patient WHERE auth.key_version(email_index) <> $1 "
     "OR auth.key_version(record_number_index) <> $1",
     "SELECT p.id::text, d.wrapped_key, NULL::bytea FROM anamnesis.patient p "
     "JOIN anamnesis.data_key d ON d.patient_id = p.id WHERE p.id > $1 "
     "AND (auth.key_version(p.email_index) <> $2 OR auth.key_version(p.record_number_index) <> $2) "
     "ORDER BY p.id LIMIT $3 FOR UPDATE OF p SKIP LOCKED",
     "UPDATE anamnesis.patient t SET email_index = n.email, record_number_index = n.number "
     "FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, email, number) WHERE t.id = n.id",
     key_convert_patient_indexes},
    {KEYRING_INDEX, "staff", "SELECT count(*) FROM anamnesis.staff WHERE auth.key_version(email_index) <> $1",
     "SELECT id::text, wrapped_key, NULL::bytea FROM anamnesis.staff WHERE id > $1 AND wrapped_key IS NOT "
     "NULL "
     "AND auth.key_version(email_index) <> $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED",
     "UPDATE anamnesis.staff t SET email_index = n.email "
     "FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, email, unused) WHERE t.id = n.id",
     key_convert_staff_indexes},
    {KEYRING_INDEX, "passkeys",
     "SELECT count(*) FROM auth.passkey WHERE auth.key_version(credential_index) <> $1",
     "SELECT id::text, passkey_sealed, NULL::bytea FROM auth.passkey WHERE id > $1 "
     "AND auth.key_version(credential_index) <> $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED",
     "UPDATE auth.passkey t SET credential_index = n.value "
     "FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, value, unused) WHERE t.id = n.id",
     key_convert_passkey_indexes},
    {KEYRING_SEAL, "authenticators",
     "SELECT count(*) FROM auth.account WHERE auth.key_version(totp_sealed) <> $1 "
     "OR auth.key_version(totp_pending) <> $1",
     "SELECT id::text, totp_sealed, totp_pending FROM auth.account WHERE id > $1 "
     "AND (auth.key_version(totp_sealed) <> $2 OR auth.key_version(totp_pending) <> $2) "
     "ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED",
     "UPDATE auth.account t SET totp_sealed = n.sealed, totp_pending = n.pending "
     "FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, sealed, pending) WHERE t.id = n.id",
     key_convert_sealed},
    {KEYRING_SEAL, "passkeys",
     "SELECT count(*) FROM auth.passkey WHERE auth.key_version(passkey_sealed) <> $1",
     "SELECT id::text, passkey_sealed, NULL::bytea FROM auth.passkey WHERE id > $1 "
     "AND auth.key_version(passkey_sealed) <> $2 ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED",
     "UPDATE auth.passkey t SET passkey_sealed = n.value "
     "FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, value, unused) WHERE t.id = n.id",
     key_convert_passkeys},
};
enum { TARGETS = sizeof targets / sizeof targets[0] };

bool
key_can_move(enum keyring_kind kind)
{
    for (size_t i = 0; i < TARGETS; i++) {
        if (targets[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static const char *
version_text(const struct keyring *keyring, enum keyring_kind kind, char text[NUMBER_SIZE])
{
    (void)snprintf(text, NUMBER_SIZE, "%" PRIu32, keyring_current(keyring, kind));
    return text;
}

static int64_t
left_of(PGconn *connection, const struct keyring *keyring, const struct target *target)
{
    char version[NUMBER_SIZE];
    const char *const values[] = {version_text(keyring, target->kind, version)};
    PGresult *result = key_store_query(connection, target->left, 1, values);
    int64_t left = result == NULL ? -1 : strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return left;
}

int64_t
key_move_left(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind)
{
    int64_t sum = 0;
    for (size_t i = 0; i < TARGETS && sum >= 0; i++) {
        if (targets[i].kind == kind) {
            int64_t left = left_of(connection, keyring, &targets[i]);
            sum = left < 0 ? -1 : sum + left;
        }
    }
    return sum;
}

/* Where a pass over one target stands. */
struct pass {
    struct key_store *store;
    const struct target *target;
    int64_t total;
    int limit;
    char after[40];
    int64_t told_at;
    struct key_moved *moved;
    int64_t done;
};

static void
tell(struct pass *pass, bool last)
{
    int64_t now = clock_monotonic();
    if (!last && now - pass->told_at < CLOCK_SECOND) {
        return;
    }
    pass->told_at = now;
    (void)fprintf(stderr, "%s %" PRIu32 ": %" PRId64 " of %" PRId64 " %s\n",
                  keyring_kind_name(pass->target->kind),
                  keyring_current(pass->store->keyring, pass->target->kind), pass->done, pass->total,
                  pass->target->name);
}

enum step { STEP_MOVED, STEP_AGAIN, STEP_END, STEP_FAILED };

/* What could not be stored in one batch is tried row by row; a single row that cannot is named. */
static enum step
refused(struct pass *pass, PGresult *result, const char *last_id)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool twice = state != NULL && strcmp(state, "23505") == 0;
    if (!twice) {
        (void)fprintf(stderr, "The database refused: %s\n",
                      state == NULL ? PQerrorMessage(pass->store->connection)
                                    : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    } else if (pass->limit == 1) {
        (void)fprintf(stderr,
                      "%s %s: another row has the same e-mail address or record number; change one of them\n",
                      pass->target->name, last_id);
        pass->moved->failed++;
        (void)snprintf(pass->after, sizeof pass->after, "%s", last_id);
    }
    pass->limit = 1;
    PQclear(result);
    return command_do(pass->store->connection, "ROLLBACK") && twice ? STEP_AGAIN : STEP_FAILED;
}

/* Stores what was converted, and ends the transaction. */
static enum step
store_batch(struct pass *pass, const struct key_batch *batch, const char *last_id)
{
    const char *const values[] = {buf_string(&batch->ids), buf_string(&batch->first),
                                  buf_string(&batch->second)};
    PGresult *result =
        PQexecParams(pass->store->connection, pass->target->put, 3, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        return refused(pass, result, last_id);
    }
    PQclear(result);
    if (!command_do(pass->store->connection, "COMMIT")) {
        return STEP_FAILED;
    }
    pass->moved->moved += (int64_t)batch->count;
    pass->done += (int64_t)batch->count;
    (void)snprintf(pass->after, sizeof pass->after, "%s", last_id);
    tell(pass, false);
    return STEP_MOVED;
}

/* One transaction. */
static enum step
step(struct pass *pass)
{
    char version[NUMBER_SIZE];
    char limit[NUMBER_SIZE];
    char last_id[sizeof pass->after];
    struct key_batch batch;
    PGconn *connection = pass->store->connection;
    (void)snprintf(limit, sizeof limit, "%d", pass->limit);
    const char *const values[] = {pass->after,
                                  version_text(pass->store->keyring, pass->target->kind, version), limit};
    if (!command_do(connection, "BEGIN")) {
        return STEP_FAILED;
    }
    PGresult *rows = PQexecParams(connection, pass->target->pick, 3, NULL, values, NULL, NULL, BINARY);
    int count = PQntuples(rows);
    if (PQresultStatus(rows) != PGRES_TUPLES_OK || count == 0) {
        bool good = PQresultStatus(rows) == PGRES_TUPLES_OK;
        if (!good) {
            (void)fprintf(stderr, "%s", PQresultErrorMessage(rows));
        }
        PQclear(rows);
        return command_do(connection, "COMMIT") && good ? STEP_END : STEP_FAILED;
    }
    (void)snprintf(last_id, sizeof last_id, "%s", PQgetvalue(rows, count - 1, 0));
    key_batch_init(&batch);
    enum step result = STEP_FAILED;
    if (pass->target->convert(pass->store, rows, &batch) && key_batch_close(&batch)) {
        result = store_batch(pass, &batch, last_id);
        pass->moved->failed += result == STEP_MOVED ? batch.failed : 0;
    }
    key_batch_free(&batch);
    PQclear(rows);
    return result;
}

bool
key_move(struct key_store *store, enum keyring_kind kind, int batch, struct key_moved *moved)
{
    *moved = (struct key_moved){.moved = 0};
    for (size_t i = 0; i < TARGETS; i++) {
        if (targets[i].kind != kind) {
            continue;
        }
        struct pass pass = {.store = store,
                            .target = &targets[i],
                            .total = left_of(store->connection, store->keyring, &targets[i]),
                            .limit = batch,
                            .after = FIRST_ID,
                            .told_at = clock_monotonic(),
                            .moved = moved};
        enum step result = pass.total < 0 ? STEP_FAILED : STEP_MOVED;
        while (result == STEP_MOVED || result == STEP_AGAIN) {
            result = step(&pass);
        }
        if (result == STEP_FAILED) {
            return false;
        }
        if (pass.total > 0) {
            tell(&pass, true);
        }
    }
    moved->left = key_move_left(store->connection, store->keyring, kind);
    return moved->left >= 0;
}
