/*
 * Patients' files whose time is over, and what is to be removed from the store (anamnesis.object_leaving): the
 * transaction that makes an object superfluous notes its name, and this removes it and then the note. A name
 * is noted until the object is gone from the disk for certain; what cannot be removed is tried again, at
 * longer and longer intervals, for ever. Erased patients' objects come first.
 *
 * A directory of parts is removed twice when an address for a part of it may still count: at once, and after
 * that address has ended.
 */
#ifndef ANAMNESIS_JOBS_MEDIA_H
#define ANAMNESIS_JOBS_MEDIA_H

#include "lib/base/arena.h"
#include "lib/db/tx.h"
#include "lib/store/store.h"

/*
 * Does a part of it. Without a store (STORE_NOWHERE) nothing is removed.
 * True when there is more to do at once; false when there is nothing, or the database or the store cannot be
 * reached (which is logged).
 */
bool media_some(struct db *db, struct arena *arena, struct store *store);

#endif
