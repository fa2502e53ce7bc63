#include "cli/keys/key_batch.h"

#include "cli/database.h"
#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/crypto/blind.h"
#include "lib/crypto/data_key.h"
#include "lib/crypto/files_key.h"
#include "lib/crypto/sealed.h"
#include "lib/webauthn/record.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    /* Ten thousand values of some hundred bytes, in hexadecimal. */
    ARRAY_MAX = 16 * 1024 * 1024,
    /* What is opened of one person: an e-mail address and a record number, in several forms. */
    ARENA_MAX = 64 * 1024
};

void
key_batch_init(struct key_batch *batch)
{
    *batch = (struct key_batch){.count = 0};
    buf_init(&batch->ids, ARRAY_MAX);
    buf_init(&batch->first, ARRAY_MAX);
    buf_init(&batch->second, ARRAY_MAX);
}

static void
add_value(struct buf *buf, size_t index, struct span value)
{
    buf_byte(buf, index == 0 ? '{' : ',');
    if (value.data == NULL) {
        buf_text(buf, "NULL");
        return;
    }
    buf_text(buf, "\"\\\\x");
    for (size_t i = 0; i < value.size; i++) {
        buf_byte(buf, HEX_SMALL[value.data[i] >> 4]);
        buf_byte(buf, HEX_SMALL[value.data[i] & 15]);
    }
    buf_byte(buf, '"');
}

void
key_batch_add(struct key_batch *batch, const char *id, struct span first, struct span second)
{
    buf_byte(&batch->ids, batch->count == 0 ? '{' : ',');
    buf_text(&batch->ids, id);
    add_value(&batch->first, batch->count, first);
    add_value(&batch->second, batch->count, second);
    batch->count++;
}

bool
key_batch_close(struct key_batch *batch)
{
    struct buf *arrays[] = {&batch->ids, &batch->first, &batch->second};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        buf_text(arrays[i], batch->count == 0 ? "{}" : "}");
        if (arrays[i]->failed) {
            (void)fprintf(stderr, "A batch is too large: choose a smaller one with --batch.\n");
            return false;
        }
    }
    return true;
}

void
key_batch_free(struct key_batch *batch)
{
    buf_free(&batch->ids);
    buf_free(&batch->first);
    buf_free(&batch->second);
}

static struct span
value_of(const PGresult *rows, int row, int column)
{
    if (PQgetisnull(rows, row, column) != 0) {
        return (struct span){NULL, 0};
    }
    return (struct span){(const unsigned char *)PQgetvalue(rows, row, column),
                         (size_t)PQgetlength(rows, row, column)};
}

static void
left_out(struct key_batch *batch, const char *id, const char *why)
{
    batch->failed++;
    (void)fprintf(stderr, "%s: %s\n", id, why);
}

bool
key_convert_wrapped(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    unsigned char renewed[WRAPPED_KEY_SIZE];
    for (int i = 0; i < PQntuples(rows); i++) {
        const char *id = PQgetvalue(rows, i, 0);
        if (data_key_rewrap(store->keyring, id, value_of(rows, i, 1), renewed)) {
            key_batch_add(batch, id, (struct span){renewed, sizeof renewed}, (struct span){NULL, 0});
        } else {
            left_out(batch, id,
                     "the data key does not open: it was changed, or its KEK is not in the keyring");
        }
    }
    return true;
}

/* The data keys of the rows, in clear, as parameters. */
static void
open_keys(struct key_store *store, const PGresult *rows, struct key_batch *keys)
{
    unsigned char key[DATA_KEY_SIZE];
    for (int i = 0; i < PQntuples(rows); i++) {
        const char *id = PQgetvalue(rows, i, 0);
        if (data_key_unwrap(store->keyring, id, value_of(rows, i, 1), key)) {
            key_batch_add(keys, id, (struct span){key, sizeof key}, (struct span){NULL, 0});
        } else {
            left_out(keys, id,
                     "the data key does not open: it was changed, or its KEK is not in the keyring");
        }
    }
    sodium_memzero(key, sizeof key);
}

bool
key_convert_opened(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    open_keys(store, rows, batch);
    return true;
}

struct contexts {
    const char *email;
    const char *number; /* NULL: there are none */
};

static void
add_indexes(struct key_store *store, struct arena *arena, const PGresult *values, int row,
            const struct contexts *contexts, struct key_batch *batch)
{
    unsigned char email[BLIND_INDEX_SIZE];
    unsigned char number[BLIND_INDEX_SIZE];
    const char *id = PQgetvalue(values, row, 0);
    bool has_email = PQgetisnull(values, row, 1) == 0; /* a patient may have none */
    const char *address = has_email ? email_normalise(arena, PQgetvalue(values, row, 1)) : NULL;
    bool has_number = contexts->number != NULL && PQgetisnull(values, row, 2) == 0;
    const char *normal = has_number ? record_number_normalise(arena, PQgetvalue(values, row, 2)) : NULL;
    if ((has_email && address == NULL) || (has_number && normal == NULL)) {
        left_out(batch, id, "its e-mail address or record number is none");
        return;
    }
    if (has_email) {
        blind_index(store->keyring, contexts->email, address, email);
    }
    if (has_number) {
        blind_index(store->keyring, contexts->number, normal, number);
    }
    key_batch_add(batch, id, (struct span){has_email ? email : NULL, has_email ? sizeof email : 0},
                  (struct span){has_number ? number : NULL, has_number ? sizeof number : 0});
}

