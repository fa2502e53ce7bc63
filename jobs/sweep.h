/* Housekeeping: what has served its time is deleted, a little at a time. */
#ifndef ANAMNESIS_JOBS_SWEEP_H
#define ANAMNESIS_JOBS_SWEEP_H

#include "lib/base/arena.h"
#include "lib/db/tx.h"

#include <stdbool.h>

/*
 * Deletes some expired sign-ins, long ended sessions, old throttle counts and stored replies (their ages are
 * in auth.sweep). True when there may be more to do at once.
 */
bool sweep_some(struct db *db, struct arena *arena);

#endif
