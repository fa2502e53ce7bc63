/* Questionnaires as their authors see them: drafts, and the versions that were published. */
#include "app/app.h"
#include "app/page.h"
#include "build/gen/api.h"
#include "build/gen/reply.h"
#include "build/gen/sql.h"
#include "handlers/questionnaires/forms.h"
#include "handlers/questionnaires/questionnaire_view.h"
#include "lib/db/tx.h"

#include <stdlib.h>
#include <string.h>

/* GET /admin/questionnaires */
enum problem
h_questionnaire_list(struct request *rq, const struct questionnaire_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, in->cursor, in->limit, &page);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_questionnaire_list_row *rows = NULL;
    size_t count = 0;
    struct q_questionnaire_list_in query = {
        .status = in->status, .words = in->q, .before = page.before, .fetch = page.fetch};
    problem = q_questionnaire_list_last(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    size_t shown = page_shown(&page, count);
    struct reply_questionnaire_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_QUESTIONNAIRE_ITEM_OF(&rows[i]);
    }
    reply_questionnaire_list(
        &rq->reply.json,
        &(struct reply_questionnaire_list){
            .items = items, .items_count = shown, .next_cursor = PAGE_NEXT(&page, rows, count, id)});
    return PROBLEM_NONE;
}

/* POST /admin/questionnaires: a new draft. */
enum problem
h_questionnaire_create(struct request *rq, const struct questionnaire_create_in *in)
{
    struct checked_form form;
    enum problem problem = forms_draft(rq, in->definition, &form);
    return problem != PROBLEM_NONE ? problem : questionnaire_begin(rq, &form);
}

/* GET /admin/questionnaires/{id} */
enum problem
h_questionnaire_get(struct request *rq, const struct questionnaire_get_in *in)
{
    const struct q_questionnaire_read_row *row = NULL;
    enum problem problem =
        q_questionnaire_read_last(rq->tx, &(struct q_questionnaire_read_in){.id = in->id}, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    questionnaire_write(rq, &REPLY_QUESTIONNAIRE_OF(row, row->definition), NULL);
    return PROBLEM_NONE;
}

/* PUT /admin/questionnaires/{id}/draft: replace the draft, if nobody else has since. */
enum problem
h_questionnaire_draft_put(struct request *rq, const struct questionnaire_draft_put_in *in)
{
    struct checked_form form;
    enum problem problem = forms_draft(rq, in->definition, &form);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct questionnaire_now_row *now = NULL;
    problem = q_questionnaire_lock(rq->tx, &(struct q_questionnaire_lock_in){.id = in->id}, &now);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (now->revision != in->if_match) {
        return PROBLEM_STALE_REVISION;
    }
    if (now->status == QUESTIONNAIRE_STATUS_RETIRED) {
        return PROBLEM_QUESTIONNAIRE_STATE;
    }
    struct q_questionnaire_draft_update_in update = {
        .id = in->id, .revision = in->if_match, .title = form.title, .draft = form.text};
    const struct q_questionnaire_draft_update_row *row = NULL;
    problem = q_questionnaire_draft_update_last(rq->tx, &update, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    questionnaire_write(
        rq,
        &(struct reply_questionnaire){.id = in->id,
                                      .status = row->status,
                                      .title = row->title,
                                      .revision = reply_integer(row->revision),
                                      .version = reply_optional_integer(row->has_version, row->version),
                                      .created_at = reply_time(row->created_at),
                                      .updated_at = reply_time(row->updated_at),
                                      .has_draft = reply_flag(true),
                                      .definition = form.text},
        &form.issues);
    return PROBLEM_NONE;
}

/* Versions are numbered, so their pages go by number. */
static enum problem
version_cursor(struct request *rq, const char *cursor, struct q_questionnaire_version_list_in *query)
{
    if (cursor == NULL) {
        return PROBLEM_NONE;
    }
    char *end = NULL;
    long version = strtol(cursor, &end, 10);
    if (end == cursor || *end != '\0' || version < 1 || version > INT32_MAX) {
        request_error(rq, "/query/cursor", "cursor", "is not a cursor that this list gave");
        return PROBLEM_INVALID_REQUEST;
    }
    query->before = version;
    query->has_before = true;
    return PROBLEM_NONE;
}

/* GET /admin/questionnaires/{id}/versions */
enum problem
h_questionnaire_version_list(struct request *rq, const struct questionnaire_version_list_in *in)
{
    struct page page;
    enum problem problem = page_open(rq, NULL, in->limit, &page);
    struct q_questionnaire_version_list_in query = {.questionnaire_id = in->id, .fetch = page.fetch};
    if (problem == PROBLEM_NONE) {
        problem = version_cursor(rq, in->cursor, &query);
    }
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    const struct q_questionnaire_version_list_row *rows = NULL;
    size_t count = 0;
    problem = q_questionnaire_version_list(rq->tx, &query, &rows, &count);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    if (count == 0) {
        /* No version yet, or no such questionnaire? */
        const struct q_questionnaire_exists_row *it = NULL;
        problem = q_questionnaire_exists(rq->tx, &(struct q_questionnaire_exists_in){.id = in->id}, &it);
        if (problem != PROBLEM_NONE) {
            return problem;
        }
    }
    size_t shown = page_shown(&page, count);
    struct reply_questionnaire_version_item *items = arena_array(rq->arena, shown, sizeof *items);
    for (size_t i = 0; i < shown; i++) {
        items[i] = REPLY_QUESTIONNAIRE_VERSION_ITEM_OF(&rows[i]);
    }
    const char *next =
        count > shown ? arena_format(rq->arena, "%lld", (long long)rows[shown - 1].version) : reply_null;
    reply_questionnaire_version_list(&rq->reply.json,
                                     &(struct reply_questionnaire_version_list){
                                         .items = items, .items_count = shown, .next_cursor = next});
    return PROBLEM_NONE;
}

/* GET /admin/questionnaires/{id}/versions/{n} */
enum problem
h_questionnaire_version_get(struct request *rq, const struct questionnaire_version_get_in *in)
{
    const struct q_questionnaire_version_read_row *row = NULL;
    struct q_questionnaire_version_read_in query = {.questionnaire_id = in->id, .version = in->n};
    enum problem problem = q_questionnaire_version_read_last(rq->tx, &query, &row);
    if (problem != PROBLEM_NONE) {
        return problem;
    }
    reply_questionnaire_version(&rq->reply.json,
                                &REPLY_QUESTIONNAIRE_VERSION_OF(row, row->definition, row->value_sets));
    return PROBLEM_NONE;
}
