/*
 * What is left of an erased patient's key: in dead rows of the table of keys, and in the write-ahead log.
 * Both are written anew, and a row of the audit log (`key_gone`) says when nothing is left.
 *
 * Three steps, a transaction each, and each notes what it did (auth.erasure): whoever dies in between is
 * followed by another one that goes on from there. However many were erased, the table is rewritten once. The
 * wrapped key itself is not searched for: to know it, a copy would have to be kept.
 */
#ifndef ANAMNESIS_JOBS_FORGET_H
#define ANAMNESIS_JOBS_FORGET_H

#include "lib/base/arena.h"
#include "lib/db/tx.h"

/*
 * Goes on with what is to be forgotten; costs one short read when there is nothing. Waits for no reader of
 * the table for longer than a moment (lock_timeout of auth.keys_rewrite), nor for a transaction that may
 * still see the row: that is left for the next call. False when the database cannot be reached, or refuses
 * (which is logged).
 */
bool forget_some(struct db *db, struct arena *arena);

#endif