static bool
convert_indexes(struct key_store *store, const PGresult *rows, const struct statement *statement,
                const struct contexts *contexts, struct key_batch *batch)
{
    struct key_batch keys;
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    key_batch_init(&keys);
    open_keys(store, rows, &keys);
    PGresult *values = NULL;
    if (arena != NULL && key_batch_close(&keys)) {
        /* Both statements take the same. */
        struct sql_patient_values_in opening = {.ids = buf_string(&keys.ids),
                                                .keys = buf_string(&keys.first),
                                                .unused = buf_string(&keys.second)};
        values = database_query(store->connection, statement, &opening);
    }
    for (int i = 0; values != NULL && i < PQntuples(values); i++) {
        add_indexes(store, arena, values, i, contexts, batch);
        arena_reset(arena);
    }
    batch->failed += keys.failed;
    bool good = values != NULL;
    PQclear(values);
    key_batch_free(&keys);
    arena_destroy(arena);
    return good;
}

bool
key_convert_patient_indexes(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    static const struct contexts contexts = {BLIND_PATIENT_EMAIL, BLIND_PATIENT_RECORD_NUMBER};
    return convert_indexes(store, rows, &sql_patient_values, &contexts, batch);
}

bool
key_convert_staff_indexes(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    static const struct contexts contexts = {BLIND_STAFF_EMAIL, NULL};
    return convert_indexes(store, rows, &sql_staff_values, &contexts, batch);
}

/* True when there is nothing to seal anew, or it was. */
static bool
seal_anew(struct key_store *store, const char *purpose, const char *id, struct span sealed,
          struct arena *arena, struct span *renewed)
{
    struct span plain;
    *renewed = (struct span){NULL, 0};
    if (sealed.data == NULL) {
        return true;
    }
    if (!keyring_open(store->keyring, purpose, id, sealed, arena, &plain)) {
        return false;
    }
    keyring_seal(store->keyring, purpose, id, plain, arena, renewed);
    return true;
}

bool
key_convert_sealed(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    for (int i = 0; arena != NULL && i < PQntuples(rows); i++) {
        struct span sealed;
        struct span pending;
        const char *id = PQgetvalue(rows, i, 0);
        if (seal_anew(store, "totp", id, value_of(rows, i, 1), arena, &sealed) &&
            seal_anew(store, "totp", id, value_of(rows, i, 2), arena, &pending)) {
            key_batch_add(batch, id, sealed, pending);
        } else {
            left_out(batch, id, "its authenticator's secret does not open");
        }
        arena_reset(arena);
    }
    bool good = arena != NULL;
    arena_destroy(arena);
    return good;
}

/* A credential's index is made of its id, which is sealed. */
bool
key_convert_passkey_indexes(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    unsigned char index[BLIND_INDEX_SIZE];
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    for (int i = 0; arena != NULL && i < PQntuples(rows); i++) {
        struct span plain;
        struct webauthn_record record;
        const char *id = PQgetvalue(rows, i, 0);
        if (keyring_open(store->keyring, PASSKEY_SEAL_PURPOSE, id, value_of(rows, i, 1), arena, &plain) &&
            webauthn_record_read(arena, plain, &record)) {
            blind_index(store->keyring, BLIND_PASSKEY_CREDENTIAL, webauthn_text(arena, record.credential_id),
                        index);
            key_batch_add(batch, id, (struct span){index, sizeof index}, (struct span){NULL, 0});
        } else {
            left_out(batch, id, "the passkey does not open");
        }
        arena_reset(arena);
    }
    bool good = arena != NULL;
    arena_destroy(arena);
    return good;
}

bool
key_convert_passkeys(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    struct arena *arena = arena_create(ARENA_MAX, NULL, NULL);
    for (int i = 0; arena != NULL && i < PQntuples(rows); i++) {
        struct span renewed;
        const char *id = PQgetvalue(rows, i, 0);
        if (seal_anew(store, PASSKEY_SEAL_PURPOSE, id, value_of(rows, i, 1), arena, &renewed)) {
            key_batch_add(batch, id, renewed, (struct span){NULL, 0});
        } else {
            left_out(batch, id, "the passkey does not open");
        }
        arena_reset(arena);
    }
    bool good = arena != NULL;
    arena_destroy(arena);
    return good;
}

bool
key_convert_files_keys(struct key_store *store, const PGresult *rows, struct key_batch *batch)
{
    unsigned char key[DATA_KEY_SIZE];
    unsigned char files_key[FILES_KEY_SIZE];
    unsigned char sealed[FILES_KEY_SEALED_SIZE];
    for (int i = 0; i < PQntuples(rows); i++) {
        const char *id = PQgetvalue(rows, i, 0);
        bool good = data_key_unwrap(store->keyring, id, value_of(rows, i, 1), key);
        files_key_of(key, files_key);
        if (good && files_key_seal(store->keyring, id, files_key, sealed)) {
            key_batch_add(batch, id, (struct span){sealed, sizeof sealed}, (struct span){NULL, 0});
        } else {
            left_out(batch, id,
                     "the data key does not open: it was changed, or its KEK is not in the keyring");
        }
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(files_key, sizeof files_key);
    return true;
}
