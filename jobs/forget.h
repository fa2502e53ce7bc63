/*
 * Removes what is left of an erased patient's key: an UPDATE leaves the old row in the table's file until it
 * is rewritten, and in the write-ahead log until that is recycled. The table is rewritten, the log is waited
 * for, and then a row of the audit log (`key_gone`) says that nothing is left.
 *
 * There are three steps, a transaction each, and each notes what it did in auth.erasure: when a process dies
 * in between, the next one goes on from there. However many patients were erased, the table is rewritten
 * once. The wrapped key itself is not searched for: to know it, a copy would have to be kept.
 */
#ifndef ANAMNESIS_JOBS_FORGET_H
#define ANAMNESIS_JOBS_FORGET_H

#include "lib/base/arena.h"
#include "lib/db/tx.h"

/*
 * Takes the steps that can be taken now; costs one short read when there is nothing to do. It waits for
 * readers of the table only for a moment (lock_timeout of auth.keys_rewrite), and not for transactions that
 * may still see the row: those are left for the next call. False when the database cannot be reached, or
 * refuses (which is logged).
 */
bool forget_some(struct db *db, struct arena *arena);

#endif
