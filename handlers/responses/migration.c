#include "handlers/responses/migration.h"

#include "app/admission.h"
#include "app/app.h"
#include "app/audit.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/responses/answers.h"
#include "lib/db/tx.h"
#include "lib/form/versions/migrate.h"

/* What did not fit, as JSON; in the arena. NULL when it would be too large. */
static const char *
dropped_text(struct request *rq, const struct form_migration *migration)
{
    struct reply_dropped_item *items = arena_array(rq->arena, migration->count, sizeof *items);
    for (size_t i = 0; i < migration->count; i++) {
        const struct form_dropped *it = &migration->dropped[i];
        const char *answers = json_object_to_json_string_ext(it->answers, FORMS_JSON_FLAGS);
        items[i] = (struct reply_dropped_item){
            .path = it->path, .reason = it->reason, .detail = it->text, .answers = answers};
    }
    return reply_dropped(rq->arena, items, migration->count, REPLY_BODY_MAX);
}

/* Both versions of an assignment's questionnaire. */
struct move {
    const char *assignment_id;
    int64_t version; /* the newer one's */
    const struct form *older;
    const struct form *newer;
};

/* The answers as they fit the newer version, queued together with what keeps the older ones. */
static enum problem
carry_over(struct request *rq, const struct move *move, struct span key,
           const struct q_my_migration_state_row *now)
{
    struct answers before;
    struct answers after;
    struct form_migration migration;
    struct form_progress progress;
    enum problem problem = answers_read(rq, now->answers, &before);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!form_migrate(move->newer, move->older, before.items, forms_work(rq), rq->arena, &migration)) {
        return PROBLEM_OVERLOADED;
    }
    const char *dropped = dropped_text(rq, &migration);
    if (dropped == NULL) {
        return PROBLEM_OVERLOADED;
    }
    answers_empty(rq, &after);
    after.items = migration.items;
    struct form_issues issues; /* they are told when it is saved */
    problem = answers_judge(rq, move->newer, &after, NULL, 0, &issues, &progress);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char id[UUID_TEXT_SIZE];
    q_my_migration_insert_later(rq->tx, &(struct q_my_migration_insert_in){.id = uuid_new(id),
                                                                           .response_id = now->response_id,
                                                                           .to_version = move->version,
                                                                           .key = key,
                                                                           .dropped = dropped});
    struct q_my_assignment_move_in forward = {.id = move->assignment_id, .version = move->version};
    q_my_assignment_move_later(rq->tx, &forward);
    struct q_my_response_migrated_in store = {.id = now->response_id,
                                              .revision = now->revision,
                                              .key = key,
                                              .answers = answers_text(rq, &after),
                                              .answered = progress.answered,
                                              .total = progress.total,
                                              .required_missing = progress.required_missing};
    int64_t stored = 0;
    problem = q_my_response_migrated(rq->tx, &store, &stored);
    /* Nobody can have saved since the lock, but for who began the response while this waited for the
     * assignment. */
    return problem != PROBLEM_NONE || stored == 1 ? problem : PROBLEM_UNAVAILABLE;
}

enum problem
migration_run(struct request *rq, const char *assignment_id, struct span key)
{
    enum problem problem = PROBLEM_NONE;
    if (tx_committed(rq->tx)) {
        problem = admission_reopen(rq);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
        audit_at_close(rq);
    }
    q_my_migration_hold_later(rq->tx, &(struct q_my_migration_hold_in){.assignment_id = assignment_id});
    const struct q_my_assignment_lock_row *assignment = NULL;
    problem = q_my_assignment_lock(rq->tx, &(struct q_my_assignment_lock_in){assignment_id}, &assignment);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (!assignment->has_moves_to) {
        return PROBLEM_NONE; /* another request was faster */
    }
    const struct q_my_migration_state_row *now = NULL;
    struct q_my_migration_state_in query = {.assignment_id = assignment_id, .key = key};
    problem = q_my_migration_state(rq->tx, &query, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    rq->result.outcome = "migrated";
    if (now->response_id == NULL) {
        struct q_my_assignment_move_in forward = {.id = assignment_id, .version = assignment->moves_to};
        q_my_assignment_move_later(rq->tx, &forward);
        return PROBLEM_NONE;
    }
    struct move move = {.assignment_id = assignment_id, .version = assignment->moves_to};
    problem = forms_load(rq, assignment->questionnaire_id, assignment->version, &move.older);
    if (problem == PROBLEM_NONE) {
        problem = forms_load(rq, assignment->questionnaire_id, assignment->moves_to, &move.newer);
    }
    return problem != PROBLEM_NONE ? problem : carry_over(rq, &move, key, now);
}
