/*
 * Blind indexes of one request. Between rotations there is one index key, and one index of a value; while a
 * rotation is under way rows are found by either key, and nobody may store under one key what somebody else
 * has under another.
 */
#ifndef ANAMNESIS_APP_INDEXES_H
#define ANAMNESIS_APP_INDEXES_H

#include "lib/db/statement.h"
#include "lib/http/request.h"

/*
 * The indexes of a normalised value (BLIND_...) under every index key, as spans in the arena; the first one
 * is what is stored. None for NULL.
 */
struct db_array indexes_of(struct request *rq, const char *context, const char *normalised);

/* The one that is stored; empty when there are none. */
struct span indexes_stored(struct db_array indexes);

/*
 * Queues, before a statement that stores it, the check that nobody but `owner_id` has the value under any
 * key, and that nobody may still get it back (an address, see auth.address_kept); a conflict then names the
 * constraint that the value would break. Nothing is queued for a record number while there is one key: the
 * constraint itself suffices.
 */
void indexes_claim_later(struct request *rq, const char *context, const char *owner_id,
                         struct db_array indexes);

#endif
