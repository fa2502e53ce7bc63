#include "jobs/media.h"

#include "build/gen/sql.h"
#include "lib/base/log.h"

#include <errno.h>

/* So many files and names go in one transaction. */
enum { EXPIRE_MOST = 100, REMOVE_MOST = 100 };

/* Moves on what is over. True when there may be more. */
static bool
expire_some(struct db *db, struct arena *arena)
{
    struct tx *tx = NULL;
    const struct q_job_upload_expire_row *row = NULL;
    if (tx_open(db, arena, &tx) != PROBLEM_NONE) {
        return false;
    }
    enum problem problem =
        q_job_upload_expire_last(tx, &(struct q_job_upload_expire_in){.most = EXPIRE_MOST}, &row);
    if (problem != PROBLEM_NONE) {
        log_event(LOG_WARN, "uploads-not-expired", LOG_TEXT("why", problem_code(problem)),
                  LOG_TEXT("sqlstate", tx_sqlstate(tx)));
    }
    tx_rollback(tx);
    if (problem != PROBLEM_NONE || row->expired + row->unshown + row->released == 0) {
        return false;
    }
    log_event(LOG_INFO, "uploads-expired", LOG_INT("awaited", row->expired), LOG_INT("unshown", row->unshown),
              LOG_INT("released", row->released));
    return row->expired >= EXPIRE_MOST || row->unshown >= EXPIRE_MOST || row->released >= EXPIRE_MOST;
}

static bool
claim(struct db *db, struct arena *arena, const struct q_job_objects_claim_row **rows, size_t *count)
{
    struct tx *tx = NULL;
    *count = 0;
    if (tx_open(db, arena, &tx) != PROBLEM_NONE) {
        return false;
    }
    enum problem problem =
        q_job_objects_claim_last(tx, &(struct q_job_objects_claim_in){.most = REMOVE_MOST}, rows, count);
    if (problem != PROBLEM_NONE) {
        log_event(LOG_WARN, "objects-not-claimed", LOG_TEXT("why", problem_code(problem)),
                  LOG_TEXT("sqlstate", tx_sqlstate(tx)));
    }
    tx_rollback(tx);
    return problem == PROBLEM_NONE;
}

static bool
note(struct db *db, struct arena *arena, const struct q_job_objects_removed_in *removed)
{
    struct tx *tx = NULL;
    if (tx_open(db, arena, &tx) != PROBLEM_NONE) {
        return false;
    }
    q_job_objects_removed_later(tx, removed);
    bool noted = tx_commit(tx) == PROBLEM_NONE;
    tx_rollback(tx);
    return noted;
}

/* Removes what was claimed. The names of those that are gone are put into `removed`; how many are not. */
static size_t
remove_claimed(struct store *store, const struct q_job_objects_claim_row *rows, size_t count,
               const char **removed, size_t *removed_count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (store_remove(store, rows[i].name) == STORE_DONE) {
            removed[(*removed_count)++] = rows[i].name;
        } else {
            left++;
            log_event(LOG_WARN, "object-not-removed", LOG_TEXT("object", rows[i].name),
                      LOG_INT("errno", errno), LOG_INT("attempts", rows[i].attempts));
        }
    }
    return left;
}

/* True when there may be more to remove. */
static bool
remove_some(struct db *db, struct arena *arena, struct store *store)
{
    const struct q_job_objects_claim_row *rows = NULL;
    size_t count = 0;
    if (!claim(db, arena, &rows, &count) || count == 0) {
        return false;
    }
    const char **removed = arena_alloc(arena, count * sizeof *removed);
    size_t removed_count = 0;
    if (store_room(store, 0, 0) != STORE_DONE) {
        log_event(LOG_WARN, "store-not-opened", LOG_INT("errno", errno), LOG_INT("waiting", (int64_t)count));
        return false;
    }
    size_t left = remove_claimed(store, rows, count, removed, &removed_count);
    bool noted =
        removed_count == 0 || note(db, arena,
                                   &(struct q_job_objects_removed_in){.names = {removed, removed_count},
                                                                      .claimed_at = rows[0].claimed_at});
    log_event(LOG_INFO, "objects-removed", LOG_INT("removed", (int64_t)removed_count),
              LOG_INT("left", (int64_t)left), LOG_INT("noted", noted));
    return noted && left == 0 && count == REMOVE_MOST;
}

bool
media_some(struct db *db, struct arena *arena, struct store *store)
{
    bool more = expire_some(db, arena);
    return (store_kind(store) != STORE_NOWHERE && remove_some(db, arena, store)) || more;
}
