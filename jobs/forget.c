#include "jobs/forget.h"

#include "build/gen/sql.h"
#include "lib/base/log.h"

enum step { STEP_REWRITE, STEP_PASS, STEP_GONE };

static const char *const step_names[] = {
    [STEP_REWRITE] = "rewrite", [STEP_PASS] = "log", [STEP_GONE] = "checkpoint"};

static enum problem
query(struct tx *tx, enum step step, int64_t *count)
{
    const struct q_job_keys_rewrite_row *rewritten = NULL;
    const struct q_job_keys_pass_row *passed = NULL;
    const struct q_job_keys_gone_row *gone = NULL;
    enum problem problem = PROBLEM_INTERNAL;
    switch (step) {
    case STEP_REWRITE:
        problem = q_job_keys_rewrite_last(tx, &rewritten);
        *count = rewritten == NULL ? 0 : rewritten->count;
        break;
    case STEP_PASS:
        problem = q_job_keys_pass_last(tx, &passed);
        *count = passed == NULL ? 0 : passed->count;
        break;
    case STEP_GONE:
        problem = q_job_keys_gone_last(tx, &gone);
        *count = gone == NULL ? 0 : gone->count;
        break;
    }
    return problem;
}

/* Takes one step in a transaction of its own; `*count` is how many erased patients it concerned. False, with
 * a line in the log, when it failed. */
static bool
take(struct db *db, struct arena *arena, enum step step, int64_t *count)
{
    struct tx *tx = NULL;
    enum problem problem = tx_open(db, arena, &tx);
    *count = 0;
    if (problem == PROBLEM_NONE) {
        problem = query(tx, step, count);
        if (problem != PROBLEM_NONE) {
            log_event(LOG_WARN, "keys-not-forgotten", LOG_TEXT("step", step_names[step]),
                      LOG_TEXT("why", problem_code(problem)), LOG_TEXT("sqlstate", tx_sqlstate(tx)));
        }
        tx_rollback(tx);
    }
    return problem == PROBLEM_NONE;
}

bool
forget_some(struct db *db, struct arena *arena)
{
    int64_t rewritten = 0;
    int64_t waiting = 0;
    int64_t gone = 0;
    if (!take(db, arena, STEP_REWRITE, &rewritten) || !take(db, arena, STEP_PASS, &waiting)) {
        return false;
    }
    if (rewritten > 0) {
        log_event(LOG_INFO, "keys-rewritten", LOG_INT("erased", rewritten));
    }
    if (waiting > 0 && !take(db, arena, STEP_GONE, &gone)) {
        return false;
    }
    if (gone > 0) {
        log_event(LOG_INFO, "keys-gone", LOG_INT("erased", gone));
    }
    return true;
}
