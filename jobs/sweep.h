/* Deletes what has served its time, a little at a time, so that no request waits for it. */
#ifndef ANAMNESIS_JOBS_SWEEP_H
#define ANAMNESIS_JOBS_SWEEP_H

#include "lib/base/arena.h"
#include "lib/db/tx.h"

#include <stdbool.h>

/*
 * Deletes some expired sign-ins, long ended sessions, old throttle counts and stored replies (their ages are
 * in auth.sweep). True when there may be more to do at once; false too when the database cannot be reached.
 */
bool sweep_some(struct db *db, struct arena *arena);

#endif
