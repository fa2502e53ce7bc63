#include "cli/keys/key_move.h"

#include "cli/command.h"
#include "cli/database.h"
#include "cli/keys/key_batch.h"
#include "lib/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ID "00000000-0000-0000-0000-000000000000"

/*
 * What is moved. `pick` takes the last id, the current version and a limit, and gives ids with their values,
 * locked; others keep what they hold, and may refer to these rows meanwhile (NO KEY). `put` takes ids and the
 * new values. All of one column take the same parameters, so that one structure serves them.
 */
struct target {
    enum keyring_kind kind;
    const char *name;
    const struct statement *left; /* struct sql_kek_patients_left_in */
    const struct statement *pick; /* struct sql_kek_patients_pick_in */
    const struct statement *put;  /* struct sql_kek_patients_put_in */
    key_convert_fn *convert;
    int most; /* rows of a batch, where one stands for many rows that others may wait for; 0: as asked */
};

/* Of each patient all responses are locked until the batch is stored: some milliseconds. */
enum { PATIENTS_AT_ONCE = 20 };

static const struct target targets[] = {
    {KEYRING_KEK, "patients", &sql_kek_patients_left, &sql_kek_patients_pick, &sql_kek_patients_put,
     key_convert_wrapped, 0},
    {KEYRING_KEK, "staff", &sql_kek_staff_left, &sql_kek_staff_pick, &sql_kek_staff_put, key_convert_wrapped,
     0},
    /* After the keys: values of the first format, which a key seals anew. */
    {KEYRING_KEK, "patients' values", &sql_format_patients_left, &sql_format_patients_pick,
     &sql_format_patients_put, key_convert_opened, PATIENTS_AT_ONCE},
    {KEYRING_KEK, "staff's values", &sql_format_staff_left, &sql_format_staff_pick, &sql_format_staff_put,
     key_convert_opened, 0},
    {KEYRING_INDEX, "patients", &sql_index_patients_left, &sql_index_patients_pick, &sql_index_patients_put,
     key_convert_patient_indexes, 0},
    {KEYRING_INDEX, "staff", &sql_index_staff_left, &sql_index_staff_pick, &sql_index_staff_put,
     key_convert_staff_indexes, 0},
    {KEYRING_INDEX, "passkeys", &sql_index_passkeys_left, &sql_index_passkeys_pick, &sql_index_passkeys_put,
     key_convert_passkey_indexes, 0},
    {KEYRING_SEAL, "authenticators", &sql_seal_authenticators_left, &sql_seal_authenticators_pick,
     &sql_seal_authenticators_put, key_convert_sealed, 0},
    {KEYRING_SEAL, "passkeys", &sql_seal_passkeys_left, &sql_seal_passkeys_pick, &sql_seal_passkeys_put,
     key_convert_passkeys, 0},
    {KEYRING_FILES, "patients' files keys", &sql_files_patients_left, &sql_files_patients_pick,
     &sql_files_patients_put, key_convert_files_keys, 0},
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

static int64_t
left_of(PGconn *connection, const struct keyring *keyring, const struct target *target)
{
    return database_count(
        connection, target->left,
        &(struct sql_kek_patients_left_in){.version = keyring_current(keyring, target->kind)});
}

/* Values of the first format are under the same keys as before: they need no older version. */
static bool
needs_a_version(const struct target *target)
{
    return target->convert != key_convert_opened;
}

static int64_t
left_of_all(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind, bool values_too)
{
    int64_t sum = 0;
    for (size_t i = 0; i < TARGETS && sum >= 0; i++) {
        if (targets[i].kind == kind && (values_too || needs_a_version(&targets[i]))) {
            int64_t left = left_of(connection, keyring, &targets[i]);
            sum = left < 0 ? -1 : sum + left;
        }
    }
    return sum;
}

int64_t
key_move_left(PGconn *connection, const struct keyring *keyring, enum keyring_kind kind)
{
    return left_of_all(connection, keyring, kind, false);
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

/* Why a row alone cannot be stored; NULL when it is no row's fault. */
static const char *
fault_of_a_row(const char *state)
{
    return state == NULL ? NULL
           : strcmp(state, "23505") == 0
               ? "another row has the same e-mail address or record number; change one of them"
           : strcmp(state, "AN500") == 0 ? "a value does not open: it was changed, or moved"
                                         : NULL;
}

/* What could not be stored in one batch is tried row by row; a single row that cannot is named. A batch that ran into another
 * program's transaction is tried again. */
static enum step
refused(struct pass *pass, PGresult *result, const char *last_id)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *fault = fault_of_a_row(state);
    bool deadlock = state != NULL && strcmp(state, "40P01") == 0;
    if (fault == NULL && !deadlock) {
        (void)fprintf(stderr, "The database refused: %s\n",
                      state == NULL ? PQerrorMessage(pass->store->connection)
                                    : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    } else if (fault != NULL && pass->limit == 1) {
        (void)fprintf(stderr, "%s %s: %s\n", pass->target->name, last_id, fault);
        pass->moved->failed++;
        (void)snprintf(pass->after, sizeof pass->after, "%s", last_id);
    }
    pass->limit = fault != NULL ? 1 : pass->limit;
    PQclear(result);
    return command_do(pass->store->connection, "ROLLBACK") && (fault != NULL || deadlock) ? STEP_AGAIN
                                                                                          : STEP_FAILED;
}

/* Stores what was converted, and ends the transaction. */
static enum step
store_batch(struct pass *pass, struct key_batch *batch, const char *last_id)
{
    struct sql_kek_patients_put_in putting = {.ids = buf_string(&batch->ids),
                                              .first = buf_string(&batch->first),
                                              .second = buf_string(&batch->second)};
    PGresult *result = database_run(pass->store->connection, pass->target->put, &putting);
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
    char last_id[sizeof pass->after];
    struct key_batch batch;
    PGconn *connection = pass->store->connection;
    struct sql_kek_patients_pick_in picking = {.after = pass->after,
                                               .version =
                                                   keyring_current(pass->store->keyring, pass->target->kind),
                                               .batch = pass->limit};
    if (!command_do(connection, "BEGIN")) {
        return STEP_FAILED;
    }
    PGresult *rows = database_run(connection, pass->target->pick, &picking);
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
                            .limit = targets[i].most > 0 && targets[i].most < batch ? targets[i].most : batch,
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
    moved->left = left_of_all(store->connection, store->keyring, kind, true);
    return moved->left >= 0;
}
