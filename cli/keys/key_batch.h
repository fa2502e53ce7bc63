/* One batch of key_move: rows as the database gave them become arrays of ids and new values. */
#ifndef ANAMNESIS_CLI_KEYS_KEY_BATCH_H
#define ANAMNESIS_CLI_KEYS_KEY_BATCH_H

#include "cli/keys/key_store.h"
#include "lib/base/buf.h"
#include "lib/base/span.h"

#include <stddef.h>

struct key_batch {
    struct buf ids;    /* PostgreSQL's text form of uuid[] */
    struct buf first;  /* of bytea[] */
    struct buf second; /* of bytea[] */
    size_t count;
    int64_t failed; /* rows that do not open: left out, and named on stderr */
};

/*
 * Converts rows (id as text, two values, binary) to the store's current keys. False when the database failed,
 * after saying why. A row that does not open is left out and counted.
 */
typedef bool key_convert_fn(struct key_store *store, const PGresult *rows, struct key_batch *batch);
bool key_convert_wrapped(struct key_store *store, const PGresult *rows, struct key_batch *batch);
bool key_convert_patient_indexes(struct key_store *store, const PGresult *rows, struct key_batch *batch);
bool key_convert_staff_indexes(struct key_store *store, const PGresult *rows, struct key_batch *batch);
bool key_convert_sealed(struct key_store *store, const PGresult *rows, struct key_batch *batch);
bool key_convert_passkey_indexes(struct key_store *store, const PGresult *rows, struct key_batch *batch);
bool key_convert_passkeys(struct key_store *store, const PGresult *rows, struct key_batch *batch);
/* From the wrapped data keys, of which files keys are made. */
bool key_convert_files_keys(struct key_store *store, const PGresult *rows, struct key_batch *batch);
/* Not converted here but by the database, which takes the opened data keys for it. */
bool key_convert_opened(struct key_store *store, const PGresult *rows, struct key_batch *batch);

void key_batch_init(struct key_batch *batch);

/* A row's new values; NULL data is SQL's NULL. */
void key_batch_add(struct key_batch *batch, const char *id, struct span first, struct span second);

/* Ends the arrays. False when they are larger than a batch may be. */
bool key_batch_close(struct key_batch *batch);

/* Wipes and frees. */
void key_batch_free(struct key_batch *batch);

#endif
