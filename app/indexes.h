/*
 * Blind indexes of one request: how rows are found by a value that is stored sealed (an e-mail address, a
 * record number). Between rotations there is one index key, and one index of a value. While a rotation is
 * under way there are two, and rows are stored under either; so a look-up takes all of a value's indexes, and
 * a statement that stores a value must be preceded by a claim, or two rows could hold the same value under
 * different keys, which no unique constraint sees.
 */
#ifndef ANAMNESIS_APP_INDEXES_H
#define ANAMNESIS_APP_INDEXES_H

#include "lib/db/statement.h"
#include "lib/http/request.h"

/*
 * The indexes of a normalised value (lib/crypto/blind.h) under every index key, as spans in the arena; the
 * first one is what is stored. An empty array for NULL. `context` is one of BLIND_...
 */
struct db_array indexes_of(struct request *rq, const char *context, const char *normalised);

/* The index that is stored; empty when the array is. */
struct span indexes_stored(struct db_array indexes);

/*
 * Queues, before a statement that stores the value, the check that nobody but `owner_id` has it under any
 * key, and that nobody may still get it back (an address that was changed lately, see auth.address_kept). A
 * conflict names the constraint that the value would break. Nothing is queued for a record number while there
 * is one key, because then the unique constraint itself suffices.
 */
void indexes_claim_later(struct request *rq, const char *context, const char *owner_id,
                         struct db_array indexes);

#endif
