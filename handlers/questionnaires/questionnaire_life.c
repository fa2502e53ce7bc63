/* The life of a questionnaire beside its versions: copied, retired, or removed before anybody saw it. */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/questionnaires/questionnaire_view.h"
#include "lib/db/tx.h"

#include <string.h>

/* Locks the questionnaire, if it is what the client has seen. */
static enum problem
lock(struct request *rq, const char *id, int64_t revision, const struct q_questionnaire_lock_row **now)
{
    enum problem problem = q_questionnaire_lock(rq->tx, &(struct q_questionnaire_lock_in){.id = id}, now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    return (*now)->revision == revision ? PROBLEM_NONE : PROBLEM_STALE_REVISION;
}

/*
 * POST /admin/questionnaires/{id}/retire: nobody is asked any more. Assigning waits for the lock and then
 * finds the questionnaire retired; what was assigned before can be finished.
 */
enum problem
h_questionnaire_retire(struct request *rq, const struct questionnaire_retire_in *in)
{
    const struct q_questionnaire_lock_row *now = NULL;
    enum problem problem = lock(rq, in->id, in->if_match, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (strcmp(now->status, "active") != 0) {
        return PROBLEM_QUESTIONNAIRE_STATE;
    }
    const struct q_questionnaire_retire_row *row = NULL;
    problem = q_questionnaire_retire_last(rq->tx, &(struct q_questionnaire_retire_in){.id = in->id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct json_out *out = &rq->reply.json;
    json_begin_object(out);
    questionnaire_write_summary(out, &(struct questionnaire_summary){.id = in->id,
                                                                     .status = "retired",
                                                                     .title = row->title,
                                                                     .revision = row->revision,
                                                                     .version = now->version,
                                                                     .has_version = true,
                                                                     .created_at = row->created_at,
                                                                     .updated_at = row->updated_at});
    json_end_object(out);
    reply_etag(rq, row->revision);
    return PROBLEM_NONE;
}

/* DELETE /admin/questionnaires/{id}: only what was never published. */
enum problem
h_questionnaire_delete(struct request *rq, const struct questionnaire_delete_in *in)
{
    const struct q_questionnaire_lock_row *now = NULL;
    enum problem problem = lock(rq, in->id, in->if_match, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->has_version) {
        return PROBLEM_QUESTIONNAIRE_STATE;
    }
    int64_t affected = 0;
    return q_questionnaire_delete_last(rq->tx, &(struct q_questionnaire_delete_in){.id = in->id}, &affected);
}

/* POST /admin/questionnaires/{id}/duplicate: a new draft from the draft, or else from the newest version. */
enum problem
h_questionnaire_duplicate(struct request *rq, const struct questionnaire_duplicate_in *in)
{
    const struct q_questionnaire_read_row *from = NULL;
    enum problem problem =
        q_questionnaire_read(rq->tx, &(struct q_questionnaire_read_in){.id = in->id}, &from);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct checked_form form;
    problem = forms_copy(rq, from->definition, &form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    struct q_questionnaire_insert_in insert = {.id = uuid_new(id), .title = form.title, .draft = form.text};
    const struct q_questionnaire_insert_row *row = NULL;
    rq->result.object = id;
    problem = q_questionnaire_insert_last(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    questionnaire_write_whole(rq,
                              &(struct questionnaire_summary){.id = id,
                                                              .status = "draft",
                                                              .title = form.title,
                                                              .revision = row->revision,
                                                              .has_draft = true,
                                                              .created_at = row->created_at,
                                                              .updated_at = row->created_at},
                              form.text, &form.issues);
    reply_header(rq, "Location", arena_format(rq->arena, "/admin/questionnaires/%s", id));
    return PROBLEM_NONE;
}
