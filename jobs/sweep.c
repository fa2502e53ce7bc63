#include "jobs/sweep.h"

#include "build/gen/sql.h"
#include "lib/base/log.h"

/* So many rows of each kind go in one transaction, which is short enough that nobody waits for its locks. */
enum { SWEEP_ROWS = 1000 };

bool
sweep_some(struct db *db, struct arena *arena)
{
    struct tx *tx = NULL;
    const struct q_job_sweep_row *row = NULL;
    if (tx_open(db, arena, &tx) != PROBLEM_NONE) {
        return false;
    }
    enum problem problem = q_job_sweep_last(tx, &(struct q_job_sweep_in){.most = SWEEP_ROWS}, &row);
    tx_rollback(tx);
    if (problem != PROBLEM_NONE || row == NULL) {
        return false;
    }
    if (row->challenges + row->sessions + row->throttles + row->replies > 0) {
        log_event(LOG_INFO, "swept", LOG_INT("challenges", row->challenges),
                  LOG_INT("sessions", row->sessions), LOG_INT("throttles", row->throttles),
                  LOG_INT("replies", row->replies));
    }
    return row->challenges >= SWEEP_ROWS || row->sessions >= SWEEP_ROWS || row->throttles >= SWEEP_ROWS ||
           row->replies >= SWEEP_ROWS;
}
