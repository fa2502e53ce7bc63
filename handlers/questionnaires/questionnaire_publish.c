/*
 * Publication: the draft is checked and becomes the next version, which never changes again. It is frozen
 * with the value sets that it uses and the hash of its canonical form, so that whatever is answered later can
 * be judged and proven by what was asked. Drafts of patients are not touched (docs/architecture.md, "Drafts
 * and newer versions").
 */
#include "app/app.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/questionnaires/questionnaire_view.h"
#include "lib/db/tx.h"

/* The locked questionnaire, if it is what the client has seen and has something to publish. */
static enum problem
lock_draft(struct request *rq, const struct questionnaire_publish_in *in,
           const struct questionnaire_now_row **now)
{
    enum problem problem = q_questionnaire_lock(rq->tx, &(struct q_questionnaire_lock_in){.id = in->id}, now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if ((*now)->revision != in->if_match) {
        return PROBLEM_STALE_REVISION;
    }
    return questionnaire_is_publishable(*now) ? PROBLEM_NONE : PROBLEM_QUESTIONNAIRE_STATE;
}

static void
write_published(struct request *rq, const struct q_questionnaire_version_insert_in *frozen, int64_t revision,
                int64_t published_at, const struct form_issues *issues)
{
    reply_questionnaire_published(&rq->reply.json, &(struct reply_questionnaire_published){
                                                       .id = frozen->questionnaire_id,
                                                       .version = reply_integer(frozen->version),
                                                       .revision = reply_integer(revision),
                                                       .published_at = reply_time(published_at),
                                                       .definition_sha256 = frozen->definition_sha256,
                                                       .on_drafts = frozen->on_drafts,
                                                       .issues = forms_issues(rq, issues),
                                                       .issues_count = issues->count});
    reply_etag(rq, revision);
}

/*
 * POST /admin/questionnaires/{id}/publish. The value sets that the draft uses are frozen as they are read
 * here: a change of one at the same moment is in the version or is not, and the version has what it was
 * judged by.
 */
enum problem
h_questionnaire_publish(struct request *rq, const struct questionnaire_publish_in *in)
{
    const struct questionnaire_now_row *now = NULL;
    struct checked_form form;
    enum problem problem = lock_draft(rq, in, &now);
    if (problem == PROBLEM_NONE) {
        problem = forms_check_text(rq, now->draft, &form);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    struct q_questionnaire_version_insert_in frozen = {.questionnaire_id = in->id,
                                                       .version = now->has_version ? now->version + 1 : 1,
                                                       .title = form.title,
                                                       .definition = now->draft,
                                                       .definition_sha256 = {form.sha256, sizeof form.sha256},
                                                       .value_sets = form.value_sets,
                                                       .on_drafts =
                                                           in->on_drafts == NULL ? "keep" : in->on_drafts};
    const struct q_questionnaire_version_insert_row *made = NULL;
    problem = q_questionnaire_version_insert(rq->tx, &frozen, &made);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_questionnaire_publish_row *row = NULL;
    struct q_questionnaire_publish_in publish = {.id = in->id, .version = frozen.version};
    problem = q_questionnaire_publish_last(rq->tx, &publish, &row);
    if (problem == PROBLEM_NONE) {
        write_published(rq, &frozen, row->revision, made->published_at, &form.issues);
    }
    return problem;
}
