#include "handlers/questionnaires/questionnaire_view.h"

#include "build/gen/sql.h"
#include "lib/base/uuid.h"
#include "lib/db/tx.h"

bool
questionnaire_is_publishable(const struct questionnaire_now_row *now)
{
    return now->draft != NULL && now->status != QUESTIONNAIRE_STATUS_RETIRED;
}

void
questionnaire_write(struct request *rq, const struct reply_questionnaire *it, const struct form_issues *dear)
{
    struct reply_questionnaire shown = *it;
    if (dear != NULL && dear->count != 0) {
        shown.issues = forms_issues(rq, dear);
        shown.issues_count = dear->count;
    }
    reply_questionnaire(&rq->reply.json, &shown);
    reply_etag(rq, it->revision.value);
}

enum problem
questionnaire_begin(struct request *rq, const struct checked_form *form)
{
    char *id = arena_alloc(rq->arena, UUID_TEXT_SIZE);
    struct q_questionnaire_insert_in insert = {.id = uuid_new(id), .title = form->title, .draft = form->text};
    const struct q_questionnaire_insert_row *row = NULL;
    rq->result.object = id;
    enum problem problem = q_questionnaire_insert_last(rq->tx, &insert, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    questionnaire_write(rq,
                        &(struct reply_questionnaire){.id = id,
                                                      .status = "draft",
                                                      .title = form->title,
                                                      .revision = reply_integer(row->revision),
                                                      .version = reply_optional_integer(false, 0),
                                                      .created_at = reply_time(row->created_at),
                                                      .updated_at = reply_time(row->created_at),
                                                      .has_draft = reply_flag(true),
                                                      .definition = form->text},
                        &form->issues);
    reply_header(rq, "Location", arena_format(rq->arena, "/admin/questionnaires/%s", id));
    return PROBLEM_NONE;
}
