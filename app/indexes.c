#include "app/indexes.h"

#include "app/app.h"
#include "build/gen/sql.h"
#include "lib/crypto/blind.h"

#include <string.h>

struct db_array
indexes_of(struct request *rq, const char *context, const char *normalised)
{
    unsigned char found[BLIND_INDEXES_MAX][BLIND_INDEX_SIZE];
    if (normalised == NULL) {
        return (struct db_array){NULL, 0};
    }
    size_t count = blind_indexes(rq->app->keyring, context, normalised, found);
    struct span *spans = arena_array(rq->arena, count, sizeof *spans);
    for (size_t i = 0; i < count; i++) {
        unsigned char *copy = arena_alloc(rq->arena, BLIND_INDEX_SIZE);
        memcpy(copy, found[i], BLIND_INDEX_SIZE);
        spans[i] = (struct span){copy, BLIND_INDEX_SIZE};
    }
    return (struct db_array){spans, count};
}

struct span
indexes_stored(struct db_array indexes)
{
    return indexes.count == 0 ? (struct span){NULL, 0} : *(const struct span *)indexes.items;
}

void
indexes_claim_later(struct request *rq, const char *context, const char *owner_id, struct db_array indexes)
{
    /*
     * With one key the constraint finds a record number's twin. An address may still be another's to get
     * back.
     */
    if (indexes.count > 1 || (indexes.count == 1 && strcmp(context, BLIND_PATIENT_RECORD_NUMBER) != 0)) {
        q_index_claim_later(
            rq->tx, &(struct q_index_claim_in){.context = context, .owner = owner_id, .indexes = indexes});
    }
}
